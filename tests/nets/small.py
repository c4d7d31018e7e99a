"""A net that is small and trained at a constant rate, and what all nets keep to."""

import numpy as np

from sklaudio import LSTMClassifier
from sklaudio.published import KERAS


def small(**parameters):
    settings = {"hidden_size": 8, "num_layers": 1, "lr": 0.02, "max_epochs": 8, "random_state": 0}
    return LSTMClassifier(**settings | KERAS | parameters)


def assert_padding_is_masked(net, X, atol=1e-5):
    """Each clip has the same probabilities, and the first the same embedding, alone as beside longer ones."""
    together = net.predict_proba(X)
    alone = np.concatenate([net.predict_proba(clip[np.newaxis]) for clip in X])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(net.transform(X)[:1], net.transform(X[:1]), atol=atol)
