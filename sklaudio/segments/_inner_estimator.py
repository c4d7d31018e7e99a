"""The estimator inside a vote or a mean over segments: what it starts from, what it is passed, how it splits."""

import warnings
from inspect import signature
from numbers import Integral

import numpy as np
from sklearn import get_config
from sklearn.base import clone
from sklearn.model_selection import GroupKFold
from sklearn.model_selection._split import GroupsConsumerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from .._introspect import last_step
from .._utils.group_split import LostClassError, folds_by_group, lost_classes, name_classes
from .._utils.label_folds import folds_of_labels


def make_group_aware(estimator, segments, y, groups):
    """Replace the `cv` of a search or a calibration by splits that never divide a group or take a class from training.

    Parameters
    ----------
    estimator : estimator
        Whose last step may have a `cv`, which is replaced in place.
    segments : array of shape (n_segments, n_frames, n_dims)
        What is to be split.
    y : ndarray of shape (n_segments,) or (n_segments, n_labels)
        Class or labels of each.
    groups : ndarray of shape (n_segments,)
        Recording of each.

    Raises
    ------
    ValueError
        If `cv` is a splitter that divides groups, or a number of folds which takes a class away from a training. A
        splitter that does so, such as LeaveOneGroupOut, warns: it was chosen.
    """
    splitting = last_step(estimator)
    cv = getattr(splitting, "cv", "none")
    classes, target = np.unique(y, return_inverse=True) if y.ndim == 1 else (None, y)
    if y.ndim == 2 and (cv is None or isinstance(cv, Integral)):
        splitting.cv = folds_of_labels(y, groups, 5 if cv is None else int(cv))
    elif cv is None or isinstance(cv, Integral):
        try:
            splitting.cv = folds_by_group(target, groups, 5 if cv is None else int(cv), classes=classes)
        except LostClassError as error:
            raise ValueError(
                f"cv={cv} of {type(splitting).__name__}: {error} Use fewer folds, or clips of every class from more "
                "groups (without groups=, each clip is one)."
            ) from error
    elif isinstance(cv, GroupsConsumerMixin):
        splitting.cv = list(cv.split(segments, y, groups))
        lost = np.unique([index for kept, _ in splitting.cv for index in lost_classes(target, kept)])
        if len(lost):
            warnings.warn(
                f"cv={cv} of {type(splitting).__name__} takes all clips of a class away from a training "
                f"({name_classes(lost, target, groups, classes)}). Use a number of folds, which keeps classes, or "
                "clips of every class from more groups.",
                stacklevel=4,
            )
    else:
        _refuse_to_divide(splitting)


def keep_groups(estimator, segments, y, groups):
    """Replace the `cv` of a search, or of an estimator such as RidgeCV, by splits that never divide a group.

    Parameters
    ----------
    estimator : estimator
        Whose last step may have a `cv`, which is replaced in place.
    segments : array of shape (n_segments, n_frames, n_dims)
        What is to be split.
    y : ndarray of shape (n_segments,) or (n_segments, n_targets)
        The numbers of each.
    groups : ndarray of shape (n_segments,)
        The recording of each.

    Raises
    ------
    ValueError
        If `cv` is a splitter that divides groups, or a number of folds above that of the groups.
    """
    splitting = last_step(estimator)
    cv = getattr(splitting, "cv", "none")
    if cv is None or isinstance(cv, Integral):
        n_folds, n_groups = 5 if cv is None else int(cv), len(np.unique(groups))
        if n_folds > n_groups:
            raise ValueError(
                f"cv={cv} of {type(splitting).__name__}: {n_folds} folds of {n_groups} groups leave one without any. "
                "Use fewer folds, or clips of more groups (without groups=, each clip is one)."
            )
        cv = GroupKFold(n_folds)
    if isinstance(cv, GroupsConsumerMixin):
        splitting.cv = list(cv.split(segments, y, groups))
    else:
        _refuse_to_divide(splitting)


def _refuse_to_divide(splitting):
    """Raise an error if the `cv` of an estimator is a splitter that knows nothing of groups."""
    cv = getattr(splitting, "cv", None)
    if hasattr(cv, "split") and not isinstance(cv, str):
        raise ValueError(
            f"cv={cv} of {type(splitting).__name__} would put segments of one recording on both sides of a split. "
            "Use a number of folds, or a splitter of groups such as GroupKFold."
        )


def fit_parameter(estimator, name, value):
    """Return where `estimator` takes a parameter in fit, and under what name: {name: value}, or {} if it takes none."""
    if isinstance(estimator, Pipeline) and not get_config()["enable_metadata_routing"]:
        last, step = estimator.steps[-1]
        return {f"{last}__{inner}": value for inner in fit_parameter(step, name, value)}
    if isinstance(estimator, Pipeline):
        return {name: value} if name in get_routing_for_object(estimator).consumes("fit", [name]) else {}
    return {name: value} if has_fit_parameter(estimator, name) else {}


def reads_stored(estimator):
    """Return whether it takes frames that lie on a disk and reads them batch by batch, as nets do."""
    return getattr(estimator, "_reads_stored", False)


def next_to_train(estimator, fitted, *, goes_on):
    """Return what is trained next: a clone, whose last step knows what that of `fitted` has learned where it `goes_on`.

    Parameters
    ----------
    estimator : estimator
        With the parameters as they are now.
    fitted : estimator or None
        The one trained before; nothing is taken from another class of last step.
    goes_on : bool
        Whether training goes on.

    Returns
    -------
    estimator
        A clone of `estimator`.
    """
    estimator = clone(estimator)
    last, before = last_step(estimator), last_step(fitted)
    if goes_on and type(last) is type(before):
        vars(last).update({name: value for name, value in vars(before).items() if name not in vars(last)})
    return estimator


def weight_parameter(estimator, method, sample_weight, clip, *, is_needed=True):
    """Return weights of segments, each that of its clip, as parameters of a method: a dict, {} without weights.

    Where the estimator takes none, that is an error if `is_needed`, else they are left out.
    """
    if sample_weight is None:
        return {}
    weight = np.asarray(sample_weight, dtype=float)[clip]
    if method == "fit":
        taken = fit_parameter(estimator, "sample_weight", weight)
    else:
        taken = {"sample_weight": weight} if "sample_weight" in signature(estimator.partial_fit).parameters else {}
    if not taken and is_needed:
        raise ValueError(f"sample_weight was given, and {estimator} does not take it. Leave it out.")
    return taken
