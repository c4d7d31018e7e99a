"""Predicted classes as text, CSV and a table: pieces to write as the predictions come."""

import unicodedata

from ..._utils.terminal import csv_row, one_line

MAX_COLUMN_WIDTH = 60  # columns of a terminal that names of files may take before the rest moves
DIGITS = 6  # of a probability in CSV and JSON


def as_text(predictions, paths, classes, *, top=3):
    """A line for each file that has a prediction: its name, and its most probable classes with their probabilities.

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
    widest_class = max(_width(_class(label)) for label in classes)
    for prediction in predictions:
        if prediction.error is None:
            cells = _cells(prediction, top, widest_class)
            yield "  ".join([padded(one_line(prediction.path), widest), *cells]).rstrip() + "\n"


def csv_header(classes, *, has_probabilities=True):
    """The first line of CSV: path, label, probability, and ``p(class)`` for each class if it `has_probabilities`."""
    return csv_row(["path", "label", "probability", *_columns(classes, has_probabilities)])


def as_csv(predictions, classes, *, has_probabilities=True, with_header=True):
    """A header, and a row for each file, of the columns of :func:`csv_header`.

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
    import pandas as pd

    rows = []
    for path, label, probabilities, error in predictions:
        numbers = list(probabilities.values()) if probabilities else [None] * len(_columns(classes, has_probabilities))
        rows.append([encodable(path), label, (probabilities or {}).get(label), *numbers, error and encodable(error)])
    columns = ["path", "label", "probability", *_columns(classes, has_probabilities), "error"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype(dict.fromkeys(columns[2:-1], float) | {"error": "string"})


def _columns(classes, has_probabilities):
    return [f"p({label})" for label in classes] if has_probabilities else []


def encodable(text):
    """Text with escapes for bytes of a name that are no UTF-8, for Parquet takes none."""
    return text.encode("utf-8", "backslashreplace").decode()


def path_width(paths):
    """Columns of a terminal that names of files take."""
    return min(MAX_COLUMN_WIDTH, max(_width(one_line(path)) for path in paths))


def _cells(prediction, top, width):
    if prediction.probabilities is None:
        return [_class(prediction.label)]
    ranked = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])
    return [f"{padded(_class(label), width)} {probability:.3f}" for label, probability in ranked[:top]]


def _class(label):
    return one_line(str(label))


def padded(text, width):
    """Text with blanks up to so many columns of a terminal."""
    return text + " " * (width - _width(text))


def _width(text):
    """Columns of a terminal: two for a letter of East Asia, none for an accent that is a character of its own."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
