"""FrameSummary: the frames of a clip to one table row, for classical estimators."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .._frames.validation import check_frames, has_frames, scale_of, with_index
from .._utils.terminal import shortened


def skewness(frames, axis):
    """Compute the third standardized moment: 0 for what is symmetric or does not vary."""
    mean = frames.mean(axis=axis, keepdims=True)
    centred = frames - mean
    scale = scale_of(np.sqrt((centred**2).mean(axis=axis, keepdims=True)), mean)
    return ((centred / scale) ** 3).mean(axis=axis)


STATISTICS = {
    "mean": np.mean,
    "std": np.std,
    "min": np.min,
    "max": np.max,
    "median": np.median,
    "skew": skewness,
}


@dataclass(eq=False, repr=False)
class FrameSummary(TransformerMixin, BaseEstimator):
    """Summarize the frames of each clip by statistics over time: one row of a table per clip.

    Parameters
    ----------
    statistics : sequence of {"mean", "std", "min", "max", "median", "skew"}, default=("mean", "std")
        What to compute of each dim over the frames of a clip.

    Attributes
    ----------
    mean_ : ndarray of shape (n_statistics * n_dims,), float32
        Mean row of the clips in `fit`, which is the row of a clip without frames: one that could not be read, where
        the features have ``on_error="warn"``.
    n_features_in_ : int
        Number of dims.

    Examples
    --------
    >>> import numpy as np
    >>> frames = np.arange(12.0).reshape(1, 6, 2)           # one clip, six frames, two dims
    >>> summary = FrameSummary(statistics=("mean", "max")).fit(frames)
    >>> summary.transform(frames).tolist()
    [[5.0, 6.0, 10.0, 11.0]]
    >>> summary.get_feature_names_out(["rms", "centroid"]).tolist()
    ['rms_mean', 'centroid_mean', 'rms_max', 'centroid_max']
    """

    statistics: tuple = ("mean", "std")

    _parameter_constraints = {"statistics": [tuple, list]}

    def fit(self, X, y=None):
        """Learn the row of clips without frames: the mean of all others.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames. Where the steps before were set to make tables (``Pipeline.set_output``), they carry the names
            of their dims, and columns are called after these.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        self._learn(X)
        return self

    def fit_transform(self, X, y=None):
        """Fit, and compute the statistics of each clip once; see :meth:`transform`."""
        return with_index(self, self._learn(X), X)

    def transform(self, X):
        """Compute the statistics of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames.

        Returns
        -------
        ndarray of shape (n_clips, n_statistics * n_dims), float32
            All dims by the first statistic, then by the next. A clip without frames gets ``mean_``. With pandas output,
            the index is that of the Series or DataFrame that the frames were made of.

        Raises
        ------
        ValueError
            If a clip has no frames and the summary was saved before ``mean_`` came to it; fit it again.
        """
        check_is_fitted(self)
        knows_mean = hasattr(self, "mean_")  # files of earlier versions have none
        frames = check_frames(self, X, reset=False, allow_empty=knows_mean)
        rows = self._summarize(frames)
        rows[~has_frames(frames)] = self.mean_ if knows_mean else np.nan
        return with_index(self, rows, X)

    def _learn(self, X):
        """Learn from clips, and return their rows."""
        self._validate_params()
        unknown = [name for name in self.statistics if name not in STATISTICS]
        if unknown or not self.statistics:
            raise ValueError(f"statistics={shortened(self.statistics)}: take one or more of {sorted(STATISTICS)}.")
        frames = check_frames(self, X, reset=True, allow_empty=True)
        rows, is_there = self._summarize(frames), has_frames(frames)
        self.mean_ = rows[is_there].mean(axis=0, dtype=np.float64).astype(np.float32)
        rows[~is_there] = self.mean_
        return rows

    def _summarize(self, frames):
        """Compute statistics of each clip: (n_clips, n_statistics * n_dims), float32; NaN if there are no frames."""
        rows = np.full((len(frames), len(self.statistics), self.n_features_in_), np.nan, dtype=np.float32)
        for row, clip in zip(rows, frames, strict=True):
            if len(clip):
                row[:] = [STATISTICS[name](clip.astype(np.float64), axis=0) for name in self.statistics]
        return rows.reshape(len(rows), -1)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns: the name of the dim and the statistic.

        Parameters
        ----------
        input_features : sequence of str or None, default=None
            Names of the dims; None uses those seen in `fit`, or "x0", "x1", …

        Returns
        -------
        ndarray of str
            Such as "mfcc0_mean".
        """
        check_is_fitted(self)
        names = _check_feature_names_in(self, input_features)
        return np.asarray([f"{name}_{statistic}" for statistic in self.statistics for name in names], dtype=object)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
