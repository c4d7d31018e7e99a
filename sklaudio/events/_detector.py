"""EventDetector: labels with a start and an end, by a net that predicts every frame."""

from numbers import Integral, Real
from typing import Self

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import check_is_fitted

from .._events import check_events, sorted_labels
from .._frames.validation import check_frames, stack_frames
from .._introspect import is_warm, last_step
from .._utils.label_folds import folds_of_labels
from .._utils.lengths import check_equal_lengths
from .._utils.rollback import RollbackOnError
from .._utils.terminal import shortened
from ..metrics import segment_scores
from ..metrics._event_tables import durations_of_frames
from ..segments._inner_estimator import fit_parameter, next_to_train, weight_parameter
from ._blocks import predict_in_blocks
from ._decisions import find_events
from ._frame_labels import check_ends, cut_alike, label_frames
from ._learning import best_decisions
from ._parameters import given_decisions

HOP = 512 / 22050  # seconds between the frames of the transformers


class EventDetector(MetaEstimatorMixin, BaseEstimator):
    """Detect events: labels with a start and an end, any number of them at a time.

    A net is trained to predict every frame of a clip, see :class:`~sklaudio.NetClassifier`; where its smoothed curve
    of a label is at least a threshold, there is an event. In a Pipeline, it stands behind features:
    ``make_pipeline(MelSpectrogramTransformer(64), EventDetector(CRNNClassifier()))``. A row of `X` is a clip from end
    to end, and a row of `y` the table of its events.

    Parameters
    ----------
    estimator : net
        A recurrent net, CNN or CRNN that classifies, or a Pipeline such as FrameScaler and one. Its steps in time
        bound how exactly edges are found: a CRNN has one for 8 frames, a recurrent net one for each. What of its
        `augment` moves frames in time, as Tempo of CRNNClassifier does, is left out.
    threshold : float, dict or "best", default=0.5
        Probability from which on a label is there, in [0, 1]: of all labels, or by label. "best" learns it.
    median_length : int, dict or "best", default=9
        Odd number of frames of the running median that smooths curves; 1 does not. What is shorter than half of it is
        smoothed away.
    min_duration : float, dict or "best", default=0.1
        Seconds that an event lasts at least; shorter ones are left out.
    hop : float, default=512 / 22050
        Seconds from one frame to the next: ``hop_length / sr`` of the features.
    segment_length : int or None, default=None
        Frames up to which clips are left whole in training; longer ones are cut into pieces about equally long. None
        trains on whole clips, however long they are.
    cv : int, default=5
        Folds that "best" is learned on, which keep groups; as many as groups where these are fewer.
    n_jobs : int or None, default=None
        Folds that are trained at the same time.

    Attributes
    ----------
    estimator_ : net or Pipeline
        The fitted one.
    classes_ : ndarray of shape (n_labels,)
        The labels, sorted.
    threshold_, median_length_, min_duration_ : ndarray of shape (n_labels,)
        What decides about each of them.
    n_features_in_ : int
        Number of dims.

    Notes
    -----
    A frame has the label of an event that covers its middle, and the shortest event has one frame. Events of one label
    that overlap are one. An edge is put where the curve crosses the threshold, on a line between the middles of two
    frames.

    "best" takes as many more trainings as there are folds: every clip is predicted by a net that was trained on others,
    and of a grid of thresholds, medians and durations, those nearest to the defaults are taken whose F1 of the frames
    of a label is within 0.01 of the largest on these curves. Of few clips, the nets of folds have learned much less
    than that of all clips, and the defaults may do better.

    Clips of more than 1280 frames are predicted in blocks of 1024 that see 256 frames before and after them, always at
    the same places.

    See Also
    --------
    events.events_by_clip : Makes `y` of a table of annotations.
    metrics.event_scores : Scores events with a tolerance for their edges.

    Examples
    --------
    Frames that a label makes louder:

    >>> import numpy as np
    >>> from sklaudio import EventDetector, GRUClassifier
    >>> rng = np.random.default_rng(0)
    >>> starts = rng.integers(5, 25, size=60) / 10                        # seconds; a frame is 0.1 s
    >>> y = [[(start, start + 1, "siren")] for start in starts]
    >>> times = np.arange(40) / 10 + 0.05
    >>> X = np.array([(start <= times) & (times < start + 1) for start in starts])[:, :, None] + 0.0
    >>> X += rng.normal(scale=0.2, size=X.shape)
    >>> detector = EventDetector(GRUClassifier(8, 1, lr=0.02, max_epochs=20, random_state=0), hop=0.1, median_length=3)
    >>> events = detector.fit(X[:50], y[:50]).predict(X[50:])[0]
    >>> events["label"].tolist(), bool(abs(events["start"][0] - starts[50]) < 0.1)
    (['siren'], True)
    """

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict_proba"])],
        "threshold": "no_validation",  # given_decisions says what is wrong with them, by label
        "median_length": "no_validation",
        "min_duration": "no_validation",
        "hop": [Interval(Real, 0, None, closed="neither")],
        "segment_length": [Interval(Integral, 1, None, closed="left"), None],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "n_jobs": [Integral, None],
    }
    _predicts_events = True

    def __init__(
        self,
        estimator,
        *,
        threshold=0.5,
        median_length=9,
        min_duration=0.1,
        hop=HOP,
        segment_length=None,
        cv=5,
        n_jobs=None,
    ):
        self.estimator = estimator
        self.threshold = threshold
        self.median_length = median_length
        self.min_duration = min_duration
        self.hop = hop
        self.segment_length = segment_length
        self.cv = cv
        self.n_jobs = n_jobs

    def fit(self, X, y, *, sample_weight=None, groups=None) -> Self:
        """Train the net on frames that are labelled by the events, and learn what decides about them where asked.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims), or list or object array of arrays (n_frames_i, n_dims)
            The frames of each clip.
        y : list of DataFrame, of dict of columns, or of lists of (start, end, label)
            The events of each clip, in seconds; an empty table where there are none. A table of annotations of many
            recordings is taken apart by :func:`~sklaudio.events.events_by_clip`.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Weight of each clip.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording that each clip is of, which neither folds nor early stopping divide.

        Returns
        -------
        self : object
            The fitted detector.

        Raises
        ------
        TypeError
            If `y` is no list of tables.
        ValueError
            If no clip has an event, an event ends more than 1 s after the last frame of its clip, a value is missing or
            a parameter is not valid.
        """
        self._validate_params()
        with RollbackOnError(self):
            frames = self._check(X, reset=True)
            tables = self._check_events(y, frames)
            check_equal_lengths(X, y=tables, sample_weight=sample_weight, groups=groups)
            self.classes_ = _labels_of(tables, frames)
            given = given_decisions(self, self.classes_)
            labels = [
                label_frames(events, len(clip), self.hop, self.classes_)
                for events, clip in zip(tables, frames, strict=True)
            ]
            passed = {"sample_weight": sample_weight, "groups": None if groups is None else column_or_1d(groups)}
            if any(values is None for values in given):
                curves = self._held_out(frames, labels, passed)
                given = best_decisions(curves, labels, self.hop, given)
            self.threshold_, self.median_length_, self.min_duration_ = given
            before = getattr(self, "estimator_", None)
            estimator = next_to_train(self.estimator, before, goes_on=is_warm(self.estimator))
            self.estimator_ = self._fit_one(estimator, frames, labels, passed, np.arange(len(frames)))
        return self

    def _check_events(self, y, frames):
        """Return the tables of events, one for each clip, in a list that ends with it."""
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        if isinstance(y, pd.DataFrame):
            raise TypeError(
                "y is one DataFrame, and takes a table of events for each clip. "
                "sklaudio.events.events_by_clip(annotations, clips) makes these."
            )
        tables = check_events(y, len(frames))
        check_ends(tables, [len(clip) for clip in frames], self.hop)
        return tables

    def _fit_one(self, estimator, frames, labels, passed, index):
        """Fit an estimator on the clips at `index`."""
        pieces, labels, clip = cut_alike(frames[index], [labels[clip] for clip in index], self.segment_length)
        clip, y = index[clip], [pd.DataFrame(piece, columns=self.classes_) for piece in labels]
        groups = np.arange(len(frames)) if passed["groups"] is None else passed["groups"]
        taken = fit_parameter(estimator, "groups", groups[clip])
        taken |= weight_parameter(estimator, "fit", passed["sample_weight"], clip)
        try:
            return estimator.fit(stack_frames(pieces), y, **taken)
        except (TypeError, ValueError) as error:
            last = last_step(estimator)
            if getattr(last, "_takes_steps", False):
                raise
            raise ValueError(
                f"estimator ends in {type(last).__name__}, which cannot be fitted with labels of every frame ({error}) "
                "Pass a net such as CRNNClassifier, or a Pipeline such as FrameScaler and one."
            ) from error

    def _held_out(self, frames, labels, passed):
        """Predict the curves of every clip, by a net that was trained on others: a list."""
        has_label = np.array([clip.any(axis=0) for clip in labels]).astype(np.int64)
        n_groups = len(frames) if passed["groups"] is None else len(np.unique(passed["groups"]))
        if n_groups < 2:
            raise ValueError("'best' takes clips of at least two groups, and all are of one. Pass others, or numbers.")
        folds = folds_of_labels(has_label, passed["groups"], min(self.cv, n_groups))
        parts = Parallel(n_jobs=self.n_jobs)(
            delayed(_predict_held_out)(self, frames, labels, passed, *fold) for fold in folds
        )
        curves = [None] * len(frames)
        for (_, held_out), part in zip(folds, parts, strict=True):
            for clip, curve in zip(held_out, part, strict=True):
                curves[clip] = curve
        return curves

    def predict_proba(self, X) -> list[np.ndarray]:
        """Predict the curves of each clip: the probability of each label in each frame, as the net has it.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims), or list or object array of arrays (n_frames_i, n_dims)
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_frames, n_labels), or object array of (n_frames_i, n_labels), float32
            In the order of ``classes_``; frame i is from ``i * hop`` to ``(i + 1) * hop`` seconds. A clip without
            frames has no rows.
        """
        check_is_fitted(self, "estimator_")
        return self._curves(self.estimator_, self._check(X, reset=False))

    def _curves(self, estimator, frames):
        return predict_in_blocks(estimator.predict_proba, frames, len(self.classes_))

    def predict(self, X) -> list[pd.DataFrame]:
        """Predict the events of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims), or list or object array of arrays (n_frames_i, n_dims)
            The frames of each clip.

        Returns
        -------
        list of DataFrame
            Columns `start` and `end` (seconds), `label`, and `probability`, the mean over the frames of the event; in
            order of time, none where there is nothing. Events of several labels may overlap.
        """
        return [self.events_of(curves) for curves in self.predict_proba(X)]

    def events_of(self, curves, *, threshold=None):
        """Find the events in the curves of one clip, as :meth:`predict` does.

        Parameters
        ----------
        curves : array of shape (n_frames, n_labels)
            Probability of each label in each frame.
        threshold : float or None, default=None
            In place of ``threshold_``, for all labels; see :func:`~sklaudio.metrics.event_operating_curve`.

        Returns
        -------
        DataFrame
            As :meth:`predict` gives it.
        """
        check_is_fitted(self, "estimator_")
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(f"threshold={shortened(threshold)} must be in [0, 1].")
        thresholds = self.threshold_ if threshold is None else np.full(len(self.classes_), threshold)
        return find_events(curves, self.hop, self.classes_, thresholds, self.median_length_, self.min_duration_)

    def score(self, X, y):
        """Return the F1 of segments of 1 s, over all labels: see :func:`~sklaudio.metrics.segment_scores`.

        Parameters
        ----------
        X, y
            As in :meth:`fit`. Events of labels that `fit` has not seen are missed.

        Returns
        -------
        float
            In [0, 1]; 0 where there are no events, true or predicted.
        """
        check_is_fitted(self, "estimator_")
        frames = self._check(X, reset=False)
        tables = self._check_events(y, frames)
        predicted = [self.events_of(curves) for curves in self._curves(self.estimator_, frames)]
        seconds = durations_of_frames(map(len, frames), self.hop, tables)
        scores = segment_scores(y, predicted, durations=seconds, zero_division=0.0)
        return float(np.nan_to_num(scores.loc["(micro)", "f1"]))

    def _check(self, X, *, reset):
        return check_frames(self, X, reset=reset, allow_empty=True)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.target_tags.required = True
        return tags


def _labels_of(tables, frames):
    """Return the labels of the events of clips that have frames, sorted: (n_labels,)."""
    labels = {label for events, clip in zip(tables, frames, strict=True) if len(clip) for label in events.label}
    if not labels:
        raise ValueError("y holds no events in clips with frames. Give at least one event to learn from.")
    labels = sorted_labels(labels, "y: the events")
    return np.array(labels, dtype=object if isinstance(labels[0], str) else None)


def _predict_held_out(detector, frames, labels, passed, kept, held_out):
    estimator = next_to_train(detector.estimator, None, goes_on=False)
    trained = detector._fit_one(estimator, frames, labels, passed, kept)
    return list(detector._curves(trained, frames[held_out]))
