"""The clips of a report: where they come from, what they are called, and what is predicted of them."""

import os
from typing import NamedTuple

import numpy as np
import pandas as pd

from .._inference import kind_of
from .._utils.labels import check_labels
from .._utils.terminal import one_line, shortened
from ..audio import Clip as Span
from ..audio import UnreadableClipError
from ..audio._clips import as_clip, list_clips
from ..audio._in_memory import as_source
from ..audio._sources import name_of, path_of
from ..datasets import load_folder
from ..evaluate._events import check_annotated
from ..evaluate._files import evaluate_clips


class Clips(NamedTuple):
    """What a report is about.

    Parameters
    ----------
    sources : list
        Paths, spans, sound in memory, or waveforms as they were passed; None where there is no sound.
    names : list of str
        What the page calls them.
    groups : list of str or None
        The group of each.
    folder : str
        The folder that they are in; "" for waveforms.
    """

    sources: list
    names: list
    groups: list | None
    folder: str

    def rows(self):
        """Return source, name and group of each clip, as dicts."""
        groups = [None] * len(self.names) if self.groups is None else self.groups
        rows = zip(self.sources, self.names, groups, strict=True)
        return [{"source": source, "name": name, "group": group} for source, name, group in rows]


def gather(model, X, y, groups):
    """List the clips, and what they are, without predictions.

    Parameters
    ----------
    model : fitted classifier, regressor or detector of clips, or OnnxModel
        It says what `y` may be.
    X : str, path-like, or list of clips
        A folder that has a folder per class, where `y` is None; else the clips.
    y : array-like of shape (n_clips,) or (n_clips, n_outputs), list of tables, DataFrame or None
        Their classes, labels, numbers or events.
    groups : str, callable, array-like of shape (n_clips,) or None
        As :func:`sklaudio.datasets.load_folder` takes it for a folder; for clips the group of each.

    Returns
    -------
    Clips
        At least one.
    object
        Of classes their text, where those that equal one of the model's, such as 1.0 and 1, are written as that; or
        `y`.
    """
    kind = kind_of(model)
    is_one_class = kind == "classes"
    if isinstance(X, (str, bytes, os.PathLike)):
        if not is_one_class:
            raise ValueError(
                f"X={shortened(os.fsdecode(X))} is a folder, whose folders are one class for each clip, and model "
                "predicts something else. Pass a list of the clips, and y."
            )
        return _of_folder(os.fsdecode(X), y, groups)
    if y is None:
        raise ValueError("y is missing: X is a list of clips. Pass what each is, or a folder with one per class.")
    sources = [_source(clip, f"X[{number}]") for number, clip in enumerate(list_clips(X))]
    y = check_annotated(y, sources) if kind == "events" else y
    if is_one_class:
        known = {label: label for label in model.classes_.tolist()}
        y = [str(known.get(label, label)) for label in check_labels(y).tolist()]
    n_given = y.shape[0] if hasattr(y, "shape") else len(y)
    if n_given != len(sources):
        raise ValueError(f"y has {n_given} entries for {len(sources)} clips. Give one for each.")
    names, above = _names(sources)
    return Clips(sources, names, _groups(groups, len(sources)), one_line(above)), y


def evaluate(model, clips, y, *, n_jobs=None, target_names=None):
    """Evaluate what the model predicts of clips; see :func:`sklaudio.evaluate_files`."""
    sources = [_waveform(source, f"X[{number}]") for number, source in enumerate(clips.sources)]
    names = [name_of(source, f"X[{number}]") for number, source in enumerate(sources)]
    groups = clips.groups if kind_of(model) in ("numbers", "events") else None
    return evaluate_clips(model, sources, names, y, n_jobs=n_jobs, groups=groups, target_names=target_names)


def of_evaluation(evaluation, X, groups):
    """List the clips that predictions are of: `X`, or the files that the evaluation has the paths of."""
    predictions = evaluation.predictions
    if X is not None and isinstance(X, (str, bytes, os.PathLike)):
        raise TypeError(f"X={shortened(X)}: pass the list of the clips that were evaluated, or None for their paths.")
    if X is not None:
        sources = [_source(clip, f"X[{number}]") for number, clip in enumerate(list_clips(X))]
    elif "path" in predictions:
        sources = [None if pd.isna(path) else os.fsdecode(path) for path in predictions["path"]]
    else:
        sources = [None] * len(predictions)
    if len(sources) != len(predictions):
        raise ValueError(f"X holds {len(sources)} clips, and {len(predictions)} were evaluated. Pass one for each.")
    names, above = _names(sources)
    return Clips(sources, names, _groups(groups, len(sources)), one_line(above))


def _of_folder(folder, y, groups):
    if y is not None:
        raise ValueError(f"X={shortened(folder)} is a folder, whose folders are the classes. Leave y out.")
    if groups is not None and not isinstance(groups, str) and not callable(groups):
        raise TypeError("groups: the clips are a folder's. Pass a regular expression or a function of the path.")
    bunch = load_folder(folder, groups=groups)
    names = [one_line(os.path.relpath(path, folder)) for path in bunch.data.tolist()]
    of_groups = None if groups is None else [_text(group) for group in bunch.groups.tolist()]
    return Clips(bunch.data.tolist(), names, of_groups, one_line(folder)), list(map(str, bunch.target.tolist()))


def _source(clip, name):
    source = as_source(clip, name)
    return clip if source is None else source


def _waveform(clip, name):
    try:
        return as_clip(clip, name, check=False)
    except UnreadableClipError:  # the model will say why
        return clip


def _names(sources):
    """Return paths below the folder that all of them are in, and numbers of other clips; that folder, if any."""
    paths = [os.path.abspath(path_of(source)) for source in sources if isinstance(source, (str, Span))]
    above = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return [one_line(_name(source, number, above)) for number, source in enumerate(sources)], above


def _name(source, number, above):
    if isinstance(source, (str, Span)):
        return os.path.relpath(path_of(source), above) + getattr(source, "span", "")
    return name_of(source, f"X[{number}]")


def _groups(groups, n_clips):
    if groups is None:
        return None
    groups = [groups] if isinstance(groups, str) or callable(groups) else np.asarray(groups).tolist()
    if len(groups) != n_clips:
        raise ValueError(f"groups must name a group for each of the {n_clips} clips. Pass a list as long as y.")
    return [_text(group) for group in groups]


def _text(label):
    return one_line(str(label))
