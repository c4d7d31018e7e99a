"""How far the probabilities of predictions hold."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import check_array, check_consistent_length
from sklearn.utils._param_validation import Interval, validate_params
from sklearn.utils.validation import column_or_1d

from .._utils.label_matrix import check_label_matrix, is_label_matrix
from ._interval import accuracy_interval


@validate_params(
    {
        "correct": ["array-like"],
        "confidence": ["array-like"],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "level": [Interval(Real, 0, 1, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def calibration_table(correct, confidence, *, n_bins=15, level=0.95):
    """Compute the accuracy of the predictions of each confidence: a reliability diagram as a table.

    Parameters
    ----------
    correct : array-like of shape (n_clips,)
        Whether each prediction is right.
    confidence : array-like of shape (n_clips,)
        Probability of the predicted class of each clip, in [0, 1].
    n_bins : int, default=15
        Number of bins of equal width from 0 to 1; a bin holds its upper edge.
    level : float, default=0.95
        Level of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        A row for each bin that holds clips: confidence and accuracy, their means in the bin; low and high, Wilson's
        interval of the accuracy; and n_clips.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty, or a confidence is not in [0, 1].

    Examples
    --------
    >>> print(calibration_table([True, True, False], [0.9, 0.9, 0.6], n_bins=2).round(2))
       confidence  accuracy   low  high  n_clips
    0         0.8      0.67  0.21  0.94        3
    """
    confidence = column_or_1d(check_array(confidence, ensure_2d=False, dtype=np.float64, input_name="confidence"))
    correct = column_or_1d(correct).astype(bool)
    check_consistent_length(correct, confidence)
    if confidence.min() < 0 or confidence.max() > 1:
        raise ValueError(
            f"confidence holds numbers from {confidence.min():.3g} to {confidence.max():.3g}, and probabilities are in "
            "[0, 1]. Pass the probability of each predicted class."
        )
    bins, rows = _bins(confidence, n_bins), []
    for number in np.unique(bins):
        inside = bins == number
        n_clips, n_correct = int(inside.sum()), int(correct[inside].sum())
        low, high = accuracy_interval(n_correct, n_clips, level)
        rows.append((float(confidence[inside].mean()), n_correct / n_clips, low, high, n_clips))
    return pd.DataFrame(rows, columns=["confidence", "accuracy", "low", "high", "n_clips"])


def _bins(confidence, n_bins):
    """Return the number of the bin of each confidence: bins of equal width, each with its upper edge."""
    return np.clip(np.ceil(confidence * n_bins).astype(int) - 1, 0, n_bins - 1)


@validate_params(
    {
        "y_true": ["array-like"],
        "y_proba": ["array-like"],
        "labels": ["array-like", None],
        "n_bins": [Interval(Integral, 1, None, closed="left")],
        "sample_weight": ["array-like", None],
    },
    prefer_skip_nested_validation=True,
)
def expected_calibration_error(y_true, y_proba, *, labels=None, n_bins=15, sample_weight=None):
    """Compute how far confidence is from accuracy: the expected calibration error of the most probable class.

    Clips are put into bins of equal width by the probability of their most probable class; the error is the mean over
    all clips of the distance between the mean confidence and the accuracy of their bin [1]_, eq. 3. Of several labels
    for each clip it is the mean of the errors of each, which are those of two classes, with and without it.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,) or (n_samples, n_labels)
        The classes; or 0 and 1 for each of several labels.
    y_proba : array-like of shape (n_samples, n_classes), (n_samples,) or (n_samples, n_labels)
        Probability of each class or label, as `predict_proba` has it; of two classes that of the second alone will do.
    labels : array-like of shape (n_classes,) or None, default=None
        Class of each column, such as ``classes_`` of a model. None takes those of `y_true`, sorted. Not of use with
        several labels for each clip.
    n_bins : int, default=15
        Number of bins from 0 to 1; a bin holds its upper edge.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weight of each clip.

    Returns
    -------
    float
        In [0, 1]; 0 where the accuracy of each bin is its mean confidence.

    Raises
    ------
    ValueError
        If `y_proba` holds no probabilities, or its columns are not those of `labels`.

    Notes
    -----
    Chance alone makes it larger where there are few clips: put the folds of a cross-validation together before it.

    References
    ----------
    .. [1] C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks", ICML 2017.

    Examples
    --------
    Four predictions at a confidence of 0.8, three of them correct:

    >>> y_proba = [[0.8, 0.2], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]]
    >>> round(expected_calibration_error(["cat", "cat", "dog", "cat"], y_proba), 3)
    0.05
    """
    if is_label_matrix(y_true):
        y_true, columns = check_label_matrix(y_true, "y_true")[0], np.asarray(y_proba)
        if columns.shape != y_true.shape:
            raise ValueError(f"y_proba is of shape {columns.shape}, and y_true of {y_true.shape}. Give each label one.")
        each = zip(y_true.T, columns.T, strict=True)
        settings = {"labels": [0, 1], "n_bins": n_bins, "sample_weight": sample_weight}
        return float(np.mean([expected_calibration_error(y, p, **settings) for y, p in each]))
    y_true, y_proba = column_or_1d(y_true), _check_proba(y_proba)
    check_consistent_length(y_true, y_proba, sample_weight)
    labels = _check_labels(labels, y_true, y_proba.shape[1])
    confidence = y_proba.max(axis=1)
    correct = labels[y_proba.argmax(axis=1)] == y_true
    weight = np.ones(len(y_true)) if sample_weight is None else column_or_1d(sample_weight).astype(np.float64)
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        raise ValueError("sample_weight must hold finite numbers of at least 0, some of them above. Check the weights.")
    gaps = np.bincount(_bins(confidence, n_bins), weights=weight * (correct - confidence), minlength=n_bins)
    return float(np.abs(gaps).sum() / weight.sum())


def _check_proba(y_proba):
    """Return probabilities as (n_samples, n_classes), float64."""
    proba = check_array(y_proba, ensure_2d=False, dtype=np.float64, input_name="y_proba")
    if proba.ndim == 1:
        proba = np.column_stack([1 - proba, proba])
    if proba.min() < 0 or proba.max() > 1:
        raise ValueError(
            f"y_proba holds numbers from {proba.min():.3g} to {proba.max():.3g}, and probabilities are in [0, 1]. "
            "Pass what predict_proba returns."
        )
    off = np.abs(proba.sum(axis=1) - 1)
    if off.max() > 1e-3:
        raise ValueError(
            f"y_proba: row {off.argmax()} sums to {proba[off.argmax()].sum():.4g}, not to 1. "
            "Pass what predict_proba returns."
        )
    return proba


def _check_labels(labels, y_true, n_classes):
    """Return the class of each column."""
    found = np.unique(y_true)
    if labels is None and len(found) != n_classes:
        raise ValueError(
            f"y_true holds {len(found)} classes, and y_proba has {n_classes} columns. "
            "Pass labels=, the class of each column, such as classes_ of the model."
        )
    labels = found if labels is None else column_or_1d(labels)
    if len(labels) != n_classes:
        raise ValueError(f"labels names {len(labels)} classes, and y_proba has {n_classes} columns. Name each of them.")
    unknown = np.setdiff1d(found, labels)
    if len(unknown):
        raise ValueError(f"y_true holds {unknown.tolist()}, which labels does not: {labels.tolist()}. Name them too.")
    return labels
