"""Segments and votes: a classifier of whole clips that learns from windows of their frames."""

from contextlib import contextmanager
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin
from sklearn.utils import check_consistent_length
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from ._frames import check_frames, stack_frames
from ._inner import fit_parameter, is_warm, keep_together, last_step, next_to_train, reads_stored, weight_parameter
from ._labels import check_labels, class_count
from ._stored import StoredFrames, StoredSegments
from ._undo import UndoneOnError

__all__ = ["SegmentVotingClassifier", "cut_segments", "last_step"]


def cut_segments(frames, segment_length, hop_length=None):
    """Cut each clip into windows of equally many frames.

    Parameters
    ----------
    frames : ndarray of shape (n_clips, n_frames, n_dims), object array of (n_frames_i, n_dims), or StoredFrames
        The frames of each clip; of those that lie on a disk nothing is read.
    segment_length : int
        Frames in a segment.
    hop_length : int or None, default=None
        Frames from the start of one segment to the next; None is `segment_length`, so that they do not overlap.

    Returns
    -------
    segments : ndarray of shape (n_segments, segment_length, n_dims), object array of arrays, or StoredSegments
        The segments of all clips in order. Frames at the end of a clip that fill no segment are left out; a clip of
        fewer frames than a segment is one segment as it is, and one without frames is none.
    clip : ndarray of shape (n_segments,), int
        Index of the clip that each was cut from.

    Examples
    --------
    >>> segments, clip = cut_segments(np.zeros((2, 300, 13)), 130)
    >>> segments.shape, clip.tolist()
    ((4, 130, 13), [0, 0, 1, 1])
    """
    hop_length = segment_length if hop_length is None else hop_length
    if isinstance(frames, StoredFrames):
        return _segments_of_stored(frames, segment_length, hop_length)
    segments, clip = [], []
    for index, own in enumerate(frames):
        starts = _starts(len(own), segment_length, hop_length)
        segments += [own[start : start + segment_length] for start in starts]
        clip += [index] * len(starts)
    return stack_frames(segments), np.array(clip)


def _starts(n_frames, segment_length, hop_length):
    return range(0, max(1, n_frames - segment_length + 1), hop_length) if n_frames else ()


def _segments_of_stored(frames, segment_length, hop_length):
    n_clips, n_frames, _ = frames.shape
    starts = _starts(n_frames, segment_length, hop_length)
    clip = np.repeat(np.arange(n_clips), len(starts))
    own = StoredSegments(frames.source, frames.rows[clip], np.tile(starts, n_clips), min(segment_length, n_frames))
    return own, clip


def _can_go_on(voting):
    return getattr(voting.estimator, "partial_fit", None) is not None


class SegmentVotingClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):
    """Train a classifier on segments of clips, and let the segments of a clip vote on its class.

    A row of `X` stays one whole clip, so that no splitter can put two segments of one recording on both sides of a
    split; segments exist only in here.

    Parameters
    ----------
    estimator : classifier of frames
        What is trained on segments: a net, or a Pipeline such as FrameScaler and a net, or FrameSummary and an SVM.
    segment_length : int, default=130
        Frames in a segment; 130 are 3 s at 22050 Hz and a hop of 512 samples.
    hop_length : int or None, default=None
        Frames from the start of one segment to the next; None is `segment_length`.
    voting : {"soft", "hard"}, default="soft"
        "soft" takes the mean of the probabilities of a clip's segments, "hard" counts the classes they were given.

    Attributes
    ----------
    estimator_ : classifier
        The fitted one.
    classes_ : ndarray of shape (n_classes,)
        The labels.
    class_count_ : ndarray of shape (n_classes,)
        Clips of each class, by weight, in the last `fit` and all calls of `partial_fit` for the same classes since.
    class_prior_ : ndarray of shape (n_classes,)
        Share of each class in them, which is the answer for a clip without frames.
    n_features_in_ : int
        Number of dims.

    Notes
    -----
    Where the estimator, or the last step of a Pipeline, takes `groups`, it is told which recording a segment is of, so
    that early stopping never divides one. Where it splits by itself (it has a `cv`, as GridSearchCV and
    CalibratedClassifierCV have), a number of folds becomes that many folds by recording.

    Clips shorter than a segment are one segment as they are, see :func:`cut_segments`.

    Where the estimator, or the last step of a Pipeline, has ``warm_start=True``, a later `fit` trains on what it has
    learned, with the parameters of `estimator` as they are then; steps before it are fitted anew.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["low", "high"], 10)
    >>> X = rng.normal(size=(20, 60, 2)) + (y == "high")[:, None, None]
    >>> vote = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length=20)
    >>> vote.fit(X, y).score(X, y)
    1.0
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "segment_length": [Interval(Integral, 1, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left"), None],
        "voting": [StrOptions({"soft", "hard"})],
    }

    def __init__(self, estimator, *, segment_length=130, hop_length=None, voting="soft"):
        self.estimator = estimator
        self.segment_length = segment_length
        self.hop_length = hop_length
        self.voting = voting

    def fit(self, X, y, *, sample_weight=None, groups=None):
        """Train a clone of the estimator, or with ``warm_start=True`` the fitted one, on the segments of all clips.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.
        y : array-like of shape (n_clips,)
            Its class.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight, which each of its segments gets.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to; None makes each clip one of its own.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        estimator = self._next_to_train(goes_on=is_warm(self.estimator))
        with UndoneOnError(self) as undone:
            segments, clip, y = self._cut(X, y, sample_weight, groups, reset=True)
            groups = np.arange(len(y)) if groups is None else np.asarray(groups)
            keep_together(estimator, segments, y[clip], groups[clip])
            passed = fit_parameter(estimator, "groups", groups[clip])
            passed |= weight_parameter(estimator, "fit", sample_weight, clip)
            with self._learning(estimator, undone, y, sample_weight):
                estimator.fit(segments, y[clip], **passed)
        return self

    @available_if(_can_go_on)
    def partial_fit(self, X, y, classes=None, *, sample_weight=None):
        """Go on training the estimator on the segments of the clips given, as its own `partial_fit` does.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array-like or None, default=None
            All classes that will ever come, which most estimators ask for in the first call. A net with
            ``warm_start=True`` takes others later, see :meth:`NetClassifier.partial_fit`.

        Returns
        -------
        self : object
            The classifier.
        """
        is_first = not hasattr(self, "estimator_")
        estimator = self._next_to_train(goes_on=True)
        with UndoneOnError(self) as undone:
            segments, clip, y = self._cut(X, y, sample_weight, None, reset=is_first)
            passed = weight_parameter(estimator, "partial_fit", sample_weight, clip)
            with self._learning(estimator, undone, y, sample_weight, adds=not is_first):
                estimator.partial_fit(segments, y[clip], classes=classes, **passed)
        return self

    def _next_to_train(self, *, goes_on):
        self._validate_params()
        if self.voting == "soft" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"voting='soft' needs probabilities, and {type(self.estimator).__name__} has no predict_proba. "
                "Use voting='hard', or calibrate the classifier."
            )
        return next_to_train(self.estimator, getattr(self, "estimator_", None), goes_on=goes_on)

    def _cut(self, X, y, sample_weight, groups, *, reset):
        """Segments, the clip that each is of, and checked labels of the clips."""
        segments, clip = cut_segments(self._check(X, reset=reset), self.segment_length, self.hop_length)
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        y = check_labels(y)
        check_consistent_length(X, y, sample_weight, groups)
        return segments, clip, y

    @contextmanager
    def _learning(self, estimator, undone, y, sample_weight, *, adds=False):
        """Take on what the block teaches `estimator`; a Ctrl-C leaves what was learned until then."""
        try:
            yield
        except KeyboardInterrupt:
            if not hasattr(estimator, "classes_"):
                raise
            undone.errors = Exception
            self._take_on(estimator, y, sample_weight, adds)
            raise
        self._take_on(estimator, y, sample_weight, adds)

    def _take_on(self, estimator, y, sample_weight, adds):
        adds = adds and np.array_equal(estimator.classes_, self.classes_)
        seen = getattr(self, "class_count_", 0.0) if adds else 0.0
        self.estimator_, self.classes_ = estimator, estimator.classes_
        self.class_count_ = seen + class_count(self.classes_, y, sample_weight)
        self.class_prior_ = self.class_count_ / self.class_count_.sum()

    def predict_proba(self, X):
        """Share of each class in the vote of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_classes)
            Mean probability of its segments ("soft"), or share of its segments ("hard"); a clip without frames gets
            ``class_prior_``.
        """
        check_is_fitted(self, "estimator_")
        frames = self._check(X, reset=False)
        votes, clip = self._vote(frames)
        n_votes = np.bincount(clip, minlength=len(frames))[:, np.newaxis]
        sums = np.zeros((len(frames), len(self.classes_)))
        np.add.at(sums, clip, votes)
        shares = np.where(n_votes > 0, sums / np.maximum(n_votes, 1), self.class_prior_)
        return shares.astype(votes.dtype, copy=False)

    def predict_segments(self, X):
        """The vote of each segment.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        votes : ndarray of shape (n_segments, n_classes)
            Its probabilities ("soft"), or 1 for the class it was given and 0 for the others ("hard").
        clip : ndarray of shape (n_segments,), int
            Index of its clip in `X`.
        """
        check_is_fitted(self, "estimator_")
        return self._vote(self._check(X, reset=False))

    def _vote(self, frames):
        segments, clip = cut_segments(frames, self.segment_length, self.hop_length)
        if self.voting == "soft":
            return self.estimator_.predict_proba(segments), clip
        return (self.estimator_.predict(segments)[:, np.newaxis] == self.classes_).astype(np.float32), clip

    def predict(self, X):
        """The class with the largest share of the vote of each clip: array of shape (n_clips,)."""
        winner = self.predict_proba(X).argmax(axis=1)
        return self.classes_[winner]

    def _check(self, X, *, reset):
        return check_frames(self, X, reset=reset, allow_empty=True, stored=reads_stored(self.estimator))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
