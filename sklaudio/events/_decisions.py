"""Curves of probability to events: smoothed, cut at a threshold, and not too short."""

import numpy as np
import pandas as pd
from scipy.ndimage import median_filter


def find_events(curves, hop, classes, thresholds, median_lengths, min_durations):
    """Find the events of one clip in its curves.

    Parameters
    ----------
    curves : ndarray of shape (n_frames, n_labels)
        Probability of each label in each frame.
    hop : float
        Seconds of a frame, the middle of which its probability is taken for.
    classes : ndarray of shape (n_labels,)
        The labels.
    thresholds, median_lengths, min_durations : ndarray of shape (n_labels,)
        Probability from which on a label is there, odd number of frames of the running median, and seconds that an
        event has at least, for each label.

    Returns
    -------
    DataFrame
        Columns `start`, `end` (seconds), `label` and `probability`, the mean over the frames of the event; in order of
        time. Between the middles of two frames, the smoothed curve crosses the threshold where a line does.
    """
    rows = []
    for label, curve, threshold, median_length, least in zip(
        classes.tolist(), np.asarray(curves).T, thresholds, median_lengths, min_durations, strict=True
    ):
        smoothed = smooth(curve, median_length)
        for first, stop in runs(smoothed >= threshold):
            start, end = (_crossing(smoothed, frame, threshold) * hop for frame in (first, stop))
            if end - start >= least:
                rows.append((start, end, label, float(np.mean(curve[first:stop], dtype=np.float64))))
    rows.sort(key=lambda row: row[:2])
    found = pd.DataFrame(rows, columns=["start", "end", "label", "probability"])
    return found.astype({"start": float, "end": float, "probability": float})


def smooth(curve, median_length):
    """Compute the running median of a curve over an odd number of frames; at both ends the outermost frame goes on."""
    return curve if median_length == 1 else median_filter(curve, size=int(median_length), mode="nearest")


def runs(is_active):
    """Return the first frame of each run of active ones, and the frame after its last: (n_runs, 2), int."""
    edges = np.diff(np.concatenate([[0], np.asarray(is_active, dtype=np.int8), [0]]))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def _crossing(curve, frame, threshold):
    """Return where a curve crosses a threshold between the middles of a frame and of the one before, in frames."""
    if frame in (0, len(curve)):
        return float(frame)
    before, after = float(curve[frame - 1]), float(curve[frame])
    return frame - 0.5 + (threshold - before) / (after - before)
