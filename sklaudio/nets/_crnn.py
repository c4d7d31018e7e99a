"""Convolutional and recurrent layers, one after the other."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral

from sklearn.utils._param_validation import Interval, StrOptions

from ._base import NetClassifier, check_sizes
from ._cnn import CONV_CONSTRAINTS
from ._modules._conv import ConvNet
from ._modules._residual import ResidualConvs

CRNN_CONSTRAINTS = {
    **CONV_CONSTRAINTS,
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    "cell": [StrOptions({"gru", "lstm"})],
}


@dataclass(eq=False, repr=False)
class CRNNClassifier(NetClassifier):
    """Convolutions, then a recurrent layer in both directions over what they leave of time.

    Blocks of 3 x 3 convolution, batch norm, ReLU and maximum; each halves the dims, the first two halve the frames.

    Parameters
    ----------
    channels : tuple of int, default=(16, 32, 64)
        Channels of each block.
    hidden_size : int, default=64
        Units of the recurrent layer in each direction.
    cell : {"gru", "lstm"}, default="gru"
        Kind of recurrent layer.
    pooling : {"last", "mean", "max", "attention"}, default="attention"
        How the frames of a clip become one vector.
    head : tuple of int, default=()
        Units of dense layers (ReLU) before the output.
    dropout : float, default=0.3
        Share of the activations dropped before each dense layer and the output, in training.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked.

    References
    ----------
    .. [1] K. Choi, G. Fazekas, M. Sandler and K. Cho, "Convolutional recurrent neural networks for music
       classification", ICASSP 2017.
    """

    channels: tuple = (16, 32, 64)
    hidden_size: int = 64
    _: KW_ONLY
    cell: str = "gru"
    pooling: str = "attention"
    head: tuple = ()
    dropout: float = 0.3

    _parameter_constraints = CRNN_CONSTRAINTS

    def _make_module(self, n_dims, n_classes):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ConvNet(
            ResidualConvs(n_dims, self.channels),
            n_dims,
            n_classes,
            hidden_size=self.hidden_size,
            cell=self.cell,
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )
