"""Many windows at a time through an encoder, of one clip or of several."""

import numpy as np

from ._encoder import as_frames
from ._windows import cut, join, lay_out


def encode(waveforms, encoder, window=None, hop=None, *, batch_size=16, device="cpu"):
    """Make the frames of waveforms.

    Parameters
    ----------
    waveforms : list of ndarray of shape (n_samples_i,)
        The clips, at the rate of the encoder.
    encoder : Encoder
        What makes the frames.
    window, hop : int or None, default=None
        As in :func:`lay_out`.
    batch_size : int, default=16
        Windows at a time; those that are not equally long are not in one batch.
    device : str, default="cpu"
        Torch device.

    Returns
    -------
    list of ndarray of shape (n_frames_i, n_dims), float32
        The frames of each clip.
    """
    padded = [np.pad(encoder.prepare(y), encoder.padding_of(len(y))) for y in waveforms]
    layouts = [lay_out(len(y), encoder, window, hop) for y in padded]
    made = [[None] * len(layout.starts) for layout in layouts]
    for length in sorted({layout.length for layout in layouts}):
        places = [
            (clip, index)
            for clip, layout in enumerate(layouts)
            if layout.length == length
            for index in range(len(layout.starts))
        ]
        for first in range(0, len(places), batch_size):
            batch = places[first : first + batch_size]
            windows = np.stack([cut(padded[clip], layouts[clip], index) for clip, index in batch])
            frames = as_frames(encoder.run(windows, device), "it")
            for (clip, index), one in zip(batch, frames, strict=True):
                made[clip][index] = one
    return [join(np.stack(frames), layout, encoder.hop_length) for frames, layout in zip(made, layouts, strict=True)]
