"""From a model or an evaluation to the page, step by step; what reports and their command share."""

import os
from datetime import datetime
from numbers import Integral, Real
from typing import NamedTuple

from .._inference import kind_of
from .._introspect import last_step
from .._utils.atomic_write import atomic_write, writable_path
from .._utils.file_hash import sha256_of
from .._utils.terminal import one_line, shortened
from ..evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation
from ..predict import OnnxModel, load_onnx
from ._written import is_without_prediction, written

EVALUATIONS = Evaluation, LabelEvaluation, RegressionEvaluation, EventEvaluation


class Named(NamedTuple):
    """A model or an evaluation, and where it is from.

    Parameters
    ----------
    model : estimator, OnnxModel, or evaluation of any kind
        What a report is about.
    name : str
        What it is called.
    source : list of (str, str)
        Where it is from, as the page says it.
    card : dict or None
        Of a pretrained model.
    """

    model: object
    name: str
    source: list
    card: dict | None


def load_named(model):
    """Load a model where a file or the name of a pretrained one is given: Named."""
    if isinstance(model, EVALUATIONS):
        return Named(model, type(model).__name__, [], None)
    if isinstance(model, OnnxModel):
        return _named_file(model, model.path)
    if not isinstance(model, (str, bytes, os.PathLike)):
        return Named(model, type(last_step(model)).__name__, [], None)
    from ..persistence import load
    from ..pretrained import load_pretrained, pretrained_card, pretrained_names

    model = os.fsdecode(model)
    if os.path.isfile(model) or model not in pretrained_names():
        return _named_file((load_onnx if model.endswith(".onnx") else load)(model), model)
    card = pretrained_card(model)
    size = f"{card['bytes']:,} bytes, SHA-256 {card['sha256'][:16]}…"
    return Named(load_pretrained(model), model, [("model", f"{model}, pretrained: {size}")], card)


def _named_file(loaded, path):
    """Return what a file holds as Named."""
    size = f"{os.path.getsize(path):,} bytes, SHA-256 {sha256_of(path)[:16]}…"
    name = os.path.basename(path)  # without its folder: pages are passed on
    return Named(loaded, name, [("model", f"{one_line(name)}: {size}")], None)


def check_page(path, max_clips, max_seconds, max_explained, with_map):
    """Raise an error if the page cannot be written so; return its Limits."""
    if not isinstance(max_clips, Integral) or max_clips < 0:
        raise ValueError(f"max_clips={shortened(max_clips)} must be a whole number from 0 on.")
    if not isinstance(max_explained, Integral) or max_explained < 0:
        raise ValueError(f"max_explained={shortened(max_explained)} must be a whole number from 0 on.")
    if not isinstance(max_seconds, Real) or not 0.1 <= max_seconds < float("inf"):
        raise ValueError(f"max_seconds={shortened(max_seconds)} must be a number of seconds from 0.1 on.")
    writable_path(path, "report.html")
    from ._page import Limits

    return Limits(max_clips, max_seconds, max_explained=max_explained, with_map=bool(with_map))


def write(
    named,
    X,
    y,
    path,
    limits,
    *,
    groups=None,
    title=None,
    command=None,
    n_jobs=None,
    target_names=None,
    sr=None,
    caveat=None,
):
    """Evaluate, and write the page; parameters as of :func:`sklaudio.report`, with a Named and Limits.

    `caveat` is what is known of clips that the model was trained on: a sentence without its stop, or None.
    """
    from ._page import page
    from ._sources import evaluate, gather, of_evaluation

    model = None if isinstance(named.model, EVALUATIONS) else named.model
    if model is None:
        if y is not None or target_names is not None:
            raise ValueError("y and target_names: the evaluation has what the clips are. Leave them out.")
        _refuse_frames({"start", "end"} <= {*named.model.predictions.columns})
        evaluation, clips = named.model, of_evaluation(named.model, X, groups)
    else:
        _refuse_frames(kind_of(model) == "curves")
        if sr is not None:
            raise ValueError(f"sr={sr} is of an evaluation, and the features of a model have theirs. Leave it out.")
        clips, y = gather(model, X, y, groups)
        evaluation = evaluate(model, clips, y, n_jobs=n_jobs, target_names=target_names)
    if isinstance(model, OnnxModel):  # which has no parts to show, explain by, or map with
        model, sr = None, model.sr
    if is_without_prediction(evaluation).all():
        errors = evaluation.predictions["error"]
        raise ValueError(f"none of the {len(errors)} clips can be predicted. The first: {errors.iloc[0]}")
    about = {
        "title": one_line(str(title or named.name)),
        "data": clips.folder,
        "date": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "command": None if command is None else one_line(command),
        "caveat": caveat,
        "source": named.source,
        "card": named.card,
    }
    text, _ = page(evaluation, clips, about, limits, model, sr=sr)
    content = text.encode("utf-8")
    with atomic_write(path, "report.html") as file:
        file.write(content)
    return written(os.fspath(path), len(content), evaluation)


def _refuse_frames(is_of_frames):
    if is_of_frames:
        raise TypeError("these are numbers of every frame, and a report is of clips. See evaluate_files(…).scores.")
