"""Frames that lie on a disk and are read some clips at a time: memory-mapped arrays, zarr, HDF5, dask."""

from numbers import Integral

import joblib
import numpy as np

BLOCK_BYTES = 2**24  # read at a time where all clips are gone through in order


def is_stored(X):
    """Return whether `X` is an array of clips, frames and dims that a copy in memory would be made of."""
    if isinstance(X, StoredFrames):
        return True
    is_array_elsewhere = not isinstance(X, np.ndarray) and hasattr(X, "chunks")
    if not (isinstance(X, np.memmap) or is_array_elsewhere):
        return False
    return X.ndim == 3 and np.dtype(X.dtype).kind in "fiu"


class StoredFrames:
    """Frames of shape (n_clips, n_frames, n_dims) of which only the clips asked for are read.

    Parameters
    ----------
    source : numpy.memmap, zarr.Array, h5py.Dataset or dask.array.Array of shape (n_clips, n_frames, n_dims)
        Where they lie.
    rows : ndarray of int or None, default=None
        Which clips of the source these are; None is all of them.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, source, rows=None):
        self.source = source
        self.rows = np.arange(source.shape[0]) if rows is None else rows
        self.shape = (len(self.rows), *source.shape[1:])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        if isinstance(index, Integral):
            return self.read(np.array([index]))[0]
        return StoredFrames(self.source, self.rows[index])

    def __iter__(self):
        for block in self.blocks():
            yield from block

    @property
    def clip_bytes(self):
        """Size of one clip in memory."""
        return self.shape[1] * self.shape[2] * self.dtype.itemsize

    @property
    def chunk_length(self):
        """Clips that are read and unpacked together, whichever of them is asked for."""
        chunks = getattr(self.source, "chunks", None) or (1,)
        return int(np.max(chunks[0]))

    def blocks(self):
        """Iterate over the clips in order, as arrays (n_block, n_frames, n_dims), float32."""
        n_at_once = max(1, BLOCK_BYTES // max(1, self.clip_bytes))
        for start in range(0, len(self), n_at_once):
            yield self.read(slice(start, start + n_at_once))

    def read(self, index):
        """Return the clips at `index`: (n_index, n_frames, n_dims), float32, in memory."""
        rows, places = np.unique(self.rows[index], return_inverse=True)  # HDF5 takes rising ones alone
        is_run = len(rows) == rows[-1] - rows[0] + 1
        clips = np.asarray(self.source[slice(int(rows[0]), int(rows[-1]) + 1) if is_run else rows])
        return clips[places].astype(np.float32, copy=False)

    def digest(self):
        """Return a hash of all that is in it, and of the chunks that the order in training depends on."""
        return joblib.hash([self.shape, self.chunk_length, [joblib.hash(block) for block in self.blocks()]])


class StoredSegments(StoredFrames):
    """Windows of stored clips, of which only those asked for are read.

    Parameters
    ----------
    source : array of shape (n_clips, n_frames, n_dims)
        Where the clips lie, as in :class:`StoredFrames`.
    rows : ndarray of shape (n_segments,), int
        Which clip of the source each segment is of.
    starts : ndarray of shape (n_segments,), int
        Its first frame.
    segment_length : int
        Frames in a segment.
    """

    def __init__(self, source, rows, starts, segment_length):
        super().__init__(source, rows)
        self.starts = starts
        self.shape = (len(rows), segment_length, source.shape[2])

    def __getitem__(self, index):
        if isinstance(index, Integral):
            return super().__getitem__(index)
        return StoredSegments(self.source, self.rows[index], self.starts[index], self.shape[1])

    def read(self, index):
        """Return the segments at `index`: (n_index, segment_length, n_dims), float32, in memory."""
        rows, starts = self.rows[index], self.starts[index]
        if self.chunk_length == 1:
            clips, places = self.source, rows
        else:  # a chunk is unpacked once for all its segments
            rows, places = np.unique(rows, return_inverse=True)
            clips = StoredFrames(self.source, rows).read(slice(None))
        windows = [
            np.asarray(clips[place, start : start + self.shape[1]]) for place, start in zip(places, starts, strict=True)
        ]
        return np.stack(windows).astype(np.float32, copy=False)


def as_stored(X):
    """Return :class:`StoredFrames` of frames for which :func:`is_stored` is true."""
    return X if isinstance(X, StoredFrames) else StoredFrames(X)


def digest_of_stored(X):
    """Return the hash of what lies on a disk, in its place; anything else as it is."""
    return as_stored(X).digest() if is_stored(X) else X
