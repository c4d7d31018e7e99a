"""Encoders in graphs: the level that they take, padding, windows, and the frames back in the order of time."""

import torch
from torch import nn


class EncoderFrames(nn.Module):
    """What an encoder makes of clips: (batch, n_samples) -> (batch, n_frames, n_dims), float32.

    As :func:`sklaudio.encoders._batches.encode`, for numbers of samples that show when the graph is run.

    Parameters
    ----------
    encoder : Encoder
        Whose sizes are taken.
    prepare : callable
        What it does to clips before they are padded: (batch, n_samples) -> the same.
    network : nn.Module
        What makes frames of windows: (n_windows, n_samples) -> (n_windows, n_frames, n_dims).
    window, hop : int or None, default=None
        Samples in a window, and from one to the next, as in :func:`sklaudio.encoders._windows.lay_out`.
    block : int or None, default=None
        Samples in a block, of which an EncoderClassifier that trains its network takes a whole number.
    """

    def __init__(self, encoder, prepare, network, window=None, hop=None, *, block=None):
        super().__init__()
        self.encoder, self.prepare, self.network, self.block = encoder, prepare, network, block
        self.window = encoder.window if window is None else window
        self.hop = encoder.hop_of_windows(self.window) if hop is None else hop
        if encoder.hop_length is not None:
            self.hop = max(encoder.hop_length, self.hop // encoder.hop_length * encoder.hop_length)
        self.takes_shorter = not encoder.is_fixed and (encoder.hop_length is not None or window is None)

    def forward(self, y):
        """Map (batch, n_samples) -> (batch, n_frames, n_dims)."""
        y = self.prepare(y)
        padding = self._padding(y.shape[1])
        y = nn.functional.pad(y, (padding, padding))
        if self.block is not None:
            n_samples = self.block * self._n_blocks(y.shape[1])
            y = nn.functional.pad(y, (0, self.block))[:, :n_samples]
        length, n_windows, last = self._layout(y.shape[1])
        starts = (self.hop * torch.arange(n_windows)).clamp(max=last)
        if isinstance(n_windows, int) and n_windows == 1:
            windows = nn.functional.pad(y, (0, length))[:, None, :length]
        else:
            windows = nn.functional.pad(y, (0, length + self.hop))[:, starts[:, None] + torch.arange(length)]
        frames = self.network(windows.flatten(end_dim=1)).unflatten(0, (y.shape[0], n_windows))
        return self._join(frames, starts, last, y.shape[1])

    def _padding(self, n_samples):
        """Compute the padding as :meth:`Encoder.padding_of`."""
        encoder, step = self.encoder, self.encoder.hop_length or 1
        missing = torch.sym_max(encoder.min_samples - n_samples - 2 * encoder.padding, 0)
        return encoder.padding + (missing + 2 * step - 1) // (2 * step) * step

    def _layout(self, n_samples):
        """Return samples in a window, number of windows, and the start of the last one."""
        encoder, step, length = self.encoder, self.encoder.hop_length, self.window
        over = torch.sym_max(n_samples - length, 0)
        if self.takes_shorter:
            length = torch.sym_min(torch.sym_max(n_samples, max(encoder.frame_length, 1)), length)
        if step is None:
            n_later = (2 * over + self.hop) // (2 * self.hop)  # one that has half of a hop to itself counts
            return length, n_later + 1, n_later * self.hop
        last = (over + step - 1) // step * step
        return length, (last + self.hop - 1) // self.hop + 1, last

    def _n_blocks(self, n_samples):
        """Count blocks as :meth:`sklaudio.nets._encoder.EncoderInput._n_blocks`."""
        encoder, block = self.encoder, self.block
        if encoder.hop_length is not None:
            n_later = torch.sym_max(n_samples - encoder.frame_length, 0) // block
            return n_later + -(-encoder.frame_length // block)
        n_blocks = torch.sym_max((n_samples + block - 1) // block, 1)
        return n_blocks - (self._layout(n_blocks * block)[1] - self._layout(n_samples)[1])

    def _join(self, frames, starts, last, n_samples):
        """Join (batch, n_windows, n_frames, n_dims) of windows -> (batch, n_frames, n_dims) of clips."""
        batch, n_windows, n_each, n_dims = frames.shape
        step = self.encoder.hop_length
        if step is None:
            return frames.flatten(1, 2)
        if not (isinstance(n_windows, int) and n_windows == 1):
            place = (starts[:, None] // step + torch.arange(n_each)).flatten()
            size = last // step + n_each
            index = place[None, :, None].expand(batch, n_windows * n_each, n_dims)
            total = torch.zeros(batch, size, n_dims).scatter_add(1, index, frames.flatten(1, 2))
            count = torch.zeros(size).scatter_add(0, place, torch.ones(n_windows * n_each))
            frames = total / count.clamp(min=1)[:, None]
        else:
            frames = frames[:, 0]
        n_frames = torch.sym_max(n_samples - self.encoder.frame_length, 0) // step + 1
        return frames[:, :n_frames]
