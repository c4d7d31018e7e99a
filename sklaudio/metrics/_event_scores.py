"""Event-based scores: which events were found, each at its place."""

from numbers import Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from ._event_tables import ZERO_DIVISION, paired_events, score_table
from ._matching import greedy_matching, largest_matching


@validate_params(
    {
        "y_true": "no_validation",
        "y_pred": "no_validation",
        "collar": [Interval(Real, 0, None, closed="neither")],
        "offset_ratio": [Interval(Real, 0, 1, closed="both")],
        "onset": ["boolean"],
        "offset": ["boolean"],
        "matching": [StrOptions({"optimal", "greedy"})],
        "labels": ["array-like", None],
        "zero_division": ZERO_DIVISION,
    },
    prefer_skip_nested_validation=True,
)
def event_scores(
    y_true,
    y_pred,
    *,
    collar=0.2,
    offset_ratio=0.5,
    onset=True,
    offset=True,
    matching="optimal",
    labels=None,
    zero_division=np.nan,
):
    """Compute precision, recall, F1 and error rate of predicted events, each event being right or wrong as a whole.

    A predicted event is right if it has the label of an event of the reference, begins within `collar` of its start,
    and ends within the larger of `collar` and ``offset_ratio * (end - start)`` of its end; each event is matched once
    [1]_.

    Parameters
    ----------
    y_true : list of DataFrame, or DataFrame
        The events of each clip, a table with the columns `start` and `end` (seconds) and `label`; or those of all
        recordings in one table with a column `path`, as :func:`~sklaudio.datasets.load_annotations` gives it. A table
        may also be a dict of columns or a list of (start, end, label), and empty.
    y_pred : list of DataFrame, or DataFrame
        The predicted events, as `y_true`; a list in the same order.
    collar : float, default=0.2
        Seconds by which starts and ends may differ.
    offset_ratio : float, default=0.5
        Fraction, in [0, 1], of the length of an event by which its end may differ, where that is more than `collar`.
    onset, offset : bool, default=True
        Whether starts, and ends, count; at least one of them.
    matching : {"optimal", "greedy"}, default="optimal"
        Whether as many events are matched as can be, or each of the reference takes the first free one that fits.
    labels : array-like of shape (n_labels,) or None, default=None
        The labels, in the order of the rows. None takes those of `y_true` and `y_pred`, sorted.
    zero_division : {np.nan, 0}, default=np.nan
        Precision of a label that is never predicted; with it F1. NaN leaves such a label out of the macro mean of both,
        0 counts it as a failure.

    Returns
    -------
    DataFrame of shape (n_labels + 2, 9)
        By label, then ``"(micro)"``, over all events, and ``"(macro)"``, the mean over labels for which each score is
        defined: precision, recall, f1, error_rate, its parts substitution_rate, deletion_rate and insertion_rate, and
        the numbers n_ref and n_sys of events, in the reference and predicted. What is undefined is NaN.

    Raises
    ------
    TypeError
        If a table is no table, or only one of `y_true` and `y_pred` is a DataFrame.
    ValueError
        If a parameter is out of its range, the numbers of clips differ, a column or a value is missing, an event ends
        before it starts, or `labels` lacks one of the labels.

    Notes
    -----
    The scores are those of sed_eval 0.2.1, with its `t_collar` and `percentage_of_length`. Without any event of the
    reference, rates are NaN here; sed_eval divides by 2e-16 there. Substitutions are events at the right place with a
    wrong label; they count over all labels only, so that of each label they are deletions and insertions.

    References
    ----------
    .. [1] A. Mesaros, T. Heittola and T. Virtanen, "Metrics for polyphonic sound event detection", Applied Sciences 6
       (2016), 162.

    Examples
    --------
    >>> y_true = [[(0.5, 1.5, "dog"), (3.0, 3.5, "car")]]
    >>> y_pred = [[(0.6, 1.9, "dog"), (3.1, 3.5, "dog")]]
    >>> event_scores(y_true, y_pred)[["precision", "recall", "f1", "error_rate"]].round(2)
             precision  recall    f1  error_rate
    label
    car            NaN     0.0   NaN         1.0
    dog            0.5     1.0  0.67         1.0
    (micro)        0.5     0.5  0.50         0.5
    (macro)        0.5     0.5  0.67         1.0
    """
    if not onset and not offset:
        raise ValueError("onset and offset are both False, so that any event would be right. Count at least one.")
    clips, labels = paired_events(y_true, y_pred, labels=labels)
    number = {label: index for index, label in enumerate(labels)}
    n_ref, n_sys, n_correct = np.zeros((3, len(labels)), dtype=int)
    n_substituted = 0
    for true, predicted, _ in clips:
        true_label, predicted_label = (
            np.array([number[label] for label in events.label], dtype=int) for events in (true, predicted)
        )
        fits = FitsInTime(true, predicted, collar, offset_ratio, onset, offset)
        match = match_events(fits, true_label, predicted_label, matching)
        n_ref += np.bincount(true_label, minlength=len(labels))
        n_sys += np.bincount(predicted_label, minlength=len(labels))
        n_correct += np.bincount(true_label[list(match)], minlength=len(labels))
        n_substituted += _count_substitutions(fits, match, len(true.start), len(predicted.start))
    return score_table(labels, n_ref, n_sys, n_correct, n_substituted, zero_division=zero_division)


def match_events(fits, true_label, predicted_label, matching="optimal"):
    """Match events of one clip, and return the predicted event of each event of the reference that has one: a dict.

    Parameters
    ----------
    fits : FitsInTime
        Which of them are at the same place.
    true_label, predicted_label : ndarray of shape (n_events,)
        Their labels.
    matching : {"optimal", "greedy"}, default="optimal"
        As in :func:`event_scores`.
    """
    refs_of_each = _refs_of_each(fits, true_label, predicted_label)
    return (largest_matching if matching == "optimal" else greedy_matching)(refs_of_each)


class FitsInTime:
    """Which predicted events are where an event of the reference is: ``fits(ref)`` is an array of bool."""

    def __init__(self, true, predicted, collar, offset_ratio, onset=True, offset=True):
        self.true, self.predicted = true, predicted
        self.collar, self.onset, self.offset = collar, onset, offset
        self.end_collar = np.maximum(collar, offset_ratio * (true.end - true.start))

    def __call__(self, ref):
        fits = np.ones(len(self.predicted.start), dtype=bool)
        if self.onset:
            fits &= np.abs(self.true.start[ref] - self.predicted.start) <= self.collar
        if self.offset:
            fits &= np.abs(self.true.end[ref] - self.predicted.end) <= self.end_collar[ref]
        return fits


def _refs_of_each(fits, true_label, predicted_label):
    """Return for each predicted event that fits any the events of the reference that it fits, by time and by label."""
    refs_of_each = {}
    for ref, label in enumerate(true_label):
        for predicted in np.flatnonzero(fits(ref) & (predicted_label == label)).tolist():
            refs_of_each.setdefault(predicted, []).append(ref)
    return refs_of_each


def _count_substitutions(fits, match, n_true, n_predicted):
    """Count events of the reference without a match that a predicted one without a match fits in time."""
    is_free = np.ones(n_predicted, dtype=bool)
    is_free[list(match.values())] = False
    n_substituted = 0
    for ref in range(n_true):
        if ref not in match:
            candidates = np.flatnonzero(fits(ref) & is_free)
            is_free[candidates[:1]] = False
            n_substituted += len(candidates) > 0
    return n_substituted
