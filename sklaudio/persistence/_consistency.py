"""What a model is made of must fit together: arrays that C code and torch index without looking."""

import warnings
from functools import singledispatch
from importlib import import_module
from inspect import signature

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _is_fitted

from .._introspect import objects_in
from .._utils.device import resolve_device
from .._utils.loaded import LoadedMixin
from ..events import EventDetector
from ..features import FrameScaler, FrameSummary, FrameTransformer
from ..multilabel import LabelThresholdClassifier
from ..segments import SegmentMeanRegressor, SegmentVotingClassifier

CHECKED_ELSEWHERE = {  # by the package of a part or of its bases, and imported for such parts alone
    "sklaudio.nets": "._consistency_of_nets",
    **dict.fromkeys(
        ["sklearn.cluster", "sklearn.ensemble", "sklearn.neighbors", "sklearn.svm", "sklearn.tree"],
        "._consistency_of_sklearn",
    ),
}
OPAQUE = {"net_", "history_", "memory"}  # what torch, pandas and joblib have made


def check_contents(model):
    """Raise a ValueError where parts of a model contradict each other.

    Loading checks what it has built, and saving what it is about to write, so that no file is written that would be
    refused. It looks at what would crash or silently go wrong: nets, scalers, trees, boosting, support vectors,
    neighbours and centres. Of other estimators, scikit-learn itself raises an error when it predicts.

    Parameters
    ----------
    model : estimator
        Fitted or not.

    Raises
    ------
    ValueError
        If sizes differ, indices lead nowhere, or weights are NaN.
    """
    parts = objects_in(model, skip=OPAQUE)
    packages = {".".join(base.__module__.split(".")[:2]) for part in parts for base in type(part).__mro__}
    for package in sorted(packages & CHECKED_ELSEWHERE.keys()):
        import_module(CHECKED_ELSEWHERE[package], __package__)
    for part in parts:
        try:
            check_part(part)
        except (AttributeError, TypeError, IndexError, KeyError) as error:
            raise ValueError(f"the state of {type(part).__name__} is incomplete ({error}).") from error


def adapt(model):
    """Make a loaded model usable with the versions and devices that are here, and let its nets know they were loaded.

    Parameters that came after the version that wrote it get their defaults. Features are computed on the CPU, with a
    warning, where their device is not here; nets have moved when they were built.
    """
    for part in objects_in(model, skip=OPAQUE):
        if isinstance(part, BaseEstimator):
            for name, parameter in signature(type(part)).parameters.items():
                if parameter.kind is parameter.VAR_KEYWORD or name in vars(part):
                    continue
                if not hasattr(part, name):
                    require(part, parameter.default is not parameter.empty, f"it has no parameter {name!r}")
                    setattr(part, name, parameter.default)
        if isinstance(part, LoadedMixin) and _is_fitted(part):
            part._is_loaded = True
        if isinstance(part, FrameTransformer) and part.device != "auto":
            try:
                resolve_device(part.device)
            except ValueError as error:
                warnings.warn(f"{error} {type(part).__name__} is on the CPU.", stacklevel=2)
                part.device = "cpu"


def require(part, condition, what):
    """Raise an error that names the type unless `condition` holds."""
    if not condition:
        raise ValueError(f"the state of {type(part).__name__} contradicts itself: {what}.")


@singledispatch
def check_part(part):
    """Check one object, by its type; most have nothing that could crash."""


@check_part.register
def _(part: SegmentVotingClassifier):
    if hasattr(part, "estimator_"):
        check_counts(part)
        _check_length(part)


@check_part.register
def _(part: SegmentMeanRegressor):
    if hasattr(part, "estimator_"):
        mean = np.asarray(part.target_mean_)
        require(part, mean.ndim < 2 and mean.dtype.kind == "f" and np.isfinite(mean).all(), "target_mean_ is no mean")
        check_target_names(part)
        _check_length(part)


def _check_length(part):
    length = getattr(part, "segment_length_", None)  # files of earlier versions have none
    is_count = isinstance(length, int) and length >= 1
    require(part, length is None or is_count, "segment_length_ is not a number of frames")


@check_part.register
def _(part: LabelThresholdClassifier):
    if not hasattr(part, "estimator_"):
        return
    n_labels = len(getattr(part, "label_names_", part.classes_[1:]))
    for name in ("thresholds_", "slopes_", "intercepts_"):
        if (values := getattr(part, name, None)) is not None:
            require(part, np.shape(values) == (n_labels,), f"{name} are not of its {n_labels} labels")
            require(part, values.dtype.kind == "f" and np.isfinite(values).all(), f"{name} hold NaN or infinity")


@check_part.register
def _(part: EventDetector):
    if not hasattr(part, "estimator_"):
        return
    check_names(part, "classes_")
    for name in ("threshold_", "median_length_", "min_duration_"):
        values = getattr(part, name)
        require(part, values.shape == part.classes_.shape, f"{name} are not of its {len(part.classes_)} labels")
        require(part, values.dtype.kind in "fi" and np.isfinite(values).all(), f"{name} hold NaN or infinity")
    is_odd = (part.median_length_ > 0) & (part.median_length_ % 2 == 1)
    require(part, is_odd.all(), "median_length_ are no odd numbers of frames")


def check_names(part, name):
    names = getattr(part, name)
    require(part, names.ndim == 1 and len(set(names.tolist())) == len(names), f"{name} are no list of labels")


def check_target_names(part):
    if hasattr(part, "target_names_"):
        check_names(part, "target_names_")
        n_targets = np.size(part.target_mean_)
        require(part, len(part.target_names_) == n_targets, f"target_names_ are not of its {n_targets} targets")


def check_counts(part):
    if hasattr(part, "label_names_"):
        check_names(part, "label_names_")
        require(part, part.label_names_.shape == part.classes_.shape, "label_names_ are not of its labels")
        name = "_frame_count" if hasattr(part, "_frame_count") else "_clip_count"
        count = getattr(part, name)
        require(part, np.isfinite(count) and count > 0, f"{name} is not a number above 0")
    if (counts := getattr(part, "class_count_", None)) is not None:  # files of earlier versions have none
        require(part, np.shape(counts) == part.classes_.shape, "class_count_ are not of its classes")
        require(part, np.isfinite(counts).all() and (counts >= 0).all(), "class_count_ are no numbers of clips")


@check_part.register
def _(part: FrameScaler):
    check_scale(part, getattr(part, "n_features_in_", None))


@check_part.register
def _(part: FrameSummary):
    if (row := getattr(part, "mean_", None)) is not None:  # files of earlier versions have none
        n_columns = len(part.statistics) * part.n_features_in_
        require(part, np.shape(row) == (n_columns,), f"mean_ is of shape {np.shape(row)}, not ({n_columns},)")
        require(part, np.isfinite(row).all(), "mean_ holds NaN or infinity")


def check_scale(part, n_dims):
    for name in ("mean_", "scale_"):
        if (values := getattr(part, name, None)) is not None:
            require(part, np.shape(values) == (n_dims,), f"{name} is of shape {np.shape(values)}, not ({n_dims},)")
            require(part, values.dtype.kind == "f" and np.isfinite(values).all(), f"{name} holds NaN or infinity")
    require(part, (np.asarray(getattr(part, "scale_", 1)) > 0).all(), "scale_ is not above 0")
