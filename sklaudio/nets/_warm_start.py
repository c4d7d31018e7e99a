"""Training that starts from trained weights: what is taken on, what is drawn anew, what does not fit."""

from dataclasses import dataclass

import numpy as np
import torch

from ._callbacks import plain
from ._parameters import TRAINING
from ._training import copy_weights, make_net

OUTPUT = "output."  # the names of the last layer's weights begin so, in all modules


@dataclass(frozen=True)
class Start:
    """The end of a training, from which another goes on.

    Parameters
    ----------
    weights : dict of str to ndarray
        Weights and buffers by name.
    classes : ndarray of shape (n_classes,)
        What the logits are of.
    scale : tuple of ndarray or None
        Mean and scale of the dims.
    n_frames : int
        Frames that the layers were made for.
    n_epochs : int
        Epochs so far.
    parameters : dict
        Those of the net when it was built.
    """

    weights: dict
    classes: np.ndarray
    scale: tuple
    n_frames: int
    n_epochs: int
    parameters: dict

    @classmethod
    def of(cls, estimator):
        """Where a fitted net is."""
        return cls(
            weights=copy_weights(estimator.net_.module_),
            classes=estimator.classes_,
            scale=(getattr(estimator, "mean_", None), getattr(estimator, "scale_", None)),
            n_frames=estimator.n_frames_,
            n_epochs=len(estimator.history_),
            parameters=estimator._built_with,
        )

    @property
    def key(self):
        """What a checkpoint knows it by."""
        return self.weights, self.classes, self.scale, self.n_frames, self.n_epochs

    def make_net(self, estimator, *args, **settings):
        """Build a net as :func:`make_net` does, with these weights; other classes get a new output layer.

        Raises
        ------
        ValueError
            If the weights do not fit the parameters of the estimator, or there is no layer to draw anew.
        """
        net = make_net(estimator, *args, **settings)
        module, weights = plain(net.module_), self.weights
        expected = module.state_dict()
        if has_new_head := not np.array_equal(self.classes, estimator.classes_):
            weights, expected = without_output(weights), without_output(expected)
            if len(expected) == len(module.state_dict()):
                raise ValueError(
                    f"{type(estimator).__name__} has no layer called `output`, which is what other classes "
                    f"({estimator.classes_.tolist()}) have drawn anew. Call its last layer so, or set warm_start=False."
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
        now = estimator.get_params(deep=False)
        changed = [
            f"{key}={own!r}, which was {self.parameters.get(key)!r}"
            for key, own in now.items()
            if key not in TRAINING and own != self.parameters.get(key)
        ]
        raise ValueError(
            f"the weights {name!r} to start from are of shape {found.get(name)}, and {type(estimator).__name__} "
            f"takes {expected.get(name)} now. Changed since: {'; '.join(changed) or 'none of its parameters'}. "
            "Set it back, or set warm_start=False."
        )


def without_output(weights):
    """Weights by name, without those of the last layer."""
    return {name: own for name, own in weights.items() if not name.startswith(OUTPUT)}
