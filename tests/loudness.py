"""Clips that are loud now and then, and a small detector that finds where."""

import numpy as np
from sklearn.pipeline import make_pipeline

from sklaudio import EventDetector, GRUClassifier, MelSpectrogramTransformer

SR, HOP = 8000, 160


def noise_with(spans, duration, seed=0):
    """Weak noise, strong in the spans (start, end) in seconds: (n_samples,) float32."""
    y = np.random.default_rng(seed).normal(scale=0.002, size=round(duration * SR))
    for start, end in spans:
        y[round(start * SR) : round(end * SR)] *= 100
    return y.astype(np.float32)


def loud_model(label="loud"):
    """A fitted Pipeline whose events are the loud spans of a clip."""
    starts = np.random.default_rng(0).uniform(0.2, 1.0, size=12)
    X = [noise_with([(start, start + 0.6)], 2.0, seed) for seed, start in enumerate(starts)]
    y = [[(start, start + 0.6, label)] for start in starts]
    features = MelSpectrogramTransformer(8, sr=SR, n_fft=256, hop_length=HOP)
    net = GRUClassifier(4, 1, lr=0.05, max_epochs=15, batch_size=6, random_state=0)
    return make_pipeline(features, EventDetector(net, hop=HOP / SR)).fit(X, y)
