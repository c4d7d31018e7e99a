"""Dense net: all frames of a clip at once."""

from dataclasses import KW_ONLY, dataclass
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval

from ._base import check_sizes
from ._classifier import NetClassifier
from ._modules import _conv
from ._regressor import NetRegressor


@dataclass(eq=False, repr=False)
class DenseNet:
    """Dense layers over all frames of a clip as one long vector.

    Parameters
    ----------
    hidden_sizes : tuple of int, default=(256, 64)
        Units of each layer (ReLU).
    dropout : float, default=0.3
        Fraction of the activations dropped after each layer, in training.
    """

    hidden_sizes: tuple = (256, 64)
    _: KW_ONLY
    dropout: float = 0.3

    _parameter_constraints = {
        "hidden_sizes": [tuple, list, np.ndarray],
        "dropout": [Interval(Real, 0, 1, closed="left")],
    }

    def _make_module(self, n_dims, n_outputs):
        check_sizes("hidden_sizes", self.hidden_sizes)
        return _conv.DenseNet(self.n_frames_, n_dims, n_outputs, hidden_sizes=self.hidden_sizes, dropout=self.dropout)


@dataclass(eq=False, repr=False)
class DenseClassifier(DenseNet, NetClassifier):
    """Classify clips by dense layers over all their frames as one long vector.

    Parameters
    ----------
    {DenseNet}
    {training}
        How it is trained; see :class:`NetClassifier`.

    Notes
    -----
    Its first layer is made for clips of ``n_frames_`` frames, those of the longest clip in training: shorter ones are
    padded with zeros, and frames beyond are not used. Give it clips of one `duration`, or segments
    (:class:`~sklaudio.SegmentVotingClassifier`).

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 5, 4))
    >>> y = np.where(X[:, 2, 1] > 0, "up", "down")
    >>> DenseClassifier((16,), lr=0.01, random_state=0).fit(X, y).score(X, y) > 0.9
    True
    """


@dataclass(eq=False, repr=False)
class DenseRegressor(DenseNet, NetRegressor):
    """Predict numbers of clips by dense layers over all their frames as one long vector.

    Parameters
    ----------
    {DenseNet}
    {training}
        How it is trained; see :class:`NetRegressor`.

    Notes
    -----
    As that of :class:`DenseClassifier`, its first layer is made for clips of ``n_frames_`` frames.
    """
