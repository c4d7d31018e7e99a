"""LabelEvaluation: how well the labels that a model predicts agree with those of clips."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .._inference import label_names_of, label_thresholds, raising_errors
from .._utils.columns import with_columns
from .._utils.label_matrix import check_label_matrix
from .._utils.progress import progress
from .._utils.terminal import shortened
from ..metrics import accuracy_interval
from ..metrics._label_table import average_table, check_labels_of_clips, label_table
from ..predict._files import predictions
from ._html import evaluation_html


@dataclass
class LabelEvaluation:
    """Hold scores and tables of predicted labels, made by :meth:`from_predictions` or :func:`evaluate_files`.

    A clip without a prediction counts as one that was predicted to have no label, and is never correct. Average
    precision and ROC AUC are over the clips that have one.

    Attributes
    ----------
    predictions : DataFrame
        A row per clip: path (where paths are known), true and labels (tuples of names; labels is None where there is no
        prediction), correct (all labels are, and no others), error (None, or why there is no prediction), and a column
        ``p(label)`` for each label.
    mean_average_precision : float
        Over the labels that a clip has.
    subset_accuracy : float
        Fraction of clips of which all labels are predicted, and no others.
    interval : tuple of float
        Its Wilson interval of 95%.
    per_label : DataFrame
        A row per label of the clips or the model, see :func:`~sklaudio.metrics.label_table`.
    averages : DataFrame
        The same scores, in the rows "micro" (over all labels of all clips together) and "macro" (the mean over labels).
    unknown : list of str
        Labels of the clips that the model does not know: they are never predicted, with a probability of 0.
    absent : list of str
        Labels of the model that no clip has.
    thresholds : list of float or None
        Probability from which on a clip was predicted to have each label, in the order of `per_label`, NaN for one that
        the model does not know; None where they are not known.
    """

    predictions: pd.DataFrame
    mean_average_precision: float
    subset_accuracy: float
    interval: tuple
    per_label: pd.DataFrame
    averages: pd.DataFrame
    unknown: list = field(default_factory=list)
    absent: list = field(default_factory=list)
    thresholds: list | None = None

    def _repr_html_(self):
        wrong = self.predictions[~self.predictions["correct"]]
        texts = [
            f"{', '.join(true) or 'no label'}, predicted as {', '.join(labels or ()) or 'no label'}"
            for true, labels in zip(wrong["true"], wrong["labels"], strict=True)
        ]
        return evaluation_html(self._score_lines()[0], self.per_label, wrong.assign(text=texts))

    def _score_lines(self):
        """Write the scores in sentences, the most important first: a list of str."""
        low, high = self.interval
        return [
            f"Mean average precision {self.mean_average_precision:.3f} of {len(self.predictions)} clips.",
            f"All labels right, and no others: {self.subset_accuracy:.3f} (95% interval {low:.3f} to {high:.3f}).",
        ]

    @classmethod
    def from_predictions(cls, y_true, y_pred, y_proba, *, label_names=None, paths=None, errors=None, thresholds=None):
        """Evaluate predictions that are there already.

        Parameters
        ----------
        y_true : array-like or DataFrame of shape (n_clips, n_labels)
            1 for each label that a clip has, else 0.
        y_pred : array-like of shape (n_clips, n_labels)
            1 for each label that it was predicted to have, else 0.
        y_proba : array-like of shape (n_clips, n_labels)
            Probability of each label; a row of NaN for a clip without a prediction.
        label_names : array-like of shape (n_labels,) or None, default=None
            Names of the labels. None takes the columns of a DataFrame, or numbers.
        paths, errors : sequence of shape (n_clips,) or None, default=None
            File of each clip, and why it has no prediction, or None.
        thresholds : float, array-like of shape (n_labels,) or None, default=None
            Probability from which on `y_pred` has each label, or all of them, if that is to be known.

        Returns
        -------
        LabelEvaluation
            Scores and tables.

        Raises
        ------
        ValueError
            If the arguments do not fit each other.

        Examples
        --------
        >>> y_true, y_proba = [[1, 0], [1, 1], [0, 1]], [[0.9, 0.3], [0.4, 0.6], [0.2, 0.8]]
        >>> found = LabelEvaluation.from_predictions(y_true, [[1, 0], [0, 1], [0, 1]], y_proba, label_names=["a", "b"])
        >>> found.mean_average_precision, round(found.subset_accuracy, 2), found.predictions["true"].tolist()
        (1.0, 0.67, [('a',), ('a', 'b'), ('b',)])
        """
        true, predicted, p, names = check_labels_of_clips(y_true, y_pred, y_proba, label_names)
        names = list(map(str, names.tolist()))
        is_there = np.isfinite(p).any(axis=1)
        predicted = predicted * is_there[:, np.newaxis]
        correct = (true == predicted).all(axis=1) & is_there
        averages = average_table(true, predicted, p)
        labels = [row if known else None for row, known in zip(_named(predicted, names), is_there, strict=True)]
        columns = {} if paths is None else {"path": pd.Series(list(paths), dtype=object)}
        columns |= {"true": _named(true, names), "labels": pd.Series(labels, dtype=object), "correct": correct}
        columns["error"] = pd.Series([None] * len(true) if errors is None else list(errors), dtype=object)
        return cls(
            predictions=with_columns(pd.DataFrame(columns), [f"p({name})" for name in names], p),
            mean_average_precision=float(averages.loc["macro", "average_precision"]),
            subset_accuracy=float(correct.mean()),
            interval=accuracy_interval(int(correct.sum()), len(true)),
            per_label=label_table(true, predicted, p, label_names=names),
            averages=averages,
            absent=[name for name, is_one in zip(names, true.any(axis=0), strict=True) if not is_one],
            thresholds=None if thresholds is None else np.broadcast_to(thresholds, len(names)).astype(float).tolist(),
        )


def _named(matrix, names):
    return [tuple(names[index] for index in np.flatnonzero(row)) for row in matrix]


def evaluate_labels(model, clips, names, target, *, n_jobs=None, target_names=None):
    """Compare the labels that a model predicts with those of clips; see :func:`evaluate_files`."""
    known = list(map(str, label_names_of(model).tolist()))
    true, labels = _in_order_of(known, target, target_names)
    results = predictions(raising_errors(model, n_jobs), clips, names, n_jobs)
    found = list(progress(results, total=len(clips), unit="file", desc="evaluating"))
    y_pred, y_proba = np.zeros(true.shape, dtype=np.int64), np.full(true.shape, np.nan)
    for index, file in enumerate(found):
        if file.error is None:
            y_pred[index, : len(known)] = [label in file.labels for label in file.probabilities]
            y_proba[index] = 0.0
            y_proba[index, : len(known)] = list(file.probabilities.values())
    evaluation = LabelEvaluation.from_predictions(
        true,
        y_pred,
        y_proba,
        label_names=labels,
        paths=[file.path for file in found],
        errors=[file.error for file in found],
        thresholds=_thresholds(model, len(known), len(labels)),
    )
    evaluation.unknown = labels[len(known) :]
    return evaluation


def _thresholds(model, n_known, n_labels):
    """Return the threshold of each label, NaN of those that the model does not know."""
    thresholds, given = np.full(n_labels, np.nan), label_thresholds(model)
    thresholds[:n_known] = 0.5 if given is None else given
    return thresholds


def _in_order_of(known, target, target_names):
    """Put labels of clips in the order of a model's, then those it does not know: the matrix, and all names."""
    matrix, names = check_label_matrix(target, "target")
    names = names if target_names is None else target_names
    if names is None:
        names = known
    names = list(map(str, names))
    if len(names) != matrix.shape[1]:
        raise ValueError(
            f"target has {matrix.shape[1]} columns, and there are names of {len(names)} labels ({shortened(names)}). "
            "Pass a column for each label of the model, or a DataFrame or target_names that say which they are."
        )
    if not set(names) & set(known):
        raise ValueError(
            f"model was trained on none of the labels {', '.join(names)}; its labels are {', '.join(known)}. "
            "Rename the labels, or use another model."
        )
    labels = [*known, *(name for name in names if name not in known)]
    place = {label: index for index, label in enumerate(labels)}
    ordered = np.zeros((len(matrix), len(labels)), dtype=np.int64)
    ordered[:, [place[name] for name in names]] = matrix
    return ordered, labels
