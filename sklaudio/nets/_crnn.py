"""Convolutional and recurrent layers, one after the other."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral

from sklearn.utils._param_validation import Interval, StrOptions

from ..augment import FilterAugment, FrequencyWarp, SpecAugment, Tempo
from ._base import check_sizes
from ._classifier import NetClassifier
from ._cnn import CONV_CONSTRAINTS
from ._modules._residual import ResidualCRNN
from ._regressor import NetRegressor

AUGMENT = (FilterAugment(level=0.5), FrequencyWarp(p=0.5), Tempo((0.75, 1.33)), SpecAugment())

CRNN_CONSTRAINTS = {
    **CONV_CONSTRAINTS,
    "hidden_size": [Interval(Integral, 1, None, closed="left")],
    "cell": [StrOptions({"gru", "lstm"})],
}


@dataclass(eq=False, repr=False)
class CRNNNet:
    """Residual convolutions and a recurrent layer over spectra in decibel.

    A 5 x 5 convolution and residual blocks of 3 x 3 convolutions, each of which halves the dims and the first three the
    frames; a recurrent layer in both directions over what they leave of time. Both are pooled over time and put side by
    side.

    Parameters
    ----------
    channels : tuple of int, default=(16, 32, 64, 128)
        Channels of the first convolution and of each residual block.
    hidden_size : int, default=32
        Units of the recurrent layer in each direction.
    cell : {"gru", "lstm"}, default="gru"
        Kind of recurrent layer.
    pooling : {"last", "mean", "max", "attention"}, default="mean"
        How the frames of a clip become one vector.
    head : tuple of int, default=()
        Units of dense layers (ReLU) before the output.
    dropout : float, default=0.3
        Fraction of the activations dropped before the recurrent layer, each dense layer and the output, in training.
    """

    channels: tuple = (16, 32, 64, 128)
    hidden_size: int = 32
    _: KW_ONLY
    cell: str = "gru"
    pooling: str = "mean"
    head: tuple = ()
    dropout: float = 0.3
    lr: float = 3e-3
    max_epochs: int | str = 60
    optimizer: object = "adamw"
    weight_decay: float = 0.01
    lr_schedule: str | dict = "one-cycle"
    gradient_clip: float | None = 5.0

    _parameter_constraints = CRNN_CONSTRAINTS
    _auto_precision = "bfloat16"

    def _make_module(self, n_dims, n_outputs):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return ResidualCRNN(
            n_dims,
            n_outputs,
            channels=self.channels,
            hidden_size=self.hidden_size,
            cell=self.cell,
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )


@dataclass(eq=False, repr=False)
class CRNNClassifier(CRNNNet, NetClassifier):
    """Classify spectra in decibels by residual convolutions and a recurrent layer: the net of the recipe.

    A 5 x 5 convolution and residual blocks of 3 x 3 convolutions, each of which halves the dims and the first three the
    frames; a recurrent layer in both directions over what they leave of time. Both are pooled over time and put side by
    side. The defaults of training and augmentation are the recipe that :func:`~sklaudio.make_classifier` and the
    benchmarks use, chosen on genres, words, digits and instruments alike; they are for log-mel spectra. Frames of other
    kinds, such as MFCCs, go better with ``augment=None``.

    Parameters
    ----------
    {CRNNNet}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `max_epochs` 60, `optimizer`
        "adamw", `weight_decay` 0.01, `lr_schedule` "one-cycle", `label_smoothing` 0.1, `gradient_clip` 5, and `augment`
        changes the level, filter, frequencies and tempo of clips, and masks parts of them.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked.

    References
    ----------
    .. [1] K. Choi, G. Fazekas, M. Sandler and K. Cho, "Convolutional recurrent neural networks for music
       classification", ICASSP 2017.
    .. [2] K. He, X. Zhang, S. Ren and J. Sun, "Deep residual learning for image recognition", CVPR 2016.
    .. [3] L. N. Smith and N. Topin, "Super-convergence: Very fast training of neural networks using large learning
       rates", 2019.
    """

    _: KW_ONLY
    label_smoothing: float = 0.1
    augment: object = AUGMENT


@dataclass(eq=False, repr=False)
class CRNNRegressor(CRNNNet, NetRegressor):
    """Predict numbers of clips by residual convolutions and a recurrent layer over spectra in decibel.

    Parameters
    ----------
    {CRNNNet}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `max_epochs` 60, `optimizer`
        "adamw", `weight_decay` 0.01, `lr_schedule` "one-cycle" and `gradient_clip` 5, as of :class:`CRNNClassifier`.
        `augment` is None: what changes level, pitch or tempo of a clip may change the number that is to be learned.
    """
