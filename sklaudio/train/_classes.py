"""What train_on_files does where each clip is of one class: splits that keep classes, and accuracies."""

import warnings
from dataclasses import dataclass

import numpy as np

from .._utils.group_split import classes_of_one_group, folds_by_group, lost_classes, name_classes
from ..metrics import accuracy_interval
from ._splits import one_split_or_folds


@dataclass
class HeldOut:
    """Hold how well models predicted clips of groups that were not in their training.

    Attributes
    ----------
    accuracies : list of float
        Fraction of clips predicted correctly, of each fold; a single one where a fraction was held out.
    n_right, n_clips, n_groups : int
        Clips predicted correctly, and clips and groups held out, over all folds.
    interval : tuple of float
        Wilson's interval of 95% of ``n_right / n_clips``.
    """

    accuracies: list
    n_right: int
    n_clips: int
    n_groups: int

    @property
    def accuracy(self):
        """Fraction of all clips held out that were predicted correctly."""
        return self.n_right / self.n_clips

    @property
    def interval(self):
        """Wilson's interval of 95%, as (low, high)."""
        return accuracy_interval(self.n_right, self.n_clips)

    @property
    def std(self):
        """Standard deviation of the accuracies of the folds; None of a single one."""
        return float(np.std(self.accuracies, ddof=1)) if len(self.accuracies) > 1 else None

    @property
    def deviation(self):
        """Return `std`, by the name that it had."""
        warnings.warn("HeldOut.deviation is HeldOut.std now.", FutureWarning, stacklevel=2)
        return self.std


class ClassesToLearn:
    """The class of each clip.

    Parameters
    ----------
    y : array-like of shape (n_clips,)
        The classes.
    """

    def __init__(self, y):
        self.y = np.asarray(y)

    def __len__(self):
        return len(self.y)

    def kept(self, index):
        """Keep those of some clips."""
        return ClassesToLearn(self.y[index])

    def rows(self, index=slice(None)):
        """Return what models are fitted with, of the clips at `index`."""
        return self.y[index]

    def others(self, y):
        """Return those of clips to validate on."""
        return ClassesToLearn(y)

    def check(self):
        """Raise an error if there is nothing to learn."""
        if (n_classes := len(np.unique(self.y))) < 2:
            raise ValueError(
                f"there are clips of {n_classes} class that can be read, and a classifier tells apart two or more. "
                "Make a folder per class."
            )

    def splits(self, groups, validate, seed):
        """Return clips to train on and to hold out; every training has clips of all classes."""
        classes, target = np.unique(self.y, return_inverse=True)

        def folds(n_folds):
            return folds_by_group(target, groups, n_folds, shuffle=True, seed=seed, classes=classes)

        splits = one_split_or_folds(target, groups, validate, seed, classes, folds)
        if validate < 1:
            _warn_of_single_groups(target, groups, splits[0][1], classes)
        return splits

    def hold_out(self, models, frames, groups, n_groups):
        """Score models on the clips that they were not trained on, each fold and all of them together.

        Parameters
        ----------
        models : iterable of (estimator, ndarray of int)
            The model of each fold, which is trained when it is asked for, and the clips that it is scored on.
        frames : sequence of n_clips
            What the models take.
        groups : ndarray of shape (n_clips,)
            Group of each clip.
        n_groups : int
            Groups that are held out, over all folds.

        Returns
        -------
        HeldOut
            The scores.
        """
        accuracies, n_right, n_clips = [], 0, 0
        for model, aside in models:
            correct = model.predict(frames[aside]) == self.y[aside]
            accuracies.append(float(correct.mean()))
            n_right, n_clips = n_right + int(correct.sum()), n_clips + len(aside)
        return HeldOut(accuracies, n_right, n_clips, n_groups)


def _warn_of_single_groups(target, groups, held_out, classes):
    unscored = np.intersect1d(classes_of_one_group(target, groups), lost_classes(target, held_out))
    if len(unscored):
        warnings.warn(
            f"the score on held-out clips says nothing of {name_classes(unscored, target, groups, classes)}: all clips "
            "of one group are needed to train on. Add clips of other groups.",
            stacklevel=4,
        )
