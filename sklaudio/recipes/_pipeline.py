"""The Pipelines of make_classifier and make_regressor: features, segments, and a net or a linear model."""

from collections.abc import Callable
from dataclasses import replace
from numbers import Integral, Real
from typing import NamedTuple

from sklearn.base import clone
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import Interval, InvalidParameterError, StrOptions

from .._utils.near_names import did_you_mean
from ..augment import MixNoise
from ..features import FrameSummary, MelSpectrogramTransformer, MFCCTransformer
from ..segments._cut import MAX_WHOLE
from ._sizes import N_MELS, frame_sizes

SR = 22050  # hertz
N_MFCC = 13
N_MELS_OF = {"tiny": 40}  # kinds that have fewer bands
SEGMENT = 3.0  # seconds in a segment, where clips are cut
ENCODER = "encoder"  # the kind that is no net
STATISTICS = ("mean", "std", "max")
CONSTRAINTS = {
    "sr": [Interval(Integral, 1, None, closed="left")],
    "duration": [Interval(Real, 0, None, closed="neither"), None],
    "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    "features": [dict, None],
    "kind": "no_validation",  # check_kind does
    "encoder": "no_validation",  # EncoderTransformer says what is wrong with it
}


class Task(NamedTuple):
    """What is predicted: what the Pipelines of classifiers and of regressors differ by.

    Attributes
    ----------
    name : str
        The public function, for errors.
    nets : dict of str to type
        The net of each kind.
    settings : dict of str to dict
        Parameters of nets that are not their defaults, by kind.
    on_encoder : dict
        Those of a net on the frames of an encoder.
    make_head : callable
        () -> the linear model on a summary of such frames.
    segments : type
        What cuts clips into segments: ``segments(estimator, segment_length=…, hop_length=…, auto_length=…)``.
    segments_step : str
        Name of its step.
    """

    name: str
    nets: dict
    settings: dict
    on_encoder: dict
    make_head: Callable
    segments: type
    segments_step: str


def check_kind(function, kind, kinds):
    """Raise an error, as scikit-learn words it, unless a kind is one that a function knows."""
    if not (isinstance(kind, str) and kind in kinds):
        known = ", ".join(map(repr, sorted(kinds)))
        raise InvalidParameterError(
            f"The 'kind' parameter of {function} must be a str among {{{known}}}. Got {kind!r} instead."
            + did_you_mean(kind, kinds)
        )


def make_pipeline(task, kind, sr, duration, segment_length, features, encoder, net_params):
    """Make the Pipeline of a task; parameters are those of :func:`make_classifier`."""
    check_kind(task.name, kind, {*task.nets, ENCODER})
    if kind == ENCODER:
        return _on_encoder(task, encoder, sr, duration, segment_length, features, net_params)
    if encoder is not None:
        return _net_on_encoder(task, kind, encoder, sr, duration, segment_length, features, net_params)
    n_mels = N_MELS_OF.get(kind, N_MELS)
    bands = {"n_mels": n_mels} | {
        key: value for key, value in (features or {}).items() if key in ("fmin", "fmax", "n_mels")
    }
    settings = {"sr": sr, "duration": duration, **frame_sizes(sr, **bands)}
    on_mels = task.nets[kind]._frames == "mel"
    frames = (
        MelSpectrogramTransformer(n_mels, **settings) if on_mels else MFCCTransformer(N_MFCC, n_mels=n_mels, **settings)
    )
    frames = _changed(task, frames, features, kind, "features: ")
    net = _changed(task, task.nets[kind](precision="auto", **task.settings.get(kind, {})), net_params, kind)
    if on_mels:
        net.augment = _with_features(net.augment, frames)
    auto_length = max(1, round(SEGMENT * sr / frames.hop_length))
    if segment_length == "auto" and duration is not None and duration <= MAX_WHOLE * SEGMENT:
        segment_length = None
    if segment_length is None:
        return Pipeline([("features", frames), ("net", net)])
    return Pipeline([("features", frames), _on_segments(task, net, segment_length, auto_length)])


def _with_features(augment, frames):
    """Return augmentations of a net, with the features of the Pipeline for a step that needs them and has none."""
    steps = [augment] if callable(augment) else augment or ()
    if not any(isinstance(step, MixNoise) and step.features is None for step in steps):
        return augment
    known = [
        replace(step, features=step.features or clone(frames)) if isinstance(step, MixNoise) else step for step in steps
    ]
    return known[0] if callable(augment) else type(augment)(known)


def _on_segments(task, estimator, segment_length, auto_length=None):
    """Return the step of segments that overlap by half."""
    if segment_length == "auto":
        sizes = {"segment_length": "auto", "hop_length": "auto", "auto_length": auto_length}
    else:
        sizes = {"segment_length": segment_length, "hop_length": max(1, segment_length // 2)}
    return task.segments_step, task.segments(estimator, **sizes)


def _encoder(task, encoder, sr, duration, features, kind):
    """Return the first step of a Pipeline on an encoder."""
    from ..encoders import EncoderTransformer

    frames = EncoderTransformer(encoder, sr=None if sr == SR else sr, duration=duration)
    return _changed(task, frames, features, kind, "features: ", except_for=("encoder", "duration"))


def _net_on_encoder(task, kind, encoder, sr, duration, segment_length, features, net_params):
    """Return the Pipeline of an encoder and a net on its frames, of whole clips unless a number says otherwise."""
    on_mfccs = sorted(other for other, net in task.nets.items() if net._frames != "mel")
    if kind not in on_mfccs:
        raise ValueError(
            f"encoder={encoder!r} cannot be used with kind={kind!r}, which takes mel bands. Use kind='encoder' or one "
            f"of {', '.join(map(repr, on_mfccs))}, or leave encoder out."
        )
    frames = _encoder(task, encoder, sr, duration, features, kind)
    net = _changed(task, task.nets[kind](**task.on_encoder), net_params, kind)
    if segment_length in ("auto", None):
        return Pipeline([("features", frames), ("net", net)])
    return Pipeline([("features", frames), _on_segments(task, net, segment_length)])


def _on_encoder(task, encoder, sr, duration, segment_length, features, head_params):
    """Return the Pipeline of an encoder and a linear model."""
    frames = _encoder(task, "google-speech" if encoder is None else encoder, sr, duration, features, ENCODER)
    head = [
        ("summary", FrameSummary(STATISTICS)),
        ("scaler", StandardScaler()),
        ("head", _changed(task, task.make_head(), head_params, ENCODER)),
    ]
    if segment_length in ("auto", None):
        return Pipeline([("features", frames), *head])
    return Pipeline([("features", frames), _on_segments(task, Pipeline(head), segment_length)])


def _changed(task, estimator, parameters, kind, where="", except_for=("sr", "duration")):
    """Set the parameters that an estimator has, but for those that the public function sets."""
    parameters = parameters or {}
    known = sorted(set(estimator.get_params(deep=False)) - (set(except_for) if where else set()))
    unknown = sorted(map(str, set(parameters) - set(known)))
    if unknown:
        reason = f"{where}{', '.join(unknown)}: no parameter of " + ("" if where else f"{task.name} or of ")
        near = did_you_mean(unknown[0], known)
        taken = f" ({' and '.join(except_for)} are parameters of {task.name} itself)" if where else ""
        raise ValueError(
            f"{reason}{type(estimator).__name__} (kind={kind!r}), which takes {', '.join(known)}{taken}.{near}"
        )
    return estimator.set_params(**parameters)
