"""Labels: what `y` may be, and how often each comes."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from .terminal import shortened

SEVERAL = "For several labels of each clip, pass a row of 0 and 1 for each, which MultiLabelBinarizer makes."
OF_FRAMES = "Labels of every frame are for nets themselves, and for EventDetector."


def check_labels(y, name="y"):
    """Make a 1-D array of labels; the message names the parameter and the first clip without one."""
    values = np.array(y, dtype=object) if isinstance(y, (list, tuple)) else None  # text would be made of all else
    try:
        y = column_or_1d(y, warn=True)
    except ValueError as error:
        text = str(error) if str(error).startswith(f"{name} ") else f"{name}: {error}"
        raise ValueError(f"{text} Give each clip one class. {SEVERAL} {OF_FRAMES}") from error
    values = y if values is None or values.ndim != 1 else values
    if values.dtype.kind == "O":
        missing = np.flatnonzero(pd.isna(values))
        if len(missing):
            raise ValueError(
                f"{name}[{missing[0]}] is missing ({shortened(values[missing[0]])}). Give every clip a label."
            )
        _check_kinds(values, name)
    return y


def _check_kinds(values, name):
    """Raise an error if some labels are text and others are not, or one is a collection."""
    is_text = np.array([isinstance(value, str) for value in values], dtype=bool)
    if is_text.any() and not is_text.all():
        first, other = values[is_text.argmax()], values[is_text.argmin()]
        raise ValueError(f"{name} holds both text ({shortened(first)}) and {shortened(other)}. Make all of one kind.")
    unfit = next((value for value in values if isinstance(value, (set, frozenset, list, tuple, dict))), None)
    if unfit is not None:
        raise ValueError(f"{name} holds {shortened(unfit)}, and a clip has one class. {SEVERAL}")


def class_count(classes, y, weight=None):
    """Count each class among the labels, by weight: (n_classes,), float64."""
    is_known = np.isin(y, classes)
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    return np.bincount(np.searchsorted(classes, y[is_known]), weight[is_known], len(classes))
