"""From which probability on a clip has a label."""

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params
from sklearn.utils.validation import _check_sample_weight

from .._utils.label_matrix import check_label_matrix, names_of
from .._utils.lengths import check_equal_lengths
from ._label_table import check_probabilities, check_same_columns


def _f1(hits, false_alarms, positives, negatives):
    return 2 * hits / (hits + false_alarms + positives)


def _balanced_accuracy(hits, false_alarms, positives, negatives):
    return (hits / positives + 1 - false_alarms / negatives) / 2 if negatives else hits / positives


METRICS = {"f1": _f1, "balanced_accuracy": _balanced_accuracy}


@validate_params(
    {
        "y_true": ["array-like"],
        "y_proba": ["array-like"],
        "metric": [StrOptions(set(METRICS))],
        "sample_weight": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def best_thresholds(y_true, y_proba, *, metric="f1", sample_weight=None):
    """Find the threshold of each label at which its predictions score best.

    A clip has a label where its probability is at least the threshold. Thresholds lie halfway between two neighbouring
    probabilities, with 0 and 1 at the ends, so that the clips they were learned on are on neither edge.

    Parameters
    ----------
    y_true : array-like of shape (n_clips, n_labels) or (n_clips,)
        1 for each label that a clip has, else 0.
    y_proba : array-like of shape (n_clips, n_labels) or (n_clips,)
        Probability of each label, of clips that the model was not trained on.
    metric : {"f1", "balanced_accuracy"}, default="f1"
        What is maximized for each label: the harmonic mean of precision and recall, or the mean of the recalls of the
        clips with and without the label.
    sample_weight : array-like of shape (n_clips,) or None, default=None
        Weight of each clip.

    Returns
    -------
    ndarray of shape (n_labels,)
        In [0, 1]; of one column or none, (1,). Of thresholds that score the same, the one nearest to 0.5. A label that
        no clip has is 0.5: nothing is known of it.

    Raises
    ------
    ValueError
        If the shapes differ, `y_true` holds anything but 0 and 1, or `y_proba` anything outside of [0, 1].

    Examples
    --------
    >>> y_true = [[1, 0], [1, 0], [0, 1], [0, 0]]
    >>> y_proba = [[0.4, 0.1], [0.3, 0.2], [0.1, 0.9], [0.2, 0.7]]
    >>> best_thresholds(y_true, y_proba)
    array([0.25, 0.8 ])
    """
    is_single = getattr(y_true, "ndim", 1) == 1 and not any(map(np.ndim, y_true))
    true, names = check_label_matrix(np.reshape(y_true, (-1, 1)) if is_single else y_true, "y_true")
    p, shape = check_probabilities(y_proba, "y_proba"), true.shape[: 1 if is_single else 2]
    check_same_columns(names, names_of(y_proba, "y_proba"), "y_proba")
    if p.shape != shape:
        raise ValueError(f"y_proba is of shape {p.shape}, and y_true of {shape}. Give each label one.")
    check_equal_lengths(true, sample_weight=sample_weight)
    weight = _check_sample_weight(sample_weight, true, dtype=np.float64, ensure_non_negative=True)
    columns = zip(true.T, p.reshape(true.shape).T, strict=True)
    return np.array([_best_threshold(has_label, p, weight, METRICS[metric]) for has_label, p in columns])


def _best_threshold(has_label, probabilities, weight, score):
    """Find the threshold of one label."""
    positives, negatives = (float((weight * kind).sum()) for kind in (has_label, 1 - has_label))
    if not positives:
        return 0.5
    values, place = np.unique(probabilities, return_inverse=True)
    edges = np.concatenate([[0.0], values, [1.0]])
    thresholds = (edges[:-1] + edges[1:]) / 2  # each below values[k], the last one above all
    hits, false_alarms = (
        np.append(np.bincount(place, weight * kind, len(values))[::-1].cumsum()[::-1], 0.0)
        for kind in (has_label, 1 - has_label)
    )
    scores = score(hits, false_alarms, positives, negatives)
    best = np.flatnonzero(scores >= scores.max() - 1e-12)
    return thresholds[best[np.abs(thresholds[best] - 0.5).argmin()]]
