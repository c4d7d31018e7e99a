"""FrameSummary: the frames of a clip to one table row, for classical estimators."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from .._frames import check_frames, scale_of


def skewness(frames, axis):
    """Third standardized moment: 0 for what is symmetric or does not vary."""
    mean = frames.mean(axis=axis, keepdims=True)
    deviation = frames - mean
    scale = scale_of(np.sqrt((deviation**2).mean(axis=axis, keepdims=True)), mean)
    return ((deviation / scale) ** 3).mean(axis=axis)


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
        """Check the frames; nothing is learned.

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
        self._validate_params()
        unknown = [name for name in self.statistics if name not in STATISTICS]
        if unknown or not self.statistics:
            raise ValueError(f"statistics={self.statistics!r}: take one or more of {sorted(STATISTICS)}.")
        check_frames(self, X, reset=True)
        return self

    def transform(self, X):
        """Compute the statistics of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames.

        Returns
        -------
        ndarray of shape (n_clips, n_statistics * n_dims), float32
            All dims by the first statistic, then by the next.
        """
        check_is_fitted(self)
        frames = check_frames(self, X, reset=False)
        rows = [[STATISTICS[name](clip.astype(np.float64), axis=0) for name in self.statistics] for clip in frames]
        return np.asarray(rows, dtype=np.float32).reshape(len(rows), -1)

    def get_feature_names_out(self, input_features=None):
        """Names of the columns: the name of the dim and the statistic.

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
