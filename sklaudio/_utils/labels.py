"""Labels: what `y` may be, and how often each comes."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from .terminal import shortened


def check_labels(y, name="y"):
    """Make a 1-D array of labels; the message names the parameter and the first clip without one."""
    y = column_or_1d(y, warn=True)
    if y.dtype.kind == "O":
        missing = np.flatnonzero(pd.isna(y))
        if len(missing):
            raise ValueError(f"{name}[{missing[0]}] is missing ({shortened(y[missing[0]])}). Give every clip a label.")
    return y


def class_count(classes, y, weight=None):
    """How often each class comes among the labels, by weight: (n_classes,), float64."""
    is_known = np.isin(y, classes)
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    return np.bincount(np.searchsorted(classes, y[is_known]), weight[is_known], len(classes))
