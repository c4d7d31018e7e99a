"""What a fitted net is made of must fit together: weights, classes, units of targets."""

import numpy as np

from ..nets import NetClassifier, NetRegressor
from ._consistency import check_counts, check_names, check_part, check_scale, check_target_names, require


@check_part.register
def _(part: NetClassifier):
    if not hasattr(part, "net_"):
        return
    check_names(part, "classes_")
    check_counts(part)
    _check_net(part)


@check_part.register
def _(part: NetRegressor):
    if not hasattr(part, "net_"):
        return
    for name in ("target_mean_", "target_scale_"):
        values = np.asarray(getattr(part, name))
        require(part, values.ndim < 2 and values.shape == part.target_mean_.shape, f"{name} is of shape {values.shape}")
        require(part, values.dtype.kind == "f" and np.isfinite(values).all(), f"{name} holds NaN or infinity")
    check_target_names(part)
    _check_net(part)


def _check_net(part):
    for name, weights in part.net_.module_.state_dict().items():
        is_finite = bool(weights.isfinite().all())
        require(part, is_finite, f"the weights {name!r} hold NaN or infinity; train it with a lower lr")
    check_scale(part, part._n_dims)
