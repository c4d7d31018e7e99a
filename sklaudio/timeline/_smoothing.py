"""Smoothing of the probabilities of windows that follow each other: running median and most probable path."""

import numpy as np
from scipy.ndimage import median_filter

MIN_PROBABILITY = 0.01  # of each class in a window, in the search of a path; nets are surer than they should be


def median_smooth(proba, n_windows):
    """Compute the running median of the probability of each class, scaled to a sum of 1.

    Parameters
    ----------
    proba : ndarray of shape (n_windows, n_classes)
        Probabilities of each window.
    n_windows : int
        Odd number of windows that the median is taken over: each with as many before it as after it, of which only
        those that are there count at the ends.

    Returns
    -------
    ndarray of shape (n_windows, n_classes), float64
        The smoothed ones. Where all medians are 0, as they may be of hard votes, the mean takes their place.

    Examples
    --------
    >>> median_smooth(np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]]), 3).argmax(axis=1).tolist()
    [0, 0, 0]
    """
    proba = np.asarray(proba, dtype=np.float64)
    reach = n_windows // 2
    median = running_median(proba, n_windows)
    for index in np.flatnonzero(median.sum(axis=1) <= 0):
        median[index] = proba[max(0, index - reach) : index + reach + 1].mean(axis=0)
    return median / median.sum(axis=1, keepdims=True)


def running_median(values, n_windows):
    """Compute the running median of each column.

    Parameters
    ----------
    values : ndarray of shape (n_windows, n_columns)
        The numbers of each window.
    n_windows : int
        As in :func:`median_smooth`.

    Returns
    -------
    ndarray of shape (n_windows, n_columns), float64
    """
    values = np.asarray(values, dtype=np.float64)
    reach, n_rows = n_windows // 2, len(values)
    median = median_filter(values, size=(n_windows, 1))
    for index in {*range(min(reach, n_rows)), *range(max(0, n_rows - reach), n_rows)}:
        median[index] = np.median(values[max(0, index - reach) : index + reach + 1], axis=0)
    return median


def viterbi_path(proba, stay):
    """Find the most probable sequence of classes, where a class lasts into the next window with probability `stay`.

    With p(c | window) the probabilities, and classes equally probable before any window, the path maximizes

        sum over windows of log p(c_t | window_t)  +  sum over transitions of log a(c_t-1, c_t),

    where a is `stay` on the diagonal and (1 - stay) / (n_classes - 1) elsewhere (Viterbi 1967). Probabilities below
    `MIN_PROBABILITY` count as `MIN_PROBABILITY`: one window that is all too sure does not make a separate class.

    Parameters
    ----------
    proba : ndarray of shape (n_windows, n_classes)
        Probabilities of each window.
    stay : float
        In (0, 1).

    Returns
    -------
    ndarray of shape (n_windows,), int
        Index of the class of each window.

    Examples
    --------
    >>> viterbi_path(np.array([[0.9, 0.1], [0.2, 0.8], [0.9, 0.1]]), 0.99).tolist()
    [0, 0, 0]
    """
    n_windows, n_classes = proba.shape
    if n_classes == 1:
        return np.zeros(n_windows, dtype=int)
    log_proba = np.log(np.maximum(proba, MIN_PROBABILITY, dtype=np.float64))
    log_transition = np.full((n_classes, n_classes), np.log((1 - stay) / (n_classes - 1)))  # from, to
    np.fill_diagonal(log_transition, np.log(stay))
    came_from = np.empty((n_windows, n_classes), dtype=np.int32)
    score = log_proba[0]
    for index in range(1, n_windows):
        ways = score[:, np.newaxis] + log_transition
        came_from[index] = ways.argmax(axis=0)
        score = ways.max(axis=0) + log_proba[index]
    path = np.empty(n_windows, dtype=int)
    path[-1] = score.argmax()
    for index in range(n_windows - 1, 0, -1):
        path[index - 1] = came_from[index, path[index]]
    return path
