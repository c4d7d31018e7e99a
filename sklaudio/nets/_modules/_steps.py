"""Logits for every frame, of a module that makes something of every step."""

import torch
from torch import nn

from ..._frames.masks import frame_mask


def steps_to_frames(steps, lengths, stride, n_frames):
    """Interpolate between the steps of each clip, which are `stride` frames apart, for each of its frames.

    A step is in the middle of its frames; before the first one and after the last one of a clip, its value goes on.

    Parameters
    ----------
    steps : Tensor of shape (batch, n_steps, n_outputs)
        One value for each ``stride`` frames, padded at the end.
    lengths : Tensor of shape (batch,)
        Frames of each clip.
    stride : int
        Frames of a step.
    n_frames : int
        Frames of the longest clip.

    Returns
    -------
    Tensor of shape (batch, n_frames, n_outputs)
        That of a clip's frames does not depend on its padding.
    """
    if stride == 1:
        return steps
    last = torch.div(lengths + stride - 1, stride, rounding_mode="floor")[:, None] - 1
    position = (torch.arange(n_frames, device=steps.device) + 0.5) / stride - 0.5
    position = torch.minimum(position.clamp(min=0)[None], last)  # (batch, n_frames)
    before = position.floor().long()
    pair = [
        steps.gather(1, index[:, :, None].expand(-1, -1, steps.shape[2]))
        for index in (before, torch.minimum(before + 1, last))
    ]
    return torch.lerp(*pair, (position - before)[:, :, None].to(steps.dtype))


class StepwiseNet(nn.Module):
    """A module that predicts at every frame what the one inside predicts of whole clips.

    Parameters
    ----------
    net : Module
        With ``steps(frames, lengths)``, of shape (batch, n_steps, n_embedding), in place of a pooling; `stride`, the
        frames of a step; and the layers `dropout` and `output`.
    """

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.n_embedding = net.n_embedding

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_frames, n_outputs)."""
        logits = self.net.output(self.net.dropout(self.net.steps(frames, lengths)))
        return steps_to_frames(logits, lengths, self.net.stride, frames.shape[1])

    def embed(self, frames, lengths):
        """Average over the steps of each clip: (batch, n_embedding)."""
        steps = self.net.steps(frames, lengths)
        n_steps = torch.div(lengths + self.net.stride - 1, self.net.stride, rounding_mode="floor")
        return steps.masked_fill(~frame_mask(n_steps, steps.shape[1])[:, :, None], 0).sum(dim=1) / n_steps[:, None]
