"""Residual convolutions over time and dims, and recurrent layers on top, with masks."""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from ..._frames.masks import is_padded
from ._conv import BatchNorm, dense_head, mask
from ._pooling import make_pooling
from ._rnn import CELLS, run_recurrent


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, after K. He et al. (2016), Fig. 2; the first one halves.

    The shortcut takes the maximum of what is halved together, then a 1x1 convolution. Its input is never negative and 0
    where it is padding, so that a maximum over both is one over the clip's frames.

    Parameters
    ----------
    n_in, n_out : int
        Channels that come in and go out.
    stride : (int, int)
        Factor by which frames and dims are shortened.
    """

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.first_norm = BatchNorm(n_out)
        self.second = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.second_norm = BatchNorm(n_out)
        self.pool = nn.MaxPool2d(stride, ceil_mode=True)
        self.shortcut = nn.Conv2d(n_in, n_out, 1, bias=False)

    def forward(self, x, masked):
        """Map (batch, n_in, n_frames, dims) -> (batch, n_out, n_frames', dims'); `masked` sets padding to 0 there."""
        beside = self.shortcut(self.pool(x))
        x = masked(torch.relu(self.first_norm(self.first(x))))
        return masked(torch.relu(self.second_norm(self.second(x)) + beside))


class ResidualConvs(nn.Module):
    """A 5x5 convolution, then residual blocks; each halves the dims, the first three halve the frames as well.

    Parameters
    ----------
    n_dims : int
        Dims of a frame.
    channels : sequence of int
        Channels of the first convolution and of each block.
    """

    def __init__(self, n_dims, channels):
        super().__init__()
        self.time_strides = [2 if layer < 3 else 1 for layer in range(len(channels))]
        self.stem = nn.Conv2d(1, channels[0], 5, stride=2, padding=2, bias=False)
        self.stem_norm = BatchNorm(channels[0])
        self.blocks = nn.ModuleList(
            ResidualBlock(n_in, n_out, (stride, 2))
            for (n_in, n_out), stride in zip(pairwise(channels), self.time_strides[1:], strict=True)
        )
        for _ in channels:
            n_dims = -(-n_dims // 2)
        self.n_out = channels[-1] * n_dims
        self.to(memory_format=torch.channels_last)  # faster on a CPU, see MaskedConvs

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_frames', n_out), (batch,)."""
        has_padding = is_padded(lengths, frames.shape[1])
        x = frames.unsqueeze(1)  # -> (batch, 1, n_frames, n_dims)
        if has_padding:
            x = mask(x, lengths)
        for layer, stride in zip([self._begin, *self.blocks], self.time_strides, strict=True):
            lengths = torch.div(lengths + stride - 1, stride, rounding_mode="floor")
            x = layer(x, masker(lengths) if has_padding else nothing)
        return x.permute(0, 2, 3, 1).flatten(start_dim=2), lengths  # -> (batch, n_frames', dims * channels)

    def _begin(self, x, masked):
        return masked(torch.relu(self.stem_norm(self.stem(x))))


def masker(lengths):
    """Return a function that sets the padding of clips so long to 0."""
    return lambda x: mask(x, lengths)


def nothing(x):
    """Leave it as it is."""
    return x


class ResidualCRNN(nn.Module):
    """Residual convolutions, a recurrent layer over what they leave of time; both are pooled and put side by side.

    What tells a class by itself goes past the recurrent layer, which is left with what tells it by its order.

    Parameters
    ----------
    n_dims, n_outputs : int
        Dims of a frame, number of logits.
    channels : sequence of int
        See :class:`ResidualConvs`.
    hidden_size : int
        Units of the recurrent layer in each direction.
    cell : {"gru", "lstm"}
        Kind of recurrent layer.
    pooling : {"last", "mean", "max", "attention"}
        How the frames of a clip become one vector.
    head : sequence of int
        Units of dense layers (ReLU) before the logits.
    dropout : float
        Fraction of the activations dropped before the recurrent layer, each dense layer and the logits, in training.
    """

    def __init__(self, n_dims, n_outputs, *, channels, hidden_size, cell, pooling, head, dropout):
        super().__init__()
        self.convs = ResidualConvs(n_dims, channels)
        self.recurrent = CELLS[cell](self.convs.n_out, hidden_size, batch_first=True, bidirectional=True)
        self.conv_pooling = make_pooling(pooling, self.convs.n_out)
        self.pooling = make_pooling(pooling, 2 * hidden_size, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.head, self.n_embedding = dense_head(self.convs.n_out + 2 * hidden_size, head, dropout)
        self.output = nn.Linear(self.n_embedding, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        x, lengths = self.convs(frames, lengths)
        ordered = run_recurrent(self.recurrent, self.dropout(x), lengths)
        return self.head(torch.cat([self.conv_pooling(x, lengths), self.pooling(ordered, lengths)], dim=1))

    def steps(self, frames, lengths):
        """Return what the logits of every step are made of, without pooling: (batch, n_steps, n_embedding)."""
        x, lengths = self.convs(frames, lengths)
        ordered = run_recurrent(self.recurrent, self.dropout(x), lengths)
        return self.head(torch.cat([x, ordered], dim=2))

    @property
    def stride(self):
        """Frames of a step."""
        return prod(self.convs.time_strides)
