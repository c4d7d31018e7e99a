"""Cells of what is printed and written, which the predictions of every kind of task have in common."""

import unicodedata

from ..._utils.terminal import one_line

MAX_COLUMN_WIDTH = 60  # columns of a terminal that names of files may take before the rest moves


def path_width(paths):
    """Return the columns of a terminal that names of files take."""
    return min(MAX_COLUMN_WIDTH, max(width(one_line(path)) for path in paths))


def padded(text, widest):
    """Pad text with blanks to so many columns of a terminal."""
    return text + " " * (widest - width(text))


def width(text):
    """Count columns of a terminal: two for a letter of East Asia, none for an accent that is a separate character."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def encodable(text):
    """Escape bytes of a name that are no UTF-8, for Parquet takes none."""
    return text.encode("utf-8", "backslashreplace").decode()


def table_of(rows, columns, numbers):
    """Make a DataFrame of predictions.

    Parameters
    ----------
    rows : list of list
        A cell for each column, and at the end why there is no prediction, or None.
    columns : list of str
        Names of the columns but that of errors.
    numbers : iterable of str
        Those of them that hold numbers.

    Returns
    -------
    DataFrame
        The columns, and "error". What is not there is missing.
    """
    import pandas as pd

    return pd.DataFrame(rows, columns=[*columns, "error"]).astype(dict.fromkeys(numbers, float) | {"error": "string"})
