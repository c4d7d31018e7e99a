"""What a pickle of a net holds, and whether its weights are those that its parameters describe."""

from numbers import Integral

import torch

from ._python_parameters import SIZES
from ._steps import make_module

TRAINING_ONLY = (
    "augment",
    "callbacks",
    "checkpoint",
    "optimizer",
    "verbose",
)  # what a fitted net does not need for its predictions


def check_shapes(built, weights):
    """Raise an error where weights are not those of the net that the parameters describe, before it takes memory.

    A user-defined net may do in its constructor what needs real tensors: torch itself raises then, when it loads them.
    """
    name = type(built).__name__
    is_ours = type(built).__module__.startswith("sklaudio.")
    if is_ours:
        built._validate_params()
        n_layers = _max_layers(built.get_params(deep=False))
        if n_layers > len(weights):
            raise ValueError(f"{name} has {n_layers} layers by its parameters, and {len(weights)} arrays of weights.")
    try:
        with torch.device("meta"):  # shapes alone
            expected = make_module(built).state_dict()
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


def _max_layers(parameters):
    """Return the length of the longest parameter that gives each layer a size, or the number of equal layers."""
    sizes = [parameters.get(name, ()) for name in SIZES]
    n_layers = [len(size) for size in sizes if isinstance(size, (tuple, list))]
    return max([*n_layers, parameters.get("num_layers", 0) if isinstance(sizes[0], Integral) else 0])
