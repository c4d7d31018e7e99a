"""GroupedLogisticRegression: logistic regression whose C is chosen by folds that keep groups."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, make_scorer
from sklearn.model_selection import GridSearchCV, check_cv
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from .._utils.group_split import folds_by_group
from .._utils.label_folds import folds_of_labels
from .._utils.label_matrix import LabelDecisionMixin, check_label_matrix, is_label_matrix, numbered_unless
from .._utils.labels import check_labels
from .._utils.lengths import check_equal_lengths
from ._label_head import best_regularization, fit_labels, label_scores


class GroupedLogisticRegression(LabelDecisionMixin, ClassifierMixin, BaseEstimator):
    """Fit a logistic regression whose regularization is chosen by log loss on groups that were held out.

    With `y` of shape (n_clips, n_labels), of 0 and 1, it is one regression for each label, with one C for all of them.

    Parameters
    ----------
    Cs : sequence of float, default=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
        Inverses of the strength of regularization to choose from, each above 0.
    cv : int, splitter or iterable of folds, default=3
        Number of folds, from 2 on, which keep groups and leave clips of every class to train on; where the clips are of
        too few groups for it, there are as many folds as they allow. Others are taken as they are.
    max_iter : int, default=1000
        Steps of the solver.
    class_weight : dict, "balanced" or None, default=None
        As in :class:`sklearn.linear_model.LogisticRegression`. Of labels, as for :class:`~sklaudio.NetClassifier`: a
        dict has the weight of the clips with a label, by its name.
    random_state : int, RandomState or None, default=None
        Seed of the folds; None takes the folds without shuffling.

    Attributes
    ----------
    C_ : float
        The one that was chosen: the middle of `Cs` where a class is of one group, and nothing can be held out.
    estimator_ : LogisticRegression
        Fitted on all clips. Only with classes.
    coef_, intercept_ : ndarray of shape (n_labels, n_columns) and (n_labels,)
        Of the regression of each label, of which one that no clip has, or every clip, has an intercept alone. Only with
        labels.
    n_iter_ : ndarray of shape (1,)
        Steps that its solver took.
    classes_ : ndarray of shape (n_classes,)
        The classes, or numbers of the labels, from 0 on.
    label_names_ : ndarray of shape (n_labels,)
        Names of the labels, the columns of the DataFrame that `y` was; their numbers where it was none. Only with
        several labels for each clip.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    ``fit(X, y, groups=…)`` keeps clips of one recording, speaker or artist on one side of each fold; in a Pipeline,
    ``fit(X, y, head__groups=…)`` for a step named "head". Without groups each row is one.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["low", "high"], 12)
    >>> X = rng.normal(size=(24, 3)) + (y == "high")[:, None]
    >>> head = GroupedLogisticRegression(Cs=[0.01, 1.0]).fit(X, y, groups=np.arange(24) // 2)
    >>> head.C_, head.predict_proba(X).shape
    (1.0, (24, 2))
    """

    _parameter_constraints = {
        "Cs": ["array-like"],
        "cv": ["cv_object"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "random_state": ["random_state"],
    }

    def __init__(
        self, *, Cs=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0), cv=3, max_iter=1000, class_weight=None, random_state=None
    ):
        self.Cs = Cs
        self.cv = cv
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.random_state = random_state

    def fit(self, X, y, *, sample_weight=None, groups=None):
        """Choose C by the folds, and fit on all rows.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_columns)
            A row for each clip.
        y : array-like of shape (n_clips,), or array-like or DataFrame of shape (n_clips, n_labels)
            Its class, or 0 and 1 for each of several labels.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to; None makes each clip a separate one.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        self._validate_params()
        Cs = [float(C) for C in self.Cs]
        if not Cs or not all(0 < C < np.inf for C in Cs):
            raise ValueError(f"Cs={self.Cs!r} must be one or more numbers above 0.")
        vars(self).pop("label_names_", None)
        if is_label_matrix(y):
            return self._fit_labels(X, y, Cs, sample_weight, groups)
        check_classification_targets(y)
        X, y = validate_data(self, X, check_labels(y), dtype=[np.float64, np.float32])
        check_equal_lengths(X, sample_weight=sample_weight, groups=groups)
        classes, target = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y has one class only: {classes.tolist()}. A classifier needs two or more.")
        model = LogisticRegression(max_iter=self.max_iter, class_weight=self.class_weight)
        weights = {} if sample_weight is None else {"sample_weight": np.asarray(sample_weight, dtype=float)}
        folds = self._folds(X, y, target, groups) if len(Cs) > 1 else []
        if folds:
            scorer = make_scorer(log_loss, greater_is_better=False, response_method="predict_proba", labels=classes)
            search = GridSearchCV(model, {"C": Cs}, cv=folds, scoring=scorer, refit=False, error_score="raise")
            self.C_ = search.fit(X, y, **weights).best_params_["C"]
        else:
            self.C_ = sorted(Cs)[len(Cs) // 2]
        for name in ("coef_", "intercept_"):  # of labels
            vars(self).pop(name, None)
        self.estimator_ = model.set_params(C=self.C_).fit(X, y, **weights)
        self.classes_, self.n_iter_ = self.estimator_.classes_, self.estimator_.n_iter_
        return self

    def _fit_labels(self, X, y, Cs, sample_weight, groups):
        matrix, names = check_label_matrix(y)
        X = validate_data(self, X, dtype=[np.float64, np.float32])
        check_equal_lengths(X, y=matrix, sample_weight=sample_weight, groups=groups)
        names = numbered_unless(names, matrix.shape[1])
        weight = np.ones(len(X)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
        settings = {"max_iter": self.max_iter, "class_weight": self.class_weight}
        folds = []
        if len(Cs) > 1 and not isinstance(self.cv, Integral):
            folds = list(check_cv(self.cv).split(X, matrix, groups))
        elif len(Cs) > 1:
            n_folds = min(int(self.cv), len(X) if groups is None else len(np.unique(groups)))
            folds = folds_of_labels(matrix, groups, n_folds, self._seed() or 0) if n_folds > 1 else []
        self.C_ = (
            best_regularization(X, matrix, names, weight, Cs, folds, settings) if folds else sorted(Cs)[len(Cs) // 2]
        )
        self.coef_, self.intercept_, n_iter = fit_labels(X, matrix, names, weight, self.C_, settings)
        self.n_iter_ = np.array([n_iter])
        self.classes_, self.label_names_ = np.arange(len(names)), names
        vars(self).pop("estimator_", None)
        return self

    def _seed(self):
        """Return the seed of the folds, or None."""
        if self.random_state is None:
            return None
        return int(check_random_state(self.random_state).randint(2**31))

    def _folds(self, X, y, target, groups):
        """Return the folds of `cv`, or as many as the groups allow; none where a class is of one group."""
        if not isinstance(self.cv, Integral):
            return list(check_cv(self.cv, y, classifier=True).split(X, y, groups))
        groups, seed = np.arange(len(y)) if groups is None else np.asarray(groups), self._seed()
        for n_folds in range(int(self.cv), 1, -1):
            try:
                return folds_by_group(target, groups, n_folds, shuffle=seed is not None, seed=seed)
            except ValueError:  # too few groups
                continue
        return []

    def decision_function(self, X):
        """Return the scores before the softmax: array of shape (n_clips, n_classes), or (n_clips,) of two classes.

        Of labels, the log-odds of each: array of shape (n_clips, n_labels).
        """
        return self._ask("decision_function", X)

    def predict_proba(self, X):
        """Return the probability of each class or label: array of shape (n_clips, n_classes)."""
        return self._ask("predict_proba", X)

    def predict(self, X):
        """Return the most probable class of each clip, (n_clips,), or 1 for each label that it has, else 0."""
        return self._ask("predict", X)

    def _ask(self, method, X):
        check_is_fitted(self)
        rows = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        if hasattr(self, "label_names_"):
            return label_scores(rows @ self.coef_.T + self.intercept_, method)
        return getattr(self.estimator_, method)(rows)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
