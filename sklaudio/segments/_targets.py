"""What the clips of a SegmentVotingClassifier are: one class each, or any of several labels."""

from dataclasses import dataclass

import numpy as np

from .._utils.label_matrix import numbered_unless, rows_of
from .._utils.labels import class_count

LEARNED = ("classes_", "label_names_", "class_count_", "class_prior_", "_clip_count")


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
        """What an estimator is fitted with, of the clips at `index`."""
        return self.y[index]

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
        """What an estimator is fitted with, of the clips at `index`."""
        return rows_of(self.y, self.names, index)

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
