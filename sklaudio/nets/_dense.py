"""Dense net: all frames of a clip at once."""

from dataclasses import KW_ONLY, dataclass
from numbers import Real

from sklearn.utils._param_validation import Interval

from ._base import NetClassifier, check_sizes
from ._modules._conv import DenseNet


@dataclass(eq=False, repr=False)
class DenseClassifier(NetClassifier):
    """Dense layers over all frames of a clip as one long vector.

    Parameters
    ----------
    hidden_sizes : tuple of int, default=(256, 64)
        Units of each layer (ReLU).
    dropout : float, default=0.3
        Share of the activations dropped after each layer, in training.
    lr, batch_size, max_epochs, optimizer, weight_decay, l1, l2, lr_schedule, early_stopping, validation_fraction, \
n_iter_no_change, class_weight, label_smoothing, standardize, augment, device, random_state, verbose, callbacks, \
net_params
        How it is trained; see :class:`NetClassifier`.

    Notes
    -----
    Its first layer is made for clips of ``n_frames_`` frames, those of the longest clip in training: shorter ones are
    padded with zeros, and what is beyond is not heard. Give it clips of one `duration`, or segments
    (:class:`~sklaudio.SegmentVotingClassifier`).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 5, 4))
    >>> y = np.where(X[:, 2, 1] > 0, "up", "down")
    >>> DenseClassifier((16,), lr=0.01, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """

    hidden_sizes: tuple = (256, 64)
    _: KW_ONLY
    dropout: float = 0.3

    _parameter_constraints = {
        **NetClassifier._parameter_constraints,
        "hidden_sizes": [tuple, list],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def _make_module(self, n_dims, n_classes):
        check_sizes("hidden_sizes", self.hidden_sizes)
        return DenseNet(self.n_frames_, n_dims, n_classes, hidden_sizes=self.hidden_sizes, dropout=self.dropout)
