"""What predict_files says of a file: its class, its labels, its numbers, or a table of what is when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .._utils.predicted_names import names_of_targets
from .._utils.terminal import abbreviated
from ..audio._errors import UnreadableClipError
from ._html import escaped, player_html, prediction_html, table_html

if TYPE_CHECKING:
    import pandas as pd


class FilePrediction(NamedTuple):
    """Hold the prediction of one file: its class and probabilities.

    Attributes
    ----------
    path : str
        The file, as ``path[start:end]`` where a :class:`Clip` was passed; of a clip without a path its place, such as
        "files[3]".
    label : object
        The class, as in ``classes_``: the most probable one, or that of a threshold that the model has; None if there
        is an error.
    probabilities : dict or None
        Probability of each class; None if there is an error, or the model has no ``predict_proba``.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    label: object
    probabilities: dict | None
    error: str | None

    def _repr_html_(self):
        return prediction_html(self.path, self.label, self.probabilities, error=self.error)


class FileLabels(NamedTuple):
    """Hold the predicted labels of one file.

    Attributes
    ----------
    path : str
        The file, as in :class:`FilePrediction`.
    labels : tuple or None
        The labels that it has, in the order of ``label_names_``; empty where it has none; None if there is an error.
    probabilities : dict or None
        Probability of each label, which need not sum to 1; None if there is an error.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    labels: tuple | None
    probabilities: dict | None
    error: str | None

    def _repr_html_(self):
        text = ", ".join(map(str, self.labels or ())) or "no label"
        return prediction_html(self.path, text, self.probabilities, error=self.error)


class FileNumbers(NamedTuple):
    """Hold the predicted numbers of one file.

    Attributes
    ----------
    path : str
        The file, as in :class:`FilePrediction`.
    numbers : dict or None
        The number of each target, by name; None if there is an error.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    numbers: dict | None
    error: str | None

    def _repr_html_(self):
        text = ", ".join(f"{name} {number:.4g}" for name, number in (self.numbers or {}).items())
        return prediction_html(self.path, text, error=self.error)


class FileTimeline(NamedTuple):
    """Hold the predicted timeline of one file, by an EventDetector or a regressor of frames.

    Attributes
    ----------
    path : str
        The file, as in :class:`FilePrediction`.
    timeline : DataFrame or None
        In order of time, in seconds from the start of the clip: `start`, `end`, `label` and `probability` of each
        event; or `start`, `end` and a column for each target, a row for each frame. None if there is an error.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    timeline: pd.DataFrame | None
    error: str | None

    def _repr_html_(self):
        below = f"<p>{escaped(self.error)}</p>" if self.timeline is None else table_html(self.timeline)
        return f"<div>{player_html(self.path)}{below}</div>"


def class_prediction(name, classes, winner, probabilities=None):
    """Name the class of a file, by its index, and its probabilities, (n_classes,), where there are any."""
    named = None if probabilities is None else dict(zip(classes, probabilities.tolist(), strict=True))
    return FilePrediction(name, classes[winner], named, None)


def label_prediction(name, labels, has_label, probabilities):
    """Name the labels of a file: `has_label` is true for those that it has, (n_labels,)."""
    found = tuple(label for label, is_there in zip(labels, has_label.tolist(), strict=True) if is_there)
    return FileLabels(name, found, dict(zip(labels, probabilities.tolist(), strict=True)), None)


def number_prediction(name, targets, numbers):
    """Name the numbers of a file, (n_targets,)."""
    return FileNumbers(name, dict(zip(targets, numbers.tolist(), strict=True)), None)


TYPES = {  # what holds a prediction, by what a model predicts
    "classes": FilePrediction,
    "labels": FileLabels,
    "numbers": FileNumbers,
    "curves": FileTimeline,
    "events": FileTimeline,
}


def no_prediction(kind, name, error):
    """Return what stands for a file that has no prediction of this kind."""
    between = len(TYPES[kind]._fields) - 2
    return TYPES[kind](name, *[None] * between, error)


def frame_table(curves, hop, target_names=None):
    """Make a table of the numbers of frames.

    Parameters
    ----------
    curves : ndarray of shape (n_frames, n_targets)
        The numbers.
    hop : float
        Seconds of a frame.
    target_names : list of str or None, default=None
        Names of the targets; None numbers them.

    Returns
    -------
    DataFrame
        A row for each frame: `start` and `end` in seconds, and a column for each target.
    """
    import pandas as pd  # for tables alone

    edges = hop * np.arange(len(curves) + 1)
    names = names_of_targets(curves.shape[1], target_names)
    return pd.DataFrame({"start": edges[:-1], "end": edges[1:]} | dict(zip(names, curves.T, strict=True)))


def reason_of(error, name):
    """Say in a line why there is no prediction for a clip, beginning with its name."""
    if isinstance(error, UnreadableClipError):
        return f"{name}: {error.reason}" if error.path is None else str(error)
    kind = "" if isinstance(error, (OSError, ValueError)) else f"{type(error).__name__}: "
    return f"{abbreviated(name)}: {kind}{str(error) or type(error).__name__}"
