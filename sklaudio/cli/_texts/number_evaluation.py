"""Evaluations of numbers as text, CSV and JSON."""

import json

from ..._utils.terminal import csv_row, one_line
from .class_evaluation import score
from .number_predictions import rounded

SHOWN = {"mae": "MAE", "rmse": "RMSE", "r2": "R2", "pearson": "r", "ccc": "CCC"}  # with an interval: the first
NUMBER_WIDTH, SCORE_WIDTH = 9, 6


def evaluation_as_text(evaluation):
    """Write a line per target, the last with its end."""
    return "\n".join([*number_lines(evaluation), "", *_counts(evaluation)]) + "\n"


def evaluation_as_json(evaluation):
    """Write one object: that of :func:`scores`, and predictions.

    Parameters
    ----------
    evaluation : RegressionEvaluation
        What :func:`~sklaudio.evaluate.evaluate_files` found.

    Returns
    -------
    str
        `predictions` is a list of path, true (numbers by target) and numbers, or path, true and error.
    """
    targets = evaluation.scores.index.tolist()
    predictions = [_prediction(row, targets) for row in evaluation.predictions.to_dict("records")]
    return json.dumps(scores(evaluation) | {"predictions": predictions}, indent=1)


def scores(evaluation):
    """Make the object of :func:`evaluation_as_json`, without predictions."""
    table = evaluation.scores
    per_target = {
        name: {key: _number(value) for key, value in row.items()} for name, row in table.to_dict("index").items()
    }
    means = {name: _number(table[name].mean()) for name in ("mae", "r2", "ccc")}
    n_unreadable = int(evaluation.predictions["error"].notna().sum())
    return means | {"n_clips": len(evaluation.predictions), "n_unreadable": n_unreadable, "per_target": per_target}


def evaluation_as_csv(evaluation):
    """Write a header, and a row per clip: path, of each target ``true(target)`` and the prediction, and error."""
    predictions = evaluation.predictions.astype(object)
    rows = predictions.where(predictions.notna(), None).itertuples(index=False, name=None)
    written = ([rounded(value) if isinstance(value, float) else value for value in row] for row in rows)
    return "".join(map(csv_row, [predictions.columns, *written]))


def number_lines(evaluation):
    """Format the lines of a table: mean absolute error, its interval, and the other scores of each target."""
    table = evaluation.scores
    width = max(len("target"), *(len(one_line(str(name))) for name in table.index))
    heads = [f"{'MAE':>{NUMBER_WIDTH}}", "(95% interval)        ", f"{'RMSE':>{NUMBER_WIDTH}}"]
    yield "  ".join(
        [f"{'target':{width}}", *heads, *(f"{SHOWN[name]:>{SCORE_WIDTH}}" for name in ("r2", "pearson", "ccc"))]
    )
    for name, row in table.iterrows():
        cells = [_short(row["mae"]), f"({_short(row['mae_low'])} to {_short(row['mae_high'])})".ljust(22)]
        cells = [f"{cells[0]:>{NUMBER_WIDTH}}", cells[1], f"{_short(row['rmse']):>{NUMBER_WIDTH}}"]
        others = [score(row[key], SCORE_WIDTH) for key in ("r2", "pearson", "ccc")]
        yield "  ".join([f"{one_line(str(name)):{width}}", *cells, *others])


def _counts(evaluation):
    row = evaluation.scores.iloc[0]
    n_missing = int(row["n_missing"])
    without = f"; {n_missing} more cannot be read, and have no part in the scores" if n_missing else ""
    return [f"over {int(row['n_clips'])} clips{without}"]


def _short(value):
    return "-" if value != value else f"{value:.4g}"


def _number(value):
    """Return a number for JSON; None where it is undefined."""
    if value != value:
        return None
    return value if isinstance(value, int) else rounded(value)


def _prediction(row, targets):
    kept = {"path": row["path"], "true": {name: _number(row[f"true({name})"]) for name in targets}}
    if row["error"] is not None:
        return {**kept, "error": row["error"]}
    return {**kept, "numbers": {name: _number(row[name]) for name in targets}}
