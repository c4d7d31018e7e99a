"""What estimators that cut clips into segments have in common."""

from contextlib import contextmanager
from numbers import Integral

import numpy as np
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._frames.validation import check_frames, with_index
from .._introspect import is_warm
from .._utils.lengths import check_equal_lengths
from .._utils.loaded import LoadedMixin
from .._utils.rollback import RollbackOnError
from .._utils.validation_part import NO_FRAMES, check_pair, errors_name_part
from ._cut import MAX_WHOLE, cut_segments, pool_by_clip, segment_sizes
from ._fit_with_validation import check_takes_validation, fit_with_validation
from ._inner_estimator import fit_parameter, next_to_train, reads_stored, weight_parameter
from ._targets import LEARNED

CONSTRAINTS = {
    "estimator": [HasMethods(["fit", "predict"])],
    "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    "hop_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    "auto_length": [Interval(Integral, 1, None, closed="left")],
}


def can_go_on(segmented):
    """Return whether the estimator inside has a partial_fit."""
    return getattr(segmented.estimator, "partial_fit", None) is not None


def _embeds(segmented):
    return hasattr(getattr(segmented, "estimator_", segmented.estimator), "transform")


class SegmentedMixin(LoadedMixin):
    """Fit on segments, and embed clips as the mean of their segments.

    A class has `_read_target`, `_keep_groups`, and predictions. It is not a TransformerMixin, which would put a
    ``transform`` over one that not all estimators have.
    """

    def _fit_segments(self, X, y, sample_weight, groups, X_val, y_val):
        """Fit as the `fit` of the class says."""
        goes_on = is_warm(self.estimator)
        estimator = next_to_train(self.estimator, getattr(self, "estimator_", None), goes_on=goes_on)
        with RollbackOnError(self) as undone:
            if not goes_on:
                vars(self).pop("_is_loaded", None)
            segments, clip, target = self._cut(X, y, sample_weight, groups, reset=True)
            groups = np.arange(len(target.y)) if groups is None else np.asarray(groups)
            self._keep_groups(estimator, segments, target.y[clip], groups[clip])
            passed = fit_parameter(estimator, "groups", groups[clip])
            passed |= self._segment_weights(estimator, "fit", sample_weight, clip, len(target.y))
            validation = self._cut_validation(X_val, y_val)
            with self._learning(estimator, undone, target, sample_weight):
                if validation is None:
                    estimator.fit(segments, target.rows(clip), **passed)
                else:
                    fit_with_validation(estimator, segments, target.rows(clip), *validation, **passed)
        return self

    def _partial_fit_segments(self, X, y, sample_weight, **passed):
        """Go on as the `partial_fit` of the class says."""
        is_first = not hasattr(self, "estimator_")
        estimator = next_to_train(self.estimator, getattr(self, "estimator_", None), goes_on=True)
        with RollbackOnError(self) as undone:
            segments, clip, target = self._cut(X, y, sample_weight, None, reset=is_first)
            passed |= self._segment_weights(estimator, "partial_fit", sample_weight, clip, len(target.y))
            with self._learning(estimator, undone, target, sample_weight, adds=not is_first):
                estimator.partial_fit(segments, target.rows(clip), **passed)
        return self

    def _cut(self, X, y, sample_weight, groups, *, reset):
        """Cut clips; return segments, the clip that each is of, and what the clips are."""
        frames = self._check(X, reset=reset)
        if reset:
            self.segment_length_ = self._learn_length(frames)
        segments, clip = cut_segments(frames, *segment_sizes(self))
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        target = self._read_target(y)
        check_equal_lengths(X, y=target.y, sample_weight=sample_weight, groups=groups)
        return segments, clip, target

    def _cut_validation(self, X_val, y_val):
        """Cut the clips to validate on; return segments, and what they are; None where there are none."""
        if X_val is None and y_val is None:
            return None
        check_pair(X_val, y_val)
        check_takes_validation(self.estimator)
        with errors_name_part():
            frames = self._check(X_val, reset=False)
        segments, clip = cut_segments(frames, *segment_sizes(self))
        if len(segments) == 0:
            raise ValueError(NO_FRAMES)
        return segments, self._read_target(y_val, "y_val").rows(clip)

    def _segment_weights(self, estimator, method, sample_weight, clip, n_clips):
        """Return the weights of segments as parameters of a method; {} where there are none."""
        return weight_parameter(estimator, method, sample_weight, clip)

    @contextmanager
    def _learning(self, estimator, undone, target, sample_weight, *, adds=False):
        """Take on what the block teaches `estimator`; a Ctrl-C leaves what was learned until then."""
        try:
            yield
        except KeyboardInterrupt:
            if not target.is_learned(estimator):
                raise
            undone.errors = Exception
            self._take_on(estimator, target, sample_weight, adds)
            raise
        self._take_on(estimator, target, sample_weight, adds)

    def _take_on(self, estimator, target, sample_weight, adds):
        self.estimator_ = estimator
        learned = target.learned(estimator, sample_weight, vars(self) if adds else {})
        for name in LEARNED:
            vars(self).pop(name, None)
        vars(self).update(learned)

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
        """Return frames in a segment, or None for whole clips, by how long the clips to train on are."""
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
