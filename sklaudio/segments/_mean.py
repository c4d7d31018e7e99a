"""SegmentMeanRegressor: a regressor of whole clips that learns from windows of their frames."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, MetaEstimatorMixin, RegressorMixin, TransformerMixin
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_sample_weight, check_is_fitted

from .._utils.numbers import check_numbers
from .._utils.target_names import TargetNamesMixin, check_same_names, names_of_columns
from ._cut import cut_segments, segment_sizes
from ._inner_estimator import keep_groups, weight_parameter
from ._segmented import CONSTRAINTS, SegmentedMixin, can_go_on
from ._targets import Numbers


class SegmentMeanRegressor(
    TargetNamesMixin, SegmentedMixin, MetaEstimatorMixin, RegressorMixin, TransformerMixin, BaseEstimator
):
    """Train a regressor on segments of clips, and predict the mean over the segments of a clip.

    A row of `X` stays one whole clip, as in a :class:`SegmentVotingClassifier`, so that no splitter can put two
    segments of one recording on both sides of a split. Each segment has the numbers of its clip in training.

    Parameters
    ----------
    estimator : regressor of frames
        What is trained on segments: a net, or a Pipeline such as FrameScaler and a net, or FrameSummary and a Ridge.
    segment_length : int, "auto" or None, default=130
        Frames in a segment; 130 are 3 s at 22050 Hz and a hop of 512 samples. "auto" decides it in `fit`: where the
        median clip is longer than two segments of `auto_length`, clips are cut into such; otherwise each is one
        segment, as with None, and predictions are those of the estimator alone.
    hop_length : int, "auto" or None, default=None
        Frames from the start of one segment to the next; None is as many as in a segment, "auto" is half of them.
    auto_length : int, default=130
        Frames in a segment where ``segment_length="auto"`` cuts.

    Attributes
    ----------
    estimator_ : regressor
        The fitted one.
    segment_length_ : int or None
        Frames in a segment; None where clips are whole.
    target_mean_ : ndarray of shape () or (n_targets,)
        Mean of each target over the clips of the last `fit` and all calls of `partial_fit` since, by weight. It is what
        is predicted for a clip without frames.
    target_weight_ : float
        Clips, by weight, that it is the mean of.
    target_names_ : ndarray of shape (n_targets,)
        Names of the targets, the columns of the DataFrame that `y` was, or the name of a Series. Only where they are
        text.
    n_features_in_ : int
        Number of dims.

    Notes
    -----
    A clip weighs the same however many segments it has: where the numbers of segments differ and the estimator takes
    `sample_weight`, that of a segment is that of its clip, divided by the number of the clip's segments.

    Where the estimator, or the last step of a Pipeline, takes `groups`, these are the recordings of the segments, so
    that early stopping never divides one. Where it splits by itself (it has a `cv`, as GridSearchCV and RidgeCV have),
    a number of folds becomes that many folds by recording, and None becomes 5.

    Clips shorter than a segment are one segment as they are, see :func:`cut_segments`.

    Where the estimator, or the last step of a Pipeline, has ``warm_start=True``, a later `fit` trains on what it has
    learned, with the parameters of `estimator` as they are then; steps before it are fitted anew.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary
    >>> rng = np.random.default_rng(0)
    >>> y = rng.uniform(1, 9, size=(20, 2))                        # valence and arousal of twenty clips
    >>> X = rng.normal(size=(20, 60, 2)) + y[:, np.newaxis]
    >>> mean = SegmentMeanRegressor(make_pipeline(FrameSummary(), Ridge()), segment_length=20)
    >>> mean.fit(X, y).score(X, y) > 0.9
    True
    """

    _parameter_constraints = CONSTRAINTS
    _keep_groups = staticmethod(keep_groups)

    def __init__(self, estimator, *, segment_length=130, hop_length=None, auto_length=130):
        self.estimator = estimator
        self.segment_length = segment_length
        self.hop_length = hop_length
        self.auto_length = auto_length

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None) -> Self:
        """Train a clone of the estimator, or with ``warm_start=True`` the fitted one, on the segments of all clips.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.
        y : array-like of shape (n_clips,) or (n_clips, n_targets)
            Its numbers.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight, which its segments get equal parts of.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to; None makes each clip a separate one.
        X_val, y_val : as X and y, or None, default=None
            Clips whose segments a net is validated on after each epoch, see :meth:`NetRegressor.fit`.

        Returns
        -------
        self : object
            The fitted regressor.

        Raises
        ------
        ValueError
            If a number is not finite, an argument or a parameter is not valid, `X_val` is given and the estimator takes
            none, or only one of `X_val` and `y_val` is given.
        """
        self._validate_params()
        if y_val is not None:
            check_same_names(names_of_columns(y_val, "y_val"), names_of_columns(y), "y_val")
        return self._fit_segments(X, y, sample_weight, groups, X_val, y_val)

    @available_if(can_go_on)
    def partial_fit(self, X, y, *, sample_weight=None):
        """Go on training the estimator on the segments of the clips given, as its `partial_fit` does.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        self : object
            The regressor.

        Raises
        ------
        ValueError
            If `y` has other targets than before, or an argument or a parameter is not valid.
        """
        self._validate_params()
        check_same_names(names_of_columns(y), getattr(self, "target_names_", None), "y")
        if hasattr(self, "estimator_") and y is not None and np.shape(y)[1:] != self.target_mean_.shape:
            raise ValueError(
                f"y is of shape {np.shape(y)}, and that of the first call was {('n_clips', *self.target_mean_.shape)}. "
                "Give every clip as many numbers."
            )
        return self._partial_fit_segments(X, y, sample_weight)

    def _read_target(self, y, name="y"):
        names = names_of_columns(y, name)
        return Numbers(check_numbers(y, name), names)

    def _segment_weights(self, estimator, method, sample_weight, clip, n_clips):
        """Compute weights that make clips weigh the same, however many segments each has; none if all have as many.

        A clip of the usual number of segments gives each its full weight: together they weigh what the segments would.
        """
        counts = np.bincount(clip, minlength=n_clips)
        weight = _check_sample_weight(sample_weight, counts, dtype=np.float64, ensure_non_negative=True)
        if not weight.any():
            raise ValueError("Sample weights must contain at least one non-zero number.")
        if sample_weight is None and np.ptp(counts[counts > 0]) == 0:
            return {}
        each = weight * np.average(counts, weights=weight) / np.maximum(counts, 1)
        return weight_parameter(estimator, method, each, clip, is_needed=sample_weight is not None)

    def predict(self, X) -> np.ndarray:
        """Predict the numbers of each clip: the mean over its segments.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_targets), float64
            In the unit of `y`; a clip without frames gets ``target_mean_``.

        Raises
        ------
        FloatingPointError
            If the estimator gives a segment NaN or infinity.
        """
        check_is_fitted(self, "estimator_")
        frames = self._check(X, reset=False)
        numbers, clip = self._predict_segments(frames)
        return self._of_segments(numbers, clip, len(frames), self.target_mean_)

    def predict_segments(self, X):
        """Predict the numbers of each segment.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        numbers : ndarray of shape (n_segments,) or (n_segments, n_targets)
            What the estimator predicts for it.
        clip : ndarray of shape (n_segments,), int
            Index of its clip in `X`.
        """
        check_is_fitted(self, "estimator_")
        return self._predict_segments(self._check(X, reset=False))

    def _predict_segments(self, frames):
        segments, clip = cut_segments(frames, *segment_sizes(self))
        if len(segments) == 0:
            return np.empty((0, *self.target_mean_.shape)), clip
        return np.reshape(self.estimator_.predict(segments), (len(clip), *self.target_mean_.shape)), clip

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = get_tags(self.estimator).target_tags.multi_output
        return tags
