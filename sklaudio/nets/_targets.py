"""What a net is trained to predict: how `y` becomes a tensor, which loss it has, and what logits become.

A target object is all that nets differ by in `fit` and `predict`. It is frozen, and has

- ``learn(y)``, ``encode(y)``, ``count(encoded, counts)`` and ``as_trained(encoded)``: from `y` to rows of a tensor;
- ``weigh(encoded)`` and ``split(encoded, groups, fraction, seed)``: weights of clips, and clips to validate on;
- ``net`` and ``settings()``: class of the skorch net, its loss and what else it takes;
- ``losses``, ``activation`` and ``score``: what a batch of logits is compared by, becomes and is worth;
- ``decode(outputs)``: what ``predict`` returns;
- ``attributes``: what an estimator keeps of it, from which it is made again.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, validate_data

from .._frames.validation import scale_of
from .._utils.group_split import split_by_group
from .._utils.labels import check_labels
from .._utils.terminal import shortened
from ._losses import LOSSES
from ._skorch_net import ClassifierNet, RegressorNet


@dataclass(frozen=True)
class ClassTarget:
    """One class for each clip: softmax and cross-entropy.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,) or None
        Sorted; None before :meth:`learn`.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss.
    label_smoothing : float, default=0.0
        Fraction of the target probability spread evenly over all classes.
    class_count : ndarray of shape (n_classes,) or None, default=None
        Clips of each class, by weight; None before :meth:`count`.
    """

    classes: np.ndarray | None
    class_weight: object = None
    label_smoothing: float = 0.0
    class_count: np.ndarray | None = None

    net = ClassifierNet

    @property
    def n_outputs(self):
        """Number of logits."""
        return len(self.classes)

    @property
    def key(self):
        """What tells two targets apart, for which weights of the output layer are others."""
        return self.classes

    @property
    def name(self):
        """What the outputs are of, for messages."""
        return f"classes ({self.classes.tolist()})"

    @property
    def attributes(self):
        """What an estimator learns."""
        prior = self.class_count / self.class_count.sum()
        return {"classes_": self.classes, "class_count_": self.class_count, "class_prior_": prior}

    def is_like(self, other):
        """Whether an output layer for another target serves this one."""
        return np.array_equal(self.classes, other.classes)

    def learn(self, y, estimator, before=None, classes=None):
        """Check labels, and encode them.

        Parameters
        ----------
        y : array-like of shape (n_clips,)
            The labels.
        estimator : estimator
            Who asks, for the messages.
        before : ClassTarget or None, default=None
            What the weights to start from are for; classes are those of `y` all the same.
        classes : array-like or None, default=None
            All classes, if known beforehand.

        Returns
        -------
        target : ClassTarget
            That of the classes.
        encoded : ndarray of shape (n_clips,), int64
            Index of each label among them.

        Raises
        ------
        ValueError
            If a label is missing, or there are fewer than two classes.
        """
        y = check_labels(validate_data(estimator, y=y) if y is None else y)
        check_classification_targets(y)
        classes = np.unique(y if classes is None else classes)
        if len(classes) < 2:
            raise ValueError(
                f"y has one class only ({shortened(classes.tolist()[0])}). "
                f"{type(estimator).__name__} needs clips of at least two classes."
            )
        target = replace(self, classes=classes, class_count=None)
        return target, target.encode(y)

    def encode(self, y, name="y", advice="Leave them out."):
        """Index of each label among the classes: (n_clips,), int64. Errors name the parameter and have `advice`."""
        y = check_labels(y, name)
        unseen = np.setdiff1d(y, self.classes)
        if len(unseen):
            raise ValueError(
                f"{name} holds {unseen.tolist()}, which are not among the classes {self.classes.tolist()} of fit. "
                f"{advice}"
            )
        return np.searchsorted(self.classes, y).astype(np.int64)

    def weigh(self, encoded):
        """Weight of each clip by its class: (n_clips,)."""
        return class_weights(self.class_weight, self.classes, encoded)

    def count(self, encoded, counts):
        """The target with these clips, of which there are `counts` copies each, added to those before."""
        before = 0.0 if self.class_count is None else self.class_count
        return replace(self, class_count=before + np.bincount(encoded, counts, len(self.classes)))

    def as_trained(self, encoded):
        """What the loss compares logits with."""
        return encoded

    def split(self, encoded, groups, fraction, seed):
        """Clips to train on and to validate on, as :func:`split_by_group` draws them."""
        return split_by_group(encoded, groups, fraction, seed, self.classes)

    def settings(self):
        """Parameters of the skorch net."""
        return {
            "classes": list(range(len(self.classes))),
            "criterion": torch.nn.CrossEntropyLoss,
            "criterion__label_smoothing": self.label_smoothing,
            "criterion__reduction": "none",
        }

    @staticmethod
    def losses(criterion, logits, encoded, inputs):
        """Loss of each clip: (batch,). That of a mixture of two is that of both, by their fractions of it."""
        losses = criterion(logits, encoded)
        if "partner" in inputs:
            fraction = inputs["fraction"]
            losses = fraction * losses + (1 - fraction) * criterion(logits, encoded[inputs["partner"]])
        return losses

    @staticmethod
    def activation(logits):
        """Probabilities: (batch, n_classes)."""
        return logits.softmax(dim=1)

    def decode(self, probabilities):
        """The most probable class of each clip: (n_clips,)."""
        return self.classes[probabilities.argmax(axis=1)]

    @staticmethod
    def score(logits, encoded):
        """Accuracy of a batch."""
        return (logits.argmax(dim=1).cpu() == encoded.cpu()).float().mean().item()


@dataclass(frozen=True)
class NumberTarget:
    """One number or several for each clip, standardized in training.

    Parameters
    ----------
    loss : {"mse", "mae", "huber", "ccc"}, default="mse"
        What is minimized.
    mean, scale : ndarray of shape () or (n_targets,), or None, default=None
        What numbers are standardized by; None before :meth:`count`.
    """

    loss: str = "mse"
    mean: np.ndarray | None = None
    scale: np.ndarray | None = None

    net = RegressorNet

    @property
    def n_outputs(self):
        """Number of numbers."""
        return self.mean.size

    @property
    def key(self):
        """What tells two targets apart, for which weights of the output layer are others."""
        return self.mean, self.scale

    @property
    def name(self):
        """What the outputs are of, for messages."""
        return f"targets ({self.n_outputs} for each clip)"

    @property
    def attributes(self):
        """What an estimator learns."""
        return {"target_mean_": self.mean, "target_scale_": self.scale}

    def is_like(self, other):
        """Whether an output layer for another target serves this one."""
        return self.n_outputs == other.n_outputs

    def learn(self, y, estimator, before=None, classes=None):
        """Check numbers.

        Parameters
        ----------
        y : array-like of shape (n_clips,) or (n_clips, n_targets)
            The numbers.
        estimator : estimator
            Who asks, for the messages.
        before : NumberTarget or None, default=None
            What the weights to start from are for: numbers are standardized as those were, if they are as many.
        classes : None
            Numbers have none.

        Returns
        -------
        target : NumberTarget
            Mean and scale are learned by :meth:`count`, if not taken from `before`.
        encoded : ndarray of the shape of `y`, float64
            The numbers.

        Raises
        ------
        ValueError
            If a number is missing or not finite.
        """
        y = check_numbers(validate_data(estimator, y=y) if y is None else y, "y")
        if before is not None and y.shape[1:] == before.mean.shape:
            return replace(self, mean=before.mean, scale=before.scale), y
        return replace(self, mean=None, scale=None), y

    def encode(self, y, name="y", advice=""):
        """Check numbers of other clips; `name` of the parameter is for errors."""
        y = check_numbers(y, name)
        if y.shape[1:] != self.mean.shape:
            raise ValueError(
                f"{name} is of shape {y.shape}, and y of fit was of shape {('n_clips', *self.mean.shape)}. "
                "Give every clip as many numbers."
            )
        return y

    def weigh(self, encoded):
        """All clips weigh the same: ones of shape (n_clips,)."""
        return np.ones(len(encoded))

    def count(self, encoded, counts):
        """The target with mean and standard deviation of these clips, of which there are `counts` copies each."""
        if self.mean is not None:
            return self
        mean = np.average(encoded, axis=0, weights=counts)
        std = np.sqrt(np.average((encoded - mean) ** 2, axis=0, weights=counts))
        return replace(self, mean=np.asarray(mean), scale=np.asarray(scale_of(std, mean)))

    def as_trained(self, encoded):
        """What the loss compares predictions with: (n_clips, n_targets), float32."""
        return ((encoded - self.mean) / self.scale).astype(np.float32).reshape(len(encoded), -1)

    def split(self, encoded, groups, fraction, seed):
        """Clips to train on and to validate on, as :func:`split_by_group` draws them."""
        if len(encoded) < 2:
            raise ValueError("there is 1 sample, and holding one out takes at least two.")
        return split_by_group(np.zeros(len(encoded), np.int64), groups, fraction, seed)

    def settings(self):
        """Parameters of the skorch net."""
        criterion, settings = LOSSES[self.loss]
        return {"criterion": criterion, **settings}

    @staticmethod
    def losses(criterion, predicted, encoded, inputs):
        """Loss of each clip, mean over its targets: (batch,). The numbers of a mixture are mixed as its clips are."""
        if "partner" in inputs:
            fraction = inputs["fraction"][:, None]
            encoded = fraction * encoded + (1 - fraction) * encoded[inputs["partner"]]
        return criterion(predicted, encoded).mean(dim=1)

    @staticmethod
    def activation(logits):
        """Standardized numbers: (batch, n_targets)."""
        return logits

    def decode(self, outputs):
        """Numbers of clips, as `y` has them: (n_clips,) or (n_clips, n_targets), float64."""
        return outputs.reshape(len(outputs), *self.mean.shape) * self.scale + self.mean


def check_numbers(y, name):
    """Make an array of numbers (n_clips,) or (n_clips, n_targets), float64; the message names the parameter."""
    return check_array(y, ensure_2d=False, dtype=np.float64, input_name=name)


def check_weight(sample_weight, frames, encoded):
    """Weights of clips: (n_clips,), float64; ones for None. Also checks that clips and labels are equally many."""
    check_consistent_length(frames, encoded)
    weight = _check_sample_weight(sample_weight, encoded, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def class_weights(class_weight, classes, target):
    """Weight of each clip by its class: (n_clips,)."""
    if class_weight is None:
        return np.ones(len(target))
    present = np.unique(target)
    if not isinstance(class_weight, dict):
        return compute_class_weight(class_weight, classes=present, y=target)[np.searchsorted(present, target)]
    return compute_class_weight(class_weight, classes=classes, y=classes[target])[target]
