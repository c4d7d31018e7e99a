"""What estimators that cut clips into segments have in common."""

from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._frames.validation import check_frames, with_index
from .._utils.loaded import LoadedMixin
from ._cut import MAX_WHOLE, cut_segments, pool_by_clip, segment_sizes
from ._inner_estimator import reads_stored

CONSTRAINTS = {
    "estimator": [HasMethods(["fit", "predict"])],
    "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    "hop_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    "auto_length": [Interval(Integral, 1, None, closed="left")],
}


def can_go_on(segmented):
    """Tell whether the estimator inside has a partial_fit."""
    return getattr(segmented.estimator, "partial_fit", None) is not None


def _embeds(segmented):
    return hasattr(getattr(segmented, "estimator_", segmented.estimator), "transform")


class SegmentedMixin(LoadedMixin):
    """How frames are checked and cut, and the mean of what comes of segments: predictions and embeddings.

    Outside of the TransformerMixin, which would put a ``transform`` of its own over one that not all estimators have.
    """

    @available_if(_embeds)
    def fit_transform(self, X, y=None, **fit_params):
        """Fit, and transform the same clips; what was loaded refuses, see :class:`LoadedMixin`."""
        return super().fit_transform(X, y, **fit_params)

    @available_if(_embeds)
    def transform(self, X):
        """Return what the estimator makes of each clip before it predicts: the mean over its segments.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_embedding)
            One row per clip. With pandas output, the index is that of the Series or DataFrame that the frames were made
            of.

        Raises
        ------
        ValueError
            If a clip has no frames.
        """
        check_is_fitted(self, "estimator_")
        frames = check_frames(self, X, reset=False, stored=reads_stored(self.estimator))
        segments, clip = cut_segments(frames, *segment_sizes(self))
        embedded = np.asarray(self.estimator_.transform(segments))
        means = pool_by_clip(embedded, clip, len(frames)).astype(embedded.dtype)
        return _wrap_data_with_container("transform", with_index(self, means, X), X, self)

    @available_if(_embeds)
    def get_feature_names_out(self, input_features=None):
        """Return the names of the columns of :meth:`transform`, which are those of the estimator.

        Parameters
        ----------
        input_features : sequence of str or None, default=None
            Names of the dims.

        Returns
        -------
        ndarray of str
            Such as "crnnclassifier0".
        """
        check_is_fitted(self, "estimator_")
        return self.estimator_.get_feature_names_out(input_features)

    def _learn_length(self, frames):
        """Frames in a segment, or None for whole clips, by how long the clips to train on are."""
        if self.segment_length != "auto":
            return None if self.segment_length is None else int(self.segment_length)
        lengths = frames.shape[1:2] or [len(clip) for clip in frames if len(clip)]
        median = np.median(lengths)
        return int(self.auto_length) if median > MAX_WHOLE * self.auto_length else None

    def _check(self, X, *, reset):
        return check_frames(self, X, reset=reset, allow_empty=True, stored=reads_stored(self.estimator))

    def _of_segments(self, predictions, clip, n_clips, without, *, takes_largest=False):
        """Pool the predictions for the segments of each clip; `without` for a clip that has none."""
        is_finite = np.isfinite(predictions).all(axis=tuple(range(1, predictions.ndim)))
        if not is_finite.all():
            raise FloatingPointError(
                f"{type(self.estimator).__name__} gives NaN or infinity for a segment of X[{clip[np.argmin(is_finite)]}"
                "], and maybe others. Look for huge values in X, or train it again."
            )
        return pool_by_clip(predictions, clip, n_clips, without, takes_largest=takes_largest)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
