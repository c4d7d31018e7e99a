"""Scores of predicted numbers, a row per target, with intervals."""

import warnings
from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from .._utils.lengths import check_equal_lengths
from .._utils.numbers import check_numbers
from .._utils.predicted_names import names_of_targets
from .._utils.terminal import shortened

SCORES = ("r2", "mae", "rmse", "pearson", "ccc")
N_RESAMPLES = 1000


def regression_table(
    y_true, y_pred, *, target_names=None, groups=None, confidence=0.95, random_state=0
) -> pd.DataFrame:
    """Compute scores of predicted numbers, with intervals.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,) or (n_clips, n_targets)
        The numbers of each clip.
    y_pred : array-like of the shape of `y_true`
        What was predicted; NaN where there is no prediction. Such clips are counted, and have no part in the scores.
    target_names : sequence of str of length n_targets or None, default=None
        Names of the rows. None takes "prediction" of one target, and "prediction0", "prediction1", … of several.
    groups : array-like of shape (n_clips,) or None, default=None
        The recording, speaker or artist of each clip, which intervals draw as a whole; None makes each clip a separate
        one.
    confidence : float, default=0.95
        Of the intervals, in (0, 1).
    random_state : int, default=0
        Seed of the draws.

    Returns
    -------
    DataFrame of shape (n_targets, 17)
        By target: r2 (coefficient of determination), mae and rmse (mean absolute error, root of the mean squared error,
        in the unit of the target), pearson (correlation) and ccc (see :func:`concordance_correlation`), each with
        ``…_low`` and ``…_high``, the percentiles of 1000 bootstrap samples of the groups [1]_; n_clips that were
        predicted, and n_missing that were not. What is undefined is NaN: r2 and pearson where numbers are all the same,
        and all intervals of a single group.

    Raises
    ------
    ValueError
        If the arrays differ in shape, a number of `y_true` is not finite, or there is no prediction.

    References
    ----------
    .. [1] B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979), 1-26.

    Examples
    --------
    >>> table = regression_table([1.0, 2.0, 3.0, 4.0], [1.5, 2.0, 3.0, 3.5])
    >>> table.loc["prediction", ["r2", "mae", "ccc"]].round(3).tolist()
    [0.9, 0.25, 0.933]
    """
    y_true = check_numbers(y_true, "y_true")
    y_pred = check_numbers(y_pred, "y_pred", ensure_all_finite="allow-nan")
    if y_true.shape != y_pred.shape:
        raise ValueError(f"y_pred is of shape {y_pred.shape}, and y_true of {y_true.shape}. Predict each number once.")
    groups = np.arange(len(y_true)) if groups is None else column_or_1d(groups)
    if pd.isna(groups).any():
        raise ValueError(f"groups[{pd.isna(groups).argmax()}] is missing. Give every clip a group, or none.")
    check_equal_lengths(y_true, groups=groups)
    if not (isinstance(confidence, Real) and 0 < confidence < 1):
        raise ValueError(f"confidence={shortened(confidence)} must be in (0, 1).")
    y_true, y_pred = y_true.reshape(len(y_true), -1), y_pred.reshape(len(y_pred), -1)
    names = names_of_targets(y_true.shape[1], target_names)
    is_there = np.isfinite(y_pred).all(axis=1)
    if not is_there.any():
        raise ValueError("y_pred has no prediction for any clip, so that there is nothing to score.")
    sums = _sums_of_groups(y_true[is_there], y_pred[is_there], groups[is_there])
    columns = _scores(sums.sum(axis=0, keepdims=True))
    low, high = _interval(sums, confidence, random_state)
    table = {}
    for name in SCORES:
        table |= {name: columns[name][0], f"{name}_low": low[name], f"{name}_high": high[name]}
    table |= {"n_clips": int(is_there.sum()), "n_missing": int((~is_there).sum())}
    return pd.DataFrame(table, index=pd.Index(names, name="target", dtype=object))


def _sums_of_groups(y_true, y_pred, groups):
    """Sum over the clips of each group what all scores are made of: (n_groups, 7, n_targets).

    Numbers are taken from their mean over all clips, so that squares are not sums of large ones.
    """
    names, of_clip = np.unique(groups, return_inverse=True)
    center = y_true.mean(axis=0)
    true, predicted, error = y_true - center, y_pred - center, y_pred - y_true
    terms = [np.ones_like(true), true, predicted, true**2, predicted**2, error**2, np.abs(error)]
    sums = np.zeros((len(names), len(terms), y_true.shape[1]))
    np.add.at(sums, of_clip, np.stack(terms, axis=1))
    return sums


def _scores(sums):
    """Compute scores of sums over clips, (n_samples, 7, n_targets): dict of arrays of shape (n_samples, n_targets)."""
    n, true, predicted, true_squares, predicted_squares, squared_errors, errors = np.moveaxis(sums, 1, 0)
    mean_true, mean_predicted = true / n, predicted / n
    true_variance = np.maximum(true_squares / n - mean_true**2, 0)
    predicted_variance = np.maximum(predicted_squares / n - mean_predicted**2, 0)
    mse, bias = squared_errors / n, (mean_predicted - mean_true) ** 2
    covariance = (true_variance + predicted_variance + bias - mse) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        r2 = np.where(true_variance > 0, 1 - mse / true_variance, np.nan)
        pearson = np.clip(covariance / np.sqrt(true_variance * predicted_variance), -1, 1)
        ccc = 2 * covariance / (true_variance + predicted_variance + bias)
    return {"r2": r2, "mae": errors / n, "rmse": np.sqrt(mse), "pearson": pearson, "ccc": ccc}


def _interval(sums, confidence, random_state):
    """Compute percentiles of the scores of samples of as many groups: two dicts of arrays of shape (n_targets,)."""
    n_groups = len(sums)
    if n_groups < 2:
        missing = dict.fromkeys(SCORES, np.nan)
        return missing, missing
    rng = np.random.default_rng(random_state)
    counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=N_RESAMPLES)
    scores = _scores(np.tensordot(counts.astype(np.float64), sums, axes=1))
    ends = [50 * (1 - confidence), 50 * (1 + confidence)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a score that is undefined in all samples is NaN
        found = {name: np.nanpercentile(values, ends, axis=0) for name, values in scores.items()}
    return {name: low for name, (low, _) in found.items()}, {name: high for name, (_, high) in found.items()}
