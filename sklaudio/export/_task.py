"""What a model predicts: the output that its graph has, and what the metadata say of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from sklearn.model_selection import TunedThresholdClassifierCV

from .._inference import (
    THRESHOLDS,
    check_classifies_clips,
    check_takes_clips,
    label_names_of,
    predicts_numbers,
    sampling_rate,
    target_names_of,
)
from .._introspect import deciders_of, stages_of
from ..encoders import names
from ..encoders._opening import OpensEncoderMixin
from ..encoders._registry import HF
from ..events import EventDetector
from ..features import FrameUnion
from ..multilabel import LabelThresholdClassifier


@dataclass(frozen=True)
class Task:
    """What a model predicts.

    Parameters
    ----------
    name : str
        What the metadata call it: "classes", "labels", "numbers", "events", "frame_labels" or "frame_numbers".
    sr : int
        Sampling rate of the features, in hertz.
    axes : tuple of str
        Names of the axes of the output; "n_frames" is one of them where there is an output for every frame.
    predict : callable
        List of waveforms -> what the Pipeline predicts of them, as the output has it.
    texts : dict of str to str
        What the metadata say besides.
    is_scores : bool, default=False
        Whether a classifier has no probabilities, and gives what its `decision_function` does.
    """

    name: str
    sr: int
    axes: tuple
    predict: Callable
    texts: dict
    is_scores: bool = False

    @property
    def output(self):
        """Name of the output."""
        if self.name.endswith("numbers"):
            return "numbers"
        return "scores" if self.is_scores else "probabilities"

    @property
    def is_of_frames(self):
        """Whether there is an output for every frame."""
        return "n_frames" in self.axes


def task_of(model):
    """Return what a fitted model of clips predicts.

    Parameters
    ----------
    model : estimator
        A Pipeline.

    Returns
    -------
    Task

    Raises
    ------
    TypeError, ValueError, sklearn.exceptions.NotFittedError
        If it is no fitted classifier, regressor or detector of clips, or has features of unequal sampling rates.
    """
    features = check_takes_clips(model)
    deciders = deciders_of(model)
    is_scores = False
    of_frames = ("n_frames",) if any(hasattr(part, "_frame_count") for part in deciders) else ()
    detector = next((part for part in deciders if isinstance(part, EventDetector)), None)
    if detector is not None:
        texts = {
            "classes": detector.classes_,
            "hop": detector.hop,
            "thresholds": detector.threshold_,
            "median_lengths": detector.median_length_,
            "min_durations": detector.min_duration_,
        }
        name, columns, predict = "events", "n_labels", model.predict_proba
    elif predicts_numbers(model):
        name, columns, predict = "numbers", "n_targets", model.predict
        texts = {} if (targets := target_names_of(model)) is None else {"targets": targets}
    elif of_frames:
        name, columns, predict, texts = "labels", "n_labels", model.predict_proba, {"classes": label_names_of(model)}
    else:
        check_classifies_clips(model, multi_label=True)
        name, columns, texts = _of_clips(model, deciders)
        is_scores = not hasattr(model, "predict_proba")
        predict = model.decision_function if is_scores else model.predict_proba
    name = f"frame_{name}" if of_frames and detector is None else name
    if features[0].duration is not None or features[0].offset > 0:
        texts |= {"offset": features[0].offset, "duration": features[0].duration}
    texts = {key: json.dumps(np.asarray(value).tolist(), default=str) for key, value in texts.items()}
    if encoders := [_card(part) for part in _parts_of(features) if isinstance(part, OpensEncoderMixin)]:
        texts["encoders"] = json.dumps(list({tuple(card.values()): card for card in encoders}.values()))
    return Task(name, sampling_rate(features), ("batch", *of_frames, columns), predict, texts, is_scores)


def _of_clips(model, deciders):
    """Return the name of the task of a classifier of whole clips, its columns, and what else is said of it."""
    names = label_names_of(model)
    if names is None:
        return "classes", "n_classes", {"classes": model.classes_} | _threshold_of(model)
    found = [part.thresholds_ for part in deciders if isinstance(part, LabelThresholdClassifier)]
    return "labels", "n_labels", {"classes": names, "thresholds": found[0] if found else np.full(len(names), 0.5)}


def _threshold_of(model):
    """Return what a threshold of scikit-learn decides by, where one comes last in a model."""
    last = stages_of(model)[-1][1]
    if not isinstance(last, THRESHOLDS):
        return {}
    if isinstance(last, TunedThresholdClassifierCV):
        threshold, positive = last.best_threshold_, last._curve_scorer._get_pos_label()
    else:
        threshold, positive = 0.5 if last.threshold == "auto" else last.threshold, last.pos_label
    return {"threshold": threshold, "threshold_of": last.classes_[1] if positive is None else positive}


def _parts_of(features):
    return [
        member for part in features for _, member in (part._members() if isinstance(part, FrameUnion) else [("", part)])
    ]


def _card(part):
    """Return what is said of an encoder: its name, without the folder where it lay here, its licence and hash."""
    encoder = part.encoder
    if isinstance(encoder, (str, PathLike)):
        is_path = str(encoder) not in names() and not str(encoder).startswith(HF)
        name = Path(encoder).name if is_path else str(encoder)
    else:
        name = type(encoder).__name__
    opened = part._open()  # members of a FrameUnion are not fitted
    return {"name": name, "licence": opened.licence, "hash": opened.content_hash}
