"""Events in seconds to labels of frames, and clips in pieces to train on."""

from itertools import pairwise
from math import ceil, floor

import numpy as np

from .._utils.terminal import shortened

MAX_PAST = 1.0  # seconds that an event may end after the last frame: frames of encoders end a window before the clip
TINY = 1e-6  # frames, below which a time is on the edge of a frame: hop is seldom a number of binary digits


def label_frames(events, n_frames, hop, classes):
    """Label the frames of a clip.

    Parameters
    ----------
    events : Events
        Those of the clip. Those of one label may overlap.
    n_frames : int
        Frames of the clip; frame i lasts from ``i * hop`` to ``(i + 1) * hop``.
    hop : float
        Seconds of a frame.
    classes : ndarray of shape (n_labels,)
        Labels of the columns; others are left out.

    Returns
    -------
    ndarray of shape (n_frames, n_labels), uint8
        1 where an event covers the middle of a frame; the one frame in its middle if it covers none so.

    Examples
    --------
    >>> from sklaudio._events import check_events
    >>> (events,) = check_events([[(0.14, 0.36, "a"), (0.31, 0.32, "b")]])
    >>> label_frames(events, 5, 0.1, np.array(["a", "b"])).T.tolist()
    [[0, 1, 1, 1, 0], [0, 0, 0, 1, 0]]
    """
    labels = np.zeros((n_frames, len(classes)), dtype=np.uint8)
    column = {label: index for index, label in enumerate(classes.tolist())}
    for start, end, label in zip(events.start, events.end, events.label, strict=True):
        if label not in column or not n_frames:
            continue
        first, stop = ceil(start / hop - 0.5 - TINY), floor(end / hop - 0.5 + TINY) + 1
        if stop <= first or first >= n_frames:
            first = min(int((start + end) / 2 / hop + TINY), n_frames - 1)
            stop = first + 1
        labels[first:stop, column[label]] = 1
    return labels


def check_ends(tables, lengths, hop, name="y"):
    """Raise an error where an event ends well after the last frame of its clip.

    Parameters
    ----------
    tables : list of Events
        Those of each clip.
    lengths : ndarray of shape (n_clips,), int
        Frames of each clip; those without any are left out.
    hop : float
        Seconds of a frame.
    name : str, default="y"
        What the parameter is called, for the error.
    """
    for clip, (events, n_frames) in enumerate(zip(tables, lengths, strict=True)):
        late = np.flatnonzero(events.end > n_frames * hop + MAX_PAST) if n_frames else ()
        if len(late):
            start, end, label, row = events.where(late[0])
            raise ValueError(
                f"{name}[{clip}]: row {row} ({shortened(label)} from {start:g} to {end:g} s) is past the end of "
                f"that clip, which has {n_frames} frames of hop={hop:.6g} s, {n_frames * hop:.6g} s in all. Correct "
                "the event, or pass the hop of the features: hop_length / sr."
            )


def cut_alike(frames, labels, segment_length):
    """Cut clips and their labels into pieces that are about equally long, and at most `segment_length` frames.

    Parameters
    ----------
    frames : array of shape (n_clips, n_frames, n_dims), or object array of (n_frames_i, n_dims)
        The clips.
    labels : list of ndarray of shape (n_frames_i, n_labels)
        Their labels.
    segment_length : int or None
        None leaves clips whole.

    Returns
    -------
    pieces, labels : list of ndarray
        Without clips that have no frames.
    clip : ndarray of shape (n_pieces,), int
        The clip that each piece is of.
    """
    pieces, cut, clip = [], [], []
    for index, (of_clip, labels_of_clip) in enumerate(zip(frames, labels, strict=True)):
        n_frames = len(of_clip)
        n_pieces = ceil(n_frames / segment_length) if segment_length else int(n_frames > 0)
        bounds = np.linspace(0, n_frames, n_pieces + 1).round().astype(int)
        for first, stop in pairwise(bounds):
            pieces.append(of_clip[first:stop])
            cut.append(labels_of_clip[first:stop])
            clip.append(index)
    return pieces, cut, np.array(clip, dtype=int)
