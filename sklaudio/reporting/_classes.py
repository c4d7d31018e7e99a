"""The page about one class of each clip: the confusion matrix, and mistakes, the surest first."""

from dataclasses import dataclass

from .._utils.terminal import one_line
from . import _figures, _summary
from ._map import map_of
from ._scores import score

TOP = 3  # probabilities that are shown of a mistake, and that of its class
HEATS = 7  # colours of a cell, by its fraction of the row
NO_PREDICTION = "no prediction"


@dataclass
class Clip:
    """One clip with its prediction; classes are text, as the page shows them.

    `predicted` and `confidence` are None where there is an `error`, `confidence` and `probabilities` also where the
    model has no probabilities.
    """

    source: object  # path, span, sound in memory, or waveform as it was passed
    name: str
    true_label: str
    group: str | None = None
    predicted: str | None = None
    confidence: float | None = None
    probabilities: dict | None = None
    error: str | None = None

    @property
    def correct(self):
        """Whether the prediction is the class that the clip has; never where there is none."""
        return self.predicted == self.true_label


def clips_of(evaluation, clips):
    """Join clips with what was predicted of them: a list of Clip."""
    rows = evaluation.predictions.to_dict("records")
    groups = [None] * len(rows) if clips.groups is None else clips.groups
    return [_clip(*row) for row in zip(rows, clips.sources, clips.names, groups, strict=True)]


def _clip(row, source, name, group):
    true_label = one_line(str(row["true"]))
    if row["label"] is None:
        error = "there is no prediction" if row["error"] is None else row["error"]
        return Clip(source, name, true_label, group, error=one_line(error))
    probabilities = {one_line(key[2:-1]): p for key, p in row.items() if key.startswith("p(") and key.endswith(")")}
    confidence = row.get(f"p({row['label']})")
    return Clip(source, name, true_label, group, one_line(row["label"]), confidence, probabilities or None)


def content_of(clips, classes, listener, limits, explainer):
    """Return what the template is given of the clips.

    Parameters
    ----------
    clips : list of Clip
        With predictions.
    classes : list of str
        What can be predicted.
    listener : Listener
        What reads clips to be played and seen.
    limits : Limits
        How much of them is on the page.
    explainer : Explainer
        What draws what speaks for predictions.

    Returns
    -------
    dict
        For ``classes.html.jinja``; `scores` among it.
    """
    scores = score(clips, classes)
    said = list(dict.fromkeys(classes))
    labels = scores.confusion.index.tolist()
    columns = said + [NO_PREDICTION] * (scores.confusion.shape[1] - len(said))
    views = _views(clips, labels, said)
    wrong = [view for view in views if not (view["error"] or view["correct"])]
    wrong.sort(key=lambda view: -(view["confidence"] or 0))
    right = [view for view in views if view["correct"]]
    right.sort(key=lambda view: view["confidence"] or 0)
    shown, listed, n_left_out = limits.divide(wrong)
    listener.listen_to(shown)
    explainer.explain(shown, lambda view: view["predicted"])
    said_of = {"class_of": lambda view: view["true_label"], "said_of": lambda view: view["predicted"]}
    predicted = [view for view in views if not view["error"]]
    sure = [clip for clip in clips if clip.confidence is not None]
    noun = _summary.noun_of([clip.source for clip in clips])
    mistakes = [(view["true_label"], view["predicted"]) for view in wrong]
    return {
        "summary": _summary.of_classes(scores, mistakes, noun),
        "scores": scores,
        "n_classes": len(labels),
        "n_mistakes": len(wrong),
        "mistakes": shown,
        "other_mistakes": listed,
        "unreadable": [view for view in views if view["error"]],
        "right": right[: limits.max_listed],
        "n_mistakes_left_out": n_left_out,
        "n_left_out": len(right) - len(right[: limits.max_listed]),
        "has_confidence": bool(sure),
        "columns": columns,
        "matrix": _matrix(scores.confusion.to_numpy().tolist(), labels, said, columns),
        "unknown": [name for name in labels if name not in said],
        "missing": [name for name in said if name not in labels],
        "calibration": [] if scores.calibration_error is None else _figures.calibration(sure),
        "map": map_of(explainer.model, predicted, shown, listener, limits.max_clips, **said_of)
        if limits.with_map
        else None,
        **listener.facts(shown),
    }


def _views(clips, labels, said):
    """Return each clip as the template takes it, with the key of its cell in the matrix."""
    rows = {name: number for number, name in enumerate(labels)}
    keys = [f"{rows[clip.true_label]}-{'x' if clip.error else said.index(clip.predicted)}" for clip in clips]
    return [_view(clip, key) for clip, key in zip(clips, keys, strict=True)]


def _view(clip, key):
    top = []
    if clip.probabilities and not clip.correct:
        ranked = sorted(clip.probabilities.items(), key=lambda pair: -pair[1])
        shown = ranked[:TOP] + [pair for pair in ranked[TOP:] if pair[0] == clip.true_label]
        top = [(name, p, {clip.predicted: "said", clip.true_label: "true"}.get(name, "other")) for name, p in shown]
    return {**vars(clip), "correct": clip.correct, "key": key, "top": top}


def _matrix(counts, labels, said, columns):
    """Return rows of cells; the cells of a column beyond `said` hold the clips without a prediction."""
    rows = []
    for row, (label, numbers) in enumerate(zip(labels, counts, strict=True)):
        cells = [
            {
                "key": f"{row}-{column if column < len(said) else 'x'}",
                "n": n,
                "kind": "right" if name == label and column < len(said) else "wrong",
                "heat": -(-HEATS * n // sum(numbers)),
                "title": f"is {label}, {f'said {name}' if column < len(said) else 'no prediction'}",
            }
            for column, (name, n) in enumerate(zip(columns, numbers, strict=True))
        ]
        rows.append({"name": label, "cells": cells})
    return rows
