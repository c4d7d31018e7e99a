"""How sure a fraction of clips is."""

import numpy as np
from scipy.stats import binomtest


def accuracy_interval(n_right, n_clips, confidence=0.95) -> tuple[float, float]:
    """Compute Wilson's interval of a fraction of clips [1]_.

    Parameters
    ----------
    n_right, n_clips : int
        Correctly predicted clips, and all clips.
    confidence : float, default=0.95
        Probability that the interval holds the true fraction, in (0, 1).

    Returns
    -------
    low, high : float
        In [0, 1]; NaN where there are no clips.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
       Statistical Association 22 (1927), 209-212.

    Examples
    --------
    >>> [round(end, 3) for end in accuracy_interval(9, 10)]
    [0.596, 0.982]
    >>> accuracy_interval(0, 0)
    (nan, nan)
    """
    if n_right == n_clips == 0:
        return np.nan, np.nan
    low, high = binomtest(int(n_right), int(n_clips)).proportion_ci(confidence, method="wilson")
    return float(low), float(high)


def interval_of_groups(score, groups, *values, n_draws):
    """Compute the interval of a score of sums over clips, by drawing as many groups as there are with replacement.

    Parameters
    ----------
    score : callable
        Takes the sums of each draw, an ndarray of shape (n_draws,) for each of `values`; returns scores of that shape.
    groups : array-like of shape (n_clips,)
        Group of each clip, of two or more.
    *values : array-like of shape (n_clips,)
        What is summed over the clips.
    n_draws : int
        Number of draws.

    Returns
    -------
    low, high : float
        The percentiles 2.5 and 97.5.
    """
    names, of_clip = np.unique(groups, return_inverse=True)
    sums = np.stack([np.bincount(of_clip, weights=value) for value in values])  # (n_values, n_groups)
    draws = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_draws)
    return tuple(np.percentile(score(*(sums @ draws.T)), [2.5, 97.5]).tolist())
