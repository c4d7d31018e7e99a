"""Splits of clips into those to train on and those to hold out: by group, and with every class left in training.

Clips are of one class each, given as indices (n_clips,), or have any of several labels, given as 0 and 1,
(n_clips, n_labels): every label then keeps clips that have it.
"""

import numpy as np
from sklearn.model_selection import GroupShuffleSplit, StratifiedGroupKFold
from sklearn.utils import check_consistent_length, column_or_1d

N_DRAWS = 20  # splits to choose the most balanced one from
MAX_NAMED = 5  # classes, and groups of a class, that an error lists


class LostClassError(ValueError):
    """A split would hold out every clip of a class."""


def split_by_group(target, groups, fraction, seed, classes=None, *, parameter="validation_fraction"):
    """Hold out a fraction of the groups, and leave clips of every class to train on.

    Of several draws, the one whose classes are divided most evenly is taken. Where each of them takes a class away from
    training, as classes of few groups make likely, only groups whose classes have another group are held out, even if
    these are fewer than the fraction asked for.

    Parameters
    ----------
    target : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Class indices, or labels.
    groups : array-like of shape (n_clips,) or None
        The recording each clip belongs to; None makes each clip a group.
    fraction : float
        Fraction of the groups to hold out, in (0, 1).
    seed : int
        Seed of the draws.
    classes : ndarray of shape (n_classes,) or None, default=None
        The labels, for the error.
    parameter : str, default="validation_fraction"
        What `fraction` is called, for the error.

    Returns
    -------
    kept, held_out : ndarray of int
        Indices of the clips to train on and to hold out.

    Raises
    ------
    LostClassError
        If whichever group is held out takes a class away from training.
    ValueError
        If there are fewer than two groups, or the fraction leaves nothing on one side.
    """
    given, groups = groups, np.arange(len(target)) if groups is None else column_or_1d(groups)
    check_consistent_length(target, groups)
    n_groups = len(np.unique(groups))
    if n_groups < 2:
        raise ValueError("there are clips of one group only, and holding one out takes clips of at least two groups.")
    single = classes_of_one_group(target, groups)
    if len(np.unique(groups[is_of(target, single)])) == n_groups:
        names = name_classes(single, target, given, classes)
        raise LostClassError(f"no group can be held out: each has all clips of a class ({names}).")
    fractions = counts_of(target) / len(target)

    def unevenness(split):
        kept, held_out = split
        counts = counts_of(target[held_out], len(fractions))
        return len(lost_classes(target, kept)), np.abs(counts / len(held_out) - fractions).sum()

    draws = GroupShuffleSplit(N_DRAWS, test_size=fraction, random_state=seed % 2**32)
    try:
        best = min(draws.split(target, groups=groups), key=unevenness)
    except ValueError as error:
        raise ValueError(
            f"{parameter}={fraction} of {n_groups} groups leaves nothing to train on, or nothing to validate on."
        ) from error
    if len(lost_classes(target, best[0])):
        n_held_out = int(np.ceil(fraction * n_groups))
        best = min(_draws_that_keep_classes(target, groups, n_held_out, seed), key=unevenness)
    return best


def _draws_that_keep_classes(target, groups, n_held_out, seed):
    """Iterate over splits that hold out up to so many groups, drawn among those that no class is left without."""
    n_groups = len(np.unique(groups))
    of_clip = np.unique(groups, return_inverse=True)[1]
    if target.ndim == 1:
        has_class = np.zeros((n_groups, target.max() + 1), dtype=int)
        has_class[of_clip, target] = 1
    else:
        has_class = np.zeros((n_groups, target.shape[1]), dtype=int)
        np.maximum.at(has_class, of_clip, target)
    rng = np.random.RandomState(seed % 2**32)
    for _ in range(N_DRAWS):
        left = has_class.sum(axis=0)  # groups of each class that are left to train on
        is_held_out = np.zeros(n_groups, dtype=bool)
        for group in rng.permutation(n_groups):
            if is_held_out.sum() < n_held_out and (left[has_class[group] > 0] > 1).all():
                is_held_out[group] = True
                left -= has_class[group]
        yield np.flatnonzero(~is_held_out[of_clip]), np.flatnonzero(is_held_out[of_clip])


def folds_by_group(target, groups, n_folds, *, shuffle=False, seed=None, classes=None):
    """Hold out every group once, in folds that each leave clips of every class to train on.

    Parameters
    ----------
    target : ndarray of shape (n_clips,)
        Class indices.
    groups : array-like of shape (n_clips,)
        The recording each clip belongs to.
    n_folds : int
        Number of folds.
    shuffle : bool, default=False
        Whether groups are shuffled before the first try.
    seed : int or None, default=None
        Seed of the shuffling.
    classes : ndarray of shape (n_classes,) or None, default=None
        The labels, for the error.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Indices of the clips to train on and to hold out, for each fold.

    Raises
    ------
    LostClassError
        If a class is of one group, or no draw has clips of all classes in all trainings.
    ValueError
        If there are fewer groups than folds, or scikit-learn's StratifiedGroupKFold cannot make so many.
    """
    lost = classes_of_one_group(target, groups)
    if not len(lost):
        first = StratifiedGroupKFold(n_folds, shuffle=shuffle, random_state=seed if shuffle else None)
        seeds = [((seed or 0) + draw) % 2**32 for draw in range(1, N_DRAWS)]
        for draw in [first, *(StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed) for seed in seeds)]:
            folds = list(draw.split(target, target, groups))
            if not all(len(held_out) for _, held_out in folds):  # of older versions of scikit-learn
                raise ValueError(f"{n_folds} folds need as many groups, and some would be empty.")
            lost = np.unique([index for kept, _ in folds for index in lost_classes(target, kept)])
            if not len(lost):
                return folds
    raise LostClassError(
        f"{n_folds} folds hold out every group once, and with it all clips of a class "
        f"({name_classes(lost, target, groups, classes)})."
    )


def counts_of(target, n_classes=0):
    """Count the clips of each class, or with each label: ndarray of int."""
    return np.bincount(target, minlength=n_classes) if target.ndim == 1 else target.sum(axis=0)


def is_of(target, classes):
    """Return whether each clip is of one of the classes, or has one of the labels: ndarray of bool, (n_clips,)."""
    return np.isin(target, classes) if target.ndim == 1 else target[:, classes].any(axis=1)


def classes_of_one_group(target, groups):
    """Return the class indices whose clips are all of one group, which a training therefore needs: list of int."""
    present = np.flatnonzero(counts_of(target))
    return [int(index) for index in present if len(np.unique(np.asarray(groups)[is_of(target, [index])])) == 1]


def lost_classes(target, kept):
    """Return the class indices of which no clip is kept: ndarray of int."""
    n_classes = len(counts_of(target))
    return np.flatnonzero((counts_of(target) > 0) & (counts_of(target[kept], n_classes) == 0))


def name_classes(indices, target, groups, classes=None):
    """Name classes and their groups for an error: ``'dog' (group 'a'), 'cat' (groups 'b', 'c')``."""
    indices = [int(index) for index in indices]
    names = []
    for index in indices[:MAX_NAMED]:
        label = index if classes is None else np.asarray(classes)[index : index + 1].tolist()[0]
        if groups is None:
            names.append(f"{label!r} (one clip)")
            continue
        of_class = np.unique(np.asarray(groups)[is_of(target, [index])]).tolist()
        listed = ", ".join(map(repr, of_class[:MAX_NAMED])) + ", …" * (len(of_class) > MAX_NAMED)
        names.append(f"{label!r} (group{'s' * (len(of_class) > 1)} {listed})")
    return ", ".join(names) + f" and {len(indices) - MAX_NAMED} more" * (len(indices) > MAX_NAMED)


def splits_of_kept(splits, is_kept):
    """Return splits, (train, test) of indices, for the clips that are kept, without those that test none of them."""
    place = np.cumsum(is_kept) - 1
    kept = [[place[part[is_kept[part]]] for part in split] for split in splits]
    return [(train, test) for train, test in kept if len(test)]
