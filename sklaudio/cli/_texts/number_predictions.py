"""Predicted numbers as text, CSV and a table, by the functions that class_predictions has for classes."""

from ..._utils.terminal import csv_row, one_line
from ._cells import encodable, padded, path_width, table_of

DIGITS = 8  # of a number, in CSV and JSON; not behind the point, for numbers may be of any size


def rounded(value):
    """Round a number as it is written for programs."""
    return float(f"{value:.{DIGITS}g}")


def as_text(predictions, paths, targets, *, top=None):
    """Yield a line for each file that has a prediction: its name, and its numbers, behind the names of their targets.

    Parameters
    ----------
    predictions : iterable of FileNumbers
        The predictions.
    paths : list of str
        All files that there will be, for the width of their column.
    targets : list of str
        Names of the targets.
    top : None
        Of classes alone.

    Yields
    ------
    str
        A line, with its end; nothing for a file with an error.
    """
    widest = path_width(paths)
    for path, numbers, error in predictions:
        if error is None:
            cells = [f"{one_line(name)} {value:<9.4g}" for name, value in numbers.items()]
            yield "  ".join([padded(one_line(path), widest), *cells]).rstrip() + "\n"


def csv_header(targets, *, has_probabilities=False):
    """Return the first line of CSV: path, and the name of each target."""
    return csv_row(["path", *targets])


def as_csv(predictions, targets, *, has_probabilities=False, with_header=True):
    """Yield a header, and a row for each file, of the columns of :func:`csv_header`.

    Parameters
    ----------
    predictions : iterable of FileNumbers
        The predictions.
    targets : list of str
        Names of the targets.
    has_probabilities : bool, default=False
        Regressors have none.
    with_header : bool, default=True
        Whether to begin with the header.

    Yields
    ------
    str
        A row, with its end; columns but the first are empty where there is no prediction.
    """
    if with_header:
        yield csv_header(targets)
    for path, numbers, error in predictions:
        yield csv_row([path, *([""] * len(targets) if error is not None else map(rounded, numbers.values()))])


def as_table(predictions, targets, *, has_probabilities=False):
    """Make a DataFrame with a row for each file: the columns of :func:`csv_header`, and why there is no prediction."""
    rows = []
    for path, numbers, error in predictions:
        values = [None] * len(targets) if error is not None else numbers.values()
        rows.append([encodable(path), *values, error and encodable(error)])
    return table_of(rows, ["path", *targets], targets)
