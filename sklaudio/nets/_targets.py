"""Labels and weights on their way into a net, and the validation split that respects recordings."""

import numpy as np
from sklearn.model_selection import GroupShuffleSplit
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from .._labels import check_labels

N_DRAWS = 20  # validation splits to choose the most balanced one from


def learn_classes(estimator, y, classes=None):
    """Check labels, and encode them.

    Parameters
    ----------
    estimator : estimator
        Who asks, for the messages.
    y : array-like of shape (n_clips,)
        The labels.
    classes : array-like or None
        All classes, if known beforehand.

    Returns
    -------
    classes : ndarray of shape (n_classes,)
        Sorted.
    target : ndarray of shape (n_clips,), int64
        Index of each label in `classes`.

    Raises
    ------
    ValueError
        If a label is missing, or there are fewer than two classes.
    """
    y = check_labels(validate_data(estimator, y=y) if y is None else y)
    check_classification_targets(y)
    classes = np.unique(y if classes is None else classes)
    if len(classes) < 2:
        raise ValueError(
            f"y has one class only ({classes.tolist()[0]!r}). "
            f"{type(estimator).__name__} needs clips of at least two classes."
        )
    return classes, encode(y, classes, "y")


def encode(y, classes, name, advice="Leave them out."):
    """Index of each label in `classes`: (n_clips,), int64. `name` of the parameter and `advice` are for the message."""
    y = check_labels(y, name)
    unseen = np.setdiff1d(y, classes)
    if len(unseen):
        raise ValueError(
            f"{name} holds {unseen.tolist()}, which are not among the classes {classes.tolist()} of fit. {advice}"
        )
    return np.searchsorted(classes, y).astype(np.int64)


def check_weight(sample_weight, frames, target):
    """Weights of clips: (n_clips,), float64; ones for None. Also checks that clips and labels are equally many."""
    check_consistent_length(frames, target)
    weight = _check_sample_weight(sample_weight, target, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def class_weights(class_weight, classes, target):
    """Weight of each clip by its class: (n_clips,)."""
    if class_weight is None:
        return np.ones(len(target))
    present = np.unique(target)
    if not isinstance(class_weight, dict):
        return compute_class_weight(class_weight, classes=present, y=target)[np.searchsorted(present, target)]
    return compute_class_weight(class_weight, classes=classes, y=classes[target])[target]


def split_by_group(target, groups, validation_fraction, seed):
    """Set a share of the groups aside; of several draws, the one whose classes are shared out most evenly.

    Parameters
    ----------
    target : ndarray of shape (n_clips,)
        Class indices.
    groups : array-like of shape (n_clips,) or None
        The recording each clip belongs to; None makes each clip one of its own.
    validation_fraction : float
        Share of the groups to set aside.
    seed : int
        Seed of the draws.

    Returns
    -------
    kept, held_out : ndarray of int
        Indices of the clips to train and to validate on.

    Raises
    ------
    ValueError
        If there are fewer than two groups.
    """
    groups = np.arange(len(target)) if groups is None else column_or_1d(groups)
    check_consistent_length(target, groups)
    if len(np.unique(groups)) < 2:
        raise ValueError(
            "early_stopping needs clips of at least two groups, to set one aside. "
            "Pass X_val and y_val, or switch it off."
        )
    share = np.bincount(target) / len(target)

    def unevenness(split):
        kept, held_out = split
        n_lost = len(np.unique(target)) - len(np.unique(target[kept]))
        return n_lost, np.abs(np.bincount(target[held_out], minlength=len(share)) / len(held_out) - share).sum()

    draws = GroupShuffleSplit(N_DRAWS, test_size=validation_fraction, random_state=seed % 2**32)
    try:
        return min(draws.split(target, groups=groups), key=unevenness)
    except ValueError as error:
        raise ValueError(
            f"validation_fraction={validation_fraction} of {len(np.unique(groups))} groups leaves nothing to train on, "
            "or nothing to validate on. Change it, or pass X_val and y_val."
        ) from error
