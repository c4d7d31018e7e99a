"""Numbers that a regressor is fitted with, and their names: the columns of `y`."""

import numpy as np
import pandas as pd

from .numbers import check_numbers
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
        If two columns have one name, or the tables of a list have other columns than the first.
    """
    if isinstance(y, list) and y and hasattr(y[0], "columns"):
        _check_tables(y, name)
        y = y[0]
    names = list(y.columns) if hasattr(y, "columns") else [getattr(y, "name", None)]
    if not names or not all(isinstance(one, str) and one for one in names):
        return None
    if len(repeated := pd.Index(names)[pd.Index(names).duplicated()]):
        raise ValueError(f"{name} has several columns called {repeated[0]!r}. Give each target a different name.")
    return np.array(names, dtype=object)


def _check_tables(tables, name):
    """Raise an error if one of several tables has other columns than the first, or in another order."""
    first = list(tables[0].columns)
    for clip, table in enumerate(tables):
        if (found := list(getattr(table, "columns", first))) != first:
            raise ValueError(
                f"{name}[{clip}] has the columns {shortened(found)}, and {name}[0] {shortened(first)}. Give all the "
                "same, in order."
            )


def check_same_names(names, known, name):
    """Raise an error if the columns of a `y` are others than those that were learned; None is of any names."""
    known = None if known is None else np.asarray(known)
    if names is not None and known is not None and not np.array_equal(names, known):
        raise ValueError(
            f"{name} has the columns {shortened(names.tolist())}, and y of fit had {shortened(known.tolist())}. Give "
            "the columns of fit, in order."
        )


def check_named_numbers(y, name):
    """Check numbers of clips, and the names of their columns.

    Parameters
    ----------
    y : array-like, Series or DataFrame of shape (n_clips,) or (n_clips, n_targets)
        The numbers.
    name : str
        What the parameter is called, for the error.

    Returns
    -------
    numbers : ndarray of the same shape, float64
        The numbers.
    names : ndarray of shape (n_targets,) or None
        As :func:`names_of_columns` returns them.
    """
    return check_numbers(y, name), names_of_columns(y, name)


def named_rows(numbers, names, index=slice(None)):
    """Return the numbers of some clips: a Series or DataFrame where they have names, an array where not."""
    rows = numbers[index]
    if names is None:
        return rows
    return pd.Series(rows, name=names[0]) if rows.ndim == 1 else pd.DataFrame(rows, columns=names)


def check_scored_numbers(y, known):
    """Raise an error if the `y` of a score has several named columns that are not those of `fit`, in order.

    Parameters
    ----------
    y : array-like, Series or DataFrame of shape (n_clips,) or (n_clips, n_targets)
        The numbers. A single column may have any name.
    known : array-like of shape (n_targets,) or None
        Names of the targets; None where they have none.
    """
    names = names_of_columns(y)
    if names is not None and len(names) > 1:
        check_same_names(names, known, "y")


class TargetNamesMixin:
    """The score of a regressor that may have learned names of targets, ``target_names_``."""

    def score(self, X, y, sample_weight=None):
        """Return the coefficient of determination (R2), mean over the targets.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``; several columns with names are those of `fit`, in order.

        Returns
        -------
        float
            1 at best, see :func:`sklearn.metrics.r2_score`.

        Raises
        ------
        ValueError
            If `y` has other columns than in `fit`.
        """
        check_scored_numbers(y, getattr(self, "target_names_", None))
        return super().score(X, y, sample_weight)
