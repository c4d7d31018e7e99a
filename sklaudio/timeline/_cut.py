"""Windows of a waveform that comes in blocks."""

import numpy as np


class WindowCutter:
    """Cut windows out of a waveform that is pushed block by block, and keep no more of it than windows may still need.

    Parameters
    ----------
    length : int
        Samples in a window.
    hop : float
        Samples from the start of one to the next; each start is rounded by itself, so that nothing adds up.
    """

    def __init__(self, length, hop):
        self.length = length
        self.hop = hop
        self._held = np.empty(0, dtype=np.float32)
        self._n_held = 0
        self._offset = 0  # index, in the waveform, of the first sample that is held
        self._n_windows = self._start = self._end = 0  # windows so far; start of the next and end of the last of them

    def push(self, block):
        """Iterate over the windows that end in the next block, (n_samples,): pairs of the start and the samples.

        What is left of the iterator when it is not gone through comes with the next block.
        """
        n_skipped = min(len(block), max(0, self._start - self._offset - self._n_held))
        if n_skipped:
            self._offset += self._n_held + n_skipped
            self._n_held = 0
        self._append(block[n_skipped:])
        while self._start + self.length <= self._offset + self._n_held:
            start, y = self._start, self._cut(self._start, self._start + self.length)
            self._end = start + self.length
            self._n_windows += 1
            self._start = round(self._n_windows * self.hop)
            yield start, y

    def finish(self):
        """Iterate over what is left at the end of the waveform: one shorter window, or none."""
        n_samples = self._offset + self._n_held
        if n_samples > max(self._start, self._end):
            yield self._start, self._cut(self._start, n_samples)

    def _cut(self, start, stop):
        return self._held[start - self._offset : stop - self._offset].copy()

    def _append(self, block):
        """Add samples behind those that are held; what no window needs any more makes room for them."""
        if self._n_held + len(block) > len(self._held):
            n_done = min(max(0, self._start - self._offset), self._n_held)
            left = self._held[n_done : self._n_held]
            n_samples = len(left) + len(block)
            size = max(n_samples, min(2 * n_samples, 2 * self.length))  # so that not every block moves what is held
            held = np.empty(size, dtype=np.float32) if size > len(self._held) else self._held
            held[: len(left)] = left
            self._held, self._n_held, self._offset = held, len(left), self._offset + n_done
        self._held[self._n_held : self._n_held + len(block)] = block
        self._n_held += len(block)


def cut_windows(blocks, length, hop):
    """Cut windows out of a waveform that comes in blocks.

    Parameters
    ----------
    blocks : iterable of ndarray of shape (n_samples_i,)
        The waveform.
    length : int
        Samples in a window.
    hop : float
        Samples from the start of one to the next; each start is rounded by itself, so that nothing adds up.

    Yields
    ------
    start : int
        Index of its first sample.
    y : ndarray of shape (length,), float32
        Its samples. The first window to reach the end of the waveform is the last, and may be shorter.

    Examples
    --------
    >>> [(start, y.tolist()) for start, y in cut_windows([np.arange(3), np.arange(3, 6)], 3, 2)]
    [(0, [0.0, 1.0, 2.0]), (2, [2.0, 3.0, 4.0]), (4, [4.0, 5.0])]
    """
    cutter = WindowCutter(length, hop)
    for block in blocks:
        yield from cutter.push(block)
    yield from cutter.finish()
