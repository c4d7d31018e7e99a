"""A pretrained network that trains on, with pooling over time and a new output layer behind it."""

import torch
from torch import nn
from torch.nn.utils.rnn import pad_sequence

from ...encoders._windows import lay_out
from ._pooling import make_pooling

WINDOWS = 16  # through the network at a time


class EncoderHead(nn.Module):
    """Frames of an encoder to logits: pooling over time, dropout, output layer.

    Parameters
    ----------
    n_dims, n_outputs : int
        Dims of a frame, number of logits.
    pooling : str
        How the frames of a clip become one vector, see :func:`make_pooling`.
    dropout : float
        Fraction of the pooled values dropped before the output, in training.
    """

    def __init__(self, n_dims, n_outputs, *, pooling, dropout):
        super().__init__()
        self.pooling = make_pooling(pooling, n_dims)
        self.dropout = nn.Dropout(dropout)
        self.n_embedding = n_dims * getattr(self.pooling, "n_parts", 1)
        self.output = nn.Linear(self.n_embedding, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        return self.pooling(frames, lengths)


class FineTunedEncoder(EncoderHead):
    """Samples to frames by a network of which some blocks train on, then :class:`EncoderHead`.

    Parameters
    ----------
    encoder : Encoder
        How clips are cut into the windows that the network takes.
    network : torch.nn.Module
        Samples (n_windows, n_samples) to (n_windows, n_dims) or (n_windows, n_frames, n_dims).
    trained : list of torch.nn.Module
        Parts of the network that train; all others keep their weights and running statistics.
    has_norm : bool
        Whether dims of frames are brought to zero mean and unit standard deviation over the batches of the training.
    n_dims, n_outputs, pooling, dropout
        As in :class:`EncoderHead`.
    """

    def __init__(self, encoder, network, trained, n_dims, n_outputs, *, has_norm, pooling, dropout):
        super().__init__(n_dims, n_outputs, pooling=pooling, dropout=dropout)
        self._layout = encoder
        self._trained = trained  # a list: the parts are in the network already
        self.encoder = network.requires_grad_(False)
        for part in trained:
            part.requires_grad_(True)
        self.norm = FrameNorm(n_dims) if has_norm else None
        self.train(self.training)

    def train(self, mode=True):
        """Set the mode; what does not train stays in evaluation, so that its running statistics stay."""
        super().train(mode)
        self.encoder.eval()
        for part in self._trained:
            part.train(mode)
        return self

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_blocks, block) of samples -> (batch, n_embedding)."""
        return self.pooling(*self._normalized(*self.encode(frames, lengths)))

    def encode(self, blocks, lengths):
        """Encode each clip, padded: (batch, n_blocks, block), (batch,) -> (batch, n_frames, n_dims), (batch,)."""
        samples, n_samples = blocks.flatten(1), (lengths * blocks.shape[2]).tolist()
        layouts = [lay_out(n, self._layout) for n in n_samples]
        made = {}
        for length in sorted({layout.length for layout in layouts}):
            places = [
                (clip, start)
                for clip, layout in enumerate(layouts)
                if layout.length == length
                for start in layout.starts
            ]
            for first in range(0, len(places), WINDOWS):
                some = places[first : first + WINDOWS]
                windows = torch.stack(
                    [_window(samples[clip, : n_samples[clip]], start, length) for clip, start in some]
                )
                output = self.encoder(windows)
                made |= zip(some, output.unsqueeze(1) if output.ndim == 2 else output, strict=True)
        clips = [
            _joined([made[clip, start] for start in layout.starts], layout, self._layout.hop_length)
            for clip, layout in enumerate(layouts)
        ]
        n_frames = torch.tensor([len(frames) for frames in clips], device=blocks.device)
        return pad_sequence(clips, batch_first=True), n_frames

    def _normalized(self, frames, lengths):
        if self.norm is None:
            return frames, lengths
        real = torch.cat([clip[:n] for clip, n in zip(frames, lengths.tolist(), strict=True)])
        return pad_sequence(self.norm(real).split(lengths.tolist()), batch_first=True), lengths


class FrameNorm(nn.BatchNorm1d):
    """Bring each dim to zero mean and unit standard deviation over the frames of a batch, padding left out.

    Its running statistics are those of the first batch, then the mean of the first ten, then follow the last ten: short
    trainings leave nothing of the zeros and ones that they begin with.
    """

    def __init__(self, n_dims):
        super().__init__(n_dims, affine=False)

    def forward(self, frames):
        """Map (n_frames, n_dims) -> (n_frames, n_dims)."""
        if not self.training or len(frames) == 1:  # which has no standard deviation to learn
            return nn.functional.batch_norm(frames, self.running_mean, self.running_var, eps=self.eps)
        self.momentum = max(0.1, 1 / (1 + int(self.num_batches_tracked)))
        return super().forward(frames)


def _window(samples, start, length):
    """Cut one window of a clip, padded with zeros at its end: (length,)."""
    window = samples[start : start + length]
    return nn.functional.pad(window, (0, length - len(window)))


def _joined(windows, layout, step):
    """Join the frames of a clip from those of its windows, the mean where windows overlap: (n_frames, n_dims)."""
    if step is None or len(windows) == 1:
        return torch.cat(list(windows))[: layout.n_frames]
    firsts = [start // step for start in layout.starts]
    n_each = len(windows[0])
    place = torch.cat([torch.arange(first, first + n_each) for first in firsts]).to(windows[0].device)
    total = windows[0].new_zeros(max(firsts[-1] + n_each, layout.n_frames), windows[0].shape[1])
    total = total.index_add(0, place, torch.cat(list(windows)))
    count = place.bincount(minlength=len(total)).clamp(min=1)
    return (total / count[:, None])[: min(layout.n_frames, firsts[-1] + n_each)]
