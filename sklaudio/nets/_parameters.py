"""What the training keywords take, which nets share, and how their documentation is shared."""

import os
from inspect import cleandoc
from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, StrOptions

from ._schedules import SCHEDULES
from ._training import OPTIMIZERS

TRAINING = {
    "lr": [Interval(Real, 0, None, closed="neither")],
    "batch_size": [Interval(Integral, 1, None, closed="left")],
    "max_epochs": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"})],
    "optimizer": [StrOptions(set(OPTIMIZERS)), type],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "l1": [Interval(Real, 0, None, closed="left")],
    "l2": [Interval(Real, 0, None, closed="left")],
    "lr_schedule": [StrOptions(set(SCHEDULES)), dict],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "standardize": ["boolean"],
    "augment": [callable, list, tuple, None],
    "gradient_clip": [Interval(Real, 0, None, closed="neither"), None],
    "checkpoint": [str, os.PathLike, None],
    "warm_start": ["boolean"],
    "precision": [StrOptions({"auto", "float32", "bfloat16"})],
    "compile": ["boolean"],
    "device": [str],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "callbacks": [list, None],
    "net_params": [dict, None],
}


def merged_constraints(cls):
    """Return the `_parameter_constraints` of a class and all its bases."""
    merged = {}
    for base in reversed(cls.__mro__):
        merged |= vars(base).get("_parameter_constraints", {})
    return merged


def with_shared_parameters(cls):
    """Fill in what nets have in common in the docstring of one.

    ``{training}`` becomes the names of the training parameters, and ``{Base}`` the documentation of the parameters of a
    base class of that name.
    """
    doc = cleandoc(cls.__doc__).replace("{training}", ", ".join(cls._training_parameters))
    for base in cls.__mro__[1:]:
        place = "{" + base.__name__ + "}"
        if place in doc:
            section = cleandoc(base.__doc__).split("Parameters\n----------\n")[1]
            doc = doc.replace(place, section.split("\n\n")[0])
    return doc
