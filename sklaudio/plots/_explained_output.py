"""The one number of a model's predictions that is explained: a class, a label, a target, in log-odds or as it is."""

import copy
from dataclasses import dataclass, replace

import numpy as np

from .._inference import (
    label_names_of,
    labels_of,
    prediction_kind,
    predictions_of,
    targets_of,
    votes_of,
)
from .._introspect import features_of, stages_of, with_features
from .._utils.near_names import did_you_mean
from .._utils.terminal import shortened
from ..audio import load_audio
from ..audio._clips import as_clip
from ..audio._in_memory import is_read
from ..features import FrameTransformer

SCALES = "log-odds", "probability"
SMALLEST = 1e-9  # probability that smaller ones are raised to before the logarithm
SMALLEST_OF_LABELS = 1e-6  # the same of sigmoids in single precision, of which 1 - p is no nearer to 0
SMALLEST_COUNTED = 1e-3  # the same where some are 0 to the last bit: fractions of votes, which are coarse


@dataclass
class ExplainedOutput:
    """One number of the predictions of a model for any waveform.

    Parameters
    ----------
    model : estimator
        One whose features take waveforms as they are.
    kind : {"classes", "labels", "numbers", "curves", "events"}
        What the model predicts.
    column : int
        Which class, label or target.
    name : str
        What that is called.
    scale : {"log-odds", "probability", "decision", "number"}
        What the number is.
    where : ndarray of shape (n_frames,), bool, or None
        Of events and curves: the frames over which it is the mean; None takes all.
    """

    model: object
    kind: str
    column: int
    name: str
    scale: str
    where: np.ndarray | None = None

    @property
    def unit(self):
        """What a difference of two such numbers is called."""
        return f"change of {self.unit_alone}" + ("" if self.scale == "number" else f" of {self.name}")

    @property
    def unit_alone(self):
        """What the number is called."""
        return {"number": self.name, "decision": "decision function"}.get(self.scale, self.scale)

    def of(self, waveforms):
        """Return the number of each waveform: (n_waveforms,), float64."""
        if self.scale == "decision":
            return self._decisions(waveforms)
        if self.kind == "numbers":
            return np.asarray(self.model.predict(waveforms), dtype=np.float64).reshape(len(waveforms), -1)[
                :, self.column
            ]
        if self.kind in ("curves", "events"):
            predict = self.model.predict if self.kind == "curves" else self.model.predict_proba
            of_clips = [np.asarray(rows, dtype=np.float64).reshape(len(rows), -1) for rows in predict(waveforms)]
            of_clips = [rows[:, self.column] for rows in of_clips]  # (n_frames,) of each clip
            return np.array([self._mean(self._scaled(p, 1 - p)) for p in of_clips])
        p = votes_of(self.model, waveforms) if self.kind == "classes" else labels_of(self.model, waveforms)[1]
        others = np.delete(p, self.column, axis=1).sum(axis=1) if self.kind == "classes" else 1 - p[:, self.column]
        return self._scaled(p[:, self.column], others)

    def as_predicted(self, waveform):
        """Return the number of one waveform as the model predicts it, probabilities in place of log-odds: float."""
        scale = "probability" if self.scale in SCALES else self.scale
        return float(replace(self, scale=scale).of([waveform])[0])

    def _scaled(self, p, others):
        """Return probabilities, or log-odds by them and by those of all other classes, which 1 - p would round to 0."""
        if self.scale in ("probability", "number"):
            return p
        smallest = SMALLEST_OF_LABELS
        if self.kind == "classes":
            is_counted = min(p.min(initial=1), others.min(initial=1)) == 0
            smallest = SMALLEST_COUNTED if is_counted else SMALLEST
        return np.log(np.maximum(p, smallest)) - np.log(np.maximum(others, smallest))

    def _decisions(self, waveforms):
        decisions = np.asarray(self.model.decision_function(waveforms), dtype=np.float64)
        if decisions.ndim == 1:  # of two classes
            return decisions if self.column == 1 else -decisions
        return decisions[:, self.column]

    def _mean(self, values):
        """Average over the frames that are asked for, or over all where there are none of these."""
        where = np.ones(len(values), dtype=bool) if self.where is None else self.where[: len(values)]
        return float(values[: len(where)][where].mean() if where.any() else values.mean())


def explained_output(model, y, target=None, scale=None):
    """Choose what of the predictions for a waveform is explained.

    Parameters
    ----------
    model : fitted model of clips
        As :func:`without_reading` returns it.
    y : ndarray of shape (n_samples,)
        The waveform.
    target : object, default=None
        A class of ``classes_``, the name of a label, or the name or number of a target. None takes the class that is
        predicted, the most probable label, or the only target.
    scale : {"log-odds", "probability"} or None, default=None
        In what it is measured; None is log-odds where there are probabilities.

    Returns
    -------
    ExplainedOutput
        It.

    Raises
    ------
    ValueError
        If there is no such class, label or target, none is named where there are several targets, or the model has
        nothing that could be measured so.
    """
    if scale is not None and scale not in SCALES:
        raise ValueError(f"scale={shortened(scale)} is not known. Use 'log-odds', 'probability' or None.")
    kind = prediction_kind(model)
    if kind in ("numbers", "curves"):
        if scale is not None:
            raise ValueError(f"scale={scale!r} is of probabilities, and the model predicts numbers. Leave it out.")
        return _number(model, kind, target)
    if kind == "events":
        return _event_label(model, y, target, scale)
    if kind == "labels":
        names = label_names_of(model).tolist()
        column = int(labels_of(model, [y])[1][0].argmax()) if target is None else _place(target, names, "label")
        return ExplainedOutput(model, kind, column, str(names[column]), scale or "log-odds")
    names = model.classes_.tolist()
    column = int(predictions_of(model, [y])[0][0]) if target is None else _place(target, names, "class")
    return ExplainedOutput(model, kind, column, str(names[column]), _scale_of_classes(model, scale))


def _scale_of_classes(model, scale):
    if hasattr(model, "predict_proba"):
        return scale or "log-odds"
    if scale is not None:
        raise ValueError(
            f"scale={scale!r} takes probabilities, and model has no predict_proba. Leave it out for the decision "
            "function, or wrap the classifier in CalibratedClassifierCV."
        )
    if not hasattr(model, "decision_function"):
        raise ValueError(
            "model has neither predict_proba nor decision_function, so that only a change of the class itself could be "
            "seen. Wrap the classifier in CalibratedClassifierCV."
        )
    return "decision"


def _number(model, kind, target):
    names = targets_of(model)
    if target is None and len(names) > 1:
        raise ValueError(f"model predicts {len(names)} numbers. Name one as target: {', '.join(map(str, names))}.")
    column = 0 if target is None else _place(target, names, "target")
    return ExplainedOutput(model, kind, column, str(names[column]), "number")


def _event_label(model, y, target, scale):
    detector = stages_of(model)[-1][1]
    names = detector.classes_.tolist()
    curves = np.asarray(model.predict_proba([y])[0])
    column = int(curves.max(axis=0).argmax()) if target is None else _place(target, names, "label")
    is_found = curves[:, column] >= np.broadcast_to(detector.threshold_, len(names))[column]
    return ExplainedOutput(model, "events", column, str(names[column]), scale or "log-odds", is_found)


def _place(target, names, what):
    if target in names:
        return names.index(target)
    as_text = list(map(str, names))
    if str(target) in as_text:
        return as_text.index(str(target))
    if what == "target" and isinstance(target, int) and 0 <= target < len(names):
        return target
    raise ValueError(
        f"target={shortened(target)} is no {what} of the model. Use one of {shortened(as_text, 400)}."
        + did_you_mean(target, as_text)
    )


def without_reading(model, clip):
    """Read a clip as a model does, and return the model to be given its samples.

    Parameters
    ----------
    model : fitted model of clips
        It stays as it is.
    clip : path, Clip, waveform, or whatever else one of `X` may be
        One clip.

    Returns
    -------
    model : estimator
        A copy as far as the features, which take waveforms whole, keep nothing and raise errors.
    waveform : ndarray of shape (n_samples,), float32
        The part of the clip that the features read, at their rate.
    start : float
        Second of the clip at which it begins.
    """
    features = features_of(model)
    clip = as_clip(clip, "clip")
    settings = {(part.sr, part.offset, part.duration) for part in features}
    if len(settings) == 1:
        ((sr, start, duration),) = settings
        y = FrameTransformer(sr=sr, offset=start, duration=duration)._waveform(clip)
        changes = {"duration": None, "offset": 0.0, "memory": None, "on_error": "raise"}
    else:  # members of a vote that read other parts: each takes its part of the whole clip
        start, y = 0.0, load_audio(clip, features[0].sr)[0] if is_read(clip) else clip
        changes = {"memory": None, "on_error": "raise"}
    return with_features(model, lambda part: _changed(part, changes)), np.asarray(y, dtype=np.float32), start


def _changed(features, changes):
    if isinstance(features, str):  # a dropped member of a union
        return features
    features = copy.copy(features)
    members = getattr(features, "transformers", None)
    if members is not None:
        features.transformers = [(name, _changed(member, changes)) for name, member in members]
    names = ("memory", "on_error") if members is not None else changes
    for name in names:
        setattr(features, name, changes[name])
    return features
