"""Names of the numbers that a regressor predicts: the columns of the `y` that it was fitted with."""

import numpy as np
import pandas as pd

from .terminal import shortened


def names_of_columns(y, name="y"):
    """Return the names of the columns of a DataFrame, or the name of a Series.

    Parameters
    ----------
    y : object
        What a regressor is fitted with. Of a list of DataFrames, one for each clip, the names are those of the first.
    name : str, default="y"
        What the parameter is called, for the error.

    Returns
    -------
    ndarray of shape (n_targets,), object, or None
        None where there are no names, or not all are text, as of columns that pandas has numbered.

    Raises
    ------
    ValueError
        If two columns have one name.
    """
    if isinstance(y, list) and y and hasattr(y[0], "columns"):
        y = y[0]
    names = list(y.columns) if hasattr(y, "columns") else [getattr(y, "name", None)]
    if not names or not all(isinstance(one, str) and one for one in names):
        return None
    if len(repeated := pd.Index(names)[pd.Index(names).duplicated()]):
        raise ValueError(f"{name} has several columns called {repeated[0]!r}. Give each target a name of its own.")
    return np.array(names, dtype=object)


def check_same_names(names, known, name):
    """Raise an error if the columns of a `y` are others than those that were learned; None is of any names."""
    if names is not None and known is not None and not np.array_equal(names, known):
        raise ValueError(
            f"{name} has the columns {shortened(names.tolist())}, and y of fit had {shortened(known.tolist())}. Give "
            "the columns of fit, in order."
        )
