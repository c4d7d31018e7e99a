"""What a model is made of must fit together: arrays that C code and torch index without looking."""

import warnings
from functools import singledispatch
from inspect import signature

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.cluster import BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import BaseGradientBoosting
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.svm._base import BaseLibSVM
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree
from sklearn.utils.validation import _is_fitted

from .._introspect import objects_in
from .._utils.device import resolve_device
from .._utils.loaded import LoadedMixin
from ..events import EventDetector
from ..features import FrameScaler, FrameSummary, FrameTransformer
from ..multilabel import LabelThresholdClassifier
from ..nets import NetClassifier, NetRegressor
from ..segments import SegmentMeanRegressor, SegmentVotingClassifier

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
    for part in objects_in(model, skip=OPAQUE):
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
        if isinstance(part, FrameTransformer):
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
def _(part: NetClassifier):
    if not hasattr(part, "net_"):
        return
    _check_names(part, "classes_")
    _check_counts(part)
    _check_net(part)


@check_part.register
def _(part: NetRegressor):
    if not hasattr(part, "net_"):
        return
    for name in ("target_mean_", "target_scale_"):
        values = np.asarray(getattr(part, name))
        require(part, values.ndim < 2 and values.shape == part.target_mean_.shape, f"{name} is of shape {values.shape}")
        require(part, values.dtype.kind == "f" and np.isfinite(values).all(), f"{name} holds NaN or infinity")
    _check_target_names(part)
    _check_net(part)


def _check_net(part):
    for name, weights in part.net_.module_.state_dict().items():
        is_finite = bool(weights.isfinite().all())
        require(part, is_finite, f"the weights {name!r} hold NaN or infinity; train it with a lower lr")
    _check_scale(part, part._n_dims)


@check_part.register
def _(part: SegmentVotingClassifier):
    if hasattr(part, "estimator_"):
        _check_counts(part)
        _check_length(part)


@check_part.register
def _(part: SegmentMeanRegressor):
    if hasattr(part, "estimator_"):
        mean = np.asarray(part.target_mean_)
        require(part, mean.ndim < 2 and mean.dtype.kind == "f" and np.isfinite(mean).all(), "target_mean_ is no mean")
        _check_target_names(part)
        _check_length(part)


def _check_length(part):
    length = getattr(part, "segment_length_", None)  # files of earlier versions have none
    is_count = isinstance(length, int) and length >= 1
    require(part, length is None or is_count, "segment_length_ is no number of frames")


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
    _check_names(part, "classes_")
    for name in ("threshold_", "median_length_", "min_duration_"):
        values = getattr(part, name)
        require(part, values.shape == part.classes_.shape, f"{name} are not of its {len(part.classes_)} labels")
        require(part, values.dtype.kind in "fi" and np.isfinite(values).all(), f"{name} hold NaN or infinity")
    is_odd = (part.median_length_ > 0) & (part.median_length_ % 2 == 1)
    require(part, is_odd.all(), "median_length_ are no odd numbers of frames")


def _check_names(part, name):
    names = getattr(part, name)
    require(part, names.ndim == 1 and len(set(names.tolist())) == len(names), f"{name} are no list of labels")


def _check_target_names(part):
    if hasattr(part, "target_names_"):
        _check_names(part, "target_names_")
        n_targets = np.size(part.target_mean_)
        require(part, len(part.target_names_) == n_targets, f"target_names_ are not of its {n_targets} targets")


def _check_counts(part):
    if hasattr(part, "label_names_"):
        _check_names(part, "label_names_")
        require(part, part.label_names_.shape == part.classes_.shape, "label_names_ are not of its labels")
        name = "_frame_count" if hasattr(part, "_frame_count") else "_clip_count"
        count = getattr(part, name)
        require(part, np.isfinite(count) and count > 0, f"{name} is no number above 0")
    if (counts := getattr(part, "class_count_", None)) is not None:  # files of earlier versions have none
        require(part, np.shape(counts) == part.classes_.shape, "class_count_ are not of its classes")
        require(part, np.isfinite(counts).all() and (counts >= 0).all(), "class_count_ are no numbers of clips")


@check_part.register
def _(part: FrameScaler):
    _check_scale(part, getattr(part, "n_features_in_", None))


@check_part.register
def _(part: FrameSummary):
    if (row := getattr(part, "mean_", None)) is not None:  # files of earlier versions have none
        n_columns = len(part.statistics) * part.n_features_in_
        require(part, np.shape(row) == (n_columns,), f"mean_ is of shape {np.shape(row)}, not ({n_columns},)")
        require(part, np.isfinite(row).all(), "mean_ holds NaN or infinity")


def _check_scale(part, n_dims):
    for name in ("mean_", "scale_"):
        if (values := getattr(part, name, None)) is not None:
            require(part, np.shape(values) == (n_dims,), f"{name} is of shape {np.shape(values)}, not ({n_dims},)")
            require(part, values.dtype.kind == "f" and np.isfinite(values).all(), f"{name} holds NaN or infinity")
    require(part, (np.asarray(getattr(part, "scale_", 1)) > 0).all(), "scale_ is not above 0")


@check_part.register
def _(part: Tree):
    require(part, part.node_count == part.capacity > 0, "its nodes are not as many as it says")
    left, right, feature = part.children_left, part.children_right, part.feature
    depth = check_nodes(part, left == -1, left, right)
    inner = left != -1
    require(part, np.array_equal(inner, right != -1), "a node has one child")
    is_feature = (feature[inner] >= 0) & (feature[inner] < part.n_features)
    require(part, is_feature.all(), "a node asks for no feature")
    require(part, depth <= part.max_depth, "it is deeper than it says")


def check_nodes(part, is_leaf, left, right):
    """Check that the children lead to every node once, level by level; return the depth."""
    level, n_seen, depth = np.zeros(1, dtype=np.int64), 1, 0
    while len(inner := level[~is_leaf[level].astype(bool)]):
        level = np.concatenate([left[inner], right[inner]]).astype(np.int64)
        n_seen += len(level)
        require(part, (level > 0).all() and (level < len(left)).all() and n_seen <= len(left), "a child is no node")
        depth += 1
    return depth


@check_part.register
def _(part: BaseDecisionTree):
    if hasattr(part, "tree_"):
        require(part, isinstance(part.tree_, Tree), "tree_ is no tree")
        require(part, part.tree_.n_features == part.n_features_in_, "the tree has another number of features")


def _check_trees(part, trees, n_features):
    for tree in trees:
        require(part, isinstance(tree, BaseDecisionTree), "an estimator is no tree")
        require(part, tree.tree_.n_features == n_features, "a tree has another number of features")
        require(part, tree.tree_.n_outputs == getattr(part, "n_outputs_", 1), "a tree has another number of outputs")


@check_part.register
def _(part: BaseForest):
    if hasattr(part, "estimators_"):
        _check_trees(part, part.estimators_, part.n_features_in_)


@check_part.register
def _(part: IsolationForest):
    for tree, features in zip(getattr(part, "estimators_", []), getattr(part, "estimators_features_", []), strict=True):
        _check_trees(part, [tree], len(features))


@check_part.register
def _(part: BaseGradientBoosting):
    if hasattr(part, "estimators_"):
        require(part, part.estimators_.shape[1] == part.n_trees_per_iteration_, "it has another number of trees")
        _check_trees(part, part.estimators_.flat, part.n_features_in_)


@check_part.register
def _(part: BaseHistGradientBoosting):
    if not hasattr(part, "_predictors"):
        return
    n_features, binning = part.n_features_in_, part._bin_mapper
    for trees in part._predictors:
        require(part, len(trees) == part.n_trees_per_iteration_, "it has another number of trees")
        for tree in trees:
            nodes = tree.nodes
            check_nodes(part, nodes["is_leaf"], nodes["left"], nodes["right"])
            inner = nodes[nodes["is_leaf"] == 0]
            features, sets = inner["feature_idx"], inner["bitset_idx"][inner["is_categorical"] != 0]
            require(part, (features >= 0).all() and (features < n_features).all(), "a node asks for no feature")
            require(part, (sets < len(tree.raw_left_cat_bitsets)).all(), "a node asks for no category")
            require(part, tree.raw_left_cat_bitsets.shape[1:] == (8,), "categories are no sets of 256")
    categorical = binning.is_categorical_
    require(part, len(categorical) == len(binning.bin_thresholds_) == n_features, "its bins are of other features")
    for values in (binning.bin_thresholds_[index] for index in np.flatnonzero(categorical)):
        require(part, ((values >= 0) & (values < 256)).all(), "a category is not below 256")


@check_part.register
def _(part: BaseLibSVM):
    if not hasattr(part, "_n_support"):
        return
    n_vectors = len(part.support_)
    n_classes = len(part.classes_) if hasattr(part, "classes_") else 2
    n_pairs = n_classes * (n_classes - 1) // 2
    width = 0 if part.kernel == "precomputed" or callable(part.kernel) else part.n_features_in_
    vectors = part.support_vectors_
    require(part, vectors.shape == ((n_vectors, width) if width else vectors.shape), "support vectors are malformed")
    require(part, part._dual_coef_.shape == (n_classes - 1, n_vectors), "coefficients are not of the support vectors")
    require(part, part._intercept_.shape == (n_pairs,), "intercepts are not of the pairs of classes")
    require(part, part._n_support.shape == (n_classes,) and (part._n_support >= 0).all(), "support is malformed")
    if hasattr(part, "classes_"):
        require(part, part._n_support.sum() == n_vectors, "support vectors are not as many as it says")
    require(part, len(part._probA) == len(part._probB) in (0, n_pairs), "probabilities are not of the pairs of classes")
    require(part, ((part.support_ >= 0) & (part.support_ < part.shape_fit_[0])).all(), "a support vector is no row")


@check_part.register(KNeighborsClassifier)
@check_part.register(RadiusNeighborsClassifier)
def _(part):
    if not hasattr(part, "n_samples_fit_"):
        return
    require(part, len(part._y) == part.n_samples_fit_ == len(part._fit_X), "neighbours and labels are not as many")
    for labels, classes in zip(_columns(part._y), _columns(part.classes_), strict=True):
        require(part, labels.min(initial=0) >= 0 and labels.max(initial=0) < len(classes), "a neighbour has no class")


def _columns(values):
    """The columns of labels, or the classes of each output: as a list, of one for one output."""
    return values if isinstance(values, list) else list(np.atleast_2d(np.asarray(values).T))


@check_part.register(KMeans)
@check_part.register(MiniBatchKMeans)
@check_part.register(BisectingKMeans)
def _(part):
    if hasattr(part, "cluster_centers_"):
        require(part, part.cluster_centers_.shape[1] == part.n_features_in_, "centres are of other features")
        require(part, 0 < getattr(part, "_n_threads", 1) < 10_000, "threads are not as many as a machine has")
