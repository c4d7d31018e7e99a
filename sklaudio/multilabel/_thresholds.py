"""LabelThresholdClassifier: thresholds and calibration of each label, learned on inner folds."""

from numbers import Integral, Real

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state, column_or_1d, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from .._utils.label_folds import folds_of_labels
from .._utils.label_matrix import (
    LabelDecisionMixin,
    check_label_matrix,
    is_label_matrix,
    numbered_unless,
)
from .._utils.labels import check_labels
from .._utils.lengths import check_equal_lengths
from .._utils.rollback import RollbackOnError
from .._utils.terminal import shortened
from ..metrics import best_thresholds
from ..metrics._thresholds import METRICS
from ..segments._targets import Classes, Labels
from ._held_out import fitted, held_out_probabilities, probabilities_of
from ._platt import apply_platt, fit_platt


class LabelThresholdClassifier(LabelDecisionMixin, MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Decide each of several labels at its threshold, which is learned on held-out clips.

    A rare label is seldom more probable than not, and a threshold of 0.5 never finds it. `fit` predicts every clip by
    a model that was trained on others, learns the thresholds of these predictions, and trains the estimator on all
    clips. What scikit-learn's :class:`~sklearn.model_selection.TunedThresholdClassifierCV` is for two classes, this is
    for several labels per clip; two classes are taken as one label, which the second of them has.

    Parameters
    ----------
    estimator : classifier
        With `predict_proba`; a whole Pipeline that begins with files, or a classifier of frames inside of one.
    thresholds : "best", float or array-like of shape (n_labels,), default="best"
        From which probability on a clip has a label, in [0, 1]: for all labels or each. "best" learns them.
    metric : {"f1", "balanced_accuracy"}, default="f1"
        What "best" thresholds maximize, see :func:`~sklaudio.metrics.best_thresholds`.
    calibrate : bool, default=False
        Whether probabilities are made to agree with how often they are right, by Platt's scaling of each label on the
        same held-out predictions. Their order within a label stays.
    cv : int, splitter or iterable of folds, default=5
        Number of folds, from 2 on, which keep groups and divide each label evenly; where there are fewer clips or
        groups, as many as these. Others are taken as they are, and have to hold out every clip once.
    n_jobs : int or None, default=None
        Folds that are trained at the same time; -1 uses all processors.
    random_state : int, RandomState or None, default=None
        Seed of the folds; None is 0.

    Attributes
    ----------
    estimator_ : classifier
        Fitted on all clips.
    thresholds_ : ndarray of shape (n_labels,)
        Threshold of each label.
    slopes_, intercepts_ : ndarray of shape (n_labels,)
        What the log-odds of each label are multiplied by, and what is added. Only with ``calibrate=True``.
    classes_ : ndarray of shape (n_classes,)
        Numbers of the labels, from 0 on, or the two classes.
    label_names_ : ndarray of shape (n_labels,)
        Names of the labels, the columns of the DataFrame that `y` was; their numbers where it was none. Only with
        several labels for each clip.
    n_features_in_ : int
        As `estimator_` has it.

    Notes
    -----
    A label of which the clips are all of one group has no threshold of use: no model that was trained on others of its
    clips can be asked. What the estimator takes of `groups` and `sample_weight` it is passed, in the folds as well.

    Examples
    --------
    Of two tones, the second is rare:

    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.metrics import f1_score
    >>> from sklearn.multiclass import OneVsRestClassifier
    >>> rng = np.random.default_rng(0)
    >>> Y = (rng.uniform(size=(400, 2)) < [0.5, 0.1]).astype(int)
    >>> X = Y + rng.normal(scale=0.8, size=Y.shape)
    >>> labels = OneVsRestClassifier(LogisticRegression())
    >>> model = LabelThresholdClassifier(labels).fit(X[:200], Y[:200])
    >>> bool(model.thresholds_[1] < 0.4)
    True
    >>> at_half = f1_score(Y[200:], model.estimator_.predict(X[200:]), average=None)
    >>> at_best = f1_score(Y[200:], model.predict(X[200:]), average=None)
    >>> bool(at_best[1] > at_half[1] + 0.1)
    True
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "thresholds": [StrOptions({"best"}), Interval(Real, 0, 1, closed="both"), "array-like"],
        "metric": [StrOptions(set(METRICS))],
        "calibrate": ["boolean"],
        "cv": [Interval(Integral, 2, None, closed="left"), HasMethods(["split"]), "array-like"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, estimator, *, thresholds="best", metric="f1", calibrate=False, cv=5, n_jobs=None, random_state=None
    ):
        self.estimator = estimator
        self.thresholds = thresholds
        self.metric = metric
        self.calibrate = calibrate
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(self, X, y, *, sample_weight=None, groups=None):
        """Learn what is to be learned on folds, and train the estimator on all clips.

        Parameters
        ----------
        X : array-like
            What the estimator takes: clips, or their frames.
        y : array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
            0 and 1 for each label; or one of two classes, (n_clips,).
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Weight of each clip.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to, which no fold divides.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If `y` has more than two classes or holds anything but 0 and 1, thresholds are not as many as labels, or
            the folds do not hold out every clip once.
        """
        self._validate_params()
        (X,) = indexable(X)
        with RollbackOnError(self):
            for learned in ("label_names_", "slopes_", "intercepts_"):
                vars(self).pop(learned, None)
            target, matrix = self._check_y(y)
            check_equal_lengths(X, y=matrix, sample_weight=sample_weight, groups=groups)
            passed = {"sample_weight": sample_weight, "groups": groups}
            passed = {name: column_or_1d(values) for name, values in passed.items() if values is not None}
            self._learn_thresholds(X, target, matrix, passed)
            self.estimator_ = fitted(self.estimator, X, target, passed)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    def _check_y(self, y):
        """Return what the clips are, and the same as 0 and 1, (n_clips, n_labels); set what the columns are called."""
        if is_label_matrix(y):
            target = Labels(*check_label_matrix(y))
            self.label_names_ = numbered_unless(target.names, target.y.shape[1])
            self.classes_ = np.arange(target.y.shape[1])
            return target, target.y
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        target = Classes(check_labels(y))
        check_classification_targets(target.y)
        self.classes_ = np.unique(target.y)
        if len(self.classes_) == 1:
            raise ValueError(
                f"y has one class only ({shortened(self.classes_.tolist()[0])}). Pass clips of two classes."
            )
        if len(self.classes_) != 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is {type_of_target(target.y)}: y has "
                f"the classes {shortened(self.classes_.tolist())}. Give several labels as a column of 0 and 1 for each."
            )
        return target, (target.y == self.classes_[1]).astype(np.int64)[:, np.newaxis]

    def _check_thresholds(self, n_labels):
        """Return given thresholds: (n_labels,), float64; None where they are to be learned."""
        if isinstance(self.thresholds, str):
            return None
        thresholds = np.asarray(self.thresholds, dtype=np.float64)
        if thresholds.shape not in ((), (n_labels,)) or not ((thresholds >= 0) & (thresholds <= 1)).all():
            raise ValueError(
                f"thresholds={shortened(self.thresholds)} must be in [0, 1], one for all of the {n_labels} labels or "
                "one for each. Or let them be learned, with 'best'."
            )
        return np.broadcast_to(thresholds, (n_labels,)).copy()

    def _learn_thresholds(self, X, target, matrix, passed):
        """Set the thresholds and, where they are asked for, slopes and intercepts."""
        self.thresholds_ = self._check_thresholds(matrix.shape[1])
        if self.thresholds_ is not None and not self.calibrate:
            return
        folds = self._folds(X, matrix, target.y, passed.get("groups"))
        p = held_out_probabilities(self.estimator, X, target, passed, folds, self.n_jobs)
        weight = passed.get("sample_weight")
        if self.calibrate:
            each = _check_sample_weight(weight, matrix, dtype=np.float64)
            learned = [fit_platt(has_label, of_label, each) for has_label, of_label in zip(matrix.T, p.T, strict=True)]
            self.slopes_, self.intercepts_ = np.array(learned).T
            p = apply_platt(p, self.slopes_, self.intercepts_)
        if self.thresholds_ is None:
            self.thresholds_ = best_thresholds(matrix, p, metric=self.metric, sample_weight=weight)

    def _folds(self, X, matrix, y, groups):
        if not isinstance(self.cv, Integral):
            folds = list(check_cv(self.cv).split(X, y, groups))
            if not np.array_equal(np.sort(np.concatenate([tested for _, tested in folds])), np.arange(len(matrix))):
                raise ValueError(f"cv={shortened(self.cv)} must hold out every clip once. Pass a number of folds.")
            return folds
        n_folds = min(self.cv, len(matrix if groups is None else np.unique(groups)))
        if n_folds < 2:
            raise ValueError(
                f"cv={self.cv} takes clips of at least two groups, and all are of one. Pass others, or thresholds."
            )
        seed = 0 if self.random_state is None else check_random_state(self.random_state).randint(2**31)
        either = matrix if y.ndim > 1 else np.hstack([1 - matrix, matrix])  # trainings need clips of both classes
        return folds_of_labels(either, groups, n_folds, seed)

    def predict_proba(self, X):
        """Predict the probability of each label, or of both classes, for each clip; calibrated where it was learned.

        Parameters
        ----------
        X : array-like
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_clips, n_labels) or (n_clips, 2)
            In the order of ``label_names_``, or of ``classes_``.
        """
        p = self._label_probabilities(X)
        return p if hasattr(self, "label_names_") else np.hstack([1 - p, p])

    def predict(self, X):
        """Predict the labels of each clip, or its class: those whose probability is at least the threshold.

        Parameters
        ----------
        X : array-like
            What the estimator takes.

        Returns
        -------
        ndarray of shape (n_clips, n_labels), int64, or (n_clips,)
            1 for each label that a clip has, else 0; or the classes.
        """
        has_label = (self._label_probabilities(X) >= self.thresholds_).astype(np.int64)
        return has_label if hasattr(self, "label_names_") else self.classes_[has_label[:, 0]]

    def _label_probabilities(self, X):
        check_is_fitted(self, "estimator_")
        p = probabilities_of(self.estimator_, X, hasattr(self, "label_names_"))
        return apply_platt(p, self.slopes_, self.intercepts_) if hasattr(self, "slopes_") else p

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator)
        tags.input_tags = inner.input_tags
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = inner.classifier_tags is not None and inner.classifier_tags.multi_label
        return tags
