"""FrameScaler: frames to zero mean and unit standard deviation."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from .._frames.validation import FramesOutMixin, check_frames, map_frames, merge_moments, n_axes, scale_of


@dataclass(eq=False, repr=False, kw_only=True)
class FrameScaler(OneToOneFeatureMixin, FramesOutMixin, BaseEstimator):
    """Subtract a mean from frames and divide by a standard deviation.

    Parameters
    ----------
    per : {"dim", "clip", "clip-dim"}, default="dim"
        What mean and standard deviation are taken over: each dim over all frames of all clips in `fit` ("dim"); each
        clip as a whole, which takes its level away and keeps its spectral envelope ("clip"); each dim of each clip,
        which takes both away ("clip-dim"). With the latter two nothing is learned.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_dims,), float64
        Mean and standard deviation of each dim; the scale of a constant dim is 1. Only for ``per="dim"``.
    n_frames_seen_ : int
        Number of frames they are of. Only for ``per="dim"``.
    n_features_in_ : int
        Number of dims.

    Examples
    --------
    >>> import numpy as np
    >>> frames = np.arange(24.0).reshape(2, 4, 3)           # (n_clips, n_frames, n_dims)
    >>> scaled = FrameScaler().fit_transform(frames)
    >>> scaled.shape, round(abs(float(scaled.mean())), 6), float(scaled.std().round(6))
    ((2, 4, 3), 0.0, 1.0)
    """

    per: str = "dim"

    _parameter_constraints = {"per": [StrOptions({"dim", "clip", "clip-dim"})]}

    def fit(self, X, y=None):
        """Learn mean and standard deviation of each dim.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted scaler.
        """
        for learned in ("n_frames_seen_", "mean_", "scale_", "_squares"):
            self.__dict__.pop(learned, None)
        return self._learn(X, reset=True)

    def partial_fit(self, X, y=None):
        """Learn from more clips; several calls equal one `fit` of all; see :meth:`fit`."""
        return self._learn(X, reset=not hasattr(self, "n_features_in_"))

    def _learn(self, X, *, reset):
        self._validate_params()
        frames = check_frames(self, X, reset=reset, allow_empty=True, stored=True)
        if self.per == "dim":
            moments = (self.n_frames_seen_, self.mean_, self._squares) if hasattr(self, "mean_") else None
            for clip in frames:
                moments = merge_moments(moments, clip)
            self.n_frames_seen_, self.mean_, self._squares = moments
            self.scale_ = scale_of(np.sqrt(self._squares / self.n_frames_seen_), self.mean_)
        return self

    def transform(self, X):
        """Scale frames.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames.

        Returns
        -------
        ndarray, float32, or object array of such
            The scaled frames, of the shape of `X`.
        """
        check_is_fitted(self, "n_features_in_")
        scaled = map_frames(self._scale, check_frames(self, X, reset=False, allow_empty=True))
        return self._label(scaled[:, 0] if n_axes(X) == 2 else scaled, X)

    def _scale(self, frames):
        """Scale (n_clips, n_frames, n_dims), one scale for all."""
        if self.per == "dim":
            mean, scale = self.mean_, self.scale_
        else:
            axis = (1, 2) if self.per == "clip" else 1
            mean = frames.mean(axis=axis, keepdims=True, dtype=np.float64)
            scale = scale_of(frames.std(axis=axis, keepdims=True, dtype=np.float64), mean)
        return ((frames - mean) / scale).astype(np.float32)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
