"""What scikit-learn's estimators index without looking: trees, boosting, support vectors, neighbours and centres.

Imported by :mod:`~._consistency` where a model has an estimator of one of these packages, as it imports all of them.
"""

import numpy as np
from sklearn.cluster import BisectingKMeans, KMeans, MiniBatchKMeans
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import BaseGradientBoosting
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting
from sklearn.neighbors import KNeighborsClassifier, RadiusNeighborsClassifier
from sklearn.svm._base import BaseLibSVM
from sklearn.tree import BaseDecisionTree
from sklearn.tree._tree import Tree

from ._consistency import check_part, require


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
    """Return the columns of labels, or the classes of each output: as a list, of one for one output."""
    return values if isinstance(values, list) else list(np.atleast_2d(np.asarray(values).T))


@check_part.register(KMeans)
@check_part.register(MiniBatchKMeans)
@check_part.register(BisectingKMeans)
def _(part):
    if hasattr(part, "cluster_centers_"):
        require(part, part.cluster_centers_.shape[1] == part.n_features_in_, "centres are of other features")
        require(part, 0 < getattr(part, "_n_threads", 1) < 10_000, "threads are not as many as a machine has")
