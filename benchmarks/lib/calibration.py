"""Probabilities that can be trusted: their error, and a temperature that is learned inside the training part."""

from importlib.metadata import version

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import StratifiedGroupKFold

from sklaudio.evaluate import Evaluation

INNER_FOLDS = 3
HOW = (
    f"one temperature, learned on the predictions of {INNER_FOLDS} folds inside the training part, which keep groups "
    "together; the net itself is trained on all of that part"
)


def check_temperature(target, folds):
    """Raise an error unless a temperature can be learned here: by this scikit-learn, and of enough clips.

    Parameters
    ----------
    target : ndarray of shape (n_clips,)
        The classes.
    folds : list of (ndarray, ndarray)
        Indices of the clips to train and to test on.
    """
    methods = CalibratedClassifierCV._parameter_constraints["method"][0].options
    if "temperature" not in methods:
        raise ValueError(
            "a temperature is learned by CalibratedClassifierCV(method='temperature'), which scikit-learn has from 1.8 "
            f"on; here is {version('scikit-learn')}. Install a later one, or go without --calibrate."
        )
    fewest = min(np.unique(target[train], return_counts=True)[1].min().item() for train, _ in folds)
    if fewest < INNER_FOLDS:
        raise ValueError(
            f"a temperature takes {INNER_FOLDS} clips of each class to train on, and a fold here has {fewest} of one. "
            "Take more clips or more folds, or go without --calibrate."
        )


def fit_with_temperature(classifier, X, y, groups):
    """Fit a classifier, and a temperature for it on its predictions for groups that it was not trained on.

    Parameters
    ----------
    classifier : classifier of frames
        With `predict_proba`.
    X, y : arrays of length n_clips
        Frames and classes.
    groups : ndarray of shape (n_clips,) or None
        What no inner fold divides; None takes each clip for a group.

    Returns
    -------
    fitted : classifier
        With the weights that it would have without a temperature; its classes are numbers, those of `calibrated` in
        order, as CalibratedClassifierCV has it.
    calibrated : CalibratedClassifierCV
        The same with its temperature.
    """
    groups = np.arange(len(y)) if groups is None else groups
    splitter = StratifiedGroupKFold(INNER_FOLDS, shuffle=True, random_state=0)
    splits = list(splitter.split(np.zeros(len(y)), y, groups))
    calibrated = CalibratedClassifierCV(classifier, method="temperature", cv=splits, ensemble=False).fit(X, y)
    return calibrated.calibrated_classifiers_[0].estimator, calibrated


def temperature_of(calibrated):
    """Return what logits are divided by: above 1 where the classifier was too sure."""
    return 1 / float(calibrated.calibrated_classifiers_[0].calibrators[0].beta_)


def probabilities(model, X, labels, classes):
    """Compute the probability of each of `classes` for each clip; None where a model has none, such as counted votes.

    Classes that it was not trained on get 0.

    Parameters
    ----------
    model : fitted classifier
        With or without `predict_proba`.
    X : array of length n_clips
        Frames.
    labels : ndarray of shape (n_labels,)
        The classes that it was trained on, in its order.
    classes : ndarray of shape (n_classes,)
        All classes, sorted.
    """
    if not hasattr(model, "predict_proba") or getattr(model, "voting", "soft") == "hard":
        return None
    proba = np.zeros((len(X), len(classes)))
    proba[:, np.searchsorted(classes, labels)] = model.predict_proba(X)
    return proba


def pooled_error(outcomes, column, classes):
    """Compute the calibration error of the held-out clips of several folds together, without unreadable ones.

    Folds of a few clips would each have a large one by chance. None where no clip could be read.
    """
    columns = (np.concatenate([fold[name] for fold in outcomes]) for name in ("y_true", "y_pred", column))
    return Evaluation.from_predictions(*columns, classes=classes).calibration_error
