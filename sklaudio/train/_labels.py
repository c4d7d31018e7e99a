"""What train_on_files does where clips have several labels: splits that keep these, and scores by fold and by label."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils import get_tags

from .._introspect import last_step
from .._utils.label_folds import folds_of_labels
from .._utils.label_matrix import check_label_matrix, label_probabilities, numbered_unless, rows_of
from .._utils.terminal import shortened
from ..evaluate._labels import LabelEvaluation
from ._splits import one_split_or_folds


@dataclass
class HeldOutLabels:
    """Hold how well models predicted the labels of clips of groups that were not in their training.

    Attributes
    ----------
    mean_average_precisions, f1s : list of float
        Of each fold the means over its labels; a single one where a fraction was held out.
    evaluation : LabelEvaluation
        Of all clips held out, with their labels by name.
    n_clips, n_groups : int
        Clips and groups held out, over all folds.
    """

    mean_average_precisions: list
    f1s: list
    evaluation: LabelEvaluation
    n_clips: int
    n_groups: int

    @property
    def mean_average_precision(self):
        """Mean over the folds."""
        return float(np.nanmean(self.mean_average_precisions))

    @property
    def f1(self):
        """Mean over the folds."""
        return float(np.nanmean(self.f1s))

    @property
    def std(self):
        """Standard deviation of the mean average precisions of the folds; None of a single one."""
        scores = self.mean_average_precisions
        return float(np.nanstd(scores, ddof=1)) if len(scores) > 1 else None


class LabelsToLearn:
    """The labels of each clip.

    Parameters
    ----------
    matrix : ndarray of shape (n_clips, n_labels)
        0 and 1.
    names : ndarray of shape (n_labels,)
        The labels.
    """

    def __init__(self, matrix, names):
        self.matrix, self.names = matrix, names

    @classmethod
    def read(cls, learner, target):
        """Check a target, and that what learns takes it."""
        return cls(*check_labels_to_learn(learner, target))

    def __len__(self):
        return len(self.matrix)

    def kept(self, index):
        """Keep those of some clips."""
        return LabelsToLearn(self.matrix[index], self.names)

    def rows(self, index=slice(None)):
        """Return what models are fitted with, of the clips at `index`."""
        return rows_of(self.matrix, self.names, index)

    def others(self, target):
        """Return those of clips to validate on."""
        return LabelsToLearn(labels_in_order_of(self.names, target), self.names)

    def check(self):
        """Accept any names: labels may be missing."""

    def splits(self, groups, validate, seed):
        """Return clips to train on and to hold out; every training has clips of all labels, where there can be."""

        def folds(n_folds):
            return folds_of_labels(self.matrix, groups, n_folds, seed)

        return one_split_or_folds(self.matrix, groups, validate, seed, self.names, folds)

    def hold_out(self, models, frames, groups, n_groups):
        """Score models on the clips that they were not trained on; parameters are those of :class:`ClassesToLearn`."""
        found = []
        for model, aside in models:
            predicted = np.asarray(model.predict(frames[aside]))
            found.append((self.matrix[aside], predicted, label_probabilities(model, frames[aside])))
        evaluations = [LabelEvaluation.from_predictions(*fold, label_names=self.names) for fold in found]
        every = [np.concatenate(parts) for parts in zip(*found, strict=True)]
        return HeldOutLabels(
            [evaluation.mean_average_precision for evaluation in evaluations],
            [float(evaluation.averages.loc["macro", "f1"]) for evaluation in evaluations],
            LabelEvaluation.from_predictions(*every, label_names=self.names),
            len(every[0]),
            n_groups,
        )


def check_labels_to_learn(learner, target):
    """Raise an error unless there are several labels and what learns takes them; return the matrix and its names."""
    matrix, names = check_label_matrix(target, "target")
    if matrix.shape[1] < 2:
        raise ValueError("target has one label. Give each clip a class instead, such as with and without it.")
    if not takes_labels(learner):
        raise ValueError(
            f"{type(last_step(learner)).__name__} takes one class for each clip, and target has {matrix.shape[1]} "
            "labels. Take a net, such as make_classifier('crnn')."
        )
    return matrix, numbered_unless(names, matrix.shape[1])


def labels_in_order_of(names, target):
    """Return the matrix of the labels of clips to validate on, in the order of the names of those that are learned."""
    matrix, found = check_label_matrix(target, "validation")
    if found is None:
        found = names
    if sorted(map(str, found)) != sorted(map(str, names)) or matrix.shape[1] != len(names):
        raise ValueError(
            f"validation has {matrix.shape[1]} columns ({shortened(list(found))}), and target is of the labels "
            f"{shortened(list(names))}. Give both the same columns."
        )
    place = {str(name): column for column, name in enumerate(found)}
    return matrix[:, [place[str(name)] for name in names]]


def takes_labels(model):
    """Return whether a classifier can be fitted with several labels for each clip."""
    tags = get_tags(last_step(model)).classifier_tags
    return tags is not None and tags.multi_label
