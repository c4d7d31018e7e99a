"""The folds of a comparison: of whole groups that divide labels evenly, or those that are given."""

from numbers import Integral

import numpy as np
from sklearn.model_selection import check_cv

from .._utils.label_folds import folds_of_labels


def folds_with_labels(cv, X, has_label, groups, seed):
    """Split whole groups so that labels are divided evenly, or as `cv` does.

    Parameters
    ----------
    cv : int, splitter or iterable of (train, test)
        Number of folds, or what scikit-learn takes.
    X : sequence of length n_clips
        The clips.
    has_label : ndarray of shape (n_clips, n_labels)
        0 and 1.
    groups : ndarray of shape (n_clips,) or None
        None makes each clip a group.
    seed : int
        Of the draws.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
    """
    if not isinstance(cv, Integral):
        return given_folds(cv, X, has_label, groups)
    try:
        return folds_of_labels(has_label, groups, int(cv), seed)
    except ValueError as error:
        raise ValueError(f"cv={cv}: {error} Take fewer folds, or clips of more groups.") from error


def given_folds(cv, X, y, groups, *, is_classifier=False):
    """List the folds of a splitter, or of an iterable of them."""
    splits = check_cv(cv, y, classifier=is_classifier).split(X, y, groups)
    return [(np.asarray(train), np.asarray(test)) for train, test in splits]
