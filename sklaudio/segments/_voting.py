"""Segments and votes: a classifier of whole clips that learns from windows of their frames."""

from typing import Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from .._introspect import last_step
from .._utils.label_matrix import LabelDecisionMixin, check_label_matrix, is_label_matrix, label_probabilities
from .._utils.labels import check_labels
from ._cut import cut_segments, segment_sizes
from ._inner_estimator import make_group_aware
from ._segmented import CONSTRAINTS, SegmentedMixin, can_go_on
from ._targets import Classes, Labels

__all__ = ["SegmentVotingClassifier", "last_step"]


def without_idle_vote(model):
    """Return a fitted Pipeline with the net itself in the place of a vote, or a mean, that leaves clips whole.

    Parameters
    ----------
    model : Pipeline
        Fitted, with any last step.

    Returns
    -------
    Pipeline
        One that predicts the same; `model` itself where its last step is no such vote or mean.
    """
    vote = model.steps[-1][1]
    is_hard = getattr(vote, "voting", "soft") == "hard"
    if not isinstance(vote, SegmentedMixin) or segment_sizes(vote)[0] is not None or is_hard:
        return model
    return Pipeline([*model.steps[:-1], ("net", vote.estimator_)])


class SegmentVotingClassifier(
    LabelDecisionMixin, SegmentedMixin, MetaEstimatorMixin, ClassifierMixin, TransformerMixin, BaseEstimator
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

    _parameter_constraints = {**CONSTRAINTS, "voting": [StrOptions({"soft", "hard", "max"})]}
    _keep_groups = staticmethod(make_group_aware)

    def __init__(self, estimator, *, segment_length=130, hop_length=None, voting="soft", auto_length=130):
        self.estimator = estimator
        self.segment_length = segment_length
        self.hop_length = hop_length
        self.voting = voting
        self.auto_length = auto_length

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None) -> Self:
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
            The recording, speaker or artist it belongs to; None makes each clip a separate one.
        X_val, y_val : as X and y, or None, default=None
            Clips whose segments a net is validated on after each epoch, see :meth:`NetClassifier.fit`.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        ValueError
            If `X_val` is given and the estimator takes none, or only one of `X_val` and `y_val` is given.
        """
        self._check_parameters()
        return self._fit_segments(X, y, sample_weight, groups, X_val, y_val)

    @available_if(can_go_on)
    def partial_fit(self, X, y, classes=None, *, sample_weight=None):
        """Go on training the estimator on the segments of the clips given, as its `partial_fit` does.

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
        self._check_parameters()
        return self._partial_fit_segments(X, y, sample_weight, classes=classes)

    def _check_parameters(self):
        self._validate_params()
        if self.voting != "hard" and not hasattr(self.estimator, "predict_proba"):
            raise ValueError(
                f"voting={self.voting!r} needs probabilities, and {type(self.estimator).__name__} has no "
                "predict_proba. Use voting='hard', or calibrate the classifier."
            )

    def _read_target(self, y, name="y"):
        target = Labels(*check_label_matrix(y, name)) if is_label_matrix(y) else Classes(check_labels(y, name))
        if self.voting == "max" and isinstance(target, Classes):
            raise ValueError("voting='max' is for several labels per clip, and y has one class for each. Use 'soft'.")
        return target

    def predict_proba(self, X) -> np.ndarray:
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
        fractions = self._of_segments(votes, clip, len(frames), self.class_prior_, takes_largest=self.voting == "max")
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

    def predict(self, X) -> np.ndarray:
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

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        inner = get_tags(self.estimator).classifier_tags
        tags.classifier_tags.multi_label = inner is not None and inner.multi_label
        return tags
