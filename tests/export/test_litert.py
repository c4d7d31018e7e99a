"""Nets of sklaudio through LiteRT's converter, as the guide describes it; skipped where that is not installed."""

import numpy as np
import pytest
import torch

from sklaudio import TinyCNNClassifier

litert_torch = pytest.importorskip("litert_torch")


class OneClip(torch.nn.Module):
    """Standardization, module and softmax of a fitted net, for clips of one length."""

    def __init__(self, net):
        super().__init__()
        self.module = net.net_.module_.cpu().eval()
        self.register_buffer("mean", torch.tensor(net.mean_, dtype=torch.float32))
        self.register_buffer("scale", torch.tensor(net.scale_, dtype=torch.float32))
        self.register_buffer("lengths", torch.tensor([net.n_frames_]))

    def forward(self, frames):
        """(1, n_frames, n_dims) -> (1, n_classes)."""
        return self.module((frames - self.mean) / self.scale, self.lengths).softmax(-1)


@pytest.mark.slow
def test_a_tiny_net_has_the_same_probabilities_in_litert(rng):
    X, y = rng.normal(size=(24, 21, 16)).astype(np.float32), np.arange(24) % 3
    net = TinyCNNClassifier((8, 16, 16), max_epochs=2, augment=None, random_state=0, device="cpu").fit(X, y)
    converted = litert_torch.convert(OneClip(net).eval(), (torch.zeros(1, 21, 16),))
    found = np.concatenate([converted(torch.from_numpy(clip[None])) for clip in X])
    np.testing.assert_allclose(found, net.predict_proba(X), atol=1e-5)
