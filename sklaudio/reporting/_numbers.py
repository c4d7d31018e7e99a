"""The page about numbers: scores by target, predicted against true, and the clips that are furthest off."""

import numpy as np

from .._utils.terminal import one_line
from . import _figures, _summary

MAX_DRAWN = 8  # targets with figures
MAX_NAMED = 12  # targets of a clip that are listed


def content_of(evaluation, clips, listener, limits, explainer):
    """Return what the template is given of a RegressionEvaluation; parameters as in :func:`._classes.content_of`."""
    targets = evaluation.scores.index.tolist()
    names = [one_line(name) for name in targets]
    true = evaluation.predictions[[f"true({name})" for name in targets]].to_numpy(dtype=np.float64)
    found = evaluation.predictions[targets].to_numpy(dtype=np.float64)
    spread = true.std(axis=0)
    off = (found - true) / np.where(spread > 0, spread, 1)
    views = [
        _view(clip, names, true[row], found[row], off[row], evaluation.predictions["error"].iloc[row])
        for row, clip in enumerate(clips.rows())
    ]
    ranked = sorted((view for view in views if not view["error"]), key=lambda view: -view["badness"])
    shown, listed, n_left_out = limits.divide(ranked)
    listener.listen_to(shown)
    explainer.explain(shown, lambda view: view["targets"][0]["column"])
    for view in shown:
        if view["explanation"]:
            view["explanation"]["target"] = view["targets"][0]["name"]  # a model does not know what targets are called
    is_there = np.isfinite(found).all(axis=1)
    return {
        "summary": _summary.of_numbers(evaluation.scores, true[is_there], names),
        "scores": [row | {"name": name} for name, row in zip(names, evaluation.scores.to_dict("records"), strict=True)],
        "n_clips": len(views),
        "n_groups": None if clips.groups is None else len(set(clips.groups)),
        "figures": _figures.regression(evaluation, targets[:MAX_DRAWN]),
        "n_figures_left_out": max(0, len(names) - MAX_DRAWN),
        "worst": shown,
        "others": listed,
        "n_left_out": n_left_out,
        "n_predicted": len(ranked),
        "unreadable": [view for view in views if view["error"]],
        **listener.facts(shown),
    }


def _view(clip, names, true, found, off, error):
    """Return a clip as the template takes it: `badness` is its root mean square error in std of the targets.

    Targets are in order of this error.
    """
    is_missing = not np.isfinite(found).all()
    order = np.argsort(-np.abs(off), kind="stable")[:MAX_NAMED].tolist()
    rows = [
        {
            "name": names[at],
            "column": at,
            "true": float(true[at]),
            "predicted": float(found[at]),
            "error": float(found[at] - true[at]),
        }
        for at in order
    ]
    return clip | {
        "error": one_line(error or "there is no prediction") if is_missing else None,
        "badness": 0.0 if is_missing else float(np.sqrt(np.mean(off**2))),
        "targets": [] if is_missing else rows,
        "n_more": max(0, len(names) - MAX_NAMED),
    }
