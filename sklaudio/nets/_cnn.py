"""Convolutional net."""

from dataclasses import KW_ONLY, dataclass
from numbers import Real

from sklearn.utils._param_validation import Interval, StrOptions

from ._base import NetClassifier, check_sizes
from ._modules._conv import ConvNet

CONV_CONSTRAINTS = {
    **NetClassifier._parameter_constraints,
    "channels": [tuple, list],
    "pooling": [StrOptions({"last", "mean", "max", "attention"})],
    "head": [tuple, list],
    "dropout": [Interval(Real, 0, 1, closed="left")],
}


@dataclass(eq=False, repr=False)
class CNNClassifier(NetClassifier):
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
        Share of the activations dropped before each dense layer and the output, in training.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
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

    channels: tuple = (16, 32, 64)
    _: KW_ONLY
    pooling: str = "mean"
    head: tuple = (64,)
    dropout: float = 0.3

    _parameter_constraints = CONV_CONSTRAINTS

    def _make_module(self, n_dims, n_classes):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ConvNet(
            n_dims,
            n_classes,
            channels=self.channels,
            time_pools=[2] * len(self.channels),
            dim_pools=[2] * len(self.channels),
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )
