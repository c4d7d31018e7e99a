"""Training that starts from trained weights: what is taken on, what is drawn anew, what does not fit."""

from dataclasses import dataclass

import torch

from .._utils.terminal import shortened
from ._callbacks import unwrap
from ._python_parameters import python_parameters
from ._skorch_net import copy_weights
from ._training import make_net

OUTPUT = ("output.", "net.output.")  # the names of the last layer's weights begin so, in all modules


@dataclass(frozen=True)
class Start:
    """The end of a training, from which another goes on.

    Parameters
    ----------
    weights : dict of str to ndarray
        Weights and buffers by name.
    target : ClassTarget or like it
        What the logits are of.
    scale : tuple of two ndarray, or None
        Mean and scale of the dims.
    n_frames : int
        Frames that the layers were made for.
    n_epochs : int
        Epochs so far.
    parameters : dict
        Those of the net when it was built.
    """

    weights: dict
    target: object
    scale: tuple | None
    n_frames: int
    n_epochs: int
    parameters: dict

    @classmethod
    def of(cls, estimator):
        """Make one of what a fitted net has learned."""
        return cls(
            weights=copy_weights(estimator.net_.module_),
            target=estimator._target,
            scale=estimator._scale,
            n_frames=estimator.n_frames_,
            n_epochs=len(estimator.history_),
            parameters=estimator._built_with,
        )

    @property
    def key(self):
        """What a checkpoint knows it by."""
        return self.weights, self.target.key, self.scale, self.n_frames, self.n_epochs

    def make_net(self, estimator, mode, prepared=None):
        """Build a net as :func:`make_net` does, with these weights; another target gets a new output layer.

        Raises
        ------
        ValueError
            If the weights do not fit the parameters of the estimator, or there is no layer to draw anew.
        """
        if estimator._target.is_stepwise != self.target.is_stepwise:
            before, now = ("frames", "clips")[:: 1 if self.target.is_stepwise else -1]
            raise ValueError(
                f"the weights to start from predict {before}, and y is of {now}. Set warm_start=False, or give "
                f"the y of {before}."
            )
        net = make_net(estimator, mode, prepared)
        module, weights = unwrap(net.module_), self.weights
        expected = module.state_dict()
        if has_new_head := not estimator._target.is_like(self.target):
            weights, expected = without_output(weights), without_output(expected)
            if len(expected) == len(module.state_dict()):
                raise ValueError(
                    f"{type(estimator).__name__} has no layer called `output`, which is what other "
                    f"{estimator._target.name} have drawn anew. Call its last layer so, or set warm_start=False."
                )
        self._check_shapes(estimator, weights, expected)
        module.load_state_dict(
            {name: torch.from_numpy(array) for name, array in weights.items()}, strict=not has_new_head
        )
        return net

    def _check_shapes(self, estimator, weights, expected):
        found = {name: array.shape for name, array in weights.items()}
        expected = {name: tuple(value.shape) for name, value in expected.items()}
        if found == expected:
            return
        name = next(name for name in [*expected, *found] if expected.get(name) != found.get(name))
        now = python_parameters(estimator)
        changed = [
            f"{key}={shortened(value)}, which was {shortened(self.parameters.get(key))}"
            for key, value in now.items()
            if key not in estimator._training_parameters and value != self.parameters.get(key)
        ]
        raise ValueError(
            f"the weights {name!r} to start from are of shape {found.get(name)}, and {type(estimator).__name__} "
            f"takes {expected.get(name)} now. Changed since: {'; '.join(changed) or 'none of its parameters'}. "
            "Set it back, or set warm_start=False."
        )


def without_output(weights):
    """Return weights by name, without those of the last layer."""
    return {name: value for name, value in weights.items() if not name.startswith(OUTPUT)}
