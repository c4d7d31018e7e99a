"""NetClassifier: frames in, one class or several labels out."""

from dataclasses import dataclass
from numbers import Real
from typing import Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._utils.label_matrix import LabelDecisionMixin, is_label_matrix
from ._base import NetEstimator
from ._parameters import TRAINING
from ._targets import ClassTarget, LabelsTarget, StepLabelsTarget, is_stepwise

CLASSES = {
    "class_weight": [dict, StrOptions({"balanced"}), None],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
}


@dataclass(eq=False, repr=False, kw_only=True)
class NetClassifier(LabelDecisionMixin, ClassifierMixin, NetEstimator):
    """Classify frames by a torch module that skorch trains, as a scikit-learn classifier: base of nets that classify.

    A net is a subclass with further parameters and one method, ``_make_module(n_dims, n_outputs)``, that returns a
    torch module with ``forward(frames, lengths)``: frames of shape (batch, n_frames, n_dims), padded at the end, and
    the number of frames of each clip in; a logit for each class out. For :meth:`transform` the module has
    ``embed(frames, lengths)`` as well; for labels of frames ``steps(frames, lengths)``, of shape (batch, n_steps,
    n_embedding), `stride`, the frames of a step, and the layers `dropout` and `output`. Subclasses are dataclasses
    (``eq=False, repr=False``), which gives them a real ``__init__`` with the parameters below.

    With `y` of shape (n_clips, n_labels), of 0 and 1, each clip may have any of the labels or none: there is a sigmoid
    for each label in place of the softmax over classes. Shapes and types are those of
    :class:`~sklearn.neural_network.MLPClassifier`.

    With `y` of shape (n_clips, n_frames, n_labels), of 0 and 1, or a list of arrays or DataFrames (n_frames_i,
    n_labels), the net predicts every frame: nothing is pooled, and where the layers leave fewer steps than there are
    frames, the logits in between are interpolated. Recurrent nets, CNNs and CRNNs do. What of `augment` moves frames in
    time (:class:`~sklaudio.augment.Tempo`, `Stretch`, `TimeShift`) is left out. :class:`~sklaudio.EventDetector` makes
    such labels of tables of events, and events of what is predicted.

    Parameters
    ----------
    {NetEstimator}
    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss; "balanced" gives all classes the same sum. Of labels, the weight of the clips
        that have each, by its name in ``label_names_``, against those that don't; "balanced" gives both the same sum.
        All labels count the same, whatever their weights.
    label_smoothing : float, default=0.0
        Fraction of the target probability spread evenly over all classes, or over presence and absence of a label, in
        [0, 1).

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The classes, sorted; of several labels their numbers, from 0 on.
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
    net_ : skorch.NeuralNetClassifier
        The trained net. Pickles hold its weights as arrays, and rebuild it.
    history_ : pandas.DataFrame
        A row per epoch: epoch, train_loss, train_acc, valid_loss, valid_acc, lr, seconds. NaN without validation. The
        accuracy is the fraction of clips whose class, or labels without exception, are right.
        `partial_fit`, and `fit` with ``warm_start=True``, add theirs to those before.
    n_frames_ : int
        Frames of the longest clip in the training that drew the weights.
    n_parameters_ : int
        Number of trained parameters.
    mean_, scale_ : ndarray of shape (n_dims,)
        What frames are standardized by. Only with ``standardize=True``.
    """

    class_weight: object = None
    label_smoothing: float = 0.0

    _takes_steps = True  # `y` may have a row for every frame
    _parameter_constraints = CLASSES
    _training_parameters = (*TRAINING, *CLASSES)
    _learned_of_target = ("classes_", "label_names_", "class_count_", "class_prior_", "_clip_count", "_frame_count")

    def _new_target(self, y):
        """Return what `fit` learns of `y`."""
        kind = StepLabelsTarget if is_stepwise(y) else LabelsTarget if is_label_matrix(y) else ClassTarget
        return kind(None, self.class_weight, self.label_smoothing)

    @property
    def _target(self):
        count = getattr(self, "class_count_", None)  # models of earlier versions have none
        if hasattr(self, "_frame_count"):
            names, n_frames = self.label_names_, self._frame_count
            return StepLabelsTarget(names, self.class_weight, self.label_smoothing, count, n_frames)
        if hasattr(self, "label_names_"):
            return LabelsTarget(self.label_names_, self.class_weight, self.label_smoothing, count, self._clip_count)
        return ClassTarget(self.classes_, self.class_weight, self.label_smoothing, count)

    def partial_fit(self, X, y, classes=None, *, sample_weight=None) -> Self:
        """Go on training for one epoch over the clips given, at the constant rate `lr`.

        Mean and standard deviation of the dims are those of the first call. The optimizer keeps its state from one call
        to the next, and begins anew after `fit`, after unpickling and with other classes.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array-like or None, default=None
            All classes that will ever come; None takes those of the first `y`, and later those known. With
            ``warm_start=True``, others than those known get a new output layer, on the weights there are. Of several
            labels, the names of the columns of `y`, in order.

        Returns
        -------
        self : object
            The classifier.

        Raises
        ------
        FloatingPointError
            If the loss, or what the net predicts afterwards, is not finite; the net is then as it was.
        ValueError
            If `y` holds other classes, or `classes` are others without ``warm_start=True``.
        """
        has_new_target = hasattr(self, "net_") and self._are_others(classes)
        return self._fit_epoch(X, y, sample_weight, classes=classes, has_new_target=has_new_target)

    def _are_others(self, classes):
        """Return whether `classes` are not those known, which takes a warm start."""
        if classes is None:
            return False
        known = getattr(self, "label_names_", self.classes_)
        if np.array_equal(classes if hasattr(self, "label_names_") else np.unique(classes), known):
            return False
        if not self.warm_start:
            raise ValueError(
                f"classes={list(classes)} are not those of the first call, {known.tolist()}. "
                "Leave them out, or set warm_start=True to train on for these, with a new output layer."
            )
        return True

    def predict_proba(self, X) -> np.ndarray:
        """Predict the probability of each class, or of each of several labels, for each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_classes), float32
            In the order of ``classes_``, or of ``label_names_``, where a row need not sum to 1. A clip without frames
            gets ``class_prior_``. After `fit` with labels of every frame, of shape (n_clips, n_frames, n_labels), or an
            object array of (n_frames_i, n_labels) where clips are not equally long.

        Raises
        ------
        FloatingPointError
            If a probability is not finite, as that of a clip of huge values.

        Notes
        -----
        Clips of about the same length are padded and computed together, in batches of bounded size: the memory needed
        is that of the longest clip, however many others there are.
        """
        return self._predict_rows(X)

    def _row_without_frames(self):
        return self.class_prior_

    def predict(self, X) -> np.ndarray:
        """Predict the most probable class of each clip, or its labels; see :meth:`predict_proba`.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_labels)
            The classes; or 1 for each label more probable than 0.5, else 0, of the shape of `predict_proba`. Thresholds
            of labels are learned by :class:`~sklaudio.LabelThresholdClassifier`.
        """
        probabilities = self.predict_proba(X)
        return self._target.decode(probabilities)

    def score(self, X, y, sample_weight=None) -> float:
        """Return the accuracy: the fraction of clips, or of frames, whose class or labels without exception are right.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        float
            In [0, 1].
        """
        check_is_fitted(self)
        target = self._target
        if not target.is_stepwise:
            return super().score(X, y, sample_weight)
        return target.accuracy(target.encode(y), self.predict(X), sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
