"""Networks of the literature that are no setting of ours, layer by layer as published.

Each is made for clips of one length: shorter ones are padded with zeros, and what is beyond is cut.
"""

import torch
from torch import nn

from ._conv import fit_frames


class WordsCNN(nn.Module):
    """Four blocks of 3 x 3 convolution (padding 2), ReLU and 2 x 2 maximum, then one dense layer and a softmax."""

    def __init__(self, n_frames, n_dims, n_outputs):
        super().__init__()
        self.n_frames = n_frames
        blocks, height, width, n_in = [], n_dims, n_frames, 1
        for n_out in (16, 32, 64, 128):
            blocks += [nn.Conv2d(n_in, n_out, 3, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
            height, width, n_in = (height + 2) // 2, (width + 2) // 2, n_out
        self.convs = nn.Sequential(*blocks)
        self.n_embedding = n_in * height * width
        self.output = nn.Linear(self.n_embedding, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs), probabilities where logits are due."""
        return self.output(self.embed(frames, lengths)).softmax(dim=1)

    def embed(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_embedding)."""
        image = fit_frames(frames, self.n_frames).transpose(1, 2).unsqueeze(1)  # -> (batch, 1, n_dims, n_frames)
        return self.convs(image).flatten(start_dim=1)


class WordsCRNN(nn.Module):
    """Three blocks of convolution over time (coefficients as channels), an LSTM over the channels, a dense layer."""

    def __init__(self, n_frames, n_dims, n_outputs):
        super().__init__()
        self.n_frames = n_frames
        blocks, n_in = [], n_dims
        for n_out in (128, 128, 256):
            blocks += [nn.Conv1d(n_in, n_out, 5, padding=2), nn.BatchNorm1d(n_out), nn.ReLU(), nn.MaxPool1d(2)]
            n_in = n_out
        self.convs = nn.Sequential(*blocks)
        self.lstm = nn.LSTM(n_frames // 8, 96, batch_first=True)
        self.hidden = nn.Linear(n_in * 96, 64)
        self.n_embedding = 64
        self.output = nn.Linear(64, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs), probabilities where logits are due."""
        return self.output(self.embed(frames, lengths)).softmax(dim=1)

    def embed(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, 64)."""
        x = self.convs(fit_frames(frames, self.n_frames).transpose(1, 2))  # -> (batch, 256, n_frames // 8)
        states, _ = self.lstm(x)  # a step of the LSTM is a channel, its input the time course of that channel
        return torch.relu(self.hidden(states.flatten(start_dim=1)))


class WordsParallel(nn.Module):
    """Four blocks of 3 x 1 convolution beside a BLSTM over pooled coefficients, side by side into one dense layer."""

    def __init__(self, n_frames, n_dims, n_outputs):
        super().__init__()
        self.n_frames = n_frames
        blocks, height, width, n_in = [], n_dims, n_frames, 1
        for n_out, pool in zip((16, 32, 64, 64), (2, 2, 2, 4), strict=True):
            blocks += [nn.Conv2d(n_in, n_out, (3, 1)), nn.BatchNorm2d(n_out), nn.ReLU(), nn.MaxPool2d(pool)]
            height, width, n_in = (height - 2) // pool, width // pool, n_out
        self.convs = nn.Sequential(*blocks)
        self.pool = nn.MaxPool2d((4, 2))
        self.lstm = nn.LSTM(n_frames // 2, 128, batch_first=True, bidirectional=True)
        self.n_embedding = n_in * height * width + n_dims // 4 * 256
        self.output = nn.Linear(self.n_embedding, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs), probabilities where logits are due."""
        return self.output(self.embed(frames, lengths)).softmax(dim=1)

    def embed(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_embedding)."""
        image = fit_frames(frames, self.n_frames).transpose(1, 2).unsqueeze(1)  # -> (batch, 1, n_dims, n_frames)
        image_side = self.convs(image).flatten(start_dim=1)
        states, _ = self.lstm(self.pool(image).squeeze(1))  # a step is a band of coefficients, its input their course
        return torch.cat([image_side, states.flatten(start_dim=1)], dim=1)


class SamePool(nn.Module):
    """Maximum with stride 2 that keeps the last, incomplete window, padded evenly at both ends as Keras's "same"."""

    def __init__(self, size):
        super().__init__()
        self.size = size

    def forward(self, x):
        """Map (batch, channels, height, width) -> (batch, channels, ceil(height / 2), ceil(width / 2))."""
        padding = []
        for length in (x.shape[3], x.shape[2]):  # torch pads the last axis first
            missing = max(0, (-(-length // 2) - 1) * 2 + self.size - length)
            padding += [missing // 2, missing - missing // 2]
        return nn.functional.max_pool2d(nn.functional.pad(x, padding, value=float("-inf")), self.size, stride=2)


class GenreCNN(nn.Module):
    """Three blocks of 32 channels (3 x 3, 3 x 3, 2 x 2), pools of stride 2, batch norm; dense 64 with dropout 0.3."""

    def __init__(self, n_frames, n_dims, n_outputs):
        super().__init__()
        self.n_frames = n_frames
        blocks, n_in = [], 1
        for size in (3, 3, 2):
            blocks += [nn.Conv2d(n_in, 32, size), nn.ReLU(), SamePool(size), nn.BatchNorm2d(32)]
            n_in = 32
        self.convs = nn.Sequential(*blocks)
        with torch.no_grad():
            n_flat = self.convs.eval()(torch.zeros(1, 1, n_frames, n_dims)).numel()
        self.hidden = nn.Sequential(nn.Linear(n_flat, 64), nn.ReLU())
        self.dropout = nn.Dropout(0.3)
        self.n_embedding = 64
        self.output = nn.Linear(64, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, 64)."""
        image = fit_frames(frames, self.n_frames).unsqueeze(1)  # -> (batch, 1, n_frames, n_dims)
        return self.hidden(self.convs(image).flatten(start_dim=1))


class NotesCNN(nn.Module):
    """Four blocks of convolution over raw samples (width 9, stride 4), the mean over time, a dense layer."""

    def __init__(self, n_frames, n_dims, n_outputs):
        super().__init__()
        self.n_frames = n_frames
        blocks, n_in = [], 1
        for n_out in (16, 32, 64, 64):
            blocks += [nn.Conv1d(n_in, n_out, 9, stride=4, padding=4), nn.ReLU()]
            n_in = n_out
        self.convs = nn.Sequential(*blocks)
        self.n_embedding = n_in
        self.output = nn.Linear(n_in, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs)."""
        return self.output(self.embed(frames, lengths))

    def embed(self, frames, lengths):
        """Map (batch, n_frames, n_dims) -> (batch, 64)."""
        samples = fit_frames(frames, self.n_frames).flatten(start_dim=1).unsqueeze(1)  # -> (batch, 1, n_samples)
        return self.convs(samples).mean(dim=2)


PUBLISHED = {
    "words-cnn": WordsCNN,
    "words-crnn": WordsCRNN,
    "words-parallel": WordsParallel,
    "genre-cnn": GenreCNN,
    "notes-cnn": NotesCNN,
}
