"""Recurrent nets: RNN, GRU, LSTM and BLSTM."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from ._base import check_sizes
from ._classifier import NetClassifier
from ._modules._rnn import RecurrentNet
from ._regressor import NetRegressor


@dataclass(eq=False, repr=False)
class RecurrentLayers:
    """Recurrent layers over the frames of a clip, of the kind `_cell`.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=128
        Units of a layer and direction; a tuple such as ``(128, 32)`` gives those of each layer, and then says how many
        there are.
    num_layers : int, default=2
        Number of recurrent layers; not used where `hidden_size` is a tuple.
    dropout : float, default=0.2
        Fraction of the activations dropped in training: between recurrent layers and before each dense one.
    pooling : {"last+mean", "last", "mean", "max", "attention"}, default="last+mean"
        How the frames of a clip become one vector: the final state, which knows their order but forgets what is long
        ago; the mean, which forgets nothing but knows no order; the two side by side; the maximum; or a learned
        weighting.
    head : tuple of int, default=()
        Units of dense layers (ReLU) before the output.
    """

    hidden_size: int | tuple = 128
    num_layers: int = 2
    _: KW_ONLY
    dropout: float = 0.2
    pooling: str = "last+mean"
    head: tuple = ()
    lr: float = 3e-3
    lr_schedule: str | dict = "one-cycle"
    gradient_clip: float | None = 1.0

    _parameter_constraints = {
        "hidden_size": [Interval(Integral, 1, None, closed="left"), tuple, list, np.ndarray],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "pooling": [StrOptions({"last", "mean", "last+mean", "max", "attention"})],
        "head": [tuple, list, np.ndarray],
    }
    bidirectional = False
    _frames = "mfcc"

    def _make_module(self, n_dims, n_outputs):
        sizes = [self.hidden_size] * self.num_layers if isinstance(self.hidden_size, Integral) else self.hidden_size
        check_sizes("hidden_size", sizes)
        check_sizes("head", self.head, may_be_empty=True)
        return RecurrentNet(
            self._cell,
            n_dims,
            n_outputs,
            hidden_sizes=sizes,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            pooling=self.pooling,
            head=self.head,
        )


@dataclass(eq=False, repr=False)
class DirectedLayers(RecurrentLayers):
    """Recurrent layers that run forward, or both ways.

    Parameters
    ----------
    {RecurrentLayers}
    bidirectional : bool, default=False
        Whether layers run forward and backward.
    """

    _: KW_ONLY
    bidirectional: bool = False

    _parameter_constraints = {"bidirectional": ["boolean"]}


class LSTMNet(DirectedLayers):
    """Long short-term memory layers over the frames of a clip."""

    _cell = "lstm"


class GRUNet(DirectedLayers):
    """Gated recurrent units over the frames of a clip: three gates' worth of weights where an LSTM has four."""

    _cell = "gru"


class RNNNet(DirectedLayers):
    """Elman's recurrent layers (tanh) over the frames of a clip: the simplest, and soon forgetful."""

    _cell = "rnn"


class BLSTMNet(RecurrentLayers):
    """LSTM layers that run forward and backward over the frames of a clip."""

    _cell = "lstm"
    bidirectional = True


@dataclass(eq=False, repr=False)
class LSTMClassifier(LSTMNet, NetClassifier):
    """Classify clips by long short-term memory layers over their frames.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.

    Attributes
    ----------
    classes_, n_features_in_, net_, history_, n_parameters_
        See :class:`NetClassifier`.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked: a clip has the same probabilities alone as beside a
    longer one. torch's layers have two bias vectors where Keras's have one [1]_.

    References
    ----------
    .. [1] S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), 1735-1780.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 20, 3)).astype("float32")      # (n_clips, n_frames, n_dims)
    >>> y = np.where(X[:, -5:, 0].mean(axis=1) > 0, "up", "down")
    >>> lstm = LSTMClassifier(16, 1, lr=0.02, max_epochs=20, random_state=0).fit(X, y)
    >>> lstm.score(X, y) > 0.9
    True
    >>> lstm.predict_proba(X[:2]).shape
    (2, 2)
    """


@dataclass(eq=False, repr=False)
class GRUClassifier(GRUNet, NetClassifier):
    """Classify clips by gated recurrent units over their frames, with three quarters of the weights of an LSTM.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.

    References
    ----------
    .. [1] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
       translation", EMNLP 2014.
    """


@dataclass(eq=False, repr=False)
class RNNClassifier(RNNNet, NetClassifier):
    """Classify clips by Elman's recurrent layers (tanh) over their frames: the simplest, with the shortest memory.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.

    References
    ----------
    .. [1] J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), 179-211.
    """


@dataclass(eq=False, repr=False)
class BLSTMClassifier(BLSTMNet, NetClassifier):
    """Classify clips by LSTM layers that run forward and backward over their frames.

    Parameters
    ----------
    {RecurrentLayers}
    {training}
        How it is trained; see :class:`NetClassifier`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.

    References
    ----------
    .. [1] A. Graves and J. Schmidhuber, "Framewise phoneme classification with bidirectional LSTM and other neural
       network architectures", Neural Networks 18 (2005), 602-610.
    """


@dataclass(eq=False, repr=False)
class LSTMRegressor(LSTMNet, NetRegressor):
    """Predict numbers of clips by long short-term memory layers over their frames.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.

    Notes
    -----
    Clips of unequal length are padded, and the padding is masked: a clip has the same numbers alone as beside a longer
    one.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 20, 3)).astype("float32")      # (n_clips, n_frames, n_dims)
    >>> y = 100 + 40 * X[:, :, 0].mean(axis=1)
    >>> lstm = LSTMRegressor(16, 1, pooling="mean", lr=0.02, max_epochs=40, random_state=0).fit(X, y)
    >>> lstm.score(X, y) > 0.8
    True
    """


@dataclass(eq=False, repr=False)
class GRURegressor(GRUNet, NetRegressor):
    """Predict numbers of clips by gated recurrent units over their frames.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.
    """


@dataclass(eq=False, repr=False)
class RNNRegressor(RNNNet, NetRegressor):
    """Predict numbers of clips by Elman's recurrent layers (tanh) over their frames.

    Parameters
    ----------
    {DirectedLayers}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.
    """


@dataclass(eq=False, repr=False)
class BLSTMRegressor(BLSTMNet, NetRegressor):
    """Predict numbers of clips by LSTM layers that run forward and backward over their frames.

    Parameters
    ----------
    {RecurrentLayers}
    {training}
        How it is trained; see :class:`NetRegressor`. Here `lr` is 0.003 by default, `lr_schedule` "one-cycle" and
        `gradient_clip` 1.
    """
