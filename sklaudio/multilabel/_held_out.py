"""Probabilities of clips, by models that were not trained on them."""

import numpy as np
from joblib import Parallel, delayed
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from .._utils.label_matrix import label_probabilities
from ..segments._inner_estimator import fit_parameter
from ..segments._targets import Labels


def held_out_probabilities(estimator, X, target, passed, folds, n_jobs=None):
    """Predict each clip by a clone of the estimator that was trained on the clips of other folds.

    Parameters
    ----------
    estimator : classifier
        Not fitted.
    X : array-like
        What it takes.
    target : Labels or Classes
        What the clips are.
    passed : dict of str to ndarray of shape (n_clips,)
        Weights and groups of the clips, where there are any.
    folds : list of (ndarray of int, ndarray of int)
        Clips to train on, and to predict; each is predicted once.
    n_jobs : int or None, default=None
        Folds at the same time.

    Returns
    -------
    ndarray of shape (n_clips, n_labels)
        As :func:`probabilities_of` returns them.
    """
    parts = Parallel(n_jobs=n_jobs)(delayed(_predict_fold)(estimator, X, target, passed, *fold) for fold in folds)
    return np.concatenate(parts)[np.argsort(np.concatenate([held_out for _, held_out in folds]))]


def _predict_fold(estimator, X, target, passed, kept, held_out):
    trained = fitted(estimator, X, target, passed, kept)
    return probabilities_of(trained, _safe_indexing(X, held_out), isinstance(target, Labels))


def fitted(estimator, X, target, passed, index=None):
    """Return a clone that is fitted on the clips at `index`, or on all, with what it takes of `passed`.

    Parameters
    ----------
    estimator, X, target, passed
        As in :func:`held_out_probabilities`.
    index : ndarray of int or None, default=None
        The clips.

    Raises
    ------
    ValueError
        If there are weights, and the estimator takes none.
    """
    if "sample_weight" in passed and not fit_parameter(estimator, "sample_weight", None):
        raise ValueError(f"sample_weight was given, and {type(estimator).__name__} does not take it. Leave it out.")
    clips, index = (X, slice(None)) if index is None else (_safe_indexing(X, index), index)
    taken = {}
    for name, values in passed.items():
        taken |= fit_parameter(estimator, name, values[index])
    return clone(estimator).fit(clips, target.rows(index), **taken)


def probabilities_of(estimator, X, has_labels):
    """Return the probability of each label, or of the second of two classes: (n_clips, n_labels)."""
    return label_probabilities(estimator, X) if has_labels else estimator.predict_proba(X)[:, 1:]
