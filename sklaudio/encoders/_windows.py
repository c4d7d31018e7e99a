"""Clips to windows that a network takes, and its frames back into the order of time."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Layout:
    """Where the windows of one clip begin, and how many frames come of them.

    Parameters
    ----------
    starts : tuple of int
        First sample of each window, in the padded clip.
    length : int
        Samples in a window.
    n_frames : int
        Frames of the clip.
    """

    starts: tuple
    length: int
    n_frames: int


def lay_out(n_samples, encoder, window=None, hop=None):
    """Lay windows over a clip.

    Parameters
    ----------
    n_samples : int
        Length of the clip, its padding included.
    encoder : Encoder
        What takes the windows.
    window, hop : int or None, default=None
        Samples in a window, and from one to the next. None are those of the encoder.

    Returns
    -------
    Layout
        Where an encoder makes frames (`hop_length`), the windows reach the end of the clip: the last begins earlier,
        and there is a frame for each step of `hop_length` that has `frame_length` samples. Where it makes one vector
        of each window, windows stay `hop` apart, and a last one is left out if less than half a hop
        of it is not in the window before.
    """
    length = encoder.window if window is None else window
    hop = encoder.hop_of_windows(length) if hop is None else hop
    step = encoder.hop_length
    if step is None:
        n_windows = 1 + int(max(0, n_samples - length) / hop + 0.5)
        if window is None and not encoder.is_fixed and n_samples < length:
            length = max(n_samples, encoder.frame_length, 1)
        return Layout(tuple(range(0, n_windows * hop, hop)), length, n_windows)
    n_frames = 1 + max(0, n_samples - encoder.frame_length) // step
    if n_samples <= length:
        if not encoder.is_fixed:
            length = max(n_samples, encoder.frame_length, 1)
        return Layout((0,), length, n_frames)
    hop = max(step, hop // step * step)
    last = -(-(n_samples - length) // step) * step  # rounded up: the last sample is in it
    return Layout((*range(0, last, hop), last), length, n_frames)


def cut(y, layout, index):
    """Cut one window of a padded clip, padded with zeros at its end: (length,)."""
    window = y[layout.starts[index] :][: layout.length]
    return np.pad(window, (0, layout.length - len(window)))


def join(windows, layout, step):
    """Join the frames of a clip from those of its windows; where windows overlap, the mean.

    Parameters
    ----------
    windows : ndarray of shape (n_windows, n_frames_each, n_dims)
        Frames of each window.
    layout : Layout
        Where the windows are.
    step : int or None
        Samples from one frame to the next; None where windows have one each.

    Returns
    -------
    ndarray of shape (n_frames, n_dims), float32
        The frames. Those that would begin past the end of the clip are left out.

    Examples
    --------
    >>> layout = Layout(starts=(0, 2), length=4, n_frames=6)
    >>> join(np.array([[[1.0]] * 4, [[3.0]] * 4]), layout, step=1).ravel().tolist()
    [1.0, 1.0, 2.0, 2.0, 3.0, 3.0]
    """
    n_windows, n_each, n_dims = windows.shape
    if step is None or n_windows == 1:
        return np.ascontiguousarray(windows.reshape(-1, n_dims)[: layout.n_frames], dtype=np.float32)
    firsts = [start // step for start in layout.starts]
    total = np.zeros((max(firsts[-1] + n_each, layout.n_frames), n_dims))
    count = np.zeros((len(total), 1))
    for first, frames in zip(firsts, windows, strict=True):
        total[first : first + n_each] += frames
        count[first : first + n_each] += 1
    n_frames = min(layout.n_frames, firsts[-1] + n_each)
    return (total[:n_frames] / np.maximum(count[:n_frames], 1)).astype(np.float32)
