"""RegressionEvaluation: how well predicted numbers agree with those of clips."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.utils import check_array

from .._inference import raising_errors, target_names_of
from .._utils.predicted_names import names_of_targets
from .._utils.progress import progress
from .._utils.target_names import names_of_columns
from .._utils.terminal import shortened
from ..metrics import regression_table
from ..predict._files import predictions
from ._html import evaluation_html


@dataclass
class RegressionEvaluation:
    """Hold scores and a table of predicted numbers, made by :meth:`from_predictions` or :func:`evaluate_files`.

    Attributes
    ----------
    predictions : DataFrame
        A row per clip: path (where paths are known); for each target ``true(target)`` and the prediction, in a column
        of its name, NaN where there is none; and error (None, or why there is no prediction).
    scores : DataFrame
        A row per target, see :func:`~sklaudio.metrics.regression_table`.
    """

    predictions: pd.DataFrame
    scores: pd.DataFrame

    def _repr_html_(self):
        names = list(self.scores.index)
        true = self.predictions[[f"true({name})" for name in names]].to_numpy(dtype=float)
        error = np.abs(self.predictions[names].to_numpy(dtype=float) - true) / np.maximum(true.std(axis=0), 1e-12)
        worst = self.predictions.iloc[np.argsort(-np.nan_to_num(error, nan=np.inf).max(axis=1), kind="stable")]
        texts = [
            ", ".join(f"{name} {row[f'true({name})']:.4g}, predicted as {row[name]:.4g}" for name in names)
            for row in worst.to_dict("records")
        ]
        return evaluation_html(self._score_lines()[0], self.scores, worst.assign(text=texts))

    def _score_lines(self):
        """Write the scores in sentences, the most important first: a list of str."""
        scores = self.scores[["mae", "r2", "ccc"]].mean()
        mean = ", mean over the numbers" if len(self.scores) > 1 else ""
        return [
            f"Mean absolute error {scores['mae']:.4g}, R2 {scores['r2']:.3f}, concordance {scores['ccc']:.3f} of "
            f"{len(self.predictions)} clips{mean}."
        ]

    @classmethod
    def from_predictions(cls, y_true, y_pred, *, target_names=None, groups=None, paths=None, errors=None):
        """Evaluate predictions that are there already.

        Parameters
        ----------
        y_true : array-like or DataFrame of shape (n_clips,) or (n_clips, n_targets)
            The numbers of each clip.
        y_pred : array-like of the shape of `y_true`
            What was predicted; NaN where there is no prediction.
        target_names : sequence of str or None, default=None
            Names of the targets. None takes the columns of a DataFrame, else "prediction" of one target, and
            "prediction0", "prediction1", … of several.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist of each clip, which intervals of the scores keep together.
        paths, errors : sequence of shape (n_clips,) or None, default=None
            File of each clip, and why it has no prediction, or None.

        Returns
        -------
        RegressionEvaluation
            Scores and table.

        Raises
        ------
        ValueError
            If the arguments do not fit each other, a number of `y_true` is not finite, or there is no prediction.

        Examples
        --------
        >>> evaluation = RegressionEvaluation.from_predictions([1.0, 2.0, 4.0], [1.5, 2.0, 3.5], target_names="valence")
        >>> evaluation.predictions.columns.tolist(), round(float(evaluation.scores.loc["valence", "mae"]), 2)
        (['true(valence)', 'valence', 'error'], 0.33)
        """
        if target_names is None and hasattr(y_true, "columns"):
            target_names = list(map(str, y_true.columns))
        y_true = check_array(y_true, ensure_2d=False, dtype=np.float64, input_name="y_true")
        y_pred = np.asarray(y_pred, dtype=np.float64)
        scores = regression_table(y_true, y_pred, target_names=target_names, groups=groups)
        table = {} if paths is None else {"path": pd.Series(list(paths), dtype=object)}
        true, predicted = (y.reshape(len(y), -1).T for y in (y_true, y_pred))
        for name, numbers, found in zip(scores.index, true, predicted, strict=True):
            table |= {f"true({name})": numbers, name: found}
        table["error"] = pd.Series([None] * len(y_true) if errors is None else list(errors), dtype=object)
        return cls(pd.DataFrame(table), scores)


def evaluate_numbers(model, clips, names, target, *, n_jobs=None, groups=None, target_names=None):
    """Compare the numbers that a regressor predicts with those of clips; see :func:`evaluate_files`."""
    if target_names is None:
        target, target_names = _named_target(target, target_names_of(model))
    y_true = check_array(target, ensure_2d=False, dtype=np.float64, input_name="target")
    columns = names_of_targets(y_true.reshape(len(y_true), -1).shape[1], target_names)
    predicted = predictions(raising_errors(model, n_jobs), clips, names, n_jobs, columns)
    found = list(progress(predicted, total=len(clips), unit="file", desc="evaluating"))
    if all(file.error is not None for file in found):
        raise ValueError(f"none of the {len(found)} clips can be predicted. The first: {found[0].error}")
    missing = dict.fromkeys(columns, np.nan)
    y_pred = np.array([list((file.numbers or missing).values()) for file in found]).reshape(y_true.shape)
    return RegressionEvaluation.from_predictions(
        y_true,
        y_pred,
        target_names=columns,
        groups=groups,
        paths=[file.path for file in found],
        errors=[file.error for file in found],
    )


def _named_target(target, known):
    """Return the numbers of clips, in the order of the targets that a model knows, and their names."""
    found = names_of_columns(target)
    if found is None and known is None and hasattr(target, "columns"):
        return target, list(map(str, target.columns))
    if found is None or (known is not None and len(found) == len(known) == 1):
        return target, known
    if known is not None and set(found) == set(known):
        return target[known], known
    if known is not None and set(found) & set(known):
        raise ValueError(
            f"target has the columns {shortened(found.tolist())}, and the model predicts {shortened(list(known))}. "
            "Give it all of these, in any order, or target_names that say what its columns are."
        )
    return target, found.tolist()
