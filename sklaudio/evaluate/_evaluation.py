"""Evaluation: how well predictions agree with the classes of clips."""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .._inference import raising_errors
from .._utils.columns import with_columns
from .._utils.progress import progress
from ..metrics import accuracy_interval, class_table, confusion_table, expected_calibration_error
from ..predict._files import predictions
from ._html import evaluation_html


@dataclass
class Evaluation:
    """Hold scores and tables of predictions, made by :meth:`from_predictions` or :func:`evaluate_files`.

    Attributes
    ----------
    predictions : DataFrame
        A row per clip: path (where paths are known), true, label (None where there is no prediction), correct, error
        (None, or why there is no prediction), and a column ``p(class)`` for each class of the model where it has
        probabilities.
    accuracy : float
        Fraction of clips predicted correctly; one without a prediction counts as wrong.
    interval : tuple of float
        Its Wilson interval of 95%.
    per_class : DataFrame
        A row per class of the clips or the model: precision, recall, f1 (NaN where undefined), n_clips, n_predicted,
        see :func:`~sklaudio.metrics.class_table`.
    confusion : DataFrame
        Counts: a row per true class, a column per class of the model, and one for what cannot be read if there is any.
    calibration_error : float or None
        Over the predictions, see :func:`~sklaudio.metrics.expected_calibration_error`; None without probabilities.
    unknown : list of str
        Classes of the clips that the model does not know: their clips can only be predicted wrongly.
    absent : list of str
        Classes of the model that no clip is of.
    """

    predictions: pd.DataFrame
    accuracy: float
    interval: tuple
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    calibration_error: float | None
    unknown: list = field(default_factory=list)
    absent: list = field(default_factory=list)

    @property
    def answers(self):
        """Return `predictions`, by the names that the attribute and its column `correct` had."""
        message = "Evaluation.answers is Evaluation.predictions now, and its column is_right is correct."
        warnings.warn(message, FutureWarning, stacklevel=2)
        return self.predictions.rename(columns={"correct": "is_right"})

    @property
    def unheard(self):
        """Return `absent`, by the name that it had."""
        warnings.warn("Evaluation.unheard is Evaluation.absent now.", FutureWarning, stacklevel=2)
        return self.absent

    def _repr_html_(self):
        wrong = self.predictions[~self.predictions["correct"]]
        texts = [f"{true}, predicted as {label}" for true, label in zip(wrong["true"], wrong["label"], strict=True)]
        return evaluation_html(self._score_lines()[0], self.per_class, wrong.assign(text=texts))

    def _score_lines(self):
        """Write the scores in sentences, the most important first: a list of str."""
        (low, high), n_clips = self.interval, len(self.predictions)
        lines = [f"Accuracy {self.accuracy:.3f} of {n_clips} clips (95% interval {low:.3f} to {high:.3f})."]
        if self.calibration_error is not None:
            lines.append(f"Expected calibration error {self.calibration_error:.3f}.")
        return lines

    @classmethod
    def from_predictions(cls, y_true, y_pred, y_proba=None, *, classes=None, paths=None, errors=None):
        """Evaluate predictions that are there already.

        Parameters
        ----------
        y_true : array-like of shape (n_clips,)
            Class of each clip. Classes are compared as text.
        y_pred : array-like of shape (n_clips,)
            Predicted class of each clip; None or NaN where there is none, which counts as wrong.
        y_proba : array-like of shape (n_clips, n_classes) or None, default=None
            Probability of each of `classes`. Rows of clips without a prediction are left out.
        classes : array-like of shape (n_classes,) or None, default=None
            Classes that can be predicted, such as ``classes_`` of the model. None takes those of `y_true` and `y_pred`,
            sorted.
        paths, errors : sequence of shape (n_clips,) or None, default=None
            File of each clip, and why it has no prediction, or None.

        Returns
        -------
        Evaluation
            Scores and tables.

        Raises
        ------
        ValueError
            If there are no clips, or the arguments do not fit each other.

        Examples
        --------
        >>> evaluation = Evaluation.from_predictions(["cat", "cat", "dog"], ["cat", "dog", None])
        >>> round(evaluation.accuracy, 2), evaluation.confusion.loc["cat"].to_dict()
        (0.33, {'cat': 1, 'dog': 1, '(unreadable)': 0})
        """
        true, predicted = ([None if pd.isna(label) else str(label) for label in y] for y in (y_true, y_pred))
        known = sorted({*true, *predicted} - {None}) if classes is None else [str(label) for label in classes]
        unknown = sorted(set(true) - {*known, None})
        every = [*known, *unknown]
        per_class = class_table(true, predicted, labels=every)
        confusion = confusion_table(true, predicted, labels=every)
        rows = per_class["n_clips"].to_numpy() > 0
        columns = [*range(len(known)), *range(len(every), confusion.shape[1])]  # without those of unknown classes
        predictions = _table_of_clips(true, predicted, y_proba, known, paths, errors)
        n_correct = int(predictions["correct"].sum())
        return cls(
            predictions=predictions,
            accuracy=n_correct / len(true),
            interval=accuracy_interval(n_correct, len(true)),
            per_class=per_class,
            confusion=confusion.iloc[rows, columns],
            calibration_error=_calibration_error(predictions, known),
            unknown=unknown,
            absent=[label for label in known if label not in true],
        )


def evaluate_classes(model, clips, names, target, *, n_jobs=None):
    """Compare the classes that a model predicts with those of clips; see :func:`evaluate_files`."""
    target = [str(label) for label in target]
    known = [str(label) for label in model.classes_]
    if not set(target) & set(known):
        raise ValueError(
            f"model was trained on none of the classes {', '.join(sorted(set(target)))}; its classes are "
            f"{', '.join(known)}. Rename the folders, or use another model."
        )
    results = predictions(raising_errors(model, n_jobs), clips, names, n_jobs)
    found = list(progress(results, total=len(clips), unit="file", desc="evaluating"))
    return Evaluation.from_predictions(
        target,
        [None if file.error is not None else file.label for file in found],
        probability_rows([file.probabilities for file in found], model.classes_.tolist()),
        classes=known,
        paths=[file.path for file in found],
        errors=[file.error for file in found],
    )


def probability_rows(probabilities, classes):
    """Put the probabilities of clips into one array.

    Parameters
    ----------
    probabilities : list of (dict or None)
        Probability of each class, None for a clip that has none.
    classes : list of length n_classes
        The classes, in the order of the columns.

    Returns
    -------
    ndarray of shape (n_clips, n_classes) or None
        NaN for a clip that has none; None where no clip has any.
    """
    if all(row is None for row in probabilities):
        return None
    missing = dict.fromkeys(classes, np.nan)
    return np.array([[(row or missing)[label] for label in classes] for row in probabilities], dtype=np.float64)


def _table_of_clips(true, predicted, y_proba, known, paths, errors):
    columns = {} if paths is None else {"path": pd.Series(list(paths), dtype=object)}
    correct = [label == y for label, y in zip(predicted, true, strict=True)]
    errors = [None] * len(true) if errors is None else list(errors)
    columns |= {"true": true, "label": predicted, "correct": correct, "error": errors}
    for name in ("true", "label", "error"):  # None stays None, and names of any bytes are taken
        columns[name] = pd.Series(columns[name], dtype=object)
    table = pd.DataFrame(columns)
    if y_proba is None:
        return table
    y_proba = np.array(y_proba, dtype=np.float64)
    if y_proba.shape != (len(true), len(known)):
        raise ValueError(
            f"y_proba has the shape {y_proba.shape}, and there are {len(true)} clips and {len(known)} classes. "
            "Pass a row for each clip with the probability of each of classes=."
        )
    y_proba[table["label"].isna()] = np.nan
    return with_columns(table, [f"p({label})" for label in known], y_proba)


def _calibration_error(predictions, known):
    """Compute the calibration error of clips with probabilities; a class unknown to the model has 0.

    None where no clip has any, or there are no two classes to tell apart.
    """
    columns = [f"p({label})" for label in known]
    if len(known) < 2 or columns[0] not in predictions:
        return None
    predictions = predictions[predictions["label"].notna()]
    if predictions.empty:
        return None
    others = sorted(set(predictions["true"]) - set(known))
    y_proba = np.pad(np.column_stack([predictions[name] for name in columns]), ((0, 0), (0, len(others))))
    return expected_calibration_error(predictions["true"].tolist(), y_proba, labels=[*known, *others])
