"""The page: what its template is given, and the policy that lets it load and run nothing from elsewhere."""

from pathlib import Path
from typing import NamedTuple

from .._introspect import last_step
from .._utils.html_page import policy_hash, templates
from .._utils.terminal import one_line
from .._utils.version import __version__
from ..evaluate import Evaluation, EventEvaluation, LabelEvaluation
from . import _classes, _events, _figures, _labels, _model, _numbers
from ._explained import Explainer
from ._media import AXES, Listener

FOLDER = Path(__file__).parent
MAX_EXPLAINED = 10  # mistakes, each of which takes about a hundred predictions
MAX_LISTED = 5000  # clips without a player, so that the page of a large set can still be opened


class Limits(NamedTuple):
    """How much of the clips is on a page: players, seconds of each, lines of a list, explanations, a map."""

    max_clips: int
    max_seconds: float
    max_listed: int = MAX_LISTED
    max_explained: int = MAX_EXPLAINED
    with_map: bool = True

    def divide(self, views):
        """Return the views that have a player, those that are listed, and how many are left out."""
        n_shown, n_kept = self.max_clips, self.max_clips + self.max_listed
        return views[:n_shown], views[n_shown:n_kept], max(0, len(views) - n_kept)


def page(evaluation, clips, about, limits, model=None, *, sr=None):
    """Write the page.

    Parameters
    ----------
    evaluation : Evaluation, LabelEvaluation, RegressionEvaluation or EventEvaluation
        What was predicted.
    clips : Clips
        Of what.
    about : dict
        `title`, `data`, `date`, `command`, `source` and `caveat`, as the template shows them; `card`, None or that of
        the model.
    limits : Limits
        How much of the clips is on it.
    model : fitted model of clips or None, default=None
        The model, where it is known.
    sr : int or None, default=None
        Sampling rate in hertz of waveforms where there is no model.

    Returns
    -------
    str
        The page, HTML.
    dict
        What its template was given.
    """
    listener = Listener(model, limits.max_seconds, sr)
    template, of_clips = _of_kind(evaluation, clips, listener, limits, model)
    content = {**about, **of_clips, **_of_model(model, about["card"]), "version": __version__}
    content["versions"] = _model.versions()
    content["size"] = _size(content)
    return _render(template, content), content


def _of_kind(evaluation, clips, listener, limits, model):
    """Return the name of the template, and what it is given of the clips."""
    explainer = Explainer(model, limits.max_explained, listener)
    if isinstance(evaluation, Evaluation):
        known = [label for label in evaluation.per_class.index if label not in evaluation.unknown]
        of_clips = _classes.clips_of(evaluation, clips)
        return "classes", _classes.content_of(of_clips, list(map(one_line, known)), listener, limits, explainer)
    if isinstance(evaluation, LabelEvaluation):
        return "labels", _labels.content_of(evaluation, clips, listener, limits, explainer)
    if isinstance(evaluation, EventEvaluation):
        return "events", {"axes": AXES, **_events.content_of(evaluation, clips, listener, limits)}
    return "numbers", _numbers.content_of(evaluation, clips, listener, limits, explainer)


def _of_model(model, card):
    """Return what the template is given of the model; without one there is no part about it."""
    if model is None:
        return {"kind": None, "parts": []}
    net = _model.net_or_none(model)
    return {
        "kind": type(net or last_step(model)).__name__,
        "card_rows": _model.card_rows(card) if card else None,
        "parts": _model.parts_of(model),
        "training": _model.training_of(model),
        "layers": _model.layers_of(net) if net is not None else None,
        "curves": _figures.training(net) if net is not None else [],
    }


def _size(content):
    """Return where the page's bytes go; the text itself is known only when this is in it."""
    views = content.get("mistakes", content.get("worst"))
    sounds = sum(len(view["sound"] or "") for view in views)
    pictures = sum(len(view["picture"] or "") for view in views)
    figures = [figure for name in ("curves", "calibration", "figures") for figure in content.get(name, ())]
    explanations = [view["explanation"] for view in views if view.get("explanation")]
    pictures += sum(len(explanation["picture"]) for explanation in explanations)
    sounds += sum(len(point["sound"] or "") for point in (content.get("map") or {"points": ()})["points"])
    pictures += sum(len(picture) for _, picture in figures)
    return f"{sounds / 1e6:.1f} MB of sounds, {pictures / 1e6:.1f} MB of pictures, and the text; nothing from elsewhere"


def _render(template, content):
    from markupsafe import Markup

    style, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("style.css", "script.js"))
    policy = "; ".join(
        [
            "default-src 'none'",
            "img-src data:",
            "media-src data:",
            f"style-src '{policy_hash(style)}'",
            f"script-src '{policy_hash(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    page = templates(FOLDER).get_template(f"{template}.html.jinja")
    return page.render(content, style=Markup(style), script=Markup(script), policy=policy)
