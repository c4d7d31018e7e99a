"""Convolutions over time and dims, with masks: dense, CNN, and CNN beside LSTM."""

from itertools import pairwise
from math import prod

import torch
from torch import nn

from ..._frames.masks import frame_mask, is_padded
from ._pooling import make_pooling
from ._rnn import CELLS, run_recurrent
from ._steps import steps_to_frames


class DenseNet(nn.Module):
    """All frames of a clip as one long vector, through dense layers.

    Parameters
    ----------
    n_frames, n_dims, n_outputs : int
        Frames of a clip (longer ones are cut, shorter ones padded with zeros), dims of a frame, number of logits.
    hidden_sizes : sequence of int
        Units of each layer (ReLU).
    dropout : float
        Fraction of the activations dropped after each layer, in training.
    """

    def __init__(self, n_frames, n_dims, n_outputs, *, hidden_sizes, dropout):
        super().__init__()
        self.n_frames = n_frames
        sizes = [n_frames * n_dims, *hidden_sizes]
        layers = []
        for n_in, n_out in pairwise(sizes):
            layers += [nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(dropout)]
        self.hidden = nn.Sequential(*layers)
        self.n_embedding = sizes[-1]
        self.output = nn.Linear(sizes[-1], n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.embed(frames, lengths))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        return self.hidden(fit_frames(frames, self.n_frames).flatten(start_dim=1))


def fit_frames(frames, n_frames):
    """Cut or pad with zeros to `n_frames`: (batch, n, n_dims) -> (batch, n_frames, n_dims)."""
    return nn.functional.pad(frames, (0, 0, 0, n_frames))[:, :n_frames]  # asks no length, which a graph does not know


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalization of any number of axes; a batch with one value a channel is left to the running statistics."""

    def _check_input_dim(self, x):
        pass

    def forward(self, x):
        """Map (batch, channels, ...) -> the same."""
        if not self.training or x.numel() > x.shape[1]:
            return super().forward(x)
        return nn.functional.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps)


class MaskedConvs(nn.Module):
    """Blocks of 3x3 convolution, batch norm, ReLU and max pooling over (frames, dims), padding kept at zero.

    Parameters
    ----------
    n_dims : int
        Dims of a frame.
    channels : sequence of int
        Channels of each block.
    time_pools, dim_pools : sequence of int
        Factor by which each block shortens frames and dims.
    """

    def __init__(self, n_dims, channels, *, time_pools, dim_pools):
        super().__init__()
        self.norm = BatchNorm(n_dims)
        self.blocks = nn.ModuleList()
        n_in = 1
        for n_out, *pools in zip(channels, time_pools, dim_pools, strict=True):
            pools[1] = min(pools[1], n_dims)  # few dims, such as two of a table, cannot be pooled further
            n_dims = -(-n_dims // pools[1])
            self.blocks.append(
                nn.ModuleDict(
                    {
                        "conv": nn.Conv2d(n_in, n_out, 3, padding=1, bias=False),
                        "norm": BatchNorm(n_out),
                        "pool": nn.MaxPool2d(tuple(pools), ceil_mode=True),
                    }
                )
            )
            n_in = n_out
        self.time_pools = tuple(time_pools)
        self.n_out = n_in * n_dims
        self.to(memory_format=torch.channels_last)  # twice as fast on a CPU

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_frames', n_out), (batch,)."""
        has_padding = is_padded(lengths, frames.shape[1])
        x = self._normalize(frames, lengths, has_padding).unsqueeze(1)  # -> (batch, 1, n_frames, n_dims)
        for block, time_pool in zip(self.blocks, self.time_pools, strict=True):
            x = block["norm"](block["conv"](x))
            # With padding at zero, and nothing else below, a maximum over both is one over the clip's frames.
            x = block["pool"](mask(torch.relu(x), lengths)) if has_padding else torch.relu(block["pool"](x))
            lengths = torch.div(lengths + time_pool - 1, time_pool, rounding_mode="floor")
        return x.permute(0, 2, 3, 1).flatten(start_dim=2), lengths  # -> (batch, n_frames', dims * channels)

    def _normalize(self, frames, lengths, has_padding):
        """Normalize each dim over a batch, by the clips' frames alone, without padding."""
        if not has_padding:
            return self.norm(frames.flatten(end_dim=1)).view(frames.shape)
        is_frame = frame_mask(lengths, frames.shape[1])
        x = torch.zeros_like(frames)
        x[is_frame] = self.norm(frames[is_frame])
        return x


def mask(x, lengths):
    """Set padding to zero: (batch, channels, n_frames, dims)."""
    return x * frame_mask(lengths, x.shape[2])[:, None, :, None]


def dense_head(width, sizes, dropout):
    """Return dense layers (ReLU), each behind dropout, and the width that comes out of them."""
    layers = []
    for size in sizes:
        layers += [nn.Dropout(dropout), nn.Linear(width, size), nn.ReLU()]
        width = size
    return nn.Sequential(*layers), width


class ConvNet(nn.Module):
    """Convolutions, with a recurrent layer beside them or not; pooling, dense layers, logits.

    Parameters
    ----------
    n_dims, n_outputs : int
        Dims of a frame, number of logits.
    channels, time_pools, dim_pools : sequence of int
        See :class:`MaskedConvs`.
    pooling : {"last", "mean", "max", "attention"}
        How the frames of a clip become one vector.
    head : sequence of int
        Units of dense layers (ReLU) before the logits.
    dropout : float
        Fraction of the activations dropped before each dense layer and the logits, in training.
    hidden_size : int or None, default=None
        Units in each direction of a recurrent layer that reads the frames as well; None has none.
    cell : {"gru", "lstm"}
        Kind of recurrent layer.
    """

    def __init__(
        self,
        n_dims,
        n_outputs,
        *,
        channels,
        time_pools,
        dim_pools,
        pooling,
        head,
        dropout,
        hidden_size=None,
        cell="gru",
    ):
        super().__init__()
        self.convs = MaskedConvs(n_dims, channels, time_pools=time_pools, dim_pools=dim_pools)
        self.conv_pooling = make_pooling(pooling, self.convs.n_out)
        self.recurrent, width = None, self.convs.n_out
        if hidden_size is not None:
            self.recurrent = CELLS[cell](n_dims, hidden_size, batch_first=True, bidirectional=True)
            self.pooling = make_pooling(pooling, 2 * hidden_size, bidirectional=True)
            width += 2 * hidden_size
        self.head, self.n_embedding = dense_head(width, head, dropout)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(self.n_embedding, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        x = self.conv_pooling(*self.convs(frames, lengths))
        if self.recurrent is not None:
            beside = self.pooling(run_recurrent(self.recurrent, frames, lengths), lengths)
            x = torch.cat([x, beside], dim=1)
        return self.head(x)

    def steps(self, frames, lengths):
        """Return what the logits of every step are made of, without pooling: (batch, n_steps, n_embedding)."""
        x, _ = self.convs(frames, lengths)
        if self.recurrent is not None:
            x = steps_to_frames(x, lengths, prod(self.convs.time_pools), frames.shape[1])
            x = torch.cat([x, run_recurrent(self.recurrent, frames, lengths)], dim=2)
        return self.head(x)

    @property
    def stride(self):
        """Frames of a step; beside a recurrent layer, which has an output for each, that of convolutions is one too."""
        return 1 if self.recurrent is not None else prod(self.convs.time_pools)
