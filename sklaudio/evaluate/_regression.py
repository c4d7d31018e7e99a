"""RegressionEvaluation: how well predicted numbers agree with those of clips."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from .._inference import check_takes_clips, raising_errors
from .._utils.progress import progress
from ..metrics import regression_table
from ..metrics._regression_table import names_of_targets
from ..predict._files import number_predictions


@dataclass
class RegressionEvaluation:
    """Scores and table of predicted numbers, made by :func:`evaluate_files` of a regressor.

    Attributes
    ----------
    predictions : DataFrame
        A row per clip: path; for each target ``true(target)`` and the prediction, in a column of its name, NaN where
        there is none; and error (None, or why there is no prediction).
    scores : DataFrame
        A row per target, see :func:`~sklaudio.metrics.regression_table`.
    """

    predictions: pd.DataFrame
    scores: pd.DataFrame


def evaluate_numbers(model, clips, names, target, *, n_jobs=None, groups=None, target_names=None):
    """Compare the numbers that a regressor predicts with those of clips; see :func:`evaluate_files`."""
    check_takes_clips(model)
    if target_names is None and hasattr(target, "columns"):
        target_names = list(map(str, target.columns))
    y_true = check_array(target, ensure_2d=False, dtype=np.float64, input_name="target")
    columns = names_of_targets(y_true.reshape(len(y_true), -1).shape[1], target_names)
    results = number_predictions(raising_errors(model, n_jobs), clips, names, n_jobs, columns)
    found = list(progress(results, total=len(clips), unit="file", desc="evaluating"))
    missing = dict.fromkeys(columns, np.nan)
    y_pred = np.array([list((file.numbers or missing).values()) for file in found]).reshape(y_true.shape)
    table = {"path": [file.path for file in found]}
    for index, name in enumerate(columns):
        table[f"true({name})"] = y_true.reshape(len(found), -1)[:, index]
        table[name] = y_pred.reshape(len(found), -1)[:, index]
    table["error"] = pd.Series([file.error for file in found], dtype=object)  # None stays None
    scores = regression_table(y_true, y_pred, target_names=columns, groups=groups)
    return RegressionEvaluation(pd.DataFrame(table), scores)
