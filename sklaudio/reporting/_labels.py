"""The page about several labels of each clip: a table and a curve by label, and clips with missed or false labels."""

import numpy as np
from sklearn.metrics import precision_recall_curve

from .._utils.terminal import one_line
from . import _summary
from ._scores import interval_by_group

MAX_CURVES = 60  # labels with a curve of precision and recall
MAX_POINTS = 60  # of a curve
MAX_BARS = 8  # labels of a clip whose probability is drawn
MAX_NAMED = 12  # labels of a clip that are named
MAX_KEYS = 50  # labels of a clip by whose numbers in the table it can be found


def content_of(evaluation, clips, listener, limits, explainer):
    """Return what the template is given of a LabelEvaluation; parameters as in :func:`._classes.content_of`."""
    names = [one_line(name) for name in evaluation.per_label.index]
    true, found, p = _matrices(evaluation)
    views = [
        _view(clip, names, true[row], found[row], p[row], error)
        for row, (clip, error) in enumerate(zip(clips.rows(), _errors(evaluation), strict=True))
    ]
    readable = [view for view in views if not view["error"]]
    wrong = sorted((view for view in readable if not view["correct"]), key=lambda view: -view["badness"])
    right = sorted((view for view in readable if view["correct"]), key=lambda view: -view["badness"])
    shown, listed, n_left_out = limits.divide(wrong)
    listener.listen_to(shown)
    explainer.explain(shown, lambda view: view["top"][0][0])
    correct = evaluation.predictions["correct"].to_numpy(dtype=bool)
    by_group = interval_by_group(correct, clips.groups)
    n_groups = None if clips.groups is None else len(set(clips.groups))
    noun = _summary.noun_of(clips.sources)
    return {
        "summary": _summary.of_labels(evaluation, true, found, noun, by_group, n_groups),
        "scores": evaluation,
        "n_clips": len(views),
        "n_right": int(correct.sum()),
        "labels": _rows(evaluation, names, true, found, p),
        "averages": evaluation.averages.to_dict("index"),
        "curves_of_labels": _curves(evaluation, names, true, p),
        "n_curves_left_out": max(0, len(names) - MAX_CURVES),
        "worst": shown,
        "others": listed,
        "n_wrong": len(wrong),
        "n_wrong_left_out": n_left_out,
        "right": right[: limits.max_listed],
        "n_right_left_out": max(0, len(right) - limits.max_listed),
        "unreadable": [view for view in views if view["error"]],
        "by_group": by_group,
        "n_groups": n_groups,
        "unknown": [one_line(name) for name in evaluation.unknown],
        "absent": [one_line(name) for name in evaluation.absent],
        **listener.facts(shown),
    }


def _matrices(evaluation):
    """Return labels and predicted labels, bool, and probabilities: (n_clips, n_labels) each."""
    predictions, labels = evaluation.predictions, evaluation.per_label.index.tolist()
    column = {name: number for number, name in enumerate(labels)}
    true, found = np.zeros((2, len(predictions), len(labels)), dtype=bool)
    for matrix, lists in ((true, predictions["true"]), (found, predictions["labels"])):
        for row, has in enumerate(lists):
            matrix[row, [column[name] for name in has or ()]] = True
    return true, found, np.column_stack([predictions[f"p({name})"] for name in labels])


def _errors(evaluation):
    """Return why each clip has no prediction; None where it has one."""
    columns = evaluation.predictions["labels"], evaluation.predictions["error"]
    return [
        one_line(error or "there is no prediction") if labels is None else None
        for labels, error in zip(*columns, strict=True)
    ]


def _view(clip, names, true, found, p, error):
    missed, false = np.flatnonzero(true & ~found), np.flatnonzero(found & ~true)
    p = np.nan_to_num(p)
    wrong = np.concatenate([missed, false])
    surest = wrong[np.argsort(-np.abs(p - true)[wrong], kind="stable")]
    hits = np.flatnonzero(true & found)
    kinds = {number: "missed" if true[number] else "said" for number in wrong.tolist()}
    bars = [*surest.tolist(), *hits[np.argsort(-p[hits], kind="stable")].tolist()][:MAX_BARS]
    return clip | {
        "error": error,
        "correct": not len(wrong) and not error,
        "badness": float(np.abs(p - true)[wrong].sum() if len(wrong) else np.abs(p - true).max()),
        "true": _named(names, np.flatnonzero(true)),
        "missed": _named(names, missed),
        "false": _named(names, false),
        "hits": _named(names, hits),
        "key": " ".join(f"{'m' if true[number] else 'f'}{number}" for number in sorted(surest[:MAX_KEYS])),
        "top": [(names[number], float(p[number]), kinds.get(number, "true")) for number in bars],
    }


def _named(names, numbers):
    """Return names as far as a page has room for them, and how many more there are."""
    return [names[number] for number in numbers[:MAX_NAMED]], max(0, len(numbers) - MAX_NAMED)


def _rows(evaluation, names, true, found, p):
    """Return the table of labels; `n_missed` and `n_false` are of clips that have a prediction."""
    is_there = np.isfinite(p).any(axis=1, keepdims=True)
    thresholds = evaluation.thresholds or [np.nan] * len(names)
    counts = (true & ~found & is_there).sum(axis=0).tolist(), (found & ~true & is_there).sum(axis=0).tolist()
    rows = evaluation.per_label.reset_index(drop=True).to_dict("records")
    return [
        row | {"number": number, "name": name, "threshold": threshold, "n_missed": n_missed, "n_false": n_false}
        for number, (row, name, threshold, n_missed, n_false) in enumerate(
            zip(rows, names, thresholds, *counts, strict=True)
        )
    ]


def _curves(evaluation, names, true, p):
    """Return curves of precision over recall, with the point of the threshold; none of labels that no clip has."""
    is_there = np.isfinite(p).any(axis=1)
    curves = []
    for number, name in enumerate(names[:MAX_CURVES]):
        has_label = true[is_there, number]
        if not has_label.any():
            continue
        precision, recall, _ = precision_recall_curve(has_label, p[is_there, number])
        kept = np.unique(np.linspace(0, len(recall) - 1, min(MAX_POINTS, len(recall))).round().astype(int))
        row = evaluation.per_label.iloc[number]
        point = None
        if evaluation.thresholds is not None and np.isfinite(row["precision"]):
            point = float(row["recall"]), float(row["precision"])
        line = " ".join(f"{100 * recall[at]:.1f},{100 - 100 * precision[at]:.1f}" for at in kept)
        curve = {"name": name, "line": line, "point": point, "chance": float(has_label.mean())}
        curves.append(curve | {"average_precision": float(row["average_precision"])})
    return curves
