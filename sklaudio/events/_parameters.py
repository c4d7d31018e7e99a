"""What decides about a label: one value for all, one for each by name, or the best."""

from numbers import Integral, Real

import numpy as np

from .._utils.terminal import shortened
from ._learning import DEFAULTS

NAMES = ("threshold", "median_length", "min_duration")
RANGES = {
    "threshold": (lambda value: isinstance(value, Real) and 0 <= value <= 1, "in [0, 1]"),
    "median_length": (
        lambda value: isinstance(value, Integral) and value > 0 and value % 2 == 1,
        "an odd number of frames",
    ),
    "min_duration": (lambda value: isinstance(value, Real) and 0 <= value < np.inf, "a number of seconds, 0 or more"),
}


def given_decisions(detector, classes):
    """Return what the parameters of a detector say about each label.

    Parameters
    ----------
    detector : EventDetector
        Whose parameters are read.
    classes : ndarray of shape (n_labels,)
        The labels.

    Returns
    -------
    tuple of three ndarray of shape (n_labels,), or None
        Thresholds, frames of the median and least durations; None where they are to be learned.
    """
    return tuple(
        _per_label(name, getattr(detector, name), default, classes)
        for name, default in zip(NAMES, DEFAULTS, strict=True)
    )


def _per_label(name, value, default, classes):
    if isinstance(value, str) and value == "best":
        return None
    values = dict(value) if isinstance(value, dict) else dict.fromkeys(classes.tolist(), value)
    unknown = [label for label in values if label not in classes.tolist()]
    if unknown:
        raise ValueError(
            f"{name} names {shortened(unknown[0])}, which is none of the labels {shortened(classes.tolist())} of y. "
            "Leave it out."
        )
    is_valid, takes = RANGES[name]
    for one in values.values():
        if isinstance(one, bool) or not is_valid(one):
            raise ValueError(f"{name}={shortened(value)} must be {takes}, a dict of such by label, or 'best'.")
    return np.array([values.get(label, default) for label in classes.tolist()])
