"""Which frames of a padded batch are whose."""

import torch


def frame_mask(lengths, n_frames):
    """True where a frame is the clip's own, False where it is padding: (batch,) -> (batch, n_frames)."""
    return torch.arange(n_frames, device=lengths.device) < lengths[:, None]
