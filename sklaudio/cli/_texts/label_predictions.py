"""Predictions of several labels as text, CSV and a table, by the functions that class_predictions has for classes."""

from ..._utils.terminal import csv_row, one_line
from ._cells import encodable, padded, path_width, table_of
from .class_predictions import DIGITS

SEPARATOR = ";"  # between labels in a cell, which load_table and --sep take
NONE = "(none)"


def as_text(predictions, paths, labels, *, top=None):
    """Yield a line for each file that has a prediction: its name, and its labels with commas between them.

    Parameters
    ----------
    predictions : iterable of FileLabels
        The predictions.
    paths : list of str
        All files that there will be, for the width of their column.
    labels : array-like of shape (n_labels,)
        All labels.
    top : None
        Of classes alone.

    Yields
    ------
    str
        A line, with its end; nothing for a file with an error.
    """
    widest = path_width(paths)
    for path, found, _, error in predictions:
        if error is None:
            yield f"{padded(one_line(path), widest)}  {one_line(', '.join(map(str, found)) or NONE)}\n"


def csv_header(labels, *, has_probabilities=True):
    """Return the first line of CSV: path, labels, and ``p(label)`` for each label."""
    return csv_row(_columns(labels))


def as_csv(predictions, labels, *, has_probabilities=True, with_header=True):
    """Yield a header, and a row for each file, of the columns of :func:`csv_header`.

    Parameters
    ----------
    predictions : iterable of FileLabels
        The predictions.
    labels : array-like of shape (n_labels,)
        All labels.
    has_probabilities : bool, default=True
        Models of several labels always have them.
    with_header : bool, default=True
        Whether to begin with the header.

    Yields
    ------
    str
        A row, with its end; columns but the first are empty where there is no prediction.
    """
    if with_header:
        yield csv_header(labels)
    for path, found, probabilities, error in predictions:
        if error is not None:
            yield csv_row([path] + [""] * (len(_columns(labels)) - 1))
        else:
            yield csv_row([path, joined(found), *(round(p, DIGITS) for p in probabilities.values())])


def as_table(predictions, labels, *, has_probabilities=True):
    """Make a DataFrame with a row for each file: the columns of :func:`csv_header`, and why there is no prediction."""
    rows = []
    for path, found, probabilities, error in predictions:
        numbers = [None] * len(labels) if error is not None else list(probabilities.values())
        cell = None if error is not None else joined(found)
        rows.append([encodable(path), cell, *numbers, error and encodable(error)])
    columns = _columns(labels)
    return table_of(rows, columns, columns[2:])


def joined(labels):
    """Join labels for the cell of a table."""
    return SEPARATOR.join(map(str, labels))


def _columns(labels):
    return ["path", "labels", *(f"p({label})" for label in labels)]
