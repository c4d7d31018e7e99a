"""Folds that a table gives: a column of them, as splits."""

import warnings

import numpy as np
import pandas as pd

from .._utils.columns import MAX_SHOWN, filled


def fold_of_each(frame, fold):
    """Return the fold of each clip: array of int, or of str."""
    values = filled(frame, fold, "fold")
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.to_numpy()
        if (numbers == numbers.astype(int)).all():
            return numbers.astype(int)
    return np.array([str(value) for value in values.tolist()])


def splits_of(folds, y, fold):
    """Return each fold with the clips to train on and to test: dict of (train, test)."""
    tested = [value for value in np.unique(folds).tolist() if value != -1]
    splits = {value: (np.flatnonzero(folds != value), np.flatnonzero(folds == value)) for value in tested}
    if not tested or any(len(train) == 0 for train, _ in splits.values()):
        raise ValueError(f"fold: column {fold!r} is {folds[0]!s} in all rows. Take a column of two or more folds.")
    if y is not None and y.ndim == 1 and y.dtype.kind != "f":
        _warn_of_folds_of_one_class(splits, y)
    return splits


def _warn_of_folds_of_one_class(splits, y):
    n_classes = len(np.unique(y))
    for value, (train, test) in splits.items():
        classes = np.unique(y[test])
        if len(classes) == 1 < n_classes:
            warnings.warn(
                f"fold {value!r} has clips of one class only, {classes[0]!s}: its score says nothing of the others.",
                stacklevel=4,
            )
        lost = np.setdiff1d(classes, y[train])
        if len(lost):
            warnings.warn(
                f"fold {value!r} has all clips of {', '.join(map(str, lost[:MAX_SHOWN]))}, so that its training has "
                "none and cannot predict them.",
                stacklevel=4,
            )


def warn_of_divided_groups(folds, group_of, groups):
    """Warn where clips of one group are in several folds."""
    pairs = pd.DataFrame({"group": group_of, "fold": folds}).drop_duplicates()
    divided = pairs["group"][pairs["group"].duplicated()].unique()
    if len(divided):
        shown = ", ".join(map(str, divided[:MAX_SHOWN]))
        warnings.warn(
            f"column {groups!r}: {len(divided)} of its groups are in several folds ({shown}), so that these folds "
            "score clips whose group training knows.",
            stacklevel=3,
        )
