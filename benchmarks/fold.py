"""One model on one fold: fitted and scored, with the size of it."""

import pickle
import time

import numpy as np
from calibration import fit_with_temperature, probabilities, temperature_of
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import accuracy_score

# Nets come with the first job of a worker, whatever it fits: memory taken after it is a leak to joblib, which ends the
# worker with a warning, and torch takes nearly as much as that needs.
import sklaudio.nets  # noqa: F401
from sklaudio._frames import has_frames
from sklaudio.segments import SegmentVotingClassifier, last_step

UNREAD = "(unread)"  # the answer for a clip without frames, which is never right


def run_fold(model, frames, target, train, test, groups=None, calibrate=False):
    """One fold: scores, answers and sizes."""
    start, calibrated = time.perf_counter(), None
    if calibrate:
        model, calibrated = fit_with_temperature(model, frames[train], target[train], groups)
    else:
        model.fit(frames[train], target[train])
    fitted = time.perf_counter()
    labels = (model if calibrated is None else calibrated).classes_
    answer = labels[np.searchsorted(model.classes_, model.predict(frames[test]))]
    predicted = time.perf_counter()
    # The prior that stands in for a clip that could not be read is no merit of the model where it happens to be right.
    is_read, classes = has_frames(frames[test]), np.unique(target)
    answer = np.where(is_read, answer, UNREAD)
    return {
        "segment_accuracy": _segment_accuracy(model, frames[test], labels, target[test], answer),
        "clip_accuracy": accuracy_score(target[test], answer),
        "truth": target[test],
        "answer": answer,
        "is_read": is_read,
        "proba": probabilities(model, frames[test], labels, classes),
        "calibrated_proba": None if calibrated is None else probabilities(calibrated, frames[test], labels, classes),
        "temperature": None if calibrated is None else temperature_of(calibrated),
        "fit_seconds": fitted - start,
        "predict_seconds": predicted - fitted,
        "n_parameters": count_parameters(model),
        "n_bytes": len(pickle.dumps(model)),
        "history": _history(model),
    }


def _segment_accuracy(model, frames, labels, truth, answer):
    if not isinstance(model, SegmentVotingClassifier):
        return accuracy_score(truth, answer)
    votes, clip = model.predict_segments(frames)
    unread = np.flatnonzero(answer == UNREAD)  # one wrong segment each
    segment_answer = np.concatenate([labels[votes.argmax(axis=1)], answer[unread]])
    return accuracy_score(truth[np.concatenate([clip, unread])], segment_answer)


def count_parameters(model):
    """Numbers that a fitted classifier keeps: weights, coefficients, support vectors, or nodes of trees."""
    model = last_step(getattr(model, "estimator_", model))
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
    history = getattr(last_step(getattr(model, "estimator_", model)), "history_", None)
    return [] if history is None else history.to_dict("records")
