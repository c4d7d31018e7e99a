"""One class for each clip."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from ..._utils.group_split import split_by_group
from ..._utils.labels import check_labels
from ..._utils.terminal import shortened
from .._skorch_net import ClassifierNet


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
    is_stepwise = False

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
        """Return whether an output layer for another target serves this one."""
        return isinstance(other, ClassTarget) and np.array_equal(self.classes, other.classes)

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
        """Return the index of each label among the classes: (n_clips,), int64. Errors have name and `advice`."""
        y = check_labels(y, name)
        unseen = np.setdiff1d(y, self.classes)
        if len(unseen):
            raise ValueError(
                f"{name} holds {unseen.tolist()}, which are not among the classes {self.classes.tolist()} of fit. "
                f"{advice}"
            )
        return np.searchsorted(self.classes, y).astype(np.int64)

    def weigh(self, encoded):
        """Return the weight of each clip by its class: (n_clips,)."""
        return class_weights(self.class_weight, self.classes, encoded)

    def count(self, encoded, counts):
        """Add these clips, of which there are `counts` copies each, to those before; return the target."""
        before = 0.0 if self.class_count is None else self.class_count
        return replace(self, class_count=before + np.bincount(encoded, counts, len(self.classes)))

    def as_trained(self, encoded):
        """Return what the loss compares logits with."""
        return encoded

    def split(self, encoded, groups, fraction, seed):
        """Return clips to train on and to validate on, as :func:`split_by_group` draws them."""
        return split_by_group(encoded, groups, fraction, seed, self.classes)

    def settings(self):
        """Return the parameters of the skorch net."""
        return {
            "classes": list(range(len(self.classes))),
            "criterion": torch.nn.CrossEntropyLoss,
            "criterion__label_smoothing": self.label_smoothing,
            "criterion__reduction": "none",
        }

    @staticmethod
    def losses(criterion, logits, encoded, inputs):
        """Compute the loss of each clip: (batch,). That of a mixture of two is that of both, by fraction."""
        losses = criterion(logits, encoded)
        if "partner" in inputs:
            fraction = inputs["fraction"]
            losses = fraction * losses + (1 - fraction) * criterion(logits, encoded[inputs["partner"]])
        return losses

    @staticmethod
    def activation(logits):
        """Compute probabilities: (batch, n_classes)."""
        return logits.softmax(dim=1)

    def decode(self, probabilities):
        """Return the most probable class of each clip: (n_clips,)."""
        return self.classes[probabilities.argmax(axis=1)]

    @staticmethod
    def score(logits, encoded):
        """Compute the accuracy of a batch."""
        return (logits.argmax(dim=1).cpu() == encoded.cpu()).float().mean().item()


def class_weights(class_weight, classes, target):
    """Return the weight of each clip by its class: (n_clips,)."""
    if class_weight is None:
        return np.ones(len(target))
    present = np.unique(target)
    if not isinstance(class_weight, dict):
        return compute_class_weight(class_weight, classes=present, y=target)[np.searchsorted(present, target)]
    return compute_class_weight(class_weight, classes=classes, y=classes[target])[target]
