"""The page: what its template is given, and the policy that lets it load and run nothing from elsewhere."""

import base64
import hashlib
from pathlib import Path

from .._introspect import last_step
from .._utils.progress import progress
from .._utils.terminal import one_line
from .._utils.version import __version__
from ..timeline._formats import format_time
from . import _figures, _model
from ._media import Listener, player_rate
from ._scores import score

FOLDER = Path(__file__).parent
TOP = 3  # probabilities that are shown of a mistake, and that of its class
MAX_LISTED = 5000  # clips without a player, so that the page of a large set can still be opened
HEATS = 7  # colours of a cell, by its fraction of the row
NO_PREDICTION = "no prediction"


def page(model, clips, about, *, max_clips, max_seconds):
    """Write the page.

    Parameters
    ----------
    model : fitted classifier of clips
        The model.
    clips : list of Clip
        With predictions.
    about : dict
        `title`, `data`, `date`, `command` and `source`, as the template shows them; `card`, None or that of the model.
    max_clips : int
        Mistakes that have a player and a picture.
    max_seconds : float
        Sound of each of them.

    Returns
    -------
    str
        The page, HTML.
    Scores
        What it says.
    """
    scores = score(clips, [one_line(str(label)) for label in model.classes_.tolist()])
    net = _model.net_or_none(model)
    content = {
        **about,
        **_of_clips(model, clips, scores.confusion, max_clips, max_seconds),
        "scores": scores,
        "card": _model.card_rows(about["card"]) if about["card"] else None,
        "kind": type(net or last_step(model)).__name__,
        "parts": _model.parts_of(model),
        "training": _model.training_of(model),
        "layers": _model.layers_of(net) if net is not None else None,
        "curves": _figures.training(net) if net is not None else [],
        "versions": _model.versions(),
        "version": __version__,
    }
    sure = [clip for clip in clips if clip.confidence is not None]
    content["calibration"] = [] if scores.calibration_error is None else _figures.calibration(sure)
    content["size"] = _size(content)
    return _render(content), scores


def _of_clips(model, clips, confusion, max_clips, max_seconds):
    """What the template is given of the clips: the matrix and the lists."""
    said = list(dict.fromkeys(one_line(str(label)) for label in model.classes_.tolist()))
    labels = confusion.index.tolist()
    columns = said + [NO_PREDICTION] * (confusion.shape[1] - len(said))
    rows = {name: number for number, name in enumerate(labels)}
    keys = [f"{rows[clip.true_label]}-{'x' if clip.error else said.index(clip.predicted)}" for clip in clips]
    views = [_view(clip, key) for clip, key in zip(clips, keys, strict=True)]
    wrong = [view for view in views if not (view["error"] or view["correct"])]
    wrong.sort(key=lambda view: -(view["confidence"] or 0))
    right = [view for view in views if view["correct"]]
    right.sort(key=lambda view: view["confidence"] or 0)
    listener = Listener(model, max_seconds)
    for view in progress(wrong[:max_clips], total=min(max_clips, len(wrong)), unit="clip", desc="drawing"):
        view.update(listener.listen(view["source"]))
    return {
        "n_classes": len(labels),
        "n_mistakes": len(wrong),
        "mistakes": wrong[:max_clips],
        "other_mistakes": wrong[max_clips : max_clips + MAX_LISTED],
        "unreadable": [view for view in views if view["error"]],
        "right": right[:MAX_LISTED],
        "n_mistakes_left_out": max(0, len(wrong) - max_clips - MAX_LISTED),
        "n_left_out": len(right) - len(right[:MAX_LISTED]),
        "has_confidence": any(clip.confidence is not None for clip in clips),
        "any_cut": any(view["is_cut"] for view in wrong[:max_clips]),
        "limit": format_time(max_seconds),
        "rate": player_rate(listener.sr),
        "top_hertz": listener.sr // 2,
        "columns": columns,
        "matrix": _matrix(confusion.to_numpy().tolist(), labels, said, columns),
        "unknown": [name for name in labels if name not in said],
        "missing": [name for name in said if name not in labels],
    }


def _view(clip, key):
    """A clip as the template takes it."""
    top = []
    if clip.probabilities and not clip.correct:
        ranked = sorted(clip.probabilities.items(), key=lambda pair: -pair[1])
        shown = ranked[:TOP] + [pair for pair in ranked[TOP:] if pair[0] == clip.true_label]
        top = [(name, p, {clip.predicted: "said", clip.true_label: "true"}.get(name, "other")) for name, p in shown]
    return {**vars(clip), "correct": clip.correct, "key": key, "top": top}


def _matrix(counts, labels, said, columns):
    """Rows of cells; the cells of a column beyond `said` hold the clips without a prediction."""
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


def _size(content):
    """Where the page's bytes go; the text itself is known only when this is in it."""
    sounds = sum(len(view["sound"] or "") for view in content["mistakes"])
    pictures = sum(len(view["picture"] or "") for view in content["mistakes"])
    pictures += sum(len(picture) for _, picture in [*content["curves"], *content["calibration"]])
    return f"{sounds / 1e6:.1f} MB of sounds, {pictures / 1e6:.1f} MB of pictures, and the text; nothing from elsewhere"


def _render(content):
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "media-src data:",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html.jinja")
    return template.render(content, style=Markup(style), script=Markup(script), policy=policy)


def _hash(text):
    """Name of a style or script in a policy: only what has this hash is used."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}"
