"""annotation_windows: windows of fixed length of annotated recordings, with what is in each."""

from numbers import Real

import numpy as np

from .._events import check_annotations, check_durations_by_path, check_ends
from .._utils.terminal import shortened
from ..audio import Clip
from ..audio._decode import decode_blocks

UNKNOWN = 2**40  # samples, from which on a header does not say how many there are


def annotation_windows(
    annotations, *, length, hop=None, min_overlap=0.5, durations=None
) -> tuple[np.ndarray, np.ndarray, list]:
    """Cut annotated recordings into windows, with the labels of each.

    Parameters
    ----------
    annotations : DataFrame
        With columns `path`, `start` and `end` (seconds) and `label`, as :func:`load_annotations` gives it.
    length : float
        Seconds of a window.
    hop : float or None, default=None
        Seconds from the start of a window to that of the next; None is `length`, so that they do not overlap.
    min_overlap : float, default=0.5
        Fraction of the window that an annotation must cover for the window to have its label, or fraction of the
        annotation if that is shorter than the window; in [0, 1]. 0 takes any overlap. A point in time (`end` equal to
        `start`) must be in the window.
    durations : dict of str to float or None, default=None
        Seconds of each recording, by its path; recordings without annotations may be among them. None reads them from
        the files: those of `annotations`, and of its ``attrs["recordings"]``.

    Returns
    -------
    clips : ndarray of Clip, shape (n_windows,)
        The windows, recording by recording, in order of time. The last one ends with its recording, so that it overlaps
        the one before; a recording that is shorter than `length` is one window. ``clip.path`` is the group of each.
    Y : ndarray of shape (n_windows, n_labels), int
        1 where a window has a label. Rows of zeros are background.
    class_names : list of str
        The labels, sorted; those of the columns of `Y`.

    Raises
    ------
    ValueError
        If a parameter is out of range, a column or a value is missing, an annotation ends before it starts or begins
        after its recording ends, or a recording has no duration.

    Examples
    --------
    >>> import pandas as pd
    >>> birds = pd.DataFrame({"path": "dawn.wav", "start": [1.0, 6.5], "end": [2.5, 7.0], "label": ["robin", "wren"]})
    >>> clips, Y, names = annotation_windows(birds, length=3, durations={"dawn.wav": 10})
    >>> [str(clip) for clip in clips]
    ['dawn.wav[0.0:3.0]', 'dawn.wav[3.0:6.0]', 'dawn.wav[6.0:9.0]', 'dawn.wav[7.0:10.0]']
    >>> Y.tolist(), names
    ([[1, 0], [0, 0], [0, 1], [0, 0]], ['robin', 'wren'])
    """
    hop = length if hop is None else hop
    _check_sizes(length, hop, min_overlap)
    tables = check_annotations(annotations, durations=durations)
    labels = sorted({str(label) for events in tables.values() for label in events.label})
    if not labels:
        raise ValueError("annotations has no rows. Give it at least one span.")
    column_of = {label: number for number, label in enumerate(labels)}
    durations = (
        {path: _duration(path) for path in tables} if durations is None else check_durations_by_path(durations, tables)
    )
    clips, indicators = [], []
    for path, events in tables.items():
        duration = durations[path]
        check_ends(events, duration, "annotations", path)
        begin, end = _windows(duration, length, hop)
        Y = np.zeros((len(begin), len(labels)), dtype=np.int64)
        for start, stop, label, _ in zip(*events, strict=True):
            Y[_covered(begin, end, start, min(stop, duration), min_overlap), column_of[str(label)]] = 1
        clips += [Clip(path, *span) for span in zip(begin.tolist(), end.tolist(), strict=True)]
        indicators.append(Y)
    windows = np.empty(len(clips), dtype=object)
    windows[:] = clips
    return windows, np.concatenate(indicators), labels


def _check_sizes(length, hop, min_overlap):
    for name, value in (("length", length), ("hop", hop)):
        if not (isinstance(value, Real) and 0 < value < np.inf):
            raise ValueError(f"{name}={shortened(value)} must be a number of seconds above 0.")
    if not (isinstance(min_overlap, Real) and 0 <= min_overlap <= 1):
        raise ValueError(f"min_overlap={shortened(min_overlap)} must be a fraction from 0 to 1.")


def _duration(path):
    """Return the seconds of a file, as its header says, or as many as can be decoded."""
    blocks = decode_blocks(path)
    first = next(blocks)
    n_samples = first.n_promised
    if not 0 < n_samples < UNKNOWN:
        n_samples = len(first.y) + sum(len(block.y) for block in blocks)
    return n_samples / first.sr


def _windows(duration, length, hop):
    """Return start and end of each window: (n_windows,) each."""
    if duration <= length:
        return np.zeros(1), np.array([float(duration)])
    n_whole = int((duration - length) / hop * (1 + 1e-12)) + 1
    starts = hop * np.arange(n_whole)
    if starts[-1] + length < duration - 1e-9:
        starts = np.append(starts, duration - length)
    return starts, np.minimum(starts + length, duration)


def _covered(begin, end, start, stop, min_overlap):
    """Return the indices of the windows that an annotation covers as far as it must."""
    first, last = np.searchsorted(end, start, side="right"), np.searchsorted(begin, stop, side="left")
    if start == stop:
        first, last = np.searchsorted(end, start, side="right"), np.searchsorted(begin, start, side="right")
        return np.arange(min(first, len(end) - 1), last)  # the very end of a recording is in its last window
    near = np.arange(first, last)
    overlap = np.minimum(end[near], stop) - np.maximum(begin[near], start)
    needed = min_overlap * np.minimum(end[near] - begin[near], stop - start)
    return near[(overlap > 0) & (overlap >= needed - 1e-9)]
