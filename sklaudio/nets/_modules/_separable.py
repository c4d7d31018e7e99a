"""Depthwise-separable convolutions over time and dims, with masks."""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from ..._frames.masks import is_padded
from ._conv import BatchNorm, dense_head, mask
from ._pooling import make_pooling


class SeparableBlock(nn.Module):
    """A 3x3 convolution of each channel, then a 1x1 convolution over channels, after Y. Zhang et al. (2017), Fig. 2.

    Where nothing is halved and there are as many channels before as behind, the input is added to the output.

    Parameters
    ----------
    n_in, n_out : int
        Channels that come in and go out.
    stride : int
        Factor by which frames and dims are shortened.
    """

    def __init__(self, n_in, n_out, stride):
        super().__init__()
        self.depthwise = nn.Conv2d(n_in, n_in, 3, stride=stride, padding=1, groups=n_in, bias=False)
        self.depthwise_norm = BatchNorm(n_in)
        self.pointwise = nn.Conv2d(n_in, n_out, 1, bias=False)
        self.pointwise_norm = BatchNorm(n_out)
        self.has_shortcut = stride == 1 and n_in == n_out

    def forward(self, x):
        """Map (batch, n_in, n_frames, dims) -> (batch, n_out, n_frames', dims'), where `x` is 0 in its padding."""
        inner = torch.relu(self.depthwise_norm(self.depthwise(x)))
        out = self.pointwise_norm(self.pointwise(inner))
        return torch.relu(out + x if self.has_shortcut else out)


class SeparableCNN(nn.Module):
    """A 5x5 convolution, separable blocks, a weighted sum over what is left of dims; pooling over time, logits.

    The first convolution halves frames and dims, and so does a block with other channels than the one before.

    Parameters
    ----------
    n_dims, n_outputs : int
        Dims of a frame, number of logits.
    channels : sequence of int
        Channels of the first convolution and of each block.
    pooling : {"last", "mean", "max", "attention"}
        How the frames of a clip become one vector.
    head : sequence of int
        Units of dense layers (ReLU) before the logits.
    dropout : float
        Fraction of the activations dropped before each dense layer and the logits, in training.
    """

    def __init__(self, n_dims, n_outputs, *, channels, pooling, head, dropout):
        super().__init__()
        self.strides = [2, *(1 if n_in == n_out else 2 for n_in, n_out in pairwise(channels))]
        self.stem = nn.Conv2d(1, channels[0], 5, stride=2, padding=2, bias=False)
        self.stem_norm = BatchNorm(channels[0])
        self.blocks = nn.ModuleList(
            SeparableBlock(n_in, n_out, stride)
            for (n_in, n_out), stride in zip(pairwise(channels), self.strides[1:], strict=True)
        )
        width = channels[-1]
        for stride in self.strides:
            n_dims = -(-n_dims // stride)
        self.over_dims = nn.Conv2d(width, width, (1, n_dims), groups=width, bias=False)
        self.over_dims_norm = BatchNorm(width)
        self.pooling = make_pooling(pooling, width)
        self.head, self.n_embedding = dense_head(width, head, dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(self.n_embedding, n_outputs)
        self.to(memory_format=torch.channels_last)  # faster on a CPU, see MaskedConvs

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        return self.head(self.pooling(*self._convolved(frames, lengths)))

    def steps(self, frames, lengths):
        """Return what the logits of every step are made of, without pooling: (batch, n_steps, n_embedding)."""
        return self.head(self._convolved(frames, lengths)[0])

    @property
    def stride(self):
        """Frames of a step."""
        return prod(self.strides)

    def _convolved(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_frames', channels), (batch,)."""
        masked = mask if is_padded(lengths, frames.shape[1]) else _unmasked
        x = masked(frames.unsqueeze(1), lengths)  # -> (batch, 1, n_frames, n_dims)
        for layer, stride in zip([self._begin, *self.blocks], self.strides, strict=True):
            lengths = torch.div(lengths + stride - 1, stride, rounding_mode="floor")
            x = masked(layer(x), lengths)
        x = torch.relu(self.over_dims_norm(self.over_dims(x)))  # -> (batch, channels, n_frames', 1)
        return x.squeeze(3).transpose(1, 2), lengths

    def _begin(self, x):
        return torch.relu(self.stem_norm(self.stem(x)))


def _unmasked(x, lengths):
    return x
