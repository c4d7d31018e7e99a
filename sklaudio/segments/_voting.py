"""Segments and votes: a classifier of whole clips that learns from windows of their frames."""

from contextlib import contextmanager
from numbers import Integral

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import check_consistent_length, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils._set_output import _wrap_data_with_container
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._frames.out_of_core import StoredFrames, StoredSegments
from .._frames.validation import as_object_array, check_frames, has_frames, stack_frames, with_index
from .._introspect import is_warm, last_step
from .._utils.label_matrix import LabelDecisionMixin, check_label_matrix, is_label_matrix, label_probabilities
from .._utils.labels import check_labels
from .._utils.loaded import LoadedMixin
from .._utils.rollback import RollbackOnError
from ._inner_estimator import (
    fit_parameter,
    make_group_aware,
    next_to_train,
    reads_stored,
    weight_parameter,
)
from ._targets import LEARNED, Classes, Labels

__all__ = ["MAX_WHOLE", "SegmentVotingClassifier", "cut_segments", "last_step", "segment_sizes"]

# Segments in a clip up to which segment_length="auto" leaves it whole: of 5 s of music, two segments of 3 s had no more
# right than the whole (0.704 and 0.700), and of a clip with one short event some segments have none of it.
MAX_WHOLE = 2.0


def cut_segments(frames, segment_length, hop_length=None):
    """Cut each clip into windows of equally many frames.

    Parameters
    ----------
    frames : ndarray of shape (n_clips, n_frames, n_dims), object array of (n_frames_i, n_dims), or StoredFrames
        The frames of each clip; of those that lie on a disk nothing is read.
    segment_length : int or None
        Frames in a segment; None makes each clip one segment.
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
    if segment_length is None:
        if isinstance(frames, StoredFrames) or has_frames(frames).all():
            return frames, np.arange(len(frames))
        segment_length, hop_length = max(1, *map(len, frames)), None  # no clip is longer
    hop_length = segment_length if hop_length is None else hop_length
    if isinstance(frames, StoredFrames):
        return _segments_of_stored(frames, segment_length, hop_length)
    segments, clip = [], []
    for index, clip_frames in enumerate(frames):
        starts = _starts(len(clip_frames), segment_length, hop_length)
        segments += [clip_frames[start : start + segment_length] for start in starts]
        clip += [index] * len(starts)
    return stack_frames(segments) if segments else as_object_array([]), np.array(clip, dtype=int)


def _starts(n_frames, segment_length, hop_length):
    return range(0, max(1, n_frames - segment_length + 1), hop_length) if n_frames else ()


def _segments_of_stored(frames, segment_length, hop_length):
    n_clips, n_frames, _ = frames.shape
    starts = _starts(n_frames, segment_length, hop_length)
    clip = np.repeat(np.arange(n_clips), len(starts))
    segments = StoredSegments(frames.source, frames.rows[clip], np.tile(starts, n_clips), min(segment_length, n_frames))
    return segments, clip


def segment_sizes(vote):
    """Return the frames in a segment, and from one to the next, that a fitted SegmentVotingClassifier cuts clips by.

    Parameters
    ----------
    vote : SegmentVotingClassifier
        The classifier. Only with ``segment_length="auto"`` it has to be fitted.

    Returns
    -------
    segment_length, hop_length : int or None
        Both are None where clips are whole.
    """
    length = vote.segment_length_ if vote.segment_length == "auto" else vote.segment_length
    if length is None:
        return None, None
    if vote.hop_length == "auto":
        return length, max(1, length // 2)
    return length, length if vote.hop_length is None else vote.hop_length


def without_idle_vote(model):
    """Return a fitted Pipeline with the net itself in the place of a vote that leaves clips whole.

    Parameters
    ----------
    model : Pipeline
        Fitted, with any last step.

    Returns
    -------
    Pipeline
        One that predicts the same; `model` itself where its last step is no such vote.
    """
    vote = model.steps[-1][1]
    if not isinstance(vote, SegmentVotingClassifier) or segment_sizes(vote)[0] is not None or vote.voting == "hard":
        return model
    return Pipeline([*model.steps[:-1], ("net", vote.estimator_)])


def _can_go_on(voting):
    return getattr(voting.estimator, "partial_fit", None) is not None


def _embeds(voting):
    return hasattr(getattr(voting, "estimator_", voting.estimator), "transform")


class _EmbeddingMixin(LoadedMixin):
    """Embeddings of clips whose segments are embedded.

    Outside of the TransformerMixin, which would put a ``transform`` of its own over one that not all estimators have.
    """

    @available_if(_embeds)
    def fit_transform(self, X, y=None, **fit_params):
        """Fit, and transform the same clips; what was loaded refuses, see :class:`LoadedMixin`."""
        return super().fit_transform(X, y, **fit_params)

    @available_if(_embeds)
    def transform(self, X):
        """Return what the estimator makes of each clip before it votes: the mean over its segments.

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
        sums = np.zeros((len(frames), embedded.shape[1]))
        np.add.at(sums, clip, embedded)
        means = (sums / np.bincount(clip)[:, np.newaxis]).astype(embedded.dtype)
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


class SegmentVotingClassifier(
    LabelDecisionMixin, _EmbeddingMixin, MetaEstimatorMixin, ClassifierMixin, TransformerMixin, BaseEstimator
):
    """Train a classifier on segments of clips, and let the segments of a clip vote on its class.

    A row of `X` stays one whole clip, so that no splitter can put two segments of one recording on both sides of a
    split; segments exist only in here. With `y` of shape (n_clips, n_labels), of 0 and 1, they vote on each label.

    Parameters
    ----------
    estimator : classifier of frames
        What is trained on segments: a net, or a Pipeline such as FrameScaler and a net, or FrameSummary and an SVM.
    segment_length : int, "auto" or None, default=130
        Frames in a segment; 130 are 3 s at 22050 Hz and a hop of 512 samples. "auto" decides it in `fit`: where the
        median clip is longer than two segments of `auto_length`, clips are cut into such; otherwise each is one
        segment, as with None, and predictions are those of the estimator alone.
    hop_length : int, "auto" or None, default=None
        Frames from the start of one segment to the next; None is as many as in a segment, "auto" is half of them.
    voting : {"soft", "hard", "max"}, default="soft"
        "soft" takes the mean of the probabilities of a clip's segments, "hard" counts the classes they were given.
        "max" takes the largest probability of each of several labels, such as of sounds that a clip has once.
    auto_length : int, default=130
        Frames in a segment where ``segment_length="auto"`` cuts.

    Attributes
    ----------
    estimator_ : classifier
        The fitted one.
    segment_length_ : int or None
        Frames in a segment; None where clips are whole.
    classes_ : ndarray of shape (n_classes,)
        The classes; of several labels their numbers, from 0 on.
    label_names_ : ndarray of shape (n_labels,)
        Names of the labels, the columns of the DataFrame that `y` was; their numbers where it was none. Only with
        several labels for each clip.
    class_count_ : ndarray of shape (n_classes,)
        Clips of each class, or with each label, by weight, in the last `fit` and all calls of `partial_fit` for the
        same classes since.
    class_prior_ : ndarray of shape (n_classes,)
        Fraction of each class or label in them, which is predicted for a clip without frames.
    n_features_in_ : int
        Number of dims.

    Notes
    -----
    Where the estimator, or the last step of a Pipeline, takes `groups`, these are the recordings of the segments, so
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
        "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
        "hop_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
        "voting": [StrOptions({"soft", "hard", "max"})],
        "auto_length": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, estimator, *, segment_length=130, hop_length=None, voting="soft", auto_length=130):
        self.estimator = estimator
        self.segment_length = segment_length
        self.hop_length = hop_length
        self.voting = voting
        self.auto_length = auto_length

    def fit(self, X, y, *, sample_weight=None, groups=None):
        """Train a clone of the estimator, or with ``warm_start=True`` the fitted one, on the segments of all clips.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.
        y : array-like of shape (n_clips,), or array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
            Its class, or 0 and 1 for each of several labels.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight, which each of its segments gets.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to; None makes each clip one of its own.

        Returns
        -------
        self : object
            The fitted classifier.
        """
        goes_on = is_warm(self.estimator)
        estimator = self._next_to_train(goes_on=goes_on)
        with RollbackOnError(self) as undone:
            if not goes_on:
                vars(self).pop("_is_loaded", None)
            segments, clip, target = self._cut(X, y, sample_weight, groups, reset=True)
            groups = np.arange(len(target.y)) if groups is None else np.asarray(groups)
            make_group_aware(estimator, segments, target.y[clip], groups[clip])
            passed = fit_parameter(estimator, "groups", groups[clip])
            passed |= weight_parameter(estimator, "fit", sample_weight, clip)
            with self._learning(estimator, undone, target, sample_weight):
                estimator.fit(segments, target.rows(clip), **passed)
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
        with RollbackOnError(self) as undone:
            segments, clip, target = self._cut(X, y, sample_weight, None, reset=is_first)
            passed = weight_parameter(estimator, "partial_fit", sample_weight, clip)
            with self._learning(estimator, undone, target, sample_weight, adds=not is_first):
                estimator.partial_fit(segments, target.rows(clip), classes=classes, **passed)
        return self

    def _next_to_train(self, *, goes_on):
        self._validate_params()
        if self.voting != "hard" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"voting={self.voting!r} needs probabilities, and {type(self.estimator).__name__} has no "
                "predict_proba. Use voting='hard', or calibrate the classifier."
            )
        return next_to_train(self.estimator, getattr(self, "estimator_", None), goes_on=goes_on)

    def _cut(self, X, y, sample_weight, groups, *, reset):
        """Segments, the clip that each is of, and what the clips are."""
        frames = self._check(X, reset=reset)
        if reset:
            self.segment_length_ = self._learn_length(frames)
        segments, clip = cut_segments(frames, *segment_sizes(self))
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        target = Labels(*check_label_matrix(y)) if is_label_matrix(y) else Classes(check_labels(y))
        if self.voting == "max" and isinstance(target, Classes):
            raise ValueError("voting='max' is for several labels per clip, and y has one class for each. Use 'soft'.")
        check_consistent_length(X, target.y, sample_weight, groups)
        return segments, clip, target

    def _learn_length(self, frames):
        """Frames in a segment, or None for whole clips, by how long the clips to train on are."""
        if self.segment_length != "auto":
            return None if self.segment_length is None else int(self.segment_length)
        lengths = frames.shape[1:2] or [len(clip) for clip in frames if len(clip)]
        median = np.median(lengths)
        return int(self.auto_length) if median > MAX_WHOLE * self.auto_length else None

    @contextmanager
    def _learning(self, estimator, undone, target, sample_weight, *, adds=False):
        """Take on what the block teaches `estimator`; a Ctrl-C leaves what was learned until then."""
        try:
            yield
        except KeyboardInterrupt:
            if not hasattr(estimator, "classes_"):
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

    def predict_proba(self, X):
        """Predict the fraction of each class, or of each of several labels, in the vote of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_classes)
            Mean probability of its segments ("soft"), fraction of its segments ("hard"), or largest probability of its
            segments ("max"); a clip without frames gets ``class_prior_``.

        Raises
        ------
        FloatingPointError
            If the estimator gives a segment NaN or infinity in place of a probability.
        """
        check_is_fitted(self, "estimator_")
        frames = self._check(X, reset=False)
        votes, clip = self._vote(frames)
        if not np.isfinite(votes).all():
            first = int(clip[np.argmin(np.isfinite(votes).all(axis=1))])
            raise FloatingPointError(
                f"{type(self.estimator).__name__} gives NaN or infinity for a segment of X[{first}], and maybe others. "
                "Look for huge values in X, or train it again."
            )
        n_votes = np.bincount(clip, minlength=len(frames))[:, np.newaxis]
        sums = np.zeros((len(frames), len(self.classes_)))
        if self.voting == "max":
            np.maximum.at(sums, clip, votes)
        else:
            np.add.at(sums, clip, votes)
            sums /= np.maximum(n_votes, 1)
        fractions = np.where(n_votes > 0, sums, self.class_prior_)
        return fractions.astype(votes.dtype, copy=False)

    def predict_segments(self, X):
        """Predict the vote of each segment.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        votes : ndarray of shape (n_segments, n_classes)
            Its probabilities ("soft" and "max"), or 1 for the class or labels it was given and 0 for the others
            ("hard").
        clip : ndarray of shape (n_segments,), int
            Index of its clip in `X`.
        """
        check_is_fitted(self, "estimator_")
        return self._vote(self._check(X, reset=False))

    def _vote(self, frames):
        segments, clip = cut_segments(frames, *segment_sizes(self))
        if len(segments) == 0:
            return np.empty((0, len(self.classes_)), dtype=np.float32), clip
        if self.voting != "hard":
            return label_probabilities(self.estimator_, segments), clip
        predicted = self.estimator_.predict(segments)
        votes = predicted if self._has_labels else predicted[:, np.newaxis] == self.classes_
        return votes.astype(np.float32), clip

    def predict(self, X):
        """Predict the class of each clip, or its labels, by the fractions of the vote.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_labels)
            The class with the largest fraction; or 1 for each label with more than a half, else 0.
        """
        votes = self.predict_proba(X)
        return (votes > 0.5).astype(np.int64) if self._has_labels else self.classes_[votes.argmax(axis=1)]

    @property
    def _has_labels(self):
        return hasattr(self, "label_names_")

    def _check(self, X, *, reset):
        return check_frames(self, X, reset=reset, allow_empty=True, stored=reads_stored(self.estimator))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        inner = get_tags(self.estimator).classifier_tags
        tags.classifier_tags.multi_label = inner is not None and inner.multi_label
        return tags
