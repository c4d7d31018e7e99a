"""Labels: what `y` may be."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d


def check_labels(y, name="y"):
    """Make a 1-D array of labels; the message names the parameter and the first clip without one."""
    y = column_or_1d(y, warn=True)
    if y.dtype.kind == "O":
        missing = np.flatnonzero(pd.isna(y))
        if len(missing):
            raise ValueError(f"{name}[{missing[0]}] is missing ({y[missing[0]]!r}). Give every clip a label.")
    return y
