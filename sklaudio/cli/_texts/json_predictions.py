"""Predictions of files as JSON, whatever they are of: pieces to write as the predictions come."""

import json

from ...predict import FileLabels, FileNumbers, FilePrediction, FileTimeline
from .class_predictions import DIGITS
from .number_predictions import rounded


def as_json(predictions):
    """Yield an array of the objects of :func:`as_json_lines`, one in a line, in pieces.

    Parameters
    ----------
    predictions : iterable of FilePrediction, FileLabels, FileNumbers or FileTimeline
        The predictions.

    Yields
    ------
    str
        The next piece.
    """
    before = "[\n"
    for line in as_json_lines(predictions):
        yield before + line.rstrip("\n")
        before = ",\n"
    yield "\n]\n"


def as_json_lines(predictions):
    """Yield an object for each file, in a line: its path, and what is predicted of it or why nothing is, as error.

    Of a class, label and probabilities; of several labels, labels and probabilities; of numbers, numbers by target; of
    events, events, each an object with start, end, label and probability; of numbers of frames, frames, each with
    start, end and the numbers. Probabilities are null where the model has none. Labels are text, as the keys of
    probabilities are; names of files are as they are.

    Parameters
    ----------
    predictions : iterable of FilePrediction, FileLabels, FileNumbers or FileTimeline
        The predictions.

    Yields
    ------
    str
        A line, with its end.
    """
    for prediction in predictions:
        error = prediction.error
        found = OBJECTS[type(prediction)](prediction) if error is None else {"error": error}
        yield json.dumps({"path": prediction.path, **found}) + "\n"


def rows_name(columns):
    """Return what the rows of a table in time are called: events, where they have labels, or frames."""
    return "events" if "label" in columns else "frames"


def _class(prediction):
    return {"label": str(prediction.label), "probabilities": _probabilities(prediction)}


def _labels(prediction):
    return {"labels": list(map(str, prediction.labels)), "probabilities": _probabilities(prediction)}


def _numbers(prediction):
    return {"numbers": {name: rounded(value) for name, value in prediction.numbers.items()}}


def _timeline(prediction):
    rows = prediction.timeline.to_dict("records")
    return {rows_name(prediction.timeline): [{name: _cell(value) for name, value in row.items()} for row in rows]}


def _cell(value):
    return rounded(value) if isinstance(value, float) else str(value)


def _probabilities(prediction):
    if prediction.probabilities is None:
        return None
    return {str(one): round(p, DIGITS) for one, p in prediction.probabilities.items()}


OBJECTS = {FilePrediction: _class, FileLabels: _labels, FileNumbers: _numbers, FileTimeline: _timeline}
