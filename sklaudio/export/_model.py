"""A fitted model of clips as one torch module: waveforms in, probabilities or numbers of clips or of frames out."""

from contextlib import contextmanager

import torch
from sklearn.calibration import CalibratedClassifierCV
from torch import nn

from .._inference import THRESHOLDS
from .._introspect import deciders_of, stages_of, takes_clips
from .._utils.terminal import shortened
from ..encoders import EncoderTransformer, GroupedLogisticRegression, GroupedRidge
from ..events import EventDetector
from ..features import FrameScaler, FrameSummary
from ..multilabel import LabelThresholdClassifier
from ..nets import EncoderClassifier, NetClassifier, NetRegressor
from ..segments import SegmentMeanRegressor, SegmentVotingClassifier
from ..segments._cut import segment_sizes
from ._calibration import METHODS, ClassCalibration, LabelCalibration
from ._classical import Classical, Summary
from ._encoder_networks import encoder_frames
from ._features import EXPORTED, FEATURES, Features, members_of, obstacle_of
from ._nets import FineTunedHead, LabelRegressions, Net, Scale, module_of

PARTS = f"{', '.join(kind.__name__ for kind in EXPORTED)}, EncoderTransformer, a FrameUnion of these, FrameScaler, \
FrameSummary and, behind it, the estimators of scikit-learn that skl2onnx converts, SegmentVotingClassifier, \
SegmentMeanRegressor, LabelThresholdClassifier of several labels, CalibratedClassifierCV with method='sigmoid' or \
'temperature', a threshold of probabilities that comes last, EventDetector, EncoderClassifier and the nets of sklaudio"


def as_module(model, *, scores=False):
    """Return one torch module of all steps of a fitted classifier or regressor of clips.

    Parameters
    ----------
    model : estimator
        A fitted Pipeline.
    scores : bool, default=False
        Whether a classifier gives what its `decision_function` does, rather than probabilities.

    Returns
    -------
    nn.Sequential
        (batch, n_samples), float32 -> (batch, n_outputs) or (batch, n_frames, n_outputs), float32.

    Raises
    ------
    ValueError
        If it has a step that cannot be in a graph. The message names it.
    """
    return _chain(model, "model", scores=scores, is_last=True).eval()


def _chain(model, name, *, on_rows=False, scores=False, is_last=False):
    """Return the modules of a model of frames, or of rows of a table; with `scores`, up to its `decision_function`.

    What comes last in the whole model may be a threshold, which the metadata say.
    """
    modules, table = [], []
    for step_name, stage in stages_of(model, name):
        if isinstance(stage, (GroupedLogisticRegression, GroupedRidge)):
            stage = getattr(stage, "estimator_", stage)  # none where it is of several labels
        if on_rows and _is_classical(stage):
            table.append((step_name, stage))
            continue
        if is_last and isinstance(stage, THRESHOLDS):
            _check_threshold(stage, step_name)
            modules += [*_classical(table), *_chain(stage.estimator_, f"{step_name}__estimator", on_rows=on_rows)]
        else:
            modules += [*_classical(table), *_modules(stage, step_name, on_rows)]
        table, on_rows = [], on_rows or isinstance(stage, FrameSummary)
    return nn.Sequential(*modules, *_classical(table, scores=scores))


def _is_classical(part):
    is_made_here = isinstance(part, (CalibratedClassifierCV, *THRESHOLDS))
    return type(part).__module__.startswith("sklearn.") and not is_made_here


def _check_threshold(part, name):
    if part.response_method == "decision_function" or not hasattr(part.estimator_, "predict_proba"):
        raise _refused(part, name, " of scores, where one of probabilities can be exported")


def _classical(table, *, scores=False):
    """Return the module of estimators of scikit-learn that follow each other, if there are any."""
    if not table:
        return []
    try:
        return [Classical([stage for _, stage in table], scores=scores)]
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # of any kind, as there are many converters
        why = next(iter(str(error).splitlines()), type(error).__name__)
        raise _refused(table[-1][1], table[-1][0], f": {shortened(why)}") from error


def _modules(part, name, on_rows):
    """Return the modules of one stage."""
    if isinstance(part, LabelThresholdClassifier) and hasattr(part, "label_names_"):
        calibration = [LabelCalibration(part)] if hasattr(part, "slopes_") else []
        return [*_chain(part.estimator_, f"{name}__estimator", on_rows=on_rows), *calibration]
    if isinstance(part, EventDetector):
        return list(_chain(part.estimator_, f"{name}__estimator"))
    if isinstance(part, CalibratedClassifierCV):
        return [_calibrated(part, name, on_rows)]
    if isinstance(part, EncoderClassifier):
        return _encoder_classifier(part, name)
    return [_module(part, name)]


def _encoder_classifier(part, name):
    """Return the modules of the frames of its encoder, and of its output layer."""
    front = part._front()
    if not part._trains_network:
        return [_features(front, name), Net(part)]
    module = module_of(part)
    with _refusing(part, name):
        frames = encoder_frames(front.encoder, network=module.encoder, block=front.block)
    return [Features(front, {FEATURES: frames}), Net(part, FineTunedHead(module))]


def _calibrated(part, name, on_rows):
    if part.method not in METHODS:
        raise _refused(part, name, f" with method={part.method!r}")
    members = []
    for member in part.calibrated_classifiers_:
        if len(member.estimator.classes_) != len(part.classes_):
            raise _refused(part, name, ", of which a fold lacks a class,")
        scores = hasattr(member.estimator, "decision_function")
        module = _chain(member.estimator, f"{name}__estimator", on_rows=on_rows, scores=scores)
        members.append((module, member.calibrators, scores))
    return ClassCalibration(members, part.method)


def _module(part, name):
    """Return the module of one stage that is a single one."""
    if takes_clips(part):
        return _features(part, name)
    if type(part) is FrameSummary:
        return Summary(part)
    if type(part) is FrameScaler:
        return Scale(part)
    if isinstance(part, GroupedLogisticRegression):
        return LabelRegressions(part)
    if isinstance(part, (SegmentVotingClassifier, SegmentMeanRegressor)):
        is_hard = getattr(part, "voting", "soft") == "hard"
        if is_hard and any(isinstance(each, LabelThresholdClassifier) for each in deciders_of(part)):
            raise ValueError(f"Step {name!r} counts labels at thresholds, which cannot be exported. Use voting='soft'.")
        return Vote(part, _chain(part.estimator_, f"{name}__estimator"))
    is_ours = type(part).__module__.startswith("sklaudio.")  # others may ask for lengths
    if isinstance(part, (NetClassifier, NetRegressor)) and is_ours:
        return Net(part)
    raise _refused(part, name)


def _features(part, name):
    """Return the module of features of clips."""
    encoders = {}
    for inner, member in members_of(part):
        path = name if member is part else f"{name}__{inner}"
        if type(member) is EncoderTransformer:
            encoder = member._open()
            with _refusing(member, path):
                encoders[inner] = encoder_frames(encoder, *member._given_sizes(encoder))
        elif type(member) not in EXPORTED:
            raise _refused(member, path)
        elif obstacle := obstacle_of(member):
            raise _refused(member, path, f" with {obstacle}")
    return Features(part, encoders)


@contextmanager
def _refusing(part, name):
    """Say of which step it is that an encoder cannot be exported."""
    try:
        yield
    except ValueError as error:
        raise _refused(part, name, str(error)) from error


def _refused(part, name, why=""):
    return ValueError(f"Step {name!r} ({type(part).__name__}{why}) cannot be exported. What can: {PARTS}.")


class Vote(nn.Module):
    """Segments of each clip, the probabilities or numbers of each, and the vote or mean."""

    def __init__(self, vote, inner):
        super().__init__()
        self.inner = inner
        self.segment_length, self.hop_length = segment_sizes(vote)
        self.voting = getattr(vote, "voting", "soft")
        self.has_labels = hasattr(vote, "label_names_")

    def forward(self, frames):
        """Map (batch, n_frames, n_dims) -> (batch, n_classes)."""
        segments, n_segments = (frames, 1) if self.segment_length is None else self._cut(frames)
        votes = self.inner(segments)  # (batch * n_segments, n_classes)
        if self.voting == "hard" and self.has_labels:
            votes = (votes > 0.5).float()
        elif self.voting == "hard":
            votes = nn.functional.one_hot(votes.argmax(dim=1), votes.shape[1]).float()
        votes = votes.unflatten(0, (frames.shape[0], n_segments))
        return votes.amax(dim=1) if self.voting == "max" else votes.mean(dim=1)

    def _cut(self, frames):
        """Cut (batch, n_frames, n_dims) -> (batch * n_segments, length, n_dims), and n_segments."""
        n_frames = frames.shape[1]
        length = torch.sym_min(n_frames, self.segment_length)  # a shorter clip is one segment as it is
        n_segments = (n_frames - length) // self.hop_length + 1
        index = self.hop_length * torch.arange(n_segments)[:, None] + torch.arange(length)
        return frames[:, index].flatten(end_dim=1), n_segments
