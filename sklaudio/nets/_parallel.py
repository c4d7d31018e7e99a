"""Convolutions beside a recurrent layer."""

from dataclasses import KW_ONLY, dataclass

from ._base import check_sizes
from ._classifier import NetClassifier
from ._crnn import CRNN_CONSTRAINTS
from ._modules._conv import ConvNet
from ._regressor import NetRegressor


@dataclass(eq=False, repr=False)
class ParallelCNNLSTMNet:
    """Convolutions beside an LSTM in both directions: both read the frames, and their outputs are put side by side.

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
        Fraction of the activations dropped before each dense layer and the output, in training.
    """

    channels: tuple = (16, 32, 64)
    hidden_size: int = 64
    _: KW_ONLY
    cell: str = "lstm"
    pooling: str = "mean"
    head: tuple = ()
    dropout: float = 0.3

    _parameter_constraints = CRNN_CONSTRAINTS

    def _make_module(self, n_dims, n_outputs):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ConvNet(
            n_dims,
            n_outputs,
            channels=self.channels,
            time_pools=[2 if block < 2 else 1 for block in range(len(self.channels))],
            dim_pools=[2] * len(self.channels),
            hidden_size=self.hidden_size,
            cell=self.cell,
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )


@dataclass(eq=False, repr=False)
class ParallelCNNLSTMClassifier(ParallelCNNLSTMNet, NetClassifier):
    """Classify clips by convolutions beside an LSTM in both directions: both read the frames.

    What they make of a clip is put side by side before the dense layers.

    Parameters
    ----------
    {ParallelCNNLSTMNet}
    {training}
        How it is trained; see :class:`NetClassifier`.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked.
    """


@dataclass(eq=False, repr=False)
class ParallelCNNLSTMRegressor(ParallelCNNLSTMNet, NetRegressor):
    """Predict numbers of clips by convolutions beside an LSTM in both directions.

    Parameters
    ----------
    {ParallelCNNLSTMNet}
    {training}
        How it is trained; see :class:`NetRegressor`.
    """
