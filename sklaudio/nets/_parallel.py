"""Convolutions beside a recurrent layer."""

from dataclasses import KW_ONLY, dataclass

from ._base import NetClassifier, check_sizes
from ._crnn import CRNN_CONSTRAINTS
from ._modules._conv import ConvNet


@dataclass(eq=False, repr=False)
class ParallelCNNLSTMClassifier(NetClassifier):
    """Convolutions beside an LSTM in both directions: both read the frames, and their answers are put side by side.

    Parameters
    ----------
    channels : tuple of int, default=(16, 32, 64)
        Channels of each block of 3 x 3 convolution, batch norm, ReLU and maximum.
    hidden_size : int, default=64
        Units of the recurrent layer in each direction.
    cell : {"gru", "lstm"}, default="lstm"
        Kind of recurrent layer.
    pooling : {"last", "mean", "max", "attention"}, default="mean"
        How the frames of a clip become one vector, in both.
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
    """

    channels: tuple = (16, 32, 64)
    hidden_size: int = 64
    _: KW_ONLY
    cell: str = "lstm"
    pooling: str = "mean"
    head: tuple = ()
    dropout: float = 0.3

    _parameter_constraints = CRNN_CONSTRAINTS

    def _make_module(self, n_dims, n_classes):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ConvNet(
            n_dims,
            n_classes,
            channels=self.channels,
            time_pools=[2 if block < 2 else 1 for block in range(len(self.channels))],
            dim_pools=[2] * len(self.channels),
            hidden_size=self.hidden_size,
            cell=self.cell,
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )
