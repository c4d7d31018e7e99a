"""What models are compared by: classes, several labels, numbers or events, with their folds and scores."""

from numbers import Integral

import numpy as np
from sklearn.base import is_regressor
from sklearn.metrics import average_precision_score, log_loss, mean_absolute_error, r2_score

from .._inference import predicts_events
from .._utils.group_split import folds_by_group
from .._utils.label_matrix import (
    MIN_PROBABILITY,
    check_label_matrix,
    is_label_matrix,
    label_probabilities,
    numbered_unless,
    rows_of,
)
from .._utils.labels import check_labels
from .._utils.near_names import did_you_mean
from .._utils.target_names import check_named_numbers, named_rows
from ._events import EventTask, are_events
from ._folds import folds_with_labels, given_folds

TASKS = ("auto", "class", "multi-label", "regression", "events")


class ClassTask:
    """One class for each clip.

    A task has the `name` of :func:`candidates`, its `score_name`, whether the score `is_pooled` over the clips of all
    folds, as an accuracy is, whether it `has_scorers` of scikit-learn, and `second_name`, what else is measured, of
    which more is better where `second_sign` is 1, and less where it is -1.

    Parameters
    ----------
    y : array-like of shape (n_clips,)
        The classes.
    """

    name, score_name, is_pooled, has_scorers = "class", "accuracy", True, True
    second_name, second_sign = "log_loss", -1

    def __init__(self, y):
        self.y = check_labels(y)

    def rows(self, index):
        """Return what models are fitted with and scored on, of the clips at `index`."""
        return self.y[index]

    def folds(self, X, groups, cv, seed):
        """Return the splits of whole groups, with clips of all classes in each training; or those of `cv`."""
        classes, target = np.unique(self.y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y has {len(classes)} class, and a classifier tells apart two or more.")
        if not isinstance(cv, Integral):
            return given_folds(cv, X, self.y, groups, is_classifier=True)
        try:
            of_clip = np.arange(len(self.y)) if groups is None else groups
            return folds_by_group(target, of_clip, int(cv), shuffle=True, seed=seed, classes=classes)
        except ValueError as error:
            raise ValueError(
                f"cv={cv}: {error} Take fewer folds, or clips of every class from more groups (without groups=, each "
                "clip is one)."
            ) from error

    def judge(self, fitted, clips, index):
        """Score the predictions of clips: the number that are correct, and what :meth:`second` takes."""
        n_correct = int((np.asarray(fitted.predict(clips)) == self.y[index]).sum())
        if not hasattr(fitted, "predict_proba"):
            return n_correct, None
        return n_correct, dict(zip(fitted.classes_.tolist(), np.asarray(fitted.predict_proba(clips)).T, strict=True))

    @staticmethod
    def check_folds(folds):
        """Accept any folds: each has a score."""

    def second(self, found, folds):
        """Compute the log loss over the clips of all folds; a class that a training did not have has 0."""
        if any(columns is None for columns in found):
            return np.nan
        classes = np.unique(self.y)
        blocks = [
            np.stack([columns.get(label, np.zeros(len(test))) for label in classes.tolist()], axis=1, dtype=float)
            for columns, (_, test) in zip(found, folds, strict=True)
        ]
        y_true, blocks = np.concatenate([self.y[test] for _, test in folds]), np.concatenate(blocks)
        return float(log_loss(y_true, blocks / blocks.sum(axis=1, keepdims=True), labels=classes))


class LabelTask:
    """Any of several labels for each clip.

    Parameters
    ----------
    y : array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
        0 and 1.
    """

    name, score_name, is_pooled, has_scorers = "multi-label", "mean_average_precision", False, True
    second_name, second_sign = "log_loss", -1

    def __init__(self, y):
        self.y, names = check_label_matrix(y)
        if self.y.shape[1] < 2:
            raise ValueError("y has one label. Give each clip a class instead, such as with and without it.")
        self.names = numbered_unless(names, self.y.shape[1])

    def rows(self, index):
        """Return what models are fitted with and scored on, of the clips at `index`: a DataFrame of named labels."""
        return rows_of(self.y, self.names, index)

    def folds(self, X, groups, cv, seed):
        """Return the splits of whole groups that divide labels evenly; or those of `cv`."""
        return folds_with_labels(cv, X, self.y, groups, seed)

    def judge(self, fitted, clips, index):
        """Score the predictions of clips: the mean average precision over the labels that a clip has."""
        has_label, p = self.y[index], self._scores(fitted, clips)
        present = np.flatnonzero(has_label.any(axis=0))
        if not len(present):
            raise ValueError("no clip of a fold has any label, which leaves nothing to rank. Take fewer folds.")
        score = float(np.mean([average_precision_score(has_label[:, label], p[:, label]) for label in present]))
        return score, p if hasattr(fitted, "predict_proba") else None

    @staticmethod
    def _scores(fitted, clips):
        """Return what ranks the clips of each label: (n_clips, n_labels)."""
        if hasattr(fitted, "predict_proba"):
            return label_probabilities(fitted, clips)
        method = "decision_function" if hasattr(fitted, "decision_function") else "predict"
        return np.asarray(getattr(fitted, method)(clips))

    @staticmethod
    def check_folds(folds):
        """Accept any folds: each has a score."""

    def second(self, found, folds):
        """Compute the log loss over the clips of all folds, mean over the labels."""
        if any(p is None for p in found):
            return np.nan
        p = np.clip(np.concatenate(found), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
        has_label = np.concatenate([self.y[test] for _, test in folds])
        return float(-np.log(np.where(has_label == 1, p, 1 - p)).mean())


class NumberTask:
    """One number or several for each clip.

    Parameters
    ----------
    y : array-like, Series or DataFrame of shape (n_clips,) or (n_clips, n_targets)
        The numbers.
    """

    name, score_name, is_pooled, has_scorers = "regression", "r2", False, True
    second_name, second_sign = "mae", -1

    def __init__(self, y):
        self.y, self.names = check_named_numbers(y, "y")

    def rows(self, index):
        """Return what models are fitted with and scored on, of the clips at `index`: with names of targets, if any."""
        return named_rows(self.y, self.names, index)

    def folds(self, X, groups, cv, seed):
        """Return the splits of whole groups; or those of `cv`."""
        if not isinstance(cv, Integral):
            return given_folds(cv, X, self.y, groups)
        of_clip, same = np.arange(len(self.y)) if groups is None else groups, np.zeros(len(self.y), dtype=np.int64)
        try:
            return folds_by_group(same, of_clip, int(cv), shuffle=True, seed=seed)
        except ValueError as error:
            raise ValueError(f"cv={cv}: {error} Take fewer folds, or clips of more groups.") from error

    def judge(self, fitted, clips, index):
        """Score the predictions of clips: R2, mean over the targets; and the predictions."""
        predicted = np.asarray(fitted.predict(clips), dtype=np.float64).reshape(self.y[index].shape)
        return float(r2_score(self.y[index], predicted)) if len(index) > 1 else np.nan, predicted

    @staticmethod
    def check_folds(folds):
        """Raise an error where the score of a fold is undefined."""
        if min(len(test) for _, test in folds) < 2:
            raise ValueError(
                "a fold tests one clip, and R2 is of two or more. Take fewer folds, or another score, such as "
                "scoring='neg_mean_absolute_error'."
            )

    def second(self, found, folds):
        """Compute the mean absolute error over the clips of all folds, mean over the targets."""
        y_true = np.concatenate([self.y[test] for _, test in folds])
        return float(mean_absolute_error(y_true, np.concatenate(found)))


def task_of(X, y, task, models, scoring=None):
    """Return the task that `y` is for: as asked for, or by its values and the models.

    Parameters
    ----------
    X, y : array-like
        As :func:`compare` takes them.
    task : str
        One of TASKS.
    models : object
        As :func:`compare` takes them; where a dict holds detectors, `y` is events, where it holds regressors, numbers.
    scoring : object
        As :func:`compare` takes it.

    Returns
    -------
    ClassTask, LabelTask, NumberTask or EventTask
    """
    if task not in TASKS:
        known = ", ".join(map(repr, TASKS))
        raise ValueError(f"task={task!r} is not known. Take one of {known}.{did_you_mean(task, TASKS)}")
    if task == "auto":
        task = _task_by_models(models) or ("events" if are_events(y) else None)
    if task == "events":
        return EventTask(X, y, scoring)
    if isinstance(y, (list, tuple)) and len(y) and (isinstance(y[0], dict) or hasattr(y[0], "columns")):
        raise TypeError(
            "y is a table for each clip, and compare takes such of events alone, with the columns start, end, label. "
            "Compare regressors of frames with cross_val_score."
        )
    tasks = {"class": ClassTask, "multi-label": LabelTask, "regression": NumberTask}
    return tasks[task or _task_by_values(y)](y)


def _task_by_models(models):
    """Return the task that detectors and regressors are for; None of others."""
    models = [model for model in models.values() if hasattr(model, "fit")] if isinstance(models, dict) else []
    if any(map(predicts_events, models)):
        return "events"
    return "regression" if any(map(is_regressor, models)) else None


def _task_by_values(y):
    """Return the task of values: columns of 0 and 1 are labels, other columns and fractions numbers, else classes."""
    if is_label_matrix(y):
        values = y if hasattr(y, "toarray") else np.asarray(y)
        if hasattr(values, "toarray") or values.dtype.kind not in "iuf":
            return "multi-label"
        return "multi-label" if ((values == 0) | (values == 1)).all() else "regression"
    values = np.asarray(y)
    return "regression" if values.dtype.kind == "f" and (values != np.floor(values)).any() else "class"
