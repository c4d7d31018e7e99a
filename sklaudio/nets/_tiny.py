"""Depthwise-separable convolutions: a net that fits a microcontroller."""

from dataclasses import KW_ONLY, dataclass

from ._base import check_sizes
from ._classifier import NetClassifier
from ._cnn import CONV_CONSTRAINTS
from ._crnn import AUGMENT
from ._modules._separable import SeparableCNN
from ._regressor import NetRegressor


@dataclass(eq=False, repr=False)
class TinyCNNNet:
    """Depthwise-separable convolutions over spectra in decibel: few parameters and few products.

    A 5 x 5 convolution that halves frames and dims, then blocks of a 3 x 3 convolution of each channel and a 1 x 1
    convolution over channels; a weighted sum over what is left of the dims, and pooling over time.

    Parameters
    ----------
    channels : tuple of int, default=(24, 48, 48, 96, 96)
        Channels of the first convolution and of each block. A block with other channels than the layer before halves
        frames and dims; one with as many adds its input to its output.
    pooling : {"last", "mean", "max", "attention"}, default="mean"
        How the frames of a clip become one vector.
    head : tuple of int, default=()
        Units of dense layers (ReLU) before the output.
    dropout : float, default=0.2
        Fraction of the activations dropped before each dense layer and the output, in training.
    """

    channels: tuple = (24, 48, 48, 96, 96)
    _: KW_ONLY
    pooling: str = "mean"
    head: tuple = ()
    dropout: float = 0.2
    lr: float = 3e-3
    max_epochs: int | str = 60
    optimizer: object = "adamw"
    weight_decay: float = 0.01
    lr_schedule: str | dict = "one-cycle"
    gradient_clip: float | None = 5.0

    _parameter_constraints = CONV_CONSTRAINTS
    _auto_steps = 3000  # few parameters learn for longer

    def _make_module(self, n_dims, n_outputs):
        check_sizes("channels", self.channels)
        check_sizes("head", self.head, may_be_empty=True)
        return SeparableCNN(
            n_dims,
            n_outputs,
            channels=self.channels,
            pooling=self.pooling,
            head=self.head,
            dropout=self.dropout,
        )


@dataclass(eq=False, repr=False)
class TinyCNNClassifier(TinyCNNNet, NetClassifier):
    """Classify spectra in decibel by depthwise-separable convolutions, which fit a microcontroller.

    A 5 x 5 convolution that halves frames and dims, then blocks of a 3 x 3 convolution of each channel and a 1 x 1
    convolution over channels [1]_; a weighted sum over what is left of the dims, and pooling over time. Of 40 mel bands
    and nine classes it has 22,425 parameters, and takes 2.8 million products for a second of frames 10 ms apart.

    Parameters
    ----------
    {TinyCNNNet}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `max_epochs` 60 ("auto" is as many
        as take about 3000 batches), `optimizer` "adamw", `weight_decay` 0.01, `lr_schedule` "one-cycle",
        `label_smoothing` 0.1, `gradient_clip` 5, and `augment` that of :class:`CRNNClassifier`.

    See Also
    --------
    sklaudio.make_classifier : ``make_classifier("tiny")`` puts 40 mel bands before it.
    sklaudio.export_onnx : With ``quantize="int8"`` it makes a file of less than 60 kB of both.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked. Where `y` has a row for every frame, a step is as
    many frames as all halvings make, 8 by default. ``precision="auto"`` is "float32": processors multiply convolutions
    of single channels in bfloat16 more slowly.

    References
    ----------
    .. [1] Y. Zhang, N. Suda, L. Lai and V. Chandra, "Hello edge: Keyword spotting on microcontrollers", 2017.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X, y = rng.normal(size=(40, 30, 8)), np.repeat(["noise", "line"], 20)
    >>> X[20:, :, 3] += 2
    >>> net = TinyCNNClassifier((8, 16), lr=0.01, max_epochs=15, augment=None, random_state=0).fit(X, y)
    >>> net.score(X, y) > 0.9, net.n_parameters_
    (True, 562)
    """

    _: KW_ONLY
    label_smoothing: float = 0.1
    augment: object = AUGMENT


@dataclass(eq=False, repr=False)
class TinyCNNRegressor(TinyCNNNet, NetRegressor):
    """Predict numbers of clips by depthwise-separable convolutions, which fit a microcontroller.

    Parameters
    ----------
    {TinyCNNNet}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `max_epochs` 60 ("auto" is as many
        as take about 3000 batches), `optimizer` "adamw", `weight_decay` 0.01, `lr_schedule` "one-cycle" and
        `gradient_clip` 5, as of :class:`TinyCNNClassifier`. `augment` is None: what changes level, pitch or tempo of a
        clip may change the number that is to be learned.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked.
    """
