"""One number or several for each clip."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.utils.validation import validate_data

from ..._frames.validation import scale_of
from ..._utils.group_split import split_by_group
from ..._utils.numbers import check_numbers
from ..._utils.target_names import check_same_names, names_of_columns
from .._losses import LOSSES
from .._skorch_net import RegressorNet


@dataclass(frozen=True)
class NumberTarget:
    """One number or several for each clip, standardized in training.

    Parameters
    ----------
    loss : {"mse", "mae", "huber", "ccc"}, default="mse"
        What is minimized.
    mean, scale : ndarray of shape () or (n_targets,), or None, default=None
        What numbers are standardized by; None before :meth:`count`.
    names : ndarray of shape (n_targets,) or None, default=None
        Names of the columns of `y`; None where they have none.
    """

    loss: str = "mse"
    mean: np.ndarray | None = None
    scale: np.ndarray | None = None
    names: np.ndarray | None = None

    net = RegressorNet
    is_stepwise = False

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
        learned = {"target_mean_": self.mean, "target_scale_": self.scale}
        return learned if self.names is None else learned | {"target_names_": self.names}

    def is_like(self, other):
        """Return whether an output layer for another target serves this one."""
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
        names = names_of_columns(y)
        y = check_numbers(validate_data(estimator, y=y) if y is None else y, "y")
        return self._begin(names, y.shape[1:], before), y

    def _begin(self, names, shape, before):
        """Return the target of numbers of a shape: mean and scale of `before` if that fits them, and its names."""
        if before is None or shape != before.mean.shape:
            return replace(self, mean=None, scale=None, names=names)
        return replace(self, mean=before.mean, scale=before.scale, names=before.names if names is None else names)

    def encode(self, y, name="y", advice=""):
        """Check numbers of other clips; `name` of the parameter is for errors."""
        check_same_names(names_of_columns(y, name), self.names, name)
        y = check_numbers(y, name)
        if y.shape[1:] != self.mean.shape:
            raise ValueError(
                f"{name} is of shape {y.shape}, and y of fit was of shape {('n_clips', *self.mean.shape)}. "
                "Give every clip as many numbers."
            )
        return y

    def weigh(self, encoded):
        """Return ones of shape (n_clips,): all clips weigh the same."""
        return np.ones(len(encoded))

    def count(self, encoded, counts):
        """Learn mean and standard deviation of these clips, with `counts` copies of each; return the target."""
        if self.mean is not None:
            return self
        mean, scale = mean_and_scale(encoded, counts)
        return replace(self, mean=mean, scale=scale)

    def as_trained(self, encoded):
        """Return what the loss compares predictions with: (n_clips, n_targets), float32."""
        return ((encoded - self.mean) / self.scale).astype(np.float32).reshape(len(encoded), -1)

    def split(self, encoded, groups, fraction, seed):
        """Return clips to train on and to validate on, as :func:`split_by_group` draws them."""
        if len(encoded) < 2:
            raise ValueError("there is 1 sample, and holding one out takes at least two.")
        return split_by_group(np.zeros(len(encoded), np.int64), groups, fraction, seed)

    def settings(self):
        """Return the parameters of the skorch net."""
        criterion, settings = LOSSES[self.loss]
        return {"criterion": criterion, **settings}

    @staticmethod
    def losses(criterion, predicted, encoded, inputs):
        """Compute the loss of each clip, mean over its targets: (batch,). Numbers of a mixture are mixed."""
        if "partner" in inputs:
            fraction = inputs["fraction"][:, None]
            encoded = fraction * encoded + (1 - fraction) * encoded[inputs["partner"]]
        return criterion(predicted, encoded).mean(dim=1)

    @staticmethod
    def activation(logits):
        """Return the standardized numbers: (batch, n_targets)."""
        return logits

    def decode(self, outputs):
        """Return the numbers of clips, as `y` has them: (n_clips,) or (n_clips, n_targets), float64."""
        return outputs.reshape(len(outputs), *self.mean.shape) * self.scale + self.mean


def mean_and_scale(numbers, weights):
    """Compute mean and standard deviation of numbers by weight: two arrays of shape () or (n_targets,), float64."""
    mean = np.average(numbers, axis=0, weights=weights)
    with np.errstate(over="ignore"):
        std = np.sqrt(np.average((numbers - mean) ** 2, axis=0, weights=weights))
    if not np.isfinite(std).all():
        raise ValueError(
            f"y holds numbers up to {np.abs(numbers).max():.3g}, whose squares are beyond all numbers. Give them in "
            "another unit."
        )
    return np.asarray(mean), np.asarray(scale_of(std, mean))
