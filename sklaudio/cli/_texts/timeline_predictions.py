"""Predicted events, and numbers of frames, as text, CSV and a table, by the functions of class_predictions."""

from ..._utils.terminal import csv_row, one_line
from ._cells import encodable, padded, path_width, table_of
from .label_predictions import NONE
from .number_predictions import rounded


def as_text(predictions, paths, columns, *, top=None):
    """Yield a line for each event, or for each file the range of the numbers of its frames.

    Parameters
    ----------
    predictions : iterable of FileTimeline
        The predictions.
    paths : list of str
        All files that there will be, for the width of their column.
    columns : list of str
        Those of the tables.
    top : None
        Of classes alone.

    Yields
    ------
    str
        The lines of a file, with their ends; nothing for one with an error.
    """
    widest = path_width(paths)
    for path, timeline, error in predictions:
        if error is None:
            lines = _event_lines(timeline) if "label" in columns else [_ranges(timeline)]
            yield "".join(f"{padded(one_line(path), widest)}  {line}\n" for line in lines)


def _event_lines(timeline):
    from ...timeline import format_time

    rows = timeline.itertuples(index=False)
    lines = [
        f"{format_time(row.start)}  {format_time(row.end)}  {row.probability:.3f}  {one_line(str(row.label))}"
        for row in rows
    ]
    return lines or [NONE]


def _ranges(timeline):
    """Return the mean, the least and the greatest of each number."""
    if not len(timeline):
        return NONE
    numbers = timeline.drop(columns=["start", "end"])
    cells = zip(numbers.columns, numbers.mean(), numbers.min(), numbers.max(), strict=True)
    return "  ".join(f"{one_line(name)} {mean:.4g} ({low:.4g} to {high:.4g})" for name, mean, low, high in cells)


def csv_header(columns, *, has_probabilities=False):
    """Return the first line of CSV: path, and the columns of the tables."""
    return csv_row(["path", *columns])


def as_csv(predictions, columns, *, has_probabilities=False, with_header=True):
    """Yield a header, and a row for each event or frame, as :func:`~sklaudio.datasets.load_annotations` reads events.

    Parameters
    ----------
    predictions : iterable of FileTimeline
        The predictions.
    columns : list of str
        Those of the tables.
    has_probabilities : bool, default=False
        Whether events have a column of probabilities.
    with_header : bool, default=True
        Whether to begin with the header.

    Yields
    ------
    str
        The rows of a file; none for one with an error, or without events.
    """
    if with_header:
        yield csv_header(columns)
    for path, timeline, error in predictions:
        if error is None:
            yield "".join(csv_row([path, *map(_cell, row)]) for row in timeline.itertuples(index=False, name=None))


def _cell(value):
    return rounded(value) if isinstance(value, float) else value


def as_table(predictions, columns, *, has_probabilities=False):
    """Make a DataFrame of the rows of :func:`as_csv`, and one that says why for each file without a prediction."""
    rows = []
    for path, timeline, error in predictions:
        if error is not None:
            rows.append([encodable(path), *[None] * len(columns), encodable(error)])
        else:
            rows += [[encodable(path), *row, None] for row in timeline.itertuples(index=False, name=None)]
    return table_of(rows, ["path", *columns], [name for name in columns if name != "label"])
