"""What a pickle of a net holds: parameters and arrays. What is torch's or skorch's is rebuilt from them."""

import warnings
from numbers import Integral

import pandas as pd
import torch

from .._device import resolve_device
from ._training import copy_weights, make_net

TRAINING_ONLY = (
    "augment",
    "callbacks",
    "checkpoint",
    "optimizer",
    "verbose",
)  # what a fitted net does not need for its predictions


class ArraysStateMixin:
    """State without torch or skorch in it, for a fitted NetClassifier: it loads on any device."""

    def __getstate__(self):
        """Replace the net by its weights, the history by its columns."""
        state = dict(super().__getstate__())
        if "net_" in state:
            state["weights"] = copy_weights(state.pop("net_").module_)
            state["history_"] = {name: column.to_numpy() for name, column in state["history_"].items()}
        return state

    def __setstate__(self, state):
        weights = state.pop("weights", None)
        super().__setstate__(state)
        if weights is not None:
            self.history_ = pd.DataFrame(self.history_)
            built = self._as_built()
            check_shapes(built, weights)
            with built._seeded():
                self.net_ = make_net(built, weights=weights, only_answers=True)

    def _as_built(self):
        """An estimator with the parameters that the weights belong to, whatever `set_params` changed since."""
        built = type(self)(**self._built_with)
        for name in TRAINING_ONLY:
            setattr(built, name, getattr(self, name))
        try:
            built.device = resolve_device(self.device)
        except ValueError as error:
            warnings.warn(f"{error} The net is on the CPU.", stacklevel=2)
            built.device = "cpu"
        for name in ("classes_", "n_features_in_", "n_frames_", "history_", "_seed"):
            setattr(built, name, getattr(self, name))
        return built


def check_shapes(built, weights):
    """Raise an error where weights are not those of the net that the parameters describe, before it takes memory.

    A net of one's own may do in its constructor what needs real tensors: torch itself tells then, when it loads them.
    """
    name = type(built).__name__
    is_ours = type(built).__module__.startswith("sklaudio.")
    if is_ours:
        built._validate_params()
        n_layers = _most_layers(built.get_params(deep=False))
        if n_layers > len(weights):
            raise ValueError(f"{name} has {n_layers} layers by its parameters, and {len(weights)} arrays of weights.")
    try:
        with torch.device("meta"):  # shapes alone
            expected = built._make_module(built.n_features_in_, len(built.classes_)).state_dict()
    except Exception as error:
        if not is_ours:
            return
        raise ValueError(f"{name} cannot be made with its parameters ({error}).") from error
    expected = {key: tuple(value.shape) for key, value in expected.items()}
    if expected != (found := {key: array.shape for key, array in weights.items()}):
        key = next(key for key in [*expected, *found] if expected.get(key) != found.get(key))
        raise ValueError(
            f"weights {key!r} of {name} are of shape {found.get(key)}, and by its parameters of {expected.get(key)}."
        )


def _most_layers(parameters):
    """The length of the longest parameter that gives each layer a size, or the number of equal layers."""
    sizes = [parameters.get(name, ()) for name in ("hidden_size", "hidden_sizes", "channels", "head")]
    n_layers = [len(size) for size in sizes if isinstance(size, (tuple, list))]
    return max([*n_layers, parameters.get("num_layers", 0) if isinstance(sizes[0], Integral) else 0])
