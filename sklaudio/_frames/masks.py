"""Which frames of a padded batch are whose."""

from contextlib import contextmanager
from contextvars import ContextVar

import torch

ALL_WHOLE = ContextVar("ALL_WHOLE", default=False)


def frame_mask(lengths, n_frames):
    """Return True where a frame is of the clip, False where it is padding: (batch,) -> (batch, n_frames)."""
    return torch.arange(n_frames, device=lengths.device) < lengths[:, None]


@contextmanager
def all_whole():
    """Promise that no batch has padding, so that no module asks: a graph cannot, whose clips are not known yet."""
    before = ALL_WHOLE.set(True)
    try:
        yield
    finally:
        ALL_WHOLE.reset(before)


def is_padded(lengths, n_frames):
    """Return whether clips are, or as far as a compiled module knows may be, shorter than the batch."""
    if ALL_WHOLE.get():
        return False
    return torch.compiler.is_compiling() or bool((lengths < n_frames).any())
