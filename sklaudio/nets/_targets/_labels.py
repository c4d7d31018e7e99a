"""Any number of labels for each clip."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.utils import column_or_1d

from ..._utils.group_split import split_by_group
from ..._utils.label_matrix import (
    check_known_labels,
    check_label_matrix,
    numbered_unless,
    warn_of_constant_labels,
)
from ..._utils.terminal import shortened
from .._losses import LabelsCrossEntropy
from .._skorch_net import ClassifierNet


@dataclass(frozen=True)
class LabelsTarget:
    """Any number of labels for each clip: a sigmoid and a binary cross-entropy for each of them.

    Parameters
    ----------
    names : ndarray of shape (n_labels,) or None
        Names of the columns of `y`, or their numbers; None before :meth:`learn`.
    class_weight : dict, "balanced" or None, default=None
        Weight of the clips that have a label, against those that don't, in the loss of that label.
    label_smoothing : float, default=0.0
        How far the targets are drawn from 0 and 1 towards 0.5, in [0, 1).
    class_count : ndarray of shape (n_labels,) or None, default=None
        Clips that have each label, by weight; None before :meth:`count`.
    clip_count : float, default=0.0
        All clips, by weight.
    weights : ndarray of shape (2, n_labels) or None, default=None
        Weights of clips without and with each label, of which the mean is 1; None before :meth:`count`.
    """

    names: np.ndarray | None
    class_weight: object = None
    label_smoothing: float = 0.0
    class_count: np.ndarray | None = None
    clip_count: float = 0.0
    weights: np.ndarray | None = None

    net = ClassifierNet
    is_stepwise = False

    @property
    def n_outputs(self):
        """Number of logits."""
        return len(self.names)

    @property
    def key(self):
        """What tells two targets apart, for which weights of the output layer are others."""
        return "labels", self.names

    @property
    def name(self):
        """What the outputs are of, for messages."""
        return f"labels ({shortened(self.names.tolist())})"

    @property
    def attributes(self):
        """What an estimator learns."""
        return {
            "classes_": np.arange(self.n_outputs),
            "label_names_": self.names,
            "class_count_": self.class_count,
            "class_prior_": self.class_count / self.clip_count,
            "_clip_count": self.clip_count,
        }

    def is_like(self, other):
        """Return whether an output layer for another target serves this one."""
        return type(other) is type(self) and np.array_equal(self.names, other.names)

    def learn(self, y, estimator, before=None, classes=None):
        """Check a matrix of labels.

        Parameters
        ----------
        y : array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
            0 and 1.
        estimator : estimator
            Who asks, for the messages.
        before : LabelsTarget or another, or None, default=None
            What the weights to start from are for: columns without names are called as there, if they are as many.
        classes : array-like of shape (n_labels,) or None, default=None
            Names of the columns, or their numbers, if known beforehand.

        Returns
        -------
        target : LabelsTarget
            That of the labels.
        encoded : ndarray of shape (n_clips, n_labels), int64
            0 and 1.

        Raises
        ------
        ValueError
            If a value is missing or is neither, or `classes` or `class_weight` are of other labels.
        """
        matrix, names = check_label_matrix(y)
        if classes is not None:
            names = self._check_classes(column_or_1d(classes), names, matrix.shape[1])
        elif names is None and type(before) is type(self) and before.n_outputs == matrix.shape[1]:
            names = before.names
        if classes is None:
            warn_of_constant_labels(matrix, names)
        target = replace(self, names=numbered_unless(names, matrix.shape[1]), class_count=None, clip_count=0.0)
        target._check_class_weight()
        return target, matrix

    @staticmethod
    def _check_classes(classes, names, n_labels):
        if len(classes) != n_labels or (names is not None and not np.array_equal(classes, names)):
            found = f"{n_labels} columns" if names is None else f"the columns {shortened(names.tolist())}"
            raise ValueError(
                f"classes={shortened(classes.tolist())} are not the labels of y, which has {found}. "
                "Name each column, in order, or leave classes out."
            )
        return classes

    def _check_class_weight(self):
        if not isinstance(self.class_weight, dict):
            return
        unknown = set(self.class_weight) - set(self.names.tolist())
        if unknown:
            raise ValueError(
                f"class_weight names {sorted(map(str, unknown))}, which are not among the labels "
                f"{shortened(self.names.tolist())}. Leave them out."
            )
        if not all(np.isfinite(weight) and weight > 0 for weight in self.class_weight.values()):
            raise ValueError(f"class_weight={shortened(self.class_weight)} must be finite and above 0 for each label.")

    def encode(self, y, name="y", advice="Give the columns of fit."):
        """Return labels of other clips: (n_clips, n_labels), int64. Errors name the parameter and have `advice`."""
        return check_known_labels(y, self.names, name, advice)

    def weigh(self, encoded):
        """Return ones of shape (n_clips,): all clips weigh the same. Labels have weights in the loss."""
        return np.ones(len(encoded))

    def count(self, encoded, counts):
        """Add these clips, of which there are `counts` copies each, to those before; return the target."""
        here = counts @ encoded
        return replace(
            self,
            class_count=here if self.class_count is None else self.class_count + here,
            clip_count=self.clip_count + float(counts.sum()),
            weights=label_weights(self.class_weight, self.names, here, counts.sum()),
        )

    def as_trained(self, encoded):
        """Return weights of presence and of absence, one of them 0, for the loss: (n_clips, n_labels, 2), float32."""
        absent, present = self.weights
        return np.stack([present * encoded, absent * (1 - encoded)], axis=2).astype(np.float32)

    def split(self, encoded, groups, fraction, seed):
        """Return clips to train on and to validate on, as :func:`split_by_group` draws them."""
        return split_by_group(encoded, groups, fraction, seed, self.names)

    def settings(self):
        """Return the parameters of the skorch net."""
        return {
            "classes": list(range(self.n_outputs)),
            "criterion": LabelsCrossEntropy,
            "criterion__label_smoothing": self.label_smoothing,
            "predict_nonlinearity": self.activation,
        }

    @staticmethod
    def losses(criterion, logits, encoded, inputs):
        """Compute the loss of each clip, mean over its labels: (batch,). Labels of a mixture are mixed."""
        if "partner" in inputs:
            fraction = inputs["fraction"][:, None, None]
            encoded = fraction * encoded + (1 - fraction) * encoded[inputs["partner"]]
        return criterion(logits, encoded).mean(dim=1)

    @staticmethod
    def activation(logits):
        """Compute probabilities: (batch, n_labels)."""
        return logits.sigmoid()

    def decode(self, probabilities):
        """Return the labels more probable than not: (n_clips, n_labels), int64, 0 and 1."""
        return (probabilities > 0.5).astype(np.int64)

    @staticmethod
    def score(logits, encoded):
        """Compute the fraction of a batch of which all labels are right."""
        has_label = encoded[:, :, 0] > 0
        return ((logits > 0).cpu() == has_label.cpu()).all(dim=1).float().mean().item()


def label_weights(class_weight, names, positives, n_clips):
    """Compute the weights of clips without and with each label, whose mean over the clips is 1.

    Parameters
    ----------
    class_weight : dict, "balanced" or None
        Weight of the clips with a label against the others; "balanced" gives both the same sum.
    names : ndarray of shape (n_labels,)
        The labels.
    positives : ndarray of shape (n_labels,)
        Clips that have each, by weight.
    n_clips : float
        All clips, by weight.

    Returns
    -------
    ndarray of shape (2, n_labels)
        Ones for a label that no clip has, or all.
    """
    counts = np.stack([n_clips - positives, positives])
    weights = np.ones_like(counts, dtype=np.float64)
    if class_weight == "balanced":
        weights = 1 / np.maximum(counts, np.finfo(np.float64).tiny)
    elif class_weight is not None:
        weights[1] = [class_weight.get(name, 1) for name in names.tolist()]
    is_learned = (counts > 0).all(axis=0)
    weights[:, ~is_learned] = 1
    return weights * n_clips / (weights * counts).sum(axis=0)
