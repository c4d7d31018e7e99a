"""Evaluations of several labels as text, CSV and JSON."""

import json

from ..._utils.terminal import csv_row, one_line
from .class_evaluation import DIGITS, rounded, score
from .label_predictions import joined

WIDTHS = {"precision": 9, "recall": 6, "f1": 5, "average_precision": 5, "roc_auc": 7}


def evaluation_as_text(evaluation):
    """Write scores, a line per label, and averages: some lines, the last with its end."""
    lines = [*score_lines(evaluation), "", *label_lines(evaluation)]
    return "\n".join(lines) + "\n"


def evaluation_as_json(evaluation):
    """Write one object: that of :func:`scores`, and predictions.

    Parameters
    ----------
    evaluation : LabelEvaluation
        What :func:`~sklaudio.evaluate.evaluate_files` found.

    Returns
    -------
    str
        `predictions` is a list of path, true, labels and probabilities, or path, true and error.
    """
    predictions = [_prediction(row) for row in evaluation.predictions.to_dict("records")]
    return json.dumps(scores(evaluation) | {"predictions": predictions}, indent=1)


def scores(evaluation):
    """Make the object of :func:`evaluation_as_json`, without predictions."""
    tables = {
        name: {key: {one: rounded(value) for one, value in row.items()} for key, row in table.to_dict("index").items()}
        for name, table in (("per_label", evaluation.per_label), ("averages", evaluation.averages))
    }
    return {
        "mean_average_precision": rounded(evaluation.mean_average_precision),
        "subset_accuracy": rounded(evaluation.subset_accuracy),
        "interval": [rounded(end) for end in evaluation.interval],
        "n_clips": len(evaluation.predictions),
        "n_unreadable": int(evaluation.predictions["error"].notna().sum()),
        **tables,
        "unknown_labels": evaluation.unknown,
        "absent_labels": evaluation.absent,
    }


def evaluation_as_csv(evaluation):
    """Write a header, and a row per clip: path, true, labels, correct, error, and ``p(label)`` for each label."""
    predictions = evaluation.predictions.round(DIGITS).astype(object)
    for name in ("true", "labels"):
        predictions[name] = [None if labels is None else joined(labels) for labels in predictions[name]]
    rows = predictions.where(predictions.notna(), None).itertuples(index=False, name=None)
    return "".join(map(csv_row, [predictions.columns, *rows]))


def score_lines(evaluation):
    """Format mean average precision; subset accuracy, its interval, and how many clips that is of."""
    predictions, (low, high) = evaluation.predictions, evaluation.interval
    n_correct, n_errors = int(predictions["correct"].sum()), int(predictions["error"].notna().sum())
    counted = f", {n_errors} of them unreadable and counted as wrong" if n_errors else ""
    ranked = f"  (over the {len(predictions) - n_errors} clips that can be read)" if n_errors else ""
    return [
        f"mean average precision  {evaluation.mean_average_precision:.3f}{ranked}",
        f"subset accuracy  {evaluation.subset_accuracy:.3f}  (95% interval {low:.3f} to {high:.3f}; "
        f"all labels of {n_correct} of {len(predictions)} clips correct{counted})",
    ]


def label_lines(evaluation):
    """Format the lines of a table: the scores and numbers of clips of each label, and averages."""
    width = max(5, *(len(one_line(str(name))) for name in evaluation.per_label.index))
    yield f"{'label':{width}}  precision  recall     f1     AP  ROC AUC  clips  predicted"
    for name, row in evaluation.per_label.iterrows():
        counts = f"{int(row['n_clips']):5}  {int(row['n_predicted']):9}"
        yield f"{one_line(str(name)):{width}}  {_cells(row)}  {counts}"
    yield ""
    for name, row in evaluation.averages.iterrows():
        yield f"{name:{width}}  {_cells(row)}"


def _cells(row):
    return "  ".join(score(row[key], size) for key, size in WIDTHS.items())


def _prediction(row):
    kept = {"path": row["path"], "true": list(row["true"])}
    if row["error"] is not None:
        return {**kept, "error": row["error"]}
    probabilities = {name[2:-1]: rounded(value) for name, value in row.items() if name.startswith("p(")}
    return {**kept, "labels": list(row["labels"]), "probabilities": probabilities}
