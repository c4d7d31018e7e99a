"""The clips of a report: what each is, and what the model says it is."""

import os
from dataclasses import dataclass

import numpy as np

from .._labels import check_labels
from .._models import telling_errors, votes_of
from .._progress import progress
from .._text import one_line
from ..audio import as_clip
from ..datasets import load_folder
from ..predict import predictions


@dataclass
class Clip:
    """One clip with its answer; classes are text, as the page shows them.

    `said` and `confidence` are None where there is an `error`, `confidence` and `probabilities` also where the model
    has no probabilities.
    """

    source: object  # path, or waveform
    name: str
    truth: str
    group: str | None = None
    said: str | None = None
    confidence: float | None = None
    probabilities: dict | None = None
    error: str | None = None

    @property
    def is_right(self):
        """Whether the answer is the class that the clip has; never where there is no answer."""
        return self.said == self.truth


def gather(X, y, groups, classes):
    """List the clips, without answers.

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
            raise ValueError(f"X={os.fsdecode(X)!r} is a folder, whose folders are the classes. Leave y out.")
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
    truths = [_text(known.get(label, label)) for label in y.tolist()]
    names, above = _names(sources)
    columns = zip(sources, names, truths, groups, strict=True)
    return [Clip(*row) for row in columns], one_line(above)


def answer(model, clips, n_jobs):
    """Ask the model about each clip, and note its answers in them."""
    model = telling_errors(model, n_jobs)
    paths = [clip.source for clip in clips if isinstance(clip.source, str)]
    of_paths = predictions(model, paths, n_jobs)
    for clip in progress(clips, total=len(clips), unit="clip", desc="predicting"):
        if isinstance(clip.source, str):
            _, label, probabilities, error = next(of_paths)
        else:
            label, probabilities, error = _answer_to_waveform(model, clip)
        if error is not None:
            clip.error = one_line(error)
            continue
        clip.said = _text(label)
        if probabilities is not None:
            clip.probabilities = {_text(one): p for one, p in probabilities.items()}
            clip.confidence = probabilities[label]
    if all(clip.error for clip in clips):
        raise ValueError(f"none of the {len(clips)} clips can be predicted. The first: {clips[0].error}")


def _answer_to_waveform(model, clip):
    try:
        [votes] = votes_of(model, [as_clip(clip.source, clip.name)])
    except Exception as error:  # whatever a model does with a clip, the others are not to suffer
        return None, None, f"{clip.name}: {error or type(error).__name__}"
    classes = model.classes_.tolist()
    probabilities = dict(zip(classes, votes.tolist(), strict=True)) if hasattr(model, "predict_proba") else None
    return classes[votes.argmax()], probabilities, None


def _of_folder(folder, groups):
    bunch = load_folder(folder, groups=groups)
    own_groups = [None] * len(bunch.data) if groups is None else map(_text, bunch.groups.tolist())
    columns = zip(bunch.data.tolist(), bunch.target.tolist(), own_groups, strict=True)
    clips = [Clip(path, one_line(os.path.relpath(path, folder)), _text(truth), group) for path, truth, group in columns]
    return clips, one_line(folder)


def _sources(X):
    if len(X) == 0:
        raise ValueError("X holds no clip. Pass at least one path or waveform.")
    return [os.fsdecode(clip) if isinstance(clip, (str, bytes, os.PathLike)) else np.asarray(clip) for clip in X]


def _names(sources):
    """Paths below the folder that all of them are in, and numbers of waveforms; that folder, if any."""
    paths = [os.path.abspath(source) for source in sources if isinstance(source, str)]
    above = os.path.commonpath([os.path.dirname(path) for path in paths]) if paths else ""
    return [
        one_line(os.path.relpath(source, above)) if isinstance(source, str) else f"X[{number}]"
        for number, source in enumerate(sources)
    ], above


def _list(groups, n_clips):
    groups = [groups] if isinstance(groups, str) or callable(groups) else np.asarray(groups).tolist()
    if len(groups) != n_clips:
        raise ValueError(f"groups must name a group for each of the {n_clips} clips. Pass a list as long as y.")
    return groups


def _text(label):
    return one_line(str(label))
