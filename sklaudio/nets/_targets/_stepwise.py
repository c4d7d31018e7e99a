"""A `y` with a row for every frame: how it is known, and that rows are as many as frames."""

from collections.abc import Mapping

import numpy as np

from ..._utils.lengths import check_equal_lengths


def is_stepwise(y):
    """Return whether `y` has a row for every frame: three axes, or a list of tables (n_frames_i, n_columns)."""
    if getattr(y, "ndim", 1) == 3:
        return True
    is_sequence = hasattr(y, "__getitem__") and not isinstance(y, Mapping)
    if hasattr(y, "columns") or getattr(y, "ndim", 1) != 1 or not is_sequence or not len(y):
        return False
    first = y.iloc[0] if hasattr(y, "iloc") else y[0]
    return getattr(first, "ndim", 0) == 2 or (
        isinstance(first, list) and bool(first) and isinstance(first[0], (list, tuple, np.ndarray))
    )


def check_rows(n_rows, frames, name):
    """Raise an error where a clip has not as many rows as frames.

    Parameters
    ----------
    n_rows : ndarray of shape (n_clips,)
        Rows of each clip in `y`.
    frames : array of shape (n_clips, n_frames, n_dims), or object array of (n_frames_i, n_dims)
        The clips.
    name : str
        What `y` is called.
    """
    check_equal_lengths(frames, **{name: n_rows})
    ragged = frames.dtype == object
    n_frames = np.array([len(clip) for clip in frames]) if ragged else np.full(len(frames), frames.shape[1])
    if (wrong := n_frames != n_rows).any():
        clip = int(wrong.argmax())
        raise ValueError(
            f"{name}[{clip}] has {n_rows[clip]} rows, and that clip has {n_frames[clip]} frames. Give each frame one."
        )
