"""Evaluations as text, CSV and JSON."""

import json
from math import isnan

from ..._utils.terminal import csv_row, one_line

DIGITS = 6  # of a fraction in CSV and JSON


def evaluation_as_text(evaluation):
    """Write scores, a line per class, and the confusion matrix.

    Parameters
    ----------
    evaluation : Evaluation
        What :func:`~sklaudio.evaluate.evaluate_files` found.

    Returns
    -------
    str
        Some lines, the last with its end.
    """
    lines = [accuracy_line(evaluation)]
    if evaluation.calibration_error is not None:
        lines.append(f"expected calibration error  {evaluation.calibration_error:.3f}")
    lines += ["", *class_lines(evaluation.per_class), "", *_confusion_lines(evaluation.confusion)]
    return "\n".join(lines) + "\n"


def evaluation_as_json(evaluation):
    """Write one object; labels are text.

    Parameters
    ----------
    evaluation : Evaluation
        As in :func:`evaluation_as_text`.

    Returns
    -------
    str
        accuracy, interval, calibration_error (null without probabilities), n_clips, n_unreadable, per_class, confusion
        (counts by true class, then by label), unknown_classes, absent_classes, and predictions: a list of path, true,
        label and probabilities, or path, true and error.
    """
    predictions = [_prediction(row) for row in evaluation.predictions.to_dict("records")]
    return json.dumps(scores(evaluation) | {"predictions": predictions}, indent=1)


def scores(evaluation):
    """Make the object of :func:`evaluation_as_json`, without predictions."""
    per_class = {
        name: {key: rounded(value) for key, value in row.items()}
        for name, row in evaluation.per_class.to_dict("index").items()
    }
    return {
        "accuracy": rounded(evaluation.accuracy),
        "interval": [rounded(end) for end in evaluation.interval],
        "calibration_error": rounded(evaluation.calibration_error),
        "n_clips": len(evaluation.predictions),
        "n_unreadable": int(evaluation.predictions["error"].notna().sum()),
        "per_class": per_class,
        "confusion": evaluation.confusion.to_dict("index"),
        "unknown_classes": evaluation.unknown,
        "absent_classes": evaluation.absent,
    }


def evaluation_as_csv(evaluation):
    """Write a header, and a row per clip: path, true, label, correct, error, and ``p(class)`` for each class.

    Parameters
    ----------
    evaluation : Evaluation
        As in :func:`evaluation_as_text`.

    Returns
    -------
    str
        Names of files and classes are as they are, in quotes where they hold line ends; columns are empty where there
        is no prediction.
    """
    predictions = evaluation.predictions.round(DIGITS).astype(object)
    rows = predictions.where(predictions.notna(), None).itertuples(index=False, name=None)
    return "".join(map(csv_row, [predictions.columns, *rows]))


def accuracy_line(evaluation):
    """Format accuracy, its interval, and how many clips that is of."""
    predictions, (low, high) = evaluation.predictions, evaluation.interval
    n_correct, n_errors = int(predictions["correct"].sum()), int(predictions["error"].notna().sum())
    counted = f", {n_errors} of them unreadable and counted as wrong" if n_errors else ""
    return (
        f"accuracy  {evaluation.accuracy:.3f}  (95% interval {low:.3f} to {high:.3f}; "
        f"{n_correct} of {len(predictions)} clips correct{counted})"
    )


def class_lines(per_class):
    """Format the lines of a table: precision, recall, F1 and numbers of clips of each class."""
    width = max(5, *(len(one_line(name)) for name in per_class.index))
    yield f"{'class':{width}}  precision  recall     f1  clips  predicted"
    for name, row in per_class.iterrows():
        cells = [score(row[key], size) for key, size in (("precision", 9), ("recall", 6), ("f1", 5))]
        counts = f"{int(row['n_clips']):5}  {int(row['n_predicted']):9}"
        yield f"{one_line(name):{width}}  {'  '.join(cells)}  {counts}"


def _confusion_lines(confusion):
    """Format the table of mistakes: columns have names if these are short numbers, else the number of the class."""
    numbers = {label: str(number) for number, label in enumerate(confusion.columns, start=1)}
    rows = {label: f"{numbers.get(label, '-')} {one_line(label)}" for label in confusion.index}
    if all(str(label).isdecimal() and len(str(label)) < 4 for label in confusion.columns):  # "4 3" would mislead
        numbers = {label: str(label) for label in confusion.columns}
        rows = {label: one_line(label) for label in confusion.index}
    others = [label for label in confusion.columns if label not in confusion.index]
    width = max(len("true"), *map(len, rows.values()))
    cell = 1 + max(len(str(confusion.to_numpy().max())), *map(len, numbers.values()))
    yield f"{'true':{width}}  " + "".join(f"{number:>{cell}}" for number in numbers.values()) + "  <- predicted"
    for label, row in confusion.iterrows():
        yield f"{rows[label]:{width}}  " + "".join(f"{count or '.':>{cell}}" for count in row)
    if others:
        names = [" ".join({numbers[label]: None, one_line(label): None}) for label in others]  # a number once
        yield "columns without a row: " + ", ".join(names)


def _prediction(row):
    kept = {name: row[name] for name in ("path", "true")}
    if row["error"] is not None:
        return {**kept, "error": row["error"]}
    probabilities = {name[2:-1]: rounded(value) for name, value in row.items() if name.startswith("p(")}
    return {**kept, "label": row["label"], "probabilities": probabilities or None}


def score(value, width):
    """Format a score in so many columns; - where it is undefined."""
    return f"{'-':>{width}}" if isnan(value) else f"{value:{width}.3f}"


def rounded(value):
    """Return a number for JSON; None where it is undefined."""
    if value is None or isnan(value):
        return None
    return int(value) if float(value).is_integer() and not isinstance(value, float) else round(float(value), DIGITS)
