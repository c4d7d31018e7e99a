"""Evaluations as text, CSV and JSON."""

import json
from math import isnan

from ._text import one_line

DIGITS = 6  # of a share in CSV and JSON


def evaluation_as_text(evaluation):
    """Scores, a line per class, and the confusion matrix.

    Parameters
    ----------
    evaluation : Evaluation
        What :func:`~sklaudio.evaluate.evaluate_files` found.

    Returns
    -------
    str
        Some lines, the last with its end.
    """
    answers, (low, high) = evaluation.answers, evaluation.interval
    n_right, n_errors = int(answers["is_right"].sum()), int(answers["error"].notna().sum())
    counted = f", {n_errors} of them unreadable and counted as wrong" if n_errors else ""
    lines = [
        f"accuracy  {evaluation.accuracy:.3f}  (95% interval {low:.3f} to {high:.3f}; "
        f"{n_right} of {len(answers)} clips told right{counted})"
    ]
    if evaluation.calibration_error is not None:
        lines.append(f"expected calibration error  {evaluation.calibration_error:.3f}")
    lines += ["", *_class_lines(evaluation.per_class), "", *_confusion_lines(evaluation.confusion)]
    return "\n".join(lines) + "\n"


def evaluation_as_json(evaluation):
    """One object; labels are text.

    Parameters
    ----------
    evaluation : Evaluation
        As in :func:`evaluation_as_text`.

    Returns
    -------
    str
        accuracy, interval, calibration_error (null without probabilities), n_clips, n_unreadable, per_class, confusion
        (counts by true class, then by label), unknown_classes, unheard_classes, and answers: a list of path, true,
        label and probabilities, or path, true and error.
    """
    answers = [_answer(row) for row in evaluation.answers.to_dict("records")]
    per_class = {
        name: {key: _rounded(value) for key, value in row.items()}
        for name, row in evaluation.per_class.to_dict("index").items()
    }
    found = {
        "accuracy": _rounded(evaluation.accuracy),
        "interval": [_rounded(end) for end in evaluation.interval],
        "calibration_error": _rounded(evaluation.calibration_error),
        "n_clips": len(answers),
        "n_unreadable": int(evaluation.answers["error"].notna().sum()),
        "per_class": per_class,
        "confusion": evaluation.confusion.to_dict("index"),
        "unknown_classes": evaluation.unknown,
        "unheard_classes": evaluation.unheard,
        "answers": answers,
    }
    return json.dumps(found, indent=1)


def evaluation_as_csv(evaluation):
    """A header, and a row per clip: path, true, label, is_right, error, and ``p(class)`` for each class.

    Parameters
    ----------
    evaluation : Evaluation
        As in :func:`evaluation_as_text`.

    Returns
    -------
    str
        Names are in one line, as in text; columns are empty where there is no answer.
    """
    answers = evaluation.answers.round(DIGITS)
    for column in ("path", "true", "label", "error"):
        answers[column] = [own if own is None else one_line(own) for own in answers[column]]
    return answers.to_csv(index=False, lineterminator="\n")


def _class_lines(per_class):
    width = max(5, *(len(one_line(name)) for name in per_class.index))
    yield f"{'class':{width}}  precision  recall     f1  clips  told"
    for name, row in per_class.iterrows():
        shares = [_share(row[key], size) for key, size in (("precision", 9), ("recall", 6), ("f1", 5))]
        counts = f"{int(row['n_clips']):5}  {int(row['n_predicted']):4}"
        yield f"{one_line(name):{width}}  {'  '.join(shares)}  {counts}"


def _confusion_lines(confusion):
    """Rows are named, columns have the number of their class: names beside each other would not fit."""
    numbers = {label: str(number) for number, label in enumerate(confusion.columns, start=1)}
    rows = {label: f"{numbers.get(label, '-')} {one_line(label)}" for label in confusion.index}
    others = [label for label in confusion.columns if label not in confusion.index]
    width = max(len("true"), *map(len, rows.values()))
    cell = 1 + max(len(str(confusion.to_numpy().max())), *map(len, numbers.values()))
    yield f"{'true':{width}}  " + "".join(f"{number:>{cell}}" for number in numbers.values()) + "  <- told"
    for label, row in confusion.iterrows():
        yield f"{rows[label]:{width}}  " + "".join(f"{count or '.':>{cell}}" for count in row)
    if others:
        yield "columns without a row: " + ", ".join(f"{numbers[label]} {one_line(label)}" for label in others)


def _answer(row):
    kept = {name: row[name] for name in ("path", "true")}
    if row["error"] is not None:
        return {**kept, "error": row["error"]}
    shares = {name[2:-1]: _rounded(value) for name, value in row.items() if name.startswith("p(")}
    return {**kept, "label": row["label"], "probabilities": shares or None}


def _share(value, width):
    return f"{'-':>{width}}" if isnan(value) else f"{value:{width}.3f}"


def _rounded(value):
    if value is None or isnan(value):
        return None
    return int(value) if float(value).is_integer() and not isinstance(value, float) else round(float(value), DIGITS)
