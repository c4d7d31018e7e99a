"""Recurrent nets: RNN, GRU, LSTM and BLSTM."""

from dataclasses import KW_ONLY, dataclass
from numbers import Integral, Real

from sklearn.utils._param_validation import Interval, StrOptions

from ._base import NetClassifier, check_sizes
from ._modules._rnn import RecurrentNet


@dataclass(eq=False, repr=False)
class RecurrentClassifier(NetClassifier):
    """Base of the recurrent nets; see :class:`LSTMClassifier` for the parameters."""

    hidden_size: int | tuple = 128
    num_layers: int = 2
    _: KW_ONLY
    dropout: float = 0.0
    pooling: str = "last"
    head: tuple = ()

    _parameter_constraints = {
        **NetClassifier._parameter_constraints,
        "hidden_size": [Interval(Integral, 1, None, closed="left"), tuple, list],
        "num_layers": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "pooling": [StrOptions({"last", "mean", "max", "attention"})],
        "head": [tuple, list],
    }
    bidirectional = False

    def _make_module(self, n_dims, n_classes):
        sizes = [self.hidden_size] * self.num_layers if isinstance(self.hidden_size, Integral) else self.hidden_size
        check_sizes("hidden_size", sizes)
        check_sizes("head", self.head, may_be_empty=True)
        return RecurrentNet(
            self._cell,
            n_dims,
            n_classes,
            hidden_sizes=sizes,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            pooling=self.pooling,
            head=self.head,
        )


@dataclass(eq=False, repr=False)
class LSTMClassifier(RecurrentClassifier):
    """Long short-term memory layers over the frames of a clip.

    Parameters
    ----------
    hidden_size : int or tuple of int, default=128
        Units of a layer and direction; a tuple such as ``(128, 32)`` gives each layer its own, and then says how many
        there are.
    num_layers : int, default=2
        Number of recurrent layers; not used where `hidden_size` is a tuple.
    bidirectional : bool, default=False
        Whether layers run forward and backward.
    dropout : float, default=0.0
        Share of the activations dropped in training: between recurrent layers and before each dense one.
    pooling : {"last", "mean", "max", "attention"}, default="last"
        How the frames of a clip become one vector: the final state, the mean, the maximum, or a learned weighting.
    head : tuple of int, default=()
        Units of dense layers (ReLU) before the output.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

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
    >>> lstm.score(X, y)
    1.0
    >>> lstm.predict_proba(X[:2]).shape
    (2, 2)
    """

    _: KW_ONLY
    bidirectional: bool = False

    _parameter_constraints = {**RecurrentClassifier._parameter_constraints, "bidirectional": ["boolean"]}
    _cell = "lstm"


@dataclass(eq=False, repr=False)
class GRUClassifier(RecurrentClassifier):
    """Gated recurrent units over the frames of a clip: three gates' worth of weights where an LSTM has four.

    Parameters
    ----------
    hidden_size, num_layers, bidirectional, dropout, pooling, head
        As in :class:`LSTMClassifier`.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

    References
    ----------
    .. [1] K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical machine
       translation", EMNLP 2014.
    """

    _: KW_ONLY
    bidirectional: bool = False

    _parameter_constraints = {**RecurrentClassifier._parameter_constraints, "bidirectional": ["boolean"]}
    _cell = "gru"


@dataclass(eq=False, repr=False)
class RNNClassifier(RecurrentClassifier):
    """Elman's recurrent layers (tanh) over the frames of a clip: the simplest, and soon forgetful.

    Parameters
    ----------
    hidden_size, num_layers, bidirectional, dropout, pooling, head
        As in :class:`LSTMClassifier`.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

    References
    ----------
    .. [1] J. L. Elman, "Finding structure in time", Cognitive Science 14 (1990), 179-211.
    """

    _: KW_ONLY
    bidirectional: bool = False

    _parameter_constraints = {**RecurrentClassifier._parameter_constraints, "bidirectional": ["boolean"]}
    _cell = "rnn"


@dataclass(eq=False, repr=False)
class BLSTMClassifier(RecurrentClassifier):
    """LSTM layers that run forward and backward over the frames of a clip.

    Parameters
    ----------
    hidden_size, num_layers, dropout, pooling, head
        As in :class:`LSTMClassifier`; `hidden_size` counts the units of each direction.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

    References
    ----------
    .. [1] A. Graves and J. Schmidhuber, "Framewise phoneme classification with bidirectional LSTM and other neural
       network architectures", Neural Networks 18 (2005), 602-610.
    """

    _cell = "lstm"
    bidirectional = True
