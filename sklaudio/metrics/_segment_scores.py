"""Segment-based scores: what is active in each stretch of time."""

from math import ceil
from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, validate_params

from ._event_tables import ZERO_DIVISION, paired_events, score_table


@validate_params(
    {
        "y_true": "no_validation",
        "y_pred": "no_validation",
        "durations": "no_validation",
        "time_resolution": [Interval(Real, 0, None, closed="neither")],
        "labels": ["array-like", None],
        "zero_division": ZERO_DIVISION,
    },
    prefer_skip_nested_validation=True,
)
def segment_scores(y_true, y_pred, *, durations=None, time_resolution=1.0, labels=None, zero_division=np.nan):
    """Compute precision, recall, F1, error rate and accuracy of predicted events, segment by segment.

    Clips are cut into segments of equal length; a label is active in each segment that an event of it touches [1]_.

    Parameters
    ----------
    y_true, y_pred : list of DataFrame, or DataFrame
        The events of each clip and the predicted ones, as in :func:`event_scores`.
    durations : float, array-like of shape (n_clips,), dict or None, default=None
        Seconds of each clip, or of all of them; by path, where tables have one. A clip without any event counts through
        it. None takes the last end of an event of each, true or predicted.
    time_resolution : float, default=1.0
        Seconds of a segment.
    labels, zero_division
        As in :func:`event_scores`.

    Returns
    -------
    DataFrame of shape (n_labels + 2, 13)
        As that of :func:`event_scores`, n_ref and n_sys being numbers of active segments, with sensitivity,
        specificity, balanced_accuracy and accuracy behind the rates.

    Raises
    ------
    TypeError, ValueError
        As :func:`event_scores`; or if an event begins after the end of its clip, or ends more than 0.1 s after it.

    Notes
    -----
    The scores are those of sed_eval 0.2.1. Where nothing is to be divided by, as the sensitivity of a label without
    any event in the reference, they are NaN here; sed_eval divides by 2e-16 there, and has 0 or some 1e16, in its macro
    means as well. Over all labels, a label that is active in vain and one that is missed in the same segment are one
    substitution.

    References
    ----------
    .. [1] A. Mesaros, T. Heittola and T. Virtanen, "Metrics for polyphonic sound event detection", Applied Sciences 6
       (2016), 162.

    Examples
    --------
    >>> y_true = [[(0.5, 1.5, "dog"), (3.0, 3.5, "car")]]
    >>> y_pred = [[(0.6, 2.5, "dog")]]
    >>> segment_scores(y_true, y_pred, durations=5)[["precision", "recall", "f1", "error_rate"]].round(2)
             precision  recall    f1  error_rate
    label
    car            NaN    0.00   NaN        1.00
    dog           0.67    1.00  0.80        0.50
    (micro)       0.67    0.67  0.67        0.67
    (macro)       0.67    0.50  0.80        0.75
    """
    clips, labels = paired_events(y_true, y_pred, durations=durations, labels=labels)
    n_ref, n_sys, n_correct = np.zeros((3, len(labels)), dtype=int)
    n_substituted = n_segments = 0
    for true, predicted, duration in clips:
        n_here = ceil(duration / time_resolution)
        is_true, is_predicted = (_activity(events, labels, n_here, time_resolution) for events in (true, predicted))
        is_correct = is_true & is_predicted
        n_ref += is_true.sum(axis=0)
        n_sys += is_predicted.sum(axis=0)
        n_correct += is_correct.sum(axis=0)
        n_active = np.minimum(is_true.sum(axis=1), is_predicted.sum(axis=1))
        n_substituted += int((n_active - is_correct.sum(axis=1)).sum())
        n_segments += n_here
    return score_table(
        labels, n_ref, n_sys, n_correct, n_substituted, n_segments=n_segments, zero_division=zero_division
    )


def _activity(events, labels, n_segments, time_resolution):
    """Return which label is active in which segment: (n_segments, n_labels), bool."""
    number = {label: index for index, label in enumerate(labels)}
    is_active = np.zeros((n_segments, len(labels)), dtype=bool)
    first = np.floor(events.start / time_resolution).astype(int)
    end = np.ceil(events.end / time_resolution).astype(int)
    for label, begin, stop in zip(events.label, first, end, strict=True):
        is_active[begin:stop, number[label]] = True
    return is_active
