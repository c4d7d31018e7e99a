"""What the clips of an estimator on segments are: one class each, any of several labels, or numbers."""

from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from .._utils.label_matrix import numbered_unless, rows_of
from .._utils.labels import class_count
from .._utils.target_names import named_rows

LEARNED = (
    *("classes_", "label_names_", "class_count_", "class_prior_", "_clip_count"),
    *("target_mean_", "target_weight_", "target_names_"),
)


@dataclass(frozen=True)
class Classes:
    """One class for each clip.

    Parameters
    ----------
    y : ndarray of shape (n_clips,)
        The classes.
    """

    y: np.ndarray

    def rows(self, index):
        """Return what an estimator is fitted with, of the clips at `index`."""
        return self.y[index]

    @staticmethod
    def is_learned(estimator):
        """Return whether a fit that was interrupted has left an estimator that predicts."""
        return hasattr(estimator, "classes_")

    def learned(self, estimator, weight, before):
        """Return the attributes that belong to a fitted `estimator`; those `before` are counted on, if they fit it."""
        classes = estimator.classes_
        count = class_count(classes, self.y, weight)
        if "label_names_" not in before and np.array_equal(before.get("classes_"), classes):
            count = count + before.get("class_count_", 0.0)  # models of earlier versions have none
        return {"classes_": classes, "class_count_": count, "class_prior_": count / count.sum()}


@dataclass(frozen=True)
class Labels:
    """Any of several labels for each clip.

    Parameters
    ----------
    y : ndarray of shape (n_clips, n_labels)
        0 and 1.
    names : ndarray of shape (n_labels,) or None
        Names of the labels.
    """

    y: np.ndarray
    names: np.ndarray | None

    def rows(self, index):
        """Return what an estimator is fitted with, of the clips at `index`."""
        return rows_of(self.y, self.names, index)

    @staticmethod
    def is_learned(estimator):
        """Return whether a fit that was interrupted has left an estimator that predicts."""
        return hasattr(estimator, "classes_")

    def learned(self, estimator, weight, before):
        """Return the attributes that belong to a fitted `estimator`; those `before` are counted on, if they fit it."""
        names = getattr(estimator, "label_names_", numbered_unless(self.names, self.y.shape[1]))
        weight = np.ones(len(self.y)) if weight is None else np.asarray(weight, dtype=np.float64)
        count, clip_count = weight @ self.y, float(weight.sum())
        if np.array_equal(before.get("label_names_"), names):
            count, clip_count = count + before["class_count_"], clip_count + before["_clip_count"]
        return {
            "classes_": np.arange(len(names)),
            "label_names_": names,
            "class_count_": count,
            "class_prior_": count / clip_count,
            "_clip_count": clip_count,
        }


@dataclass(frozen=True)
class Numbers:
    """One number or several for each clip.

    Parameters
    ----------
    y : ndarray of shape (n_clips,) or (n_clips, n_targets), float64
        The numbers.
    names : ndarray of shape (n_targets,) or None, default=None
        Names of the targets.
    """

    y: np.ndarray
    names: np.ndarray | None = None

    def rows(self, index):
        """Return what an estimator is fitted with, of the clips at `index`."""
        return named_rows(self.y, self.names, index)

    @staticmethod
    def is_learned(estimator):
        """Return whether a fit that was interrupted has left an estimator that predicts."""
        try:
            check_is_fitted(estimator)
        except NotFittedError:
            return False
        return True

    def learned(self, estimator, weight, before):
        """Return the attributes that belong to a fitted `estimator`; means `before` are gone on with."""
        weight = np.ones(len(self.y)) if weight is None else np.asarray(weight, dtype=np.float64)
        mean, total = np.average(self.y, axis=0, weights=weight), float(weight.sum())
        if "target_mean_" in before:
            weights = [before["target_weight_"], total]
            mean, total = np.average([before["target_mean_"], mean], axis=0, weights=weights), sum(weights)
        names = before.get("target_names_") if self.names is None else self.names
        learned = {"target_mean_": np.asarray(mean), "target_weight_": total}
        return learned if names is None else learned | {"target_names_": names}
