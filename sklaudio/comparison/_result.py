"""What a comparison found, and the statistics in it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student
from sklearn.base import BaseEstimator

SHOWN = {"mae": "{:.4g}".format, "seconds": "{:.1f}".format, "bytes": "{:,.0f}".format}


def corrected_t_test(differences, n_train, n_test):
    """Test whether two models score differently, by the folds of one cross-validation.

    Folds share clips to train on, so that their scores vary less than those of independent trainings would. The
    variance of the mean is therefore ``(1 / n_folds + n_test / n_train) * var`` [1]_, eq. 9.

    Parameters
    ----------
    differences : array-like of shape (n_folds,)
        Score of the one less that of the other on each fold.
    n_train, n_test : float
        Clips to train on and to test on, in the mean over the folds.

    Returns
    -------
    p_value : float
        Two-sided, in [0, 1]; NaN for fewer than two folds.
    half_width : float
        Of the interval of 95% around the mean difference.

    References
    ----------
    .. [1] C. Nadeau and Y. Bengio, "Inference for the generalization error", Machine Learning 52 (2003), 239-281.

    Examples
    --------
    >>> p_value, _ = corrected_t_test([0.1, 0.2, 0.1, 0.2, 0.1], n_train=80, n_test=20)
    >>> round(p_value, 3)
    0.019
    """
    differences = np.asarray(differences, dtype=float)
    n_folds = len(differences)
    if n_folds < 2:
        return np.nan, np.nan
    mean, error = differences.mean(), np.sqrt((1 / n_folds + n_test / n_train) * differences.var(ddof=1))
    half_width = float(student.ppf(0.975, n_folds - 1) * error)
    if error <= 1e-12:
        return float(abs(mean) <= 1e-12), half_width
    return float(2 * student.sf(abs(mean) / error, n_folds - 1)), half_width


@dataclass(repr=False)
class Comparison:
    """Hold the scores of several models on the same folds, and the best of them.

    Attributes
    ----------
    table_ : DataFrame
        A row per model, the best first, with the names as index: the score ("accuracy" over all clips; or the mean over
        the folds of "mean_average_precision", "r2", "event_f1" or `scoring`, under its name); `low` and `high`, its
        interval of 95% (Wilson's of an accuracy, that of the corrected t-test of any other score); `p_value` of the
        corrected t-test of its folds against those of the best, NaN for the best; a second score over all clips:
        `log_loss` of classes, or of labels, mean over them (NaN without probabilities), `mae`, the mean absolute error
        of numbers, mean over targets, or `segment_f1` of events, in segments of 1 s; `seconds` of frames, trainings and
        predictions, where frames that several models share count for the first; `bytes` of its file; and `error`, which
        says why there is no score, or is None.
    scores_ : DataFrame
        The score of each model (a row) on each fold (a column); NaN where there is none.
    folds_ : list of (ndarray of int, ndarray of int)
        The clips that were trained on and those that were tested on, the same for all.
    best_ : str
        Name of the best model.
    best_estimator_ : estimator
        That model, fitted on all clips.
    """

    table_: pd.DataFrame
    scores_: pd.DataFrame
    folds_: list
    best_: str
    best_estimator_: BaseEstimator

    def __repr__(self):
        """Return the table as text."""
        return f"{self._shown().to_string(formatters=SHOWN, na_rep='')}\n\nbest: {self.best_}"

    def _repr_html_(self):
        """Return the table as HTML, for notebooks; words are escaped."""
        table = self._shown().to_html(formatters=SHOWN, na_rep="", border=0, escape=True)
        return f"<div><p>{len(self.folds_)} folds</p>{table}</div>"

    def _shown(self):
        table = self.table_.copy()
        score = table.columns[0]
        names = dict.fromkeys((score, "low", "high", "p_value", "log_loss", "event_f1", "segment_f1"))
        rounded = [name for name in names if name in table]
        table[rounded] = table[rounded].astype(float).round(3)
        table["error"] = table["error"].fillna("")
        return table if table["error"].any() else table.drop(columns="error")
