"""Clips to train on and to hold out: a fraction of the groups once, or every group in one of several folds."""

import numpy as np

from .._utils.group_split import LostClassError, split_by_group


def one_split_or_folds(target, groups, validate, seed, classes, folds):
    """Split clips as `validate` says.

    Parameters
    ----------
    target : ndarray of shape (n_clips,) or (n_clips, n_labels)
        Class indices, or labels as 0 and 1, of which each training has some.
    groups : ndarray of shape (n_clips,)
        Group of each clip.
    validate : float or int
        Fraction of the groups to hold out, or number of folds.
    seed : int
        Of the fraction.
    classes : ndarray of shape (n_classes,)
        Names of the classes or labels.
    folds : callable
        Number of folds -> folds.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Indices to train on and to hold out.

    Raises
    ------
    ValueError
        If groups do not allow it.
    """
    too_few = (
        f"validate={validate} cannot hold out some of {len(np.unique(groups))} groups and train on the others. "
        "Change it, or use 0 for no score."
    )
    if len(np.unique(groups)) < 2:
        raise ValueError(too_few)
    try:
        if validate < 1:
            return [split_by_group(target, groups, validate, seed, classes, parameter="validate")]
        return folds(int(validate))
    except LostClassError as error:
        raise ValueError(
            f"validate={validate}: {error} A model that never had a clip of a class cannot be scored on it. Take "
            "groups of which every class has two or more"
            + (", hold out a fraction such as validate=0.2," if validate >= 1 else ",")
            + " or use validate=0 to train on all clips with no score."
        ) from error
    except ValueError as error:
        raise ValueError(too_few) from error
