"""Predictions of fitted classifiers of clips, and whether a model is one."""

import copy

import numpy as np
from sklearn.base import is_regressor
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.utils.validation import check_is_fitted

from ._introspect import deciders_of, features_of, first_step, stages_of, with_features
from ._utils.predicted_names import names_of_targets
from ._utils.terminal import shortened
from .features import FrameUnion
from .predict._onnx import OnnxModel

THRESHOLDS = (FixedThresholdClassifier, TunedThresholdClassifierCV)
OTHER_PREDICTIONS = {
    "regressor": "predicts numbers, not classes",
    "clusterer": "predicts clusters, not classes",
    "outlier_detector": "predicts inliers and outliers, not classes",
    "density_estimator": "predicts densities, not classes",
}
ONE_CLASS = (
    "Here each clip is of one class. Pass a classifier fitted with one label per clip (for several labels, a binary "
    "one for each)"
)
NAMED_LABELS = (
    "Here each clip is of one class, or has labels with names. Pass a net, a SegmentVotingClassifier, or a "
    "LabelThresholdClassifier around such a model, which have label_names_"
)
MAX_OFF = 1e-3  # that probabilities of a clip may sum to more or less than 1, by rounding


class ForeignPredictionsError(TypeError):
    """A model whose predictions are not one class for each clip."""

    def __init__(self, model, reason, advice=ONE_CLASS):
        super().__init__(
            f"model ({' > '.join(type(part).__name__ for part in deciders_of(model))}) {reason}. {advice}, or call the "
            "predict methods of the model itself."
        )


def check_clip_classifier(model, *, multi_label=False):
    """Raise an error unless `model` tells the class of clips at one sampling rate; return that, in hertz.

    With `multi_label`, it may tell several labels of each clip.
    """
    return sampling_rate(check_classifies_clips(model, multi_label=multi_label))


def sampling_rate(features):
    """Return the one sampling rate of the features of a model, in hertz; an error where there are several."""
    rates = sorted({part.sr for part in features})
    if len(rates) > 1:
        raise ValueError(f"model has features of unequal sr: {rates} Hz. Give all of them the same.")
    return rates[0]


def check_takes_clips(model):
    """Raise an error unless `model` is fitted and begins with features of clips; return its feature transformers."""
    check_is_no_graph(model)
    if not hasattr(model, "fit"):
        raise TypeError(
            f"model={shortened(model)} is {type(model).__name__}, not a classifier or regressor. "
            "Pass a fitted Pipeline; sklaudio.load reads one from a file."
        )
    check_is_fitted(model)
    features = features_of(model)
    if not features:
        raise TypeError(
            f"model begins with {type(first_step(model)).__name__}, which takes no clips. "
            "Pass a Pipeline whose first step makes frames of them, such as MFCCTransformer or a FrameUnion."
        )
    return features


def check_is_no_graph(model):
    """Raise an error if `model` is a graph of ONNX, of which there is no more than what it predicts of clips."""
    if isinstance(model, OnnxModel):
        raise TypeError(
            f"{model.path} is an ONNX graph, which only predicts clips, and this needs the steps and parameters of a "
            "model. Pass the saved model (.skops) that it was exported from. Graphs are for predict_files, "
            "evaluate_files and report, and for the commands predict, evaluate and report."
        )


def predicts_numbers(model):
    """Return whether a model is a regressor."""
    return hasattr(model, "fit") and is_regressor(model)


def predicts_events(model):
    """Return whether what a model predicts are events in time."""
    stages = stages_of(model)
    return bool(stages) and getattr(stages[-1][1], "_predicts_events", False)


def prediction_kind(model):
    """Return what a fitted model predicts of clips.

    Parameters
    ----------
    model : estimator
        One that begins with features of clips.

    Returns
    -------
    {"classes", "labels", "numbers", "curves", "events"}
        One class of each clip; any of several labels that have names; numbers; numbers of each of its frames; or events
        in time.

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError
        If it is no such model, or predicts something else.
    """
    if predicts_events(model):
        check_takes_clips(model)
        return "events"
    if predicts_numbers(model):
        check_takes_clips(model)
        return "curves" if any(hasattr(part, "_frame_count") for part in deciders_of(model)) else "numbers"
    check_classifies_clips(model, multi_label=True)
    return "classes" if label_names_of(model) is None else "labels"


def kind_of(model):
    """Tell what a fitted model or a graph of ONNX predicts of clips; see :func:`prediction_kind`."""
    return model.kind if isinstance(model, OnnxModel) else prediction_kind(model)


def frame_hop(model):
    """Return the seconds from one frame of a model's features to the next."""
    features = features_of(model)[0]
    if isinstance(features, FrameUnion):
        features = features._first_member()
    hop_length = features.hop_length or features.frame_length  # of a WaveformTransformer, which lays them end to end
    return hop_length / features.sr


def check_classifies_clips(model, *, multi_label=False):
    """Raise an error unless `model` is fitted and tells the one class of each clip; return its feature transformers.

    With `multi_label`, it may tell several labels of each clip.
    """
    features = check_takes_clips(model)
    for part in deciders_of(model):
        if getattr(part, "_predicts_events", False):
            raise ForeignPredictionsError(model, "predicts events in time, any number for each clip")
        if hasattr(part, "_frame_count"):
            raise ForeignPredictionsError(model, "predicts the labels of every frame")
        reason = _other_predictions(part)
        if reason and not (multi_label and label_names_of(model) is not None):
            has_labels = multi_label and _kind_of(part) not in OTHER_PREDICTIONS
            raise ForeignPredictionsError(model, reason, NAMED_LABELS if has_labels else ONE_CLASS)
    if not hasattr(model, "classes_"):
        raise TypeError(f"model ({type(model).__name__}) has no classes_. Pass one that ends with a classifier.")
    return features


def label_names_of(model):
    """Return the names of the labels that a fitted model tells of each clip: (n_labels,); None if these are no labels.

    Of models of sklaudio, and of Pipelines, searches and others that end with one.
    """
    return next((part.label_names_ for part in deciders_of(model) if hasattr(part, "label_names_")), None)


def target_names_of(model):
    """Return the names of the numbers that a fitted regressor predicts: list of str; None if it has none.

    Of regressors of sklaudio that were fitted with named columns, and of Pipelines, searches and others that end with
    one.
    """
    parts = [part for part in deciders_of(model) if hasattr(part, "target_names_")]
    return parts[0].target_names_.tolist() if parts else None


def targets_of(model):
    """Return what the numbers of a fitted regressor are called: those of :func:`target_names_of`, or stand-ins."""
    if isinstance(model, OnnxModel):
        return model.columns
    if (names := target_names_of(model)) is not None:
        return names
    sizes = [np.size(part.target_mean_) for part in deciders_of(model) if hasattr(part, "target_mean_")]
    if not sizes:  # of a model from elsewhere: ask it
        second = np.zeros(sampling_rate(features_of(model)), dtype=np.float32)
        sizes = [np.size(model.predict([second]))]
    return names_of_targets(sizes[0])


def _kind_of(part):
    tags = part.__sklearn_tags__() if hasattr(part, "__sklearn_tags__") else None
    return getattr(tags, "estimator_type", None)


def _other_predictions(part):
    """Return why a fitted estimator does not predict one of its classes; None if nothing says so."""
    if (kind := _kind_of(part)) in OTHER_PREDICTIONS:
        return OTHER_PREDICTIONS[kind]
    binarizer = getattr(part, "label_binarizer_", getattr(part, "_label_binarizer", None))  # one-vs-rest; nets, ridge
    is_multi_label = hasattr(part, "label_names_") or getattr(part, "multilabel_", False)
    if is_multi_label or getattr(binarizer, "y_type_", "").startswith("multilabel"):
        return f"is multi-label: each clip may have any of {len(part.classes_)} labels, or none"
    if any(np.ndim(classes) for classes in getattr(part, "classes_", ())):
        return f"has {len(part.classes_)} outputs (several labels of each clip), with classes for each of them"
    return None


def reading_whole_clips(model):
    """Return the model with features that take each clip whole and keep nothing of it in a cache."""
    if all(part.duration is None and not part.offset and part.memory is None for part in features_of(model)):
        return model
    return with_features(model, _of_whole_clips)


def _of_whole_clips(features):
    if isinstance(features, str):  # a dropped member of a union
        return features
    features = copy.copy(features)
    features.memory = None
    if isinstance(features, FrameUnion):
        features.transformers = [(name, _of_whole_clips(member)) for name, member in features.transformers]
    else:
        features.duration, features.offset = None, 0.0
    return features


def raising_errors(model, n_jobs=None):
    """Return the model with features that raise an error at a file they cannot read, on `n_jobs` threads.

    A graph of ONNX raises it anyway, and ONNX Runtime starts its threads.
    """
    if isinstance(model, OnnxModel):
        if n_jobs is not None:
            raise ValueError(f"n_jobs={shortened(n_jobs)}: ONNX Runtime starts threads itself. Leave n_jobs=None.")
        return model
    if all(part.on_error == "raise" and n_jobs in (None, part.n_jobs) for part in features_of(model)):
        return model

    def change(features):
        features = copy.copy(features)
        features.on_error = "raise"
        features.n_jobs = features.n_jobs if n_jobs is None else n_jobs
        return features

    return with_features(model, change)


def has_threshold(model):
    """Return whether the class is decided at a threshold that the model has, not by the largest probability."""
    return any(isinstance(part, THRESHOLDS) for part in deciders_of(model))


def predictions_of(model, clips):
    """Predict the class of clips, and its probabilities.

    Parameters
    ----------
    model : classifier of clips
        One that :func:`check_classifies_clips` lets pass.
    clips : list
        Paths or waveforms.

    Returns
    -------
    winner : ndarray of shape (n_clips,), int
        Index in ``classes_`` of the class of each clip: that of `predict` where the model has a threshold, else the
        most probable one.
    votes : ndarray of shape (n_clips, n_classes)
        As :func:`votes_of` returns them.
    """
    votes = votes_of(model, clips)
    if not has_threshold(model):
        return votes.argmax(axis=1), votes
    return (np.asarray(model.predict(clips))[:, np.newaxis] == model.classes_).argmax(axis=1), votes


def votes_of(model, clips):
    """Return the probability of each class for each clip, or 1 for its class where the model has no probabilities.

    Parameters
    ----------
    model : classifier of clips
        One that :func:`check_classifies_clips` lets pass.
    clips : list
        Paths or waveforms.

    Returns
    -------
    ndarray of shape (n_clips, n_classes), float64
        Each row sums to 1.

    Raises
    ------
    ForeignPredictionsError
        If the predictions are not of one class for each clip, which cannot be known of every model beforehand.
    ValueError
        If there is no prediction for a clip: probabilities of NaN or 0, or a label that is none of the classes.
    """
    if hasattr(model, "predict_proba"):
        return _check_votes(model, model.predict_proba(clips), len(clips), "predict_proba")
    labels = np.asarray(model.predict(clips))
    if labels.shape != (len(clips),):
        raise ForeignPredictionsError(model, f"predicts labels of shape {labels.shape} for {len(clips)} clips")
    return _check_votes(model, labels[:, np.newaxis] == model.classes_, len(clips), "predict")


def labels_of(model, clips):
    """Return which labels clips have, and the probability of each.

    Parameters
    ----------
    model : classifier of clips
        One that has :func:`label_names_of`.
    clips : list
        Paths or waveforms.

    Returns
    -------
    has_label : ndarray of shape (n_clips, n_labels), bool
        As `predict` of the model has it: clips are read once, for `predict_proba`.
    probabilities : ndarray of shape (n_clips, n_labels), float64
        They need not sum to 1.

    Raises
    ------
    ForeignPredictionsError, ValueError
        If there is no probability for each label, or one is NaN.
    """
    decider = next(part for part in deciders_of(model) if hasattr(part, "label_names_"))
    p = np.asarray(model.predict_proba(clips))
    if p.shape != (len(clips), len(decider.label_names_)):
        raise ForeignPredictionsError(
            model, f"has {len(decider.label_names_)} labels, and its predict_proba returns an array of shape {p.shape}"
        )
    if not np.isfinite(p).all():
        raise ValueError("the model has no labels for this clip: predict_proba returns NaN. Check its training.")
    return decide_labels(model, p), p.astype(np.float64)


def decide_labels(model, probabilities):
    """Return which labels a model takes probabilities of shape (n_clips, n_labels) for: bool, of the same shape."""
    thresholds = label_thresholds(model)
    return probabilities > 0.5 if thresholds is None else probabilities >= thresholds


def label_thresholds(model):
    """Return the thresholds of the labels of a model, (n_labels,); None where it has none, and decides at 0.5."""
    decider = next(part for part in deciders_of(model) if hasattr(part, "label_names_"))
    return getattr(decider, "thresholds_", None)


def _check_votes(model, votes, n_clips, method):
    """Return votes as float64; raise an error unless each row has one number per class and sums to 1."""
    if isinstance(votes, (list, tuple)) and any(np.ndim(rows) > 1 for rows in votes):
        raise ForeignPredictionsError(model, f"has {len(votes)} outputs: {method} returns an array for each")
    shape = np.shape(votes)
    if shape != (n_clips, len(model.classes_)):
        raise ForeignPredictionsError(
            model, f"has {len(model.classes_)} classes, and its {method} returns an array of shape {shape}"
        )
    votes = np.asarray(votes, dtype=np.float64)
    sums = votes.sum(axis=1)
    missing = np.flatnonzero(~np.isfinite(sums) | (votes <= 0).all(axis=1))
    if len(missing):
        found = "a label that is none of its classes" if method == "predict" else f"{votes[missing[0]].tolist()}"
        raise ValueError(f"the model has no class for this clip: {method} returns {found}. Check its training.")
    off = np.abs(sums - 1).argmax()
    if abs(sums[off] - 1) > MAX_OFF:
        raise ForeignPredictionsError(
            model, f"returns probabilities that sum to {sums[off]:.3g}, not to 1, as multi-label models do"
        )
    return votes
