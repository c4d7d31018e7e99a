"""Encoders that are small enough to be made by tests."""

import numpy as np
import torch

from sklaudio.encoders import Encoder


class SpectralShape(torch.nn.Module):
    """Loudness in 8 bands of spectra of 400 samples, 320 apart, with weights that a seed decides."""

    def __init__(self, seed=0):
        super().__init__()
        weights = torch.rand(8, 201, generator=torch.Generator().manual_seed(seed))
        self.weights = torch.nn.Parameter(weights)

    def forward(self, samples):
        frames = samples.unfold(1, 400, 320)  # (batch, n_samples) -> (batch, n_frames, 400)
        return torch.fft.rfft(frames).abs() @ self.weights.T


class Pitch(torch.nn.Module):
    """One vector of each window: mean and standard deviation of the samples, and of their steps."""

    def forward(self, samples):
        return torch.stack([samples.mean(1), samples.std(1), samples.diff(dim=1).std(1)], dim=1)


class Counter(Encoder):
    """Frames that are the index of their first sample; counts the windows that it was given."""

    sr, window, frame_length, hop_length = 1000, 1000, 20, 10
    dim_names = ("first",)
    content_hash = "counter"

    def __init__(self):
        self.batches = []

    def run(self, batch, device):
        self.batches.append(batch.shape)
        starts = range(0, batch.shape[1] - self.frame_length + 1, self.hop_length)
        return batch[:, starts, np.newaxis]


class Loudness(Encoder):
    """Mean, standard deviation and peak of 400 samples, 320 apart."""

    sr, window, frame_length, hop_length = 16000, 16000, 400, 320
    dim_names = ("mean", "std", "peak")
    content_hash = "loudness"

    def run(self, batch, device):
        frames = np.lib.stride_tricks.sliding_window_view(batch, 400, axis=1)[:, ::320]
        return np.stack([frames.mean(axis=2), frames.std(axis=2), np.abs(frames).max(axis=2)], axis=2)


class Moments(torch.nn.Module):
    """Bounded products of 20 samples, 10 apart, with weights that a seed decides, and logarithms of their squares."""

    sr, hop_length, frame_length = 16000, 10, 20

    def __init__(self, seed=0):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.weights = torch.nn.Parameter(torch.randn(4, 20, generator=generator))
        self.squares = torch.nn.Linear(4, 4)
        with torch.no_grad():
            self.squares.weight.copy_(torch.eye(4))
            self.squares.bias.zero_()

    def forward(self, samples):
        products = samples.unfold(1, 20, 10) @ self.weights.T  # (batch, n_samples) -> (batch, n_frames, 4)
        return torch.cat([torch.tanh(products / 10), self.squares(products.square().log1p())], dim=2)


class Products(Encoder):
    """:class:`Moments` as an encoder that can be trained."""

    sr, window, frame_length, hop_length = 16000, 16000, 20, 10
    dim_names = tuple(f"product{k}" for k in range(8))
    content_hash = "products"

    def run(self, batch, device):
        with torch.inference_mode():
            return Moments()(torch.from_numpy(batch)).numpy()

    def network(self):
        module = Moments()
        return module, [module.squares]
