"""What was loaded with its weights, and must not lose them to a Pipeline that fits its steps."""

from sklearn.utils.validation import _is_fitted

from .._introspect import is_warm


class LoadedMixin:
    """For classifiers with a ``transform``: loaded ones, and clones of them, refuse ``fit_transform``.

    A Pipeline fits every step that it has, in place or as a clone: as the first step of another model, a loaded net
    would be trained anew, and its weights thrown away. ``fit`` says so itself, and stays training.
    """

    _is_loaded = False

    def __sklearn_clone__(self):
        """Clone, which forgets weights, but not that there were any."""
        clone = super().__sklearn_clone__()
        if self._is_loaded:
            clone._is_loaded = True
        return clone

    def fit_transform(self, X, y=None, **fit_params):
        """Fit, and transform the same clips; what was loaded refuses, unless it trains on from its weights.

        Parameters
        ----------
        X, y, **fit_params
            As in ``fit``.

        Returns
        -------
        ndarray of shape (n_clips, n_embedding)
            As ``transform`` gives.

        Raises
        ------
        ValueError
            If the estimator, or what it is a clone of, was loaded with its weights, and ``warm_start=True`` does not
            go on from them.
        """
        goes_on = is_warm(getattr(self, "estimator", self)) and _is_fitted(self)
        if self._is_loaded and not goes_on:
            raise ValueError(
                f"{type(self).__name__} was loaded with its weights, and fit_transform, which a Pipeline calls for "
                "each step before its last, would train it anew without them. To keep them, put "
                "sklearn.frozen.FrozenEstimator around the loaded model: make_pipeline(FrozenEstimator(model), …). "
                "To train anew, call fit, then transform."
            )
        return super().fit_transform(X, y, **fit_params)
