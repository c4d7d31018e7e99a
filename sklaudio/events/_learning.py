"""Thresholds, medians and least durations that decide best, learned of curves of clips that were held out."""

from itertools import product

import numpy as np

from ..metrics._operating_curve import THRESHOLDS
from ._decisions import runs, smooth

MEDIAN_LENGTHS = (1, 5, 9, 17, 33)  # frames
MIN_DURATIONS = (0.0, 0.05, 0.1, 0.2, 0.4)  # seconds
CANDIDATES = (THRESHOLDS, MEDIAN_LENGTHS, MIN_DURATIONS)
DEFAULTS = (0.5, 9, 0.1)
TOLERANCE = 0.01  # of the F1 of frames, which a few edges decide about: events are not found better by it


def best_decisions(curves, labels, hop, given):
    """Find what decides best about each label: the largest F1 of its frames.

    Parameters
    ----------
    curves : list of ndarray of shape (n_frames_i, n_labels)
        Probabilities of clips that the model was not trained on.
    labels : list of ndarray of shape (n_frames_i, n_labels)
        0 and 1.
    hop : float
        Seconds of a frame.
    given : tuple of three ndarray of shape (n_labels,), or None
        Thresholds, frames of the median, and least durations; None where the best is to be found.

    Returns
    -------
    list of three ndarray of shape (n_labels,)
        The same, with the best in place of None. Of all whose F1 is within 0.01 of the largest, those nearest to the
        defaults.
    """
    n_labels = labels[0].shape[1]
    best = [
        _best_of_label(
            [clip[:, label] for clip in curves],
            np.concatenate([np.append(clip[:, label], 0) for clip in labels]),
            hop,
            [_candidates(kind, values, label) for kind, values in enumerate(given)],
        )
        for label in range(n_labels)
    ]
    return [np.array(values) for values in zip(*best, strict=True)]


def _candidates(kind, values, label):
    """List what is tried, that nearest to the default first."""
    if values is not None:
        return [values[label]]
    return sorted(CANDIDATES[kind], key=lambda value: abs(value - DEFAULTS[kind]))


def _best_of_label(curves, has_label, hop, candidates):
    """Find the best of all combinations: (threshold, frames of the median, least duration)."""
    thresholds, median_lengths, min_durations = candidates
    n_true = np.concatenate([[0], np.cumsum(has_label)])
    scores = {}  # by what decides, and how far down the lists of candidates that is
    for median_rank, median_length in enumerate(median_lengths):
        smoothed = np.concatenate([np.append(smooth(curve, median_length), -1.0) for curve in curves])
        for (rank, threshold), (least_rank, min_duration) in product(enumerate(thresholds), enumerate(min_durations)):
            first, stop = runs(smoothed >= threshold).T  # clips end with -1, so that no run is of two
            is_long = (stop - first) * hop >= min_duration
            first, stop = first[is_long], stop[is_long]
            n_hits, n_found = (n_true[stop] - n_true[first]).sum(), (stop - first).sum()
            distance = median_rank + rank + least_rank
            scores[distance, threshold, median_length, min_duration] = 2 * n_hits / max(1, n_found + n_true[-1])
    good = max(scores.values()) - TOLERANCE
    return min(decisions for decisions, score in scores.items() if score >= good)[1:]
