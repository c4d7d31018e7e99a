"""What train_on_files does where each clip has numbers: splits by group, and errors by fold and by target."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .._utils.group_split import folds_by_group
from .._utils.target_names import check_named_numbers, check_same_names, named_rows
from ..evaluate._regression import RegressionEvaluation
from ..metrics import regression_table
from ._splits import one_split_or_folds

BY_FOLD = ["mae", "r2", "ccc"]  # of the scores of regression_table


@dataclass
class HeldOutNumbers:
    """Hold how well models predicted the numbers of clips of groups that were not in their training.

    Attributes
    ----------
    evaluation : RegressionEvaluation
        Of all clips held out. Intervals of its scores draw whole groups.
    by_fold : DataFrame
        A row per fold: mae, r2 and ccc, each the mean over the targets.
    n_clips, n_groups : int
        Clips and groups held out, over all folds.
    """

    evaluation: RegressionEvaluation
    by_fold: pd.DataFrame
    n_clips: int
    n_groups: int

    @property
    def mae(self):
        """Mean absolute error of all clips held out, mean over the targets."""
        return float(self.evaluation.scores["mae"].mean())

    @property
    def r2(self):
        """Coefficient of determination of all clips held out, mean over the targets."""
        return float(self.evaluation.scores["r2"].mean())

    @property
    def ccc(self):
        """Concordance correlation of all clips held out, mean over the targets."""
        return float(self.evaluation.scores["ccc"].mean())

    @property
    def std(self):
        """Standard deviation of the mean absolute errors of the folds; None of a single one."""
        return float(self.by_fold["mae"].std(ddof=1)) if len(self.by_fold) > 1 else None


class NumbersToLearn:
    """The numbers of each clip.

    Parameters
    ----------
    y : ndarray of shape (n_clips,) or (n_clips, n_targets), float64
        The numbers.
    names : ndarray of shape (n_targets,) or None
        Names of the targets.
    """

    def __init__(self, y, names):
        self.y, self.names = y, names

    @classmethod
    def read(cls, target, name="target"):
        """Check numbers, and the names of their columns."""
        return cls(*check_named_numbers(target, name))

    def __len__(self):
        return len(self.y)

    def kept(self, index):
        """Keep those of some clips."""
        return NumbersToLearn(self.y[index], self.names)

    def rows(self, index=slice(None)):
        """Return what models are fitted with, of the clips at `index`: with names if targets have them."""
        return named_rows(self.y, self.names, index)

    def others(self, target):
        """Return those of clips to validate on."""
        others = NumbersToLearn.read(target, "validation")
        check_same_names(others.names, self.names, "validation")
        if others.y.shape[1:] != self.y.shape[1:]:
            raise ValueError(
                f"validation is of shape {others.y.shape}, and target of {self.y.shape}. Give every clip as many "
                "numbers."
            )
        return others

    def check(self):
        """Accept any names."""

    def splits(self, groups, validate, seed):
        """Return clips to train on and to hold out, without a group in common."""
        same = np.zeros(len(self.y), dtype=np.int64)  # there are no classes that a training could lack

        def folds(n_folds):
            return folds_by_group(same, groups, n_folds, shuffle=True, seed=seed)

        return one_split_or_folds(same, groups, validate, seed, None, folds)

    def hold_out(self, models, frames, groups, n_groups):
        """Score models on the clips that they were not trained on; parameters are those of :class:`ClassesToLearn`."""
        found, by_fold = [], []
        for model, aside in models:
            predicted = np.asarray(model.predict(frames[aside]), dtype=np.float64)
            found.append((self.y[aside], predicted.reshape(self.y[aside].shape), groups[aside]))
            by_fold.append(regression_table(*found[-1][:2])[BY_FOLD].mean())
        y_true, y_pred, of_clip = (np.concatenate(parts) for parts in zip(*found, strict=True))
        evaluation = RegressionEvaluation.from_predictions(y_true, y_pred, target_names=self.names, groups=of_clip)
        index = pd.RangeIndex(1, len(found) + 1, name="fold")
        return HeldOutNumbers(evaluation, pd.DataFrame(by_fold, index=index), len(y_true), n_groups)
