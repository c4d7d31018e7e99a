"""The clips of a report: what each is, and what the model says it is."""

import os
from dataclasses import dataclass

import numpy as np

from .._inference import ForeignPredictionsError, predictions_of, raising_errors
from .._utils.labels import check_labels
from .._utils.progress import progress
from .._utils.terminal import one_line, shortened
from ..audio import Clip as Span
from ..audio import UnreadableClipError
from ..audio._clips import as_clip, list_clips
from ..audio._in_memory import as_source, is_read
from ..audio._sources import name_of, path_of
from ..datasets import load_folder
from ..predict._files import predictions


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


def gather(X, y, groups, classes):
    """List the clips, without predictions.

    Parameters
    ----------
    X : str, path-like, or list of clips
        A folder that has a folder per class, where `y` is None; else the clips.
    y : array-like of shape (n_clips,) or None
        Their classes.
    groups : str, callable, array-like of shape (n_clips,) or None
        As :func:`sklaudio.datasets.load_folder` takes it for a folder; for clips the group of each.
    classes : list
        Those of the model: a label that equals one of them, such as 1.0 and 1, is written as it is.

    Returns
    -------
    list of Clip
        At least one.
    str
        The folder that they are in; "" for waveforms.
    """
    if isinstance(X, (str, bytes, os.PathLike)):
        if y is not None:
            raise ValueError(f"X={shortened(os.fsdecode(X))} is a folder, whose folders are the classes. Leave y out.")
        if groups is not None and not isinstance(groups, str) and not callable(groups):
            raise TypeError("groups: the clips are a folder's. Pass a regular expression or a function of the path.")
        return _of_folder(os.fsdecode(X), groups)
    if y is None:
        raise ValueError("y is missing: X is a list of clips. Pass the class of each, or a folder with one per class.")
    sources, y = _sources(X), check_labels(y)
    if len(y) != len(sources):
        raise ValueError(f"y has {len(y)} entries for {len(sources)} clips. Give one class for each.")
    groups = [None] * len(y) if groups is None else [_text(group) for group in _list(groups, len(y))]
    known = {label: label for label in classes}
    labels = [_text(known.get(label, label)) for label in y.tolist()]
    names, above = _names(sources)
    columns = zip(sources, names, labels, groups, strict=True)
    return [Clip(*row) for row in columns], one_line(above)


def predict_clips(model, clips, n_jobs):
    """Predict each clip, and store the predictions in them."""
    model = raising_errors(model, n_jobs)
    to_read = [clip for clip in clips if is_read(clip.source)]
    sources, names = [clip.source for clip in to_read], [name_of(clip.source, clip.name) for clip in to_read]
    of_sources = predictions(model, sources, names, n_jobs)
    for clip in progress(clips, total=len(clips), unit="clip", desc="predicting"):
        if is_read(clip.source):
            _, label, probabilities, error = next(of_sources)
        else:
            label, probabilities, error = _predict_waveform(model, clip)
        if error is not None:
            clip.error = one_line(error)
            continue
        clip.predicted = _text(label)
        if probabilities is not None:
            clip.probabilities = {_text(one): p for one, p in probabilities.items()}
            clip.confidence = probabilities[label]
    if all(clip.error for clip in clips):
        raise ValueError(f"none of the {len(clips)} clips can be predicted. The first: {clips[0].error}")


def _predict_waveform(model, clip):
    try:
        [winner], [votes] = predictions_of(model, [as_clip(clip.source, clip.name)])
    except ForeignPredictionsError:
        raise
    except Exception as error:  # whatever a model does with a clip, the others are not to suffer
        reason = error.reason if isinstance(error, UnreadableClipError) else error
        return None, None, f"{clip.name}: {reason or type(error).__name__}"
    classes = model.classes_.tolist()
    probabilities = dict(zip(classes, votes.tolist(), strict=True)) if hasattr(model, "predict_proba") else None
    return classes[winner], probabilities, None


def _of_folder(folder, groups):
    bunch = load_folder(folder, groups=groups)
    group_names = [None] * len(bunch.data) if groups is None else map(_text, bunch.groups.tolist())
    columns = zip(bunch.data.tolist(), bunch.target.tolist(), group_names, strict=True)
    clips = [Clip(path, one_line(os.path.relpath(path, folder)), _text(label), group) for path, label, group in columns]
    return clips, one_line(folder)


def _sources(X):
    clips = [(clip, as_source(clip, f"X[{number}]")) for number, clip in enumerate(list_clips(X))]
    return [clip if source is None else source for clip, source in clips]


def _names(sources):
    """Paths below the folder that all of them are in, and numbers of other clips; that folder, if any."""
    paths = [os.path.abspath(path_of(source)) for source in sources if isinstance(source, (str, Span))]
    above = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return [one_line(_name(source, number, above)) for number, source in enumerate(sources)], above


def _name(source, number, above):
    if isinstance(source, (str, Span)):
        return os.path.relpath(path_of(source), above) + getattr(source, "span", "")
    return name_of(source, f"X[{number}]")


def _list(groups, n_clips):
    groups = [groups] if isinstance(groups, str) or callable(groups) else np.asarray(groups).tolist()
    if len(groups) != n_clips:
        raise ValueError(f"groups must name a group for each of the {n_clips} clips. Pass a list as long as y.")
    return groups


def _text(label):
    return one_line(str(label))
