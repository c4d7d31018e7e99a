"""Fitted classifiers of clips, seen from outside: the features that they begin with, and what they answer."""

import copy

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from .features import FrameTransformer, FrameUnion

INSIDE = ("best_estimator_", "estimator_", "estimators_", "calibrated_classifiers_")  # of searches, votes, calibrations


def check_clip_classifier(model):
    """Raise an error unless `model` tells the class of clips at one sampling rate; return that, in hertz."""
    rates = sorted({own.sr for own in check_classifies_clips(model)})
    if len(rates) > 1:
        raise ValueError(f"model has features of unequal sr: {rates} Hz. Give all of them the same.")
    return rates[0]


def check_classifies_clips(model):
    """Raise an error unless `model` is fitted and tells the class of clips; return its feature transformers."""
    if not hasattr(model, "fit"):
        raise TypeError(
            f"model={model!r} is {type(model).__name__}, not a classifier. "
            "Pass a fitted Pipeline; sklaudio.load reads one from a file."
        )
    check_is_fitted(model)
    features = features_of(model)
    if not features:
        raise TypeError(
            f"model begins with {type(_first(model)).__name__}, which takes no clips. "
            "Pass a Pipeline whose first step makes frames of them, such as MFCCTransformer or a FrameUnion."
        )
    if not hasattr(model, "classes_"):
        raise TypeError(f"model ({type(model).__name__}) has no classes_. Pass one that ends with a classifier.")
    return features


def features_of(model):
    """The feature transformers that the clips come to; empty if any part of the model begins with something else."""
    if isinstance(model, FrameTransformer):
        return [model]
    if isinstance(model, Pipeline):
        return features_of(_first(model))
    if hasattr(model, "calibrated_classifiers_"):
        parts = [calibrated.estimator for calibrated in model.calibrated_classifiers_]
    else:
        parts = next((getattr(model, name) for name in INSIDE if hasattr(model, name)), [])
    lists = [features_of(part) for part in (parts if isinstance(parts, list) else [parts])]
    return [features for own in lists for features in own] if all(lists) else []


def hearing_all(model):
    """The model, or a copy of it, whose features take each clip whole and keep nothing of it in a cache."""
    if any(own.duration is not None or own.offset or own.memory is not None for own in features_of(model)):
        model = copy.deepcopy(model)
        for features in features_of(model):
            features.memory = None
            members = features.transformers if isinstance(features, FrameUnion) else [("itself", features)]
            for _, member in members:
                member.duration, member.offset = None, 0.0
    return model


def telling_errors(model, n_jobs=None):
    """The model, or a copy of it, whose features raise an error at a file they cannot read, on `n_jobs` threads."""
    if any(own.on_error != "raise" or n_jobs not in (None, own.n_jobs) for own in features_of(model)):
        model = copy.deepcopy(model)
        for features in features_of(model):
            features.on_error = "raise"
            features.n_jobs = features.n_jobs if n_jobs is None else n_jobs
    return model


def votes_of(model, clips):
    """Probability of each class for each clip, or 1 for its class where the model has none: (n_clips, n_classes)."""
    if hasattr(model, "predict_proba"):
        return np.asarray(model.predict_proba(clips), dtype=np.float64)
    return (np.asarray(model.predict(clips))[:, np.newaxis] == model.classes_).astype(np.float64)


def _first(model):
    """The first step of a Pipeline that does anything; else the model itself."""
    while isinstance(model, Pipeline):
        model = next((step for _, step in model.steps if step is not None and step != "passthrough"), None)
    return model
