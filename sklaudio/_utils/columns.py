"""Columns of a table: there, filled, of one kind."""

import os

import numpy as np
import pandas as pd

from .near_names import did_you_mean
from .terminal import shortened

MAX_SHOWN = 5  # rows, or values, that a message lists
MAX_COLUMNS = 30


def column(frame, name, parameter):
    """Return a column; raise an error that lists those there are if it is missing."""
    if isinstance(name, (str, int, tuple)) and name in frame.columns:
        if isinstance(frame.columns.get_loc(name), int):
            return frame[name]
        raise ValueError(f"{parameter}={shortened(name)}: the table has several columns of this name. Rename them.")
    known = [str(one) if isinstance(one, str) else repr(one) for one in frame.columns[:MAX_COLUMNS]]
    raise ValueError(
        f"{parameter}={shortened(name)}: the table has no such column. It has {', '.join(known)}"
        f"{', …' if len(frame.columns) > MAX_COLUMNS else ''}. Pass {parameter}= with one of them."
        + did_you_mean(name, frame.columns)
    )


def names_as_series(names):
    """Return a Series of names that may be those of files that are not UTF-8."""
    try:
        return pd.Series(names)
    except UnicodeEncodeError:  # as in with_columns
        return pd.Series(names, dtype=object)


def with_columns(table, names, values):
    """Join columns of numbers to a table, whose names may be those of files that are not UTF-8."""
    joined = pd.concat([table.set_axis(range(table.shape[1]), axis=1), pd.DataFrame(values, table.index)], axis=1)
    columns = [*table.columns, *names]
    try:
        return joined.set_axis(columns, axis=1)
    except UnicodeEncodeError:  # with pyarrow, pandas 3 infers text that is UTF-8
        return joined.set_axis(pd.Index(columns, dtype=object), axis=1)


def filled(frame, name, parameter):
    """Return a column without missing values; raise an error that says which rows have some."""
    found = column(frame, name, parameter)
    empty = np.flatnonzero(is_empty(found))
    if len(empty):
        raise ValueError(
            f"{parameter}: column {name!r} has no value in {rows_text(empty)} of {len(found)}. Fill them in, or leave "
            "them out: pass the DataFrame after dropna(subset=[…])."
        )
    return found


def is_empty(values):
    """Return whether each value is missing, or empty text: ndarray of bool."""
    return (values.isna() | (values == "")).to_numpy(dtype=bool)


def texts(frame, name, parameter):
    """Return a column as a list of str; paths and numbers as they are written."""
    values = filled(frame, name, parameter).tolist()
    if all(type(value) is str for value in values):  # asking what is a path takes longer than all else, of many rows
        return values
    return [os.fspath(value) if isinstance(value, os.PathLike) else str(value) for value in values]


def seconds(frame, name, parameter):
    """Return a column of seconds: ndarray of float, NaN where it has no value."""
    found = column(frame, name, parameter)
    try:
        return pd.to_numeric(found.mask(is_empty(found))).to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{parameter}: column {name!r} must hold seconds, as numbers: {error}.") from error


def check_spans(start, end, *, with_points=False):
    """Raise an error where a span begins before 0, is not finite, or does not end after it starts; NaN is open.

    With `with_points`, it may end where it starts.
    """
    for values, name in ((start, "start"), (end, "end")):
        wrong = np.flatnonzero((values < 0) | np.isinf(values))
        if len(wrong):
            raise ValueError(
                f"{name} is {values[wrong[0]]:g} s in {rows_text(wrong)}. Give seconds from the start of the file on."
            )
    begin = np.nan_to_num(start)
    wrong = np.flatnonzero((end < begin) if with_points else (end <= begin))
    if len(wrong):
        raise ValueError(
            f"end is not after start in {rows_text(wrong)}: {begin[wrong[0]]:g} to {end[wrong[0]]:g} s. Correct "
            "them, or leave them out."
        )


def rows_text(rows):
    """Name some rows, as ``iloc`` counts them."""
    return f"row {rows[0]}" if len(rows) == 1 else f"{len(rows)} rows ({some_of(rows)})"


def some_of(values):
    """List the first of some values, with dots where there are more."""
    return ", ".join(map(str, values[:MAX_SHOWN])) + ", …" * (len(values) > MAX_SHOWN)
