"""Predicted classes as text, CSV and a table: pieces to write as the predictions come."""

from ..._utils.terminal import csv_row, one_line
from ._cells import encodable, padded, path_width, table_of, width

DIGITS = 6  # of a probability in CSV and JSON


def as_text(predictions, paths, classes, *, top=3):
    """Yield a line for each file that has a prediction: its name, and its most probable classes with probabilities.

    Parameters
    ----------
    predictions : iterable of FilePrediction
        The predictions.
    paths : list of str
        All files that there will be, for the width of their column.
    classes : array-like of shape (n_classes,)
        All classes, for the width of theirs.
    top : int, default=3
        How many classes to show.

    Yields
    ------
    str
        A line, with its end; nothing for a file with an error.
    """
    widest = path_width(paths)
    widest_class = max(width(_class(label)) for label in classes)
    for prediction in predictions:
        if prediction.error is None:
            cells = _cells(prediction, top, widest_class)
            yield "  ".join([padded(one_line(prediction.path), widest), *cells]).rstrip() + "\n"


def csv_header(classes, *, has_probabilities=True):
    """Return the first line of CSV: path, label, probability, and ``p(class)`` of each if it `has_probabilities`."""
    return csv_row(["path", "label", "probability", *_columns(classes, has_probabilities)])


def as_csv(predictions, classes, *, has_probabilities=True, with_header=True):
    """Yield a header, and a row for each file, of the columns of :func:`csv_header`.

    Names of files and classes are as they are, in quotes where they hold line ends; columns are empty where there is
    no prediction.

    Parameters
    ----------
    predictions : iterable of FilePrediction
        The predictions.
    classes : array-like of shape (n_classes,)
        All classes.
    has_probabilities : bool, default=True
        Whether there are columns for the classes.
    with_header : bool, default=True
        Whether to begin with the header.

    Yields
    ------
    str
        A row, with its end.
    """
    if with_header:
        yield csv_header(classes, has_probabilities=has_probabilities)
    n_columns = len(_columns(classes, has_probabilities))
    for path, label, probabilities, error in predictions:
        row = [path, "" if error else label]
        if probabilities is None:
            yield csv_row(row + [""] * (1 + n_columns))
        else:
            rounded = {one: round(p, DIGITS) for one, p in probabilities.items()}
            yield csv_row([*row, rounded[label], *rounded.values()])


def as_table(predictions, classes, *, has_probabilities=True):
    """Make a DataFrame with a row for each file: the columns of :func:`csv_header`, and why there is no prediction.

    Parameters
    ----------
    predictions : iterable of FilePrediction
        The predictions.
    classes : array-like of shape (n_classes,)
        All classes.
    has_probabilities : bool, default=True
        Whether there are columns for the classes.

    Returns
    -------
    DataFrame
        path (bytes of a name that are no UTF-8 are escaped, for Parquet takes none), label, probability, ``p(class)``
        for each class, error. What is not there is missing.
    """
    rows = []
    for path, label, probabilities, error in predictions:
        numbers = list(probabilities.values()) if probabilities else [None] * len(_columns(classes, has_probabilities))
        rows.append([encodable(path), label, (probabilities or {}).get(label), *numbers, error and encodable(error)])
    numbers = ["probability", *_columns(classes, has_probabilities)]
    return table_of(rows, ["path", "label", *numbers], numbers)


def _columns(classes, has_probabilities):
    return [f"p({label})" for label in classes] if has_probabilities else []


def _cells(prediction, top, widest):
    if prediction.probabilities is None:
        return [_class(prediction.label)]
    ranked = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])
    return [f"{padded(_class(label), widest)} {probability:.3f}" for label, probability in ranked[:top]]


def _class(label):
    return one_line(str(label))
