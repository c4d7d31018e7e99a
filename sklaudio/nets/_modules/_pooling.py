"""Pooling over time: the frames of a clip to one vector, padding left out."""

import torch
from torch import nn

from ..._frames.masks import frame_mask


def last_frame(frames, lengths):
    """Take the last frame of each clip: (batch, n_frames, dims) -> (batch, dims)."""
    index = (lengths - 1)[:, None, None].expand(-1, 1, frames.shape[2])
    return frames.gather(1, index).squeeze(1)


class LastPooling(nn.Module):
    """The final state: the last frame going forward, and the first one of what went backward."""

    def __init__(self, n_dims, bidirectional):
        super().__init__()
        self.n_forward = n_dims // 2 if bidirectional else n_dims

    def forward(self, frames, lengths):
        last = last_frame(frames[:, :, : self.n_forward], lengths)
        return torch.cat([last, frames[:, 0, self.n_forward :]], dim=1)


class MeanPooling(nn.Module):
    """The mean over the frames of each clip."""

    def forward(self, frames, lengths):
        mask = frame_mask(lengths, frames.shape[1])[:, :, None]
        return frames.masked_fill(~mask, 0).sum(dim=1) / lengths[:, None]


class MaxPooling(nn.Module):
    """The maximum over the frames of each clip, dim by dim."""

    def forward(self, frames, lengths):
        mask = frame_mask(lengths, frames.shape[1])[:, :, None]
        return frames.masked_fill(~mask, float("-inf")).amax(dim=1)


class AttentionPooling(nn.Module):
    """A mean weighted by how telling a frame is, learned: softmax over time of v · tanh(W h).

    After Z. Yang et al., "Hierarchical attention networks for document classification", NAACL 2016, eq. 5 to 7.
    """

    def __init__(self, n_dims):
        super().__init__()
        self.hidden = nn.Linear(n_dims, n_dims)
        self.score = nn.Linear(n_dims, 1, bias=False)

    def forward(self, frames, lengths):
        scores = self.score(torch.tanh(self.hidden(frames))).squeeze(2)  # (batch, n_frames)
        scores = scores.masked_fill(~frame_mask(lengths, frames.shape[1]), float("-inf"))
        return (scores.softmax(dim=1)[:, :, None] * frames).sum(dim=1)


class LastMeanPooling(nn.Module):
    """The final state and the mean over the frames of each clip, side by side."""

    n_parts = 2

    def __init__(self, n_dims, bidirectional):
        super().__init__()
        self.last, self.mean = LastPooling(n_dims, bidirectional), MeanPooling()

    def forward(self, frames, lengths):
        return torch.cat([self.last(frames, lengths), self.mean(frames, lengths)], dim=1)


class StatisticsPooling(nn.Module):
    """Mean, standard deviation and maximum over the frames of each clip, side by side."""

    n_parts = 3

    def forward(self, frames, lengths):
        mask = frame_mask(lengths, frames.shape[1])[:, :, None]
        mean = MeanPooling()(frames, lengths)
        squares = MeanPooling()((frames - mean[:, None]).square(), lengths)
        largest = frames.masked_fill(~mask, float("-inf")).amax(dim=1)
        return torch.cat([mean, (squares + 1e-8).sqrt(), largest], dim=1)  # the root of 0 has no gradient


def make_pooling(name, n_dims, *, bidirectional=False):
    """Make a pooling by name: "last", "mean", "last+mean", "max", "attention" or "statistics"."""
    if name in ("last", "last+mean"):
        return {"last": LastPooling, "last+mean": LastMeanPooling}[name](n_dims, bidirectional)
    if name == "attention":
        return AttentionPooling(n_dims)
    return {"mean": MeanPooling, "max": MaxPooling, "statistics": StatisticsPooling}[name]()
