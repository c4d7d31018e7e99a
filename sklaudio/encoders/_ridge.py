"""GroupedRidge: ridge regression whose alpha is chosen by folds that keep groups."""

from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, check_cv
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from .._utils.lengths import check_equal_lengths
from .._utils.target_names import TargetNamesMixin, names_of_columns


class GroupedRidge(TargetNamesMixin, RegressorMixin, BaseEstimator):
    """Fit a ridge regression whose regularization is chosen by squared errors on groups that were held out.

    Parameters
    ----------
    alphas : sequence of float, default=(0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0)
        Strengths of regularization to choose from, each above 0.
    cv : int, splitter or iterable of folds, default=3
        Number of folds, from 2 on, which keep groups; there are as many folds as groups where these are fewer. Others
        are taken as they are.

    Attributes
    ----------
    alpha_ : float
        The one that was chosen: the middle of `alphas` where all clips are of one group, and nothing can be held out.
    estimator_ : Ridge
        Fitted on all clips.
    target_names_ : ndarray of shape (n_targets,)
        Names of the targets, the columns of the DataFrame that `y` was, or the name of a Series. Only where they are
        text.
    n_features_in_ : int
        Number of columns.

    Notes
    -----
    ``fit(X, y, groups=…)`` keeps clips of one recording, speaker or artist on one side of each fold; in a Pipeline,
    ``fit(X, y, head__groups=…)`` for a step named "head". Without groups each row is one. Errors of several targets
    are in standard deviations of each, so that none counts more for its unit; all have the same alpha.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = rng.normal(size=24)
    >>> X = rng.normal(size=(24, 3)) + y[:, None]
    >>> head = GroupedRidge(alphas=[1.0, 1000.0]).fit(X, y, groups=np.arange(24) // 2)
    >>> head.alpha_, head.predict(X).shape
    (1.0, (24,))
    """

    _parameter_constraints = {"alphas": ["array-like"], "cv": ["cv_object"]}

    def __init__(self, *, alphas=(0.1, 1.0, 10.0, 100.0, 1000.0, 10000.0), cv=3):
        self.alphas = alphas
        self.cv = cv

    def fit(self, X, y, *, sample_weight=None, groups=None):
        """Choose alpha by the folds, and fit on all rows.

        Parameters
        ----------
        X : array-like of shape (n_clips, n_columns)
            A row for each clip.
        y : array-like of shape (n_clips,) or (n_clips, n_targets)
            Its numbers.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to; None makes each clip a separate one.

        Returns
        -------
        self : object
            The fitted regressor.
        """
        self._validate_params()
        alphas = [float(alpha) for alpha in self.alphas]
        if not alphas or not all(0 < alpha < np.inf for alpha in alphas):
            raise ValueError(f"alphas={self.alphas!r} must be one or more numbers above 0.")
        names = names_of_columns(y)
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        check_equal_lengths(X, groups=groups)
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        folds = self._folds(X, y, groups) if len(alphas) > 1 else []
        if folds:
            self.alpha_ = min(alphas, key=lambda alpha: _squared_error(alpha, X, y, weight, folds))
        else:
            self.alpha_ = sorted(alphas)[len(alphas) // 2]
        self.estimator_ = Ridge(self.alpha_).fit(X, y, sample_weight=weight)
        vars(self).pop("target_names_", None)
        if names is not None:
            self.target_names_ = names
        return self

    def _folds(self, X, y, groups):
        """Return the folds of `cv`, or as many as there are groups; none where there is one."""
        if not isinstance(self.cv, Integral):
            return list(check_cv(self.cv).split(X, y, groups))
        groups = np.arange(len(X)) if groups is None else np.asarray(groups)
        n_folds = min(int(self.cv), len(np.unique(groups)))
        return list(GroupKFold(n_folds).split(X, y, groups)) if n_folds > 1 else []

    def predict(self, X):
        """Return the numbers of each clip: array of shape (n_clips,) or (n_clips, n_targets), as `y` had it."""
        check_is_fitted(self)
        return self.estimator_.predict(validate_data(self, X, dtype=np.float64, reset=False))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _squared_error(alpha, X, y, weight, folds):
    """Sum the squared errors on what all folds hold out, by weight; each target in its standard deviations."""
    total = np.zeros(y.shape[1:])
    for kept, held_out in folds:
        model = Ridge(alpha).fit(X[kept], y[kept], sample_weight=weight[kept])
        predicted = model.predict(X[held_out]).reshape(y[held_out].shape)
        total += weight[held_out] @ (y[held_out] - predicted) ** 2
    spread = weight @ (y - np.average(y, axis=0, weights=weight)) ** 2
    return np.sum(total / np.where(spread > 0, spread, 1.0))
