"""Frames as tensors, taken batch by batch: prepared once, padded to the longest clip of a batch, never collated."""

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

POOL = 32  # batches whose clips are sorted by length among themselves: more would make epochs alike
MAX_NUMBERS = 2**23  # in a padded batch (clips x frames x dims), unless it is a single clip: 32 MiB of float32
# Where nothing is learned, on a processor: convolutions make 32 times as many of them, which then stay in its caches.
RUN_NUMBERS, SHORT = 2**18, 2**16


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
        """Return inputs and class indices of the clips at `index`: a dict of tensors, and (batch,)."""
        if self.is_ragged:
            frames = pad_sequence([self.frames[i] for i in index], batch_first=True)
        else:
            frames = self.frames[index]
        return {"frames": frames, "lengths": self.lengths[index], "weight": self.weight[index]}, self.target[index]

    def runs(self, batch_size):
        """Return indices of all clips, in order, as tensors of batches of bounded padded size; see :func:`cut_runs`."""
        index = torch.arange(len(self))
        if self.is_ragged:
            narrow = not torch.cuda.is_available()  # larger ones keep a GPU busy
            return index.split(cut_runs(self.lengths.tolist(), self.frames[0].shape[1], batch_size, narrow=narrow))
        n_numbers = max(1, self.frames.shape[1] * self.frames.shape[2])
        return index.split(min(batch_size, max(1, MAX_NUMBERS // n_numbers)))

    def parts(self, index):
        """Cut a training batch whose padded size is above the bound into parts of clips about as long."""
        lengths = self.lengths[index].cpu()
        if not self.is_ragged or len(index) * int(lengths.max()) * self.frames[0].shape[1] <= MAX_NUMBERS:
            return [index]
        order = lengths.argsort(stable=True)
        return index[order].split(cut_runs(lengths[order].tolist(), self.frames[0].shape[1], len(index)))

    def pools(self, batch_size):
        """Return clips to read at a time; none are, in memory."""
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
    """Return a tensor on the memory of the array, or on a copy where that is read-only, such as a cached file."""
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def take(dataset, index):
    """Return inputs and class indices of the clips at `index`, which is taken to where the dataset is."""
    return dataset.batch(index if dataset.is_ragged else index.to(dataset.lengths.device))


def cut_runs(lengths, n_dims, batch_size, *, narrow=False):
    """Cut a list of clips into runs that are padded together, each to its longest clip.

    Parameters
    ----------
    lengths : list of int
        Frames of each clip. Sorted ones make the fewest runs.
    n_dims : int
        Dims of a frame.
    batch_size : int
        Clips in a run, at most.
    narrow : bool, default=False
        Whether runs end at `RUN_NUMBERS`, and above `SHORT` numbers where more than a tenth would be padding.

    Returns
    -------
    list of int
        Clips in each run: one, or as many as together have `MAX_NUMBERS` numbers at most, half of them padding at most.
    """
    runs, longest, n_frames, max_numbers = [], 0, 0, RUN_NUMBERS if narrow else MAX_NUMBERS
    for length in lengths:
        longest, n_frames = max(longest, length), n_frames + length
        n_padded = (runs[-1] + 1) * longest if runs else 0
        is_long = narrow and n_frames * n_dims > SHORT
        is_full = runs and (runs[-1] == batch_size or n_padded * n_dims > max_numbers)
        if not runs or is_full or n_padded > (1.1 if is_long else 2) * n_frames:
            runs.append(0)
            longest = n_frames = length
        runs[-1] += 1
    return runs


class PartedBatch(tuple):
    """A training batch that is too large to be padded as a whole: labels, lengths and weights of all, frames by part.

    Parameters
    ----------
    dataset : FramesDataset
        The clips.
    parts : list of Tensor of int
        Indices of each part.

    Attributes
    ----------
    dataset, parts
        As given; :func:`take` makes a batch of each.
    """

    def __new__(cls, dataset, parts):
        index = torch.cat(list(parts))
        inputs = {"lengths": dataset.lengths[index], "weight": dataset.weight[index]}
        batch = super().__new__(cls, (inputs, dataset.target[index]))
        batch.dataset, batch.parts = dataset, parts
        return batch


class Batches:
    """What skorch iterates over in place of a DataLoader: the batches of one epoch, by index.

    Parameters
    ----------
    dataset : FramesDataset
        The clips.
    batch_size : int
        Clips in a batch; the last one may have fewer, and without `shuffle` any whose padded size would be above the
        bound (see :func:`cut_runs`).
    shuffle : bool, default=False
        Whether to draw a new order each time, from torch's generator. Clips of unequal length are then put into
        batches with others about as long, so that there is little padding to compute. A batch above the bound comes as
        :class:`PartedBatch`.
    """

    def __init__(self, dataset, batch_size, shuffle=False):
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle

    def __len__(self):
        return -(-len(self.dataset) // self.batch_size) if self.shuffle else len(self.dataset.runs(self.batch_size))

    def __iter__(self):
        for dataset, index in self.draw():
            parts = dataset.parts(index) if self.shuffle else [index]
            yield take(dataset, index) if len(parts) == 1 else PartedBatch(dataset, parts)

    def draw(self):
        """Iterate over the batches of an epoch, each as clips at hand and the indices of the batch among them."""
        pools = self.dataset.pools(self.batch_size) if self.shuffle else []
        for pool in pools:
            yield from Batches(self.dataset.part(pool), self.batch_size, shuffle=True).draw()
        if not pools:
            for index in self._indices():
                yield self.dataset, index

    def _indices(self):
        n_clips = len(self.dataset)
        if not self.shuffle:
            return self.dataset.runs(self.batch_size)
        order = torch.randperm(n_clips)
        if not self.dataset.is_ragged:
            return order.split(self.batch_size)
        pools = [
            pool[self.dataset.lengths[pool].cpu().argsort(stable=True)] for pool in order.split(POOL * self.batch_size)
        ]
        batches = torch.cat(pools).split(self.batch_size)
        return [batches[index] for index in torch.randperm(len(batches))]
