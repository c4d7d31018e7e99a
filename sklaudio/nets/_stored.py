"""Training clips that stay on the disk: each batch is read when its turn comes."""

import numpy as np
import torch

from ._batches import POOL, FramesDataset

POOL_BYTES = 2**26  # read together from what is stored in chunks


class StoredDataset(FramesDataset):
    """As :class:`FramesDataset`, of frames that do not fit into memory.

    Parameters
    ----------
    frames : StoredFrames of shape (n_clips, n_frames, n_dims)
        The frames.
    scaled : callable
        Standardizes an array of clips.
    target, weight
        As in :class:`FramesDataset`.
    """

    is_ragged = False
    n_bytes = float("inf")  # never moved to a device as a whole

    def __init__(self, frames, scaled, target=None, weight=None):
        self.frames = frames
        self.scaled = scaled
        self.lengths = torch.full((len(frames),), frames.shape[1])
        self._label(target, weight)

    def batch(self, index):
        """Return inputs and class indices of the clips at `index`."""
        frames = torch.from_numpy(self.scaled(self.frames.read(np.asarray(index))))
        return {"frames": frames, "lengths": self.lengths[index], "weight": self.weight[index]}, self.target[index]

    def pools(self, batch_size):
        """Return tensors of indices of clips to read at a time and to shuffle; chunks come in any order.

        Empty where each clip is read by itself: all are shuffled then.
        """
        length = self.frames.chunk_length
        if length == 1:
            return []
        order = torch.randperm(len(self))
        chunk = torch.from_numpy(self.frames.rows // length)
        place = torch.randperm(int(chunk.max()) + 1)[chunk[order]]
        n_batches = min(POOL, POOL_BYTES // max(1, batch_size * self.frames.clip_bytes))
        return order[place.argsort(stable=True)].split(batch_size * max(1, n_batches))

    def part(self, index):
        """Return the clips at `index` in memory."""
        inputs, target = self.batch(index)
        return FramesDataset(inputs["frames"].numpy(), target.numpy(), inputs["weight"].numpy())
