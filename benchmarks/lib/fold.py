"""One model on one fold: fitted and scored, with its size."""

import pickle
import time
import warnings

import numpy as np
from sklearn.ensemble import VotingClassifier

# Nets come with the first job of a worker, whatever it fits: memory taken after it is a leak to joblib, which ends the
# worker with a warning, and torch takes nearly as much as that needs.
import sklaudio.nets._training  # noqa: F401
from sklaudio._frames.validation import has_frames
from sklaudio._introspect import deciders_of
from sklaudio.segments import SegmentVotingClassifier
from sklaudio.segments._inner_estimator import fit_parameter

from .calibration import fit_with_temperature, probabilities, temperature_of


def run_fold(model, frames, target, train, test, groups=None, calibrate=False):
    """Fit and score a model on one fold; returns scores, predictions (None for a clip without frames) and sizes."""
    warnings.filterwarnings("ignore", message="n_jobs: this process took")  # there are many trainings
    start, calibrated = time.perf_counter(), None
    if calibrate:
        model, calibrated = fit_with_temperature(model, frames[train], target[train], groups)
    else:
        model.fit(frames[train], target[train], **({} if groups is None else fit_parameter(model, "groups", groups)))
    fitted = time.perf_counter()
    labels = (model if calibrated is None else calibrated).classes_
    y_pred = labels[np.searchsorted(model.classes_, model.predict(frames[test]))].astype(object)
    predicted = time.perf_counter()
    # The prior that stands in for a clip that could not be read is no merit of the model where it happens to be right.
    y_pred[~has_frames(frames[test])] = None
    y_true, classes = target[test], np.unique(target)
    return {
        "segment_accuracy": _segment_accuracy(model, frames[test], labels, y_true, y_pred),
        "clip_accuracy": float(np.mean(y_pred == y_true)),
        "y_true": y_true,
        "y_pred": y_pred,
        "proba": probabilities(model, frames[test], labels, classes),
        "calibrated_proba": None if calibrated is None else probabilities(calibrated, frames[test], labels, classes),
        "temperature": None if calibrated is None else temperature_of(calibrated),
        "fit_seconds": fitted - start,
        "predict_seconds": predicted - fitted,
        "n_parameters": count_parameters(model),
        "n_bytes": len(pickle.dumps(model)),
        "history": _history(model),
    }


def _segment_accuracy(model, frames, labels, y_true, y_pred):
    if not isinstance(model, SegmentVotingClassifier):
        return float(np.mean(y_pred == y_true))
    votes, clip = model.predict_segments(frames)
    n_correct = int((labels[votes.argmax(axis=1)] == y_true[clip]).sum())
    n_unreadable = sum(label is None for label in y_pred)  # one wrong segment each
    return n_correct / (len(clip) + n_unreadable)


def count_parameters(model):
    """Count the numbers in a fitted classifier: weights, coefficients, support vectors, or nodes of trees."""
    model = deciders_of(model)[-1]
    if isinstance(model, VotingClassifier):
        return sum(map(count_parameters, model.estimators_))
    if hasattr(model, "n_parameters_"):
        return int(model.n_parameters_)
    if hasattr(model, "support_vectors_"):
        return int(model.support_vectors_.size + model.dual_coef_.size + model.intercept_.size)
    if hasattr(model, "coef_"):
        return int(model.coef_.size + model.intercept_.size)
    return int(sum(tree.tree_.node_count for tree in model.estimators_))


def _history(model):
    history = getattr(deciders_of(model)[-1], "history_", None)
    return [] if history is None else history.to_dict("records")
