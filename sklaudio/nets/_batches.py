"""Frames as tensors, taken batch by batch: prepared once, padded to the longest clip of a batch, never collated."""

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

POOL = 32  # batches whose clips are sorted by length among themselves: more would make epochs alike


class FramesDataset(torch.utils.data.Dataset):
    """Clips with class indices and weights, ready for the device.

    Parameters
    ----------
    frames : ndarray of shape (n_clips, n_frames, n_dims), float32, or object array of (n_frames_i, n_dims)
        The frames.
    target : ndarray of shape (n_clips,) or None
        Class indices; None where they are not known.
    weight : ndarray of shape (n_clips,) or None
        Weight of each clip in the loss; None weighs all by 1.
    """

    def __init__(self, frames, target=None, weight=None):
        self.is_ragged = frames.dtype == object
        self.frames = [as_tensor(clip) for clip in frames] if self.is_ragged else as_tensor(frames)
        self.lengths = torch.tensor([len(clip) for clip in frames])
        self._label(target, weight)

    def _label(self, target, weight):
        n_clips = len(self.lengths)
        self.target = torch.from_numpy(np.zeros(n_clips, np.int64) if target is None else target)
        self.weight = torch.ones(n_clips) if weight is None else torch.from_numpy(weight.astype(np.float32))

    def __len__(self):
        return len(self.lengths)

    def __getitem__(self, index):
        return self.batch([index])

    def batch(self, index):
        """Inputs and class indices of the clips at `index`: a dict of tensors, and (batch,)."""
        if self.is_ragged:
            frames = pad_sequence([self.frames[i] for i in index], batch_first=True)
        else:
            frames = self.frames[index]
        return {"frames": frames, "lengths": self.lengths[index], "weight": self.weight[index]}, self.target[index]

    def pools(self, batch_size):
        """Clips to read at a time; none are, in memory."""
        return []

    def move(self, device):
        """Take all clips to a device, where batches are then made: index by index, with no copy from the host."""
        self.frames = [clip.to(device) for clip in self.frames] if self.is_ragged else self.frames.to(device)
        for name in ("lengths", "target", "weight"):
            setattr(self, name, getattr(self, name).to(device))

    @property
    def n_bytes(self):
        """Size of the frames."""
        return sum(clip.nbytes for clip in self.frames) if self.is_ragged else self.frames.nbytes


def as_tensor(array):
    """A tensor on the memory of the array, or on a copy where that is read-only, such as a cached file."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def take(dataset, index):
    """Inputs and class indices of the clips at `index`, which is taken to where the dataset is."""
    return dataset.batch(index if dataset.is_ragged else index.to(dataset.lengths.device))


class Batches:
    """What skorch iterates over in place of a DataLoader: the batches of one epoch, by index.

    Parameters
    ----------
    dataset : FramesDataset
        The clips.
    batch_size : int
        Clips in a batch; the last one may have fewer.
    shuffle : bool, default=False
        Whether to draw a new order each time, from torch's generator. Clips of unequal length are then put into
        batches with others about as long, so that there is little padding to compute.
    """

    def __init__(self, dataset, batch_size, shuffle=False):
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size)

    def __iter__(self):
        for dataset, index in self.draw():
            yield take(dataset, index)

    def draw(self):
        """Iterate over the batches of an epoch, each as clips at hand and the indices of its own among them."""
        pools = self.dataset.pools(self.batch_size) if self.shuffle else []
        for pool in pools:
            yield from Batches(self.dataset.part(pool), self.batch_size, shuffle=True).draw()
        if not pools:
            for index in self._indices():
                yield self.dataset, index

    def _indices(self):
        n_clips = len(self.dataset)
        if not self.shuffle:
            return torch.arange(n_clips).split(self.batch_size)
        order = torch.randperm(n_clips)
        if not self.dataset.is_ragged:
            return order.split(self.batch_size)
        pools = [
            pool[self.dataset.lengths[pool].cpu().argsort(stable=True)] for pool in order.split(POOL * self.batch_size)
        ]
        batches = torch.cat(pools).split(self.batch_size)
        return [batches[index] for index in torch.randperm(len(batches))]
