"""Folds of clips that have several labels: by group, and with each label in all of them where it can be."""

import numpy as np
from sklearn.utils import column_or_1d

from .group_split import N_DRAWS, lost_classes


def folds_of_labels(target, groups, n_folds, seed=0):
    """Hold out every group once, in folds that divide each label as evenly as groups let them.

    Groups are dealt out by iterative stratification [1]_: those of the rarest label first, each to the fold that lacks
    it most. Of several draws, the one is taken that leaves clips of most labels to train on.

    Parameters
    ----------
    target : ndarray of shape (n_clips, n_labels)
        0 and 1.
    groups : array-like of shape (n_clips,) or None
        The recording each clip belongs to; None makes each clip a group.
    n_folds : int
        Number of folds.
    seed : int, default=0
        Seed of the draws.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Indices of the clips to train on and to hold out, for each fold.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.

    References
    ----------
    .. [1] K. Sechidis, G. Tsoumakas and I. Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011.
    """
    groups = np.arange(len(target)) if groups is None else column_or_1d(groups)
    names, of_clip = np.unique(groups, return_inverse=True)
    if len(names) < n_folds:
        raise ValueError(f"{n_folds} folds need as many groups, and there are {len(names)}.")
    counts = np.zeros((len(names), target.shape[1]))
    np.add.at(counts, of_clip, target)

    best, fewest = None, np.inf
    for draw in range(N_DRAWS):
        of_group = _dealt_out(counts, n_folds, np.random.RandomState((seed + draw) % 2**32))[of_clip]
        folds = [(np.flatnonzero(of_group != fold), np.flatnonzero(of_group == fold)) for fold in range(n_folds)]
        n_lost = sum(len(lost_classes(target, kept)) for kept, _ in folds)
        if n_lost < fewest:
            best, fewest = folds, n_lost
        if n_lost == 0:
            break
    return best


def _dealt_out(counts, n_folds, rng):
    """Return the fold of each group: (n_groups,); `counts` are its clips with each label, (n_groups, n_labels)."""
    wanted = np.tile(counts.sum(axis=0) / n_folds, (n_folds, 1))  # of each label, by fold
    room = np.full(n_folds, len(counts) / n_folds)  # groups that each fold lacks
    fold = np.full(len(counts), -1)
    while (left := fold < 0).any():
        of_label = counts[left].sum(axis=0)
        if of_label.any():
            rarest = np.where(of_label > 0, of_label, np.inf).argmin()
            some = rng.permutation(np.flatnonzero(left & (counts[:, rarest] > 0)))
        else:
            rarest, some = None, rng.permutation(np.flatnonzero(left))
        for group in some:
            lacks = room if rarest is None else wanted[:, rarest]
            best = np.lexsort((rng.random(n_folds), -room, -lacks))[0]
            fold[group] = best
            wanted[best] -= counts[group]
            room[best] -= 1
    return fold
