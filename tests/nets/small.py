"""A net that is small and trained at a constant rate, a training that is interrupted, and what all nets keep to."""

from pathlib import Path

import numpy as np
import skorch

from sklaudio import LSTMClassifier
from sklaudio.published import KERAS


class InterruptOnce(skorch.callbacks.Callback):
    """Ctrl-C in the fourth epoch of the first training, which leaves the file `seen`."""

    def __init__(self, seen):
        self.seen = seen

    def on_epoch_begin(self, net, **kwargs):
        if len(net.history) == 4 and not Path(self.seen).exists():
            Path(self.seen).touch()
            raise KeyboardInterrupt


def small(**parameters):
    settings = {"hidden_size": 8, "num_layers": 1, "lr": 0.02, "max_epochs": 8, "random_state": 0}
    return LSTMClassifier(**settings | KERAS | parameters)


def assert_padding_is_masked(net, X, atol=1e-5):
    """Each clip has the same probabilities, and the first the same embedding, alone as beside longer ones."""
    together = net.predict_proba(X)
    alone = np.concatenate([net.predict_proba(clip[np.newaxis]) for clip in X])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(net.transform(X)[:1], net.transform(X[:1]), atol=atol)
