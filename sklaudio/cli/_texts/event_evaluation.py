"""Evaluations of events as text, CSV and JSON."""

import json

from ..._utils.terminal import csv_row, one_line
from .class_evaluation import DIGITS, rounded, score

COLUMNS = ("precision", "recall", "f1", "error_rate", "n_ref", "n_sys")  # of a table of scores
OVER_ALL = ("(micro)", "(macro)")  # rows of it that are of no label


def evaluation_as_text(evaluation):
    """Write scores, and a line per label: some lines, the last with its end."""
    return "\n".join([*score_lines(evaluation), "", *event_lines(evaluation)]) + "\n"


def evaluation_as_json(evaluation):
    """Write one object: that of :func:`scores`, and predictions.

    Parameters
    ----------
    evaluation : EventEvaluation
        What :func:`~sklaudio.evaluate.evaluate_files` found.

    Returns
    -------
    str
        `predictions` is a list of path, seconds and events, each with kind ("true" or "predicted"), start, end, label,
        probability and outcome ("hit", "missed" or "false alarm"); or path, events and error.
    """
    events = evaluation.events.drop(columns="clip").groupby(evaluation.events["clip"])
    of_clip = {clip: [_written(row) for row in rows.to_dict("records")] for clip, rows in events}
    predictions = []
    for clip, row in enumerate(evaluation.predictions.to_dict("records")):
        why = {"seconds": rounded(row["seconds"])} if row["error"] is None else {"error": row["error"]}
        predictions.append({"path": row["path"], **why, "events": of_clip.get(clip, [])})
    return json.dumps(scores(evaluation) | {"predictions": predictions}, indent=1)


def scores(evaluation):
    """Make the object of :func:`evaluation_as_json`, without predictions."""
    return {
        "segment_f1": rounded(evaluation.segment_f1),
        "event_f1": rounded(evaluation.event_f1),
        "interval": [rounded(end) for end in evaluation.interval],
        "n_clips": len(evaluation.predictions),
        "n_unreadable": int(evaluation.predictions["error"].notna().sum()),
        "by_segment": _table(evaluation.by_segment),
        "by_event": _table(evaluation.by_event),
        "settings": evaluation.settings,
        "unknown_labels": evaluation.unknown,
        "absent_labels": evaluation.absent,
    }


def evaluation_as_csv(evaluation):
    """Write a header, and a row per event: path, kind, start, end, label, probability and outcome."""
    events = evaluation.events.copy()
    events.insert(0, "path", evaluation.predictions["path"].to_numpy()[events.pop("clip")])
    events = events.round(DIGITS).astype(object)
    rows = events.where(events.notna(), None).itertuples(index=False, name=None)
    return "".join(map(csv_row, [events.columns, *rows]))


def score_lines(evaluation):
    """Format F1 by segment and by event, and how many recordings that is of."""
    low, high = evaluation.interval
    predictions, settings = evaluation.predictions, evaluation.settings
    n_errors = int(predictions["error"].notna().sum())
    counted = f", {n_errors} of them unreadable, whose events are missed" if n_errors else ""
    between = "" if low != low else f"95% interval {low:.3f} to {high:.3f}; "
    return [
        f"segment F1  {evaluation.segment_f1:.3f}  (segments of {settings['time_resolution']:g} s)",
        f"event F1    {evaluation.event_f1:.3f}  ({between}edges within {settings['collar']:g} s; "
        f"{len(predictions)} recordings{counted})",
    ]


def event_lines(evaluation):
    """Format the lines of a table: the scores of each label, by event and by segment."""
    names = [name for name in evaluation.by_event.index if name not in OVER_ALL] + list(OVER_ALL)
    width = max(5, *(len(one_line(str(name))) for name in names))
    yield f"{'':{width}}  ---------- by event -----------  --- by segment ----"
    yield f"{'label':{width}}  precision  recall     f1  error  precision  recall     f1  events  predicted"
    for name in names:
        event, segment = evaluation.by_event.loc[name], evaluation.by_segment.loc[name]
        cells = [
            score(event[key], size) for key, size in (("precision", 9), ("recall", 6), ("f1", 5), ("error_rate", 5))
        ]
        cells += [score(segment[key], size) for key, size in (("precision", 9), ("recall", 6), ("f1", 5))]
        counts = [
            f"{event[key]:{size}.0f}" if event[key] == event[key] else "" for key, size in (("n_ref", 6), ("n_sys", 9))
        ]
        yield "  ".join([f"{one_line(str(name)):{width}}", *cells, *counts]).rstrip()


def _table(table):
    rows = table[list(COLUMNS)].to_dict("index")
    return {str(name): {key: rounded(value) for key, value in row.items()} for name, row in rows.items()}


def _written(row):
    return {name: rounded(value) if isinstance(value, float) else value for name, value in row.items()}
