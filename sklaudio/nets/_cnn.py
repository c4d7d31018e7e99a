"""Convolutional net."""

from dataclasses import KW_ONLY, dataclass
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import check_sizes
from ._classifier import NetClassifier
from ._modules._conv import ConvNet
from ._regressor import NetRegressor

CONV_CONSTRAINTS = {
    "channels": [tuple, list, np.ndarray],
    "pooling": [StrOptions({"last", "mean", "max", "attention"})],
    "head": [tuple, list, np.ndarray],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


@dataclass(eq=False, repr=False)
class CNNNet:
    """Convolutions over frames and dims, as over an image, then pooling over time.

    Blocks of 3 x 3 convolution, batch norm, ReLU and 2 x 2 maximum, each of which halves frames and dims.

    Parameters
    ----------
    channels : tuple of int, default=(16, 32, 64)
        Channels of each block.
    pooling : {"last", "mean", "max", "attention"}, default="mean"
        How the frames of a clip become one vector.
    head : tuple of int, default=(64,)
        Units of dense layers (ReLU) before the output.
    dropout : float, default=0.3
        Fraction of the activations dropped before each dense layer and the output, in training.
    """

    channels: tuple = (16, 32, 64)
    _: KW_ONLY
    pooling: str = "mean"
    head: tuple = (64,)
    dropout: float = 0.3

    _parameter_constraints = CONV_CONSTRAINTS
    _auto_precision = "bfloat16"

    def _make_module(self, n_dims, n_outputs):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ConvNet(
            n_dims,
            n_outputs,
            channels=self.channels,
            time_pools=[2] * len(self.channels),
            dim_pools=[2] * len(self.channels),
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )


@dataclass(eq=False, repr=False)
class CNNClassifier(CNNNet, NetClassifier):
    """Classify clips by convolutions over frames and dims, as over an image, then pooling over time.

    Blocks of 3 x 3 convolution, batch norm, ReLU and 2 x 2 maximum, each of which halves frames and dims.

    Parameters
    ----------
    {CNNNet}
    {training}
        How it is trained; see :class:`NetClassifier`.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked: a clip has the same probabilities alone as beside a
    longer one.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(40, 30, 8)), np.repeat(["noise", "line"], 20)
    >>> X[20:, :, 3] += 2
    >>> CNNClassifier((4, 8), lr=0.01, max_epochs=10, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """


@dataclass(eq=False, repr=False)
class CNNRegressor(CNNNet, NetRegressor):
    """Predict numbers of clips by convolutions over frames and dims, then pooling over time.

    Parameters
    ----------
    {CNNNet}
    {training}
        How it is trained; see :class:`NetRegressor`.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked: a clip has the same numbers alone as beside a longer
    one.
    """
