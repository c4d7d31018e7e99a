"""MusicNN (Pons and Serra 2019): log mel spectra in, tags of music and the layers before them out."""

from functools import cache

import librosa
import torch
from torch import nn

SR, N_FFT, HOP, N_MELS = 16000, 512, 256, 96
N_TAGS = 50
EPSILON = 1e-3  # of the batch normalizations
TIMBRAL = (38, 67)  # mel bands that filters reach over: 0.4 and 0.7 of them
TEMPORAL = (128, 64, 32)  # frames
DIMS = {
    "penultimate": 200,
    "mean_pool": 753,
    "max_pool": 753,
    "tags": N_TAGS,
    "timbral": 408,
    "temporal": 153,
    "cnn1": 64,
    "cnn2": 64,
    "cnn3": 64,
}
OF_A_WINDOW = ("penultimate", "mean_pool", "max_pool", "tags")  # the other layers have a vector for each frame


class MusicNN(nn.Module):
    """Filters over frequency and over time, three convolutions over time, pooling, two dense layers."""

    def __init__(self):
        super().__init__()
        self.input_norm = nn.BatchNorm2d(1, eps=EPSILON)
        self.timbral = nn.ModuleList(nn.Conv2d(1, 204, (7, bands), padding=(3, 0)) for bands in TIMBRAL)
        self.temporal = nn.ModuleList(
            nn.Sequential(nn.ZeroPad2d((0, 0, (length - 1) // 2, length // 2)), nn.Conv2d(1, 51, (length, 1)))
            for length in TEMPORAL
        )
        self.front_norms = nn.ModuleList(nn.BatchNorm2d(n, eps=EPSILON) for n in (204, 204, 51, 51, 51))
        self.middle = nn.ModuleList(nn.Conv1d(n, 64, 7, padding=3) for n in (561, 64, 64))
        self.middle_norms = nn.ModuleList(nn.BatchNorm1d(64, eps=EPSILON) for _ in range(3))
        self.pool_norm = nn.BatchNorm1d(1506, eps=EPSILON)
        self.dense = nn.Linear(1506, 200)
        self.dense_norm = nn.BatchNorm1d(200, eps=EPSILON)
        self.output = nn.Linear(200, N_TAGS)

    def forward(self, samples):
        """Return all layers of windows: (batch, n_samples) -> dict of (batch, n_dims) or (batch, n_frames, n_dims)."""
        x = self.input_norm(log_mel(samples).unsqueeze(1))  # (batch, 1, n_frames, n_mels)
        fronts = []
        for convolution, norm in zip([*self.timbral, *self.temporal], self.front_norms, strict=True):
            fronts.append(
                norm(convolution(x).relu()).amax(dim=3)
            )  # the most of all bands: (batch, n_filters, n_frames)
        front = torch.cat(fronts, dim=1)

        cnn1 = self.middle_norms[0](self.middle[0](front).relu())
        cnn2 = self.middle_norms[1](self.middle[1](cnn1).relu()) + cnn1
        cnn3 = self.middle_norms[2](self.middle[2](cnn2).relu()) + cnn2

        x = torch.cat([front, cnn1, cnn2, cnn3], dim=1)  # (batch, 753, n_frames)
        max_pool, mean_pool = x.amax(dim=2), x.mean(dim=2)
        pooled = torch.stack([max_pool, mean_pool], dim=2).flatten(1)  # maximum and mean of each in turn
        penultimate = self.dense_norm(self.dense(self.pool_norm(pooled)).relu())
        frames = {
            "timbral": torch.cat(fronts[:2], dim=1),
            "temporal": torch.cat(fronts[2:], dim=1),
            "cnn1": cnn1,
            "cnn2": cnn2,
            "cnn3": cnn3,
        }
        return {name: layer.transpose(1, 2) for name, layer in frames.items()} | {
            "max_pool": max_pool,
            "mean_pool": mean_pool,
            "penultimate": penultimate,
            "tags": self.output(penultimate).sigmoid(),
        }

    def blocks(self):
        """Return the parts that can be trained from the last one up: filters, three convolutions, dense layers."""
        filters = [self.input_norm, self.timbral, self.temporal, self.front_norms]
        convolutions = zip(self.middle, self.middle_norms, strict=True)
        dense = [self.pool_norm, self.dense, self.dense_norm, self.output]
        return [nn.ModuleList(parts) for parts in (filters, *convolutions, dense)]


def log_mel(samples):
    """Compute log10(10000 x + 1) of the power in mel bands: (batch, n_samples) -> (batch, n_frames, n_mels)."""
    frames = samples.unfold(1, N_FFT, HOP) * torch.hann_window(N_FFT, device=samples.device)
    power = torch.fft.rfft(frames).abs() ** 2
    return torch.log10(10000 * (power @ _mel_bank().to(power)) + 1)


@cache
def _mel_bank():
    return torch.from_numpy(librosa.filters.mel(sr=SR, n_fft=N_FFT, n_mels=N_MELS).T.copy())


def variables_of(net):
    """Return the name in the authors' checkpoint of each tensor of the net, in the order of the checkpoint."""
    norms = [net.input_norm, *net.front_norms, *net.middle_norms, net.pool_norm, net.dense_norm]
    layers = [
        *(("conv2d", layer) for layer in (*net.timbral, *(pair[1] for pair in net.temporal), *net.middle)),
        *(("dense", layer) for layer in (net.dense, net.output)),
        *(("batch_normalization", layer) for layer in norms),
    ]
    found, counts = {}, {}
    for kind, layer in layers:
        number = counts[kind] = counts.get(kind, -1) + 1
        name = f"{kind}_{number}" if number else kind
        if kind == "batch_normalization":
            parts = {"gamma": layer.weight, "beta": layer.bias}
            parts |= {"moving_mean": layer.running_mean, "moving_variance": layer.running_var}
        else:
            parts = {"kernel": layer.weight, "bias": layer.bias}
        found |= {f"{name}/{part}": tensor for part, tensor in parts.items()}
    return found


def load_weights(net, tensors):
    """Copy the tensors of the authors' checkpoint into the net.

    Raises
    ------
    ValueError
        If one is of another shape.
    """
    for name, target in variables_of(net).items():
        source = torch.from_numpy(tensors[name].copy())
        if source.ndim == 4:
            source = source.permute(3, 2, 0, 1)  # (time, bands, in, out) -> (out, in, time, bands)
            if target.ndim == 3:
                source = source.squeeze(1).transpose(1, 2)  # (out, 1, time, channels) -> (out, channels, time)
        elif source.ndim == 2:
            source = source.T
        if source.shape != target.shape:
            raise ValueError(f"{name} is of shape {tuple(source.shape)}, where the net has {tuple(target.shape)}.")
        with torch.no_grad():
            target.copy_(source)
