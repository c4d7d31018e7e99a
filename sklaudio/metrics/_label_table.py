"""Tables of the labels that clips were predicted to have: scores of each label, and averages over all."""

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, precision_recall_fscore_support, roc_auc_score

from .._utils.label_matrix import check_label_matrix, names_of, numbered_unless
from .._utils.numbers import check_numbers
from .._utils.terminal import shortened

SCORES = ("precision", "recall", "f1", "average_precision", "roc_auc")


def label_table(y_true, y_pred, y_proba, *, label_names=None) -> pd.DataFrame:
    """Compute precision, recall, F1, average precision and ROC AUC of each label.

    Parameters
    ----------
    y_true : array-like or DataFrame of shape (n_clips, n_labels)
        1 for each label that a clip has, else 0.
    y_pred : array-like of shape (n_clips, n_labels)
        1 for each label that it was predicted to have, else 0.
    y_proba : array-like of shape (n_clips, n_labels)
        Probability of each label. NaN where there is none: such clips have no part in average precision and ROC AUC.
    label_names : array-like of shape (n_labels,) or None, default=None
        Names of the rows. None takes the columns of a DataFrame, or numbers.

    Returns
    -------
    DataFrame of shape (n_labels, 7)
        By label: precision, recall, f1, average_precision and roc_auc in [0, 1], as scikit-learn has them, and the
        numbers n_clips, that have the label, and n_predicted, predicted to have it. What is undefined is NaN: precision
        of a label that is never predicted, recall and average precision of one that no clip has, ROC AUC of one that
        none or all have.

    Raises
    ------
    ValueError
        If the arrays differ in shape, or hold anything but 0 and 1 where they must.

    Examples
    --------
    >>> y_true = [[1, 0], [1, 1], [0, 1]]
    >>> y_proba = [[0.9, 0.3], [0.4, 0.6], [0.2, 0.8]]
    >>> table = label_table(y_true, [[1, 0], [0, 1], [0, 1]], y_proba, label_names=["cat", "dog"])
    >>> table.loc["cat", ["precision", "recall", "average_precision"]].tolist()
    [1.0, 0.5, 1.0]
    """
    true, predicted, p, names = check_labels_of_clips(y_true, y_pred, y_proba, label_names)
    rows = [_scores(*columns) for columns in zip(true.T, predicted.T, p.T, strict=True)]
    table = pd.DataFrame(rows, index=pd.Index(names, name="label", dtype=object), columns=list(SCORES))
    return table.assign(n_clips=true.sum(axis=0), n_predicted=predicted.sum(axis=0))


def average_table(y_true, y_pred, y_proba):
    """Average the scores of :func:`label_table`.

    Parameters
    ----------
    y_true, y_pred, y_proba : array-like of shape (n_clips, n_labels)
        As in :func:`label_table`.

    Returns
    -------
    DataFrame of shape (2, 5)
        "micro", over all labels of all clips together, and "macro", the mean over the labels whose score is defined.
    """
    true, predicted, p, _ = check_labels_of_clips(y_true, y_pred, y_proba, None)
    by_label = label_table(true, predicted, p)[list(SCORES)]
    rows = [_scores(true.ravel(), predicted.ravel(), p.ravel()), by_label.mean().tolist()]
    return pd.DataFrame(rows, index=pd.Index(["micro", "macro"], name="average"), columns=list(SCORES))


def _scores(has_label, predicted, p):
    """Return the SCORES of one label, (n_clips,), NaN where they are undefined."""
    found = precision_recall_fscore_support(has_label, predicted, average="binary", zero_division=np.nan)[:3]
    is_there = np.isfinite(p)
    has_label, p = has_label[is_there], p[is_there]
    n_with = has_label.sum()
    average_precision = average_precision_score(has_label, p) if n_with else np.nan
    return [*found, average_precision, roc_auc_score(has_label, p) if 0 < n_with < len(p) else np.nan]


def check_labels_of_clips(y_true, y_pred, y_proba, label_names):
    """Return arrays of 0 and 1, of 0 and 1 and of float64, all (n_clips, n_labels); and names (n_labels,)."""
    true, found = check_label_matrix(y_true, "y_true")
    predicted, names = check_label_matrix(y_pred, "y_pred")
    check_same_columns(found, names, "y_pred")
    p = check_probabilities(y_proba, "y_proba", allow_nan=True)
    check_same_columns(found, names_of(y_proba, "y_proba"), "y_proba")
    for name, values in (("y_pred", predicted), ("y_proba", p)):
        if values.shape != true.shape:
            raise ValueError(
                f"{name} is of shape {values.shape}, and y_true of {true.shape}. Give each label of each clip one."
            )
    return true, predicted, p, _check_names(label_names, numbered_unless(found, true.shape[1]))


def check_probabilities(y_proba, name, *, allow_nan=False):
    """Make an array of probabilities, float64, or raise an error that says what `y_proba` holds instead."""
    finite = "allow-nan" if allow_nan else True
    p = check_numbers(y_proba, name, advice="Pass what predict_proba returns.", ensure_all_finite=finite)
    if not (np.isnan(p) | ((p >= 0) & (p <= 1))).all():
        raise ValueError(
            f"{name} holds numbers from {np.nanmin(p):.3g} to {np.nanmax(p):.3g}, and probabilities are in [0, 1]. "
            "Pass what predict_proba returns."
        )
    return p


def check_same_columns(true, others, name):
    """Raise an error if the columns of two tables have other names, or another order; None is of any names."""
    if true is not None and others is not None and not np.array_equal(true, others):
        raise ValueError(
            f"{name} has the columns {shortened(others.tolist())}, and y_true {shortened(true.tolist())}. Give both "
            "the same, in order."
        )


def _check_names(label_names, names):
    """Return the given names of the labels, or those there are: (n_labels,)."""
    if label_names is None:
        return names
    given = [label_names] if isinstance(label_names, str) or not np.iterable(label_names) else list(label_names)
    if len(given) != len(names) or len(set(map(str, given))) < len(given) or pd.isna(given).any():
        raise ValueError(
            f"label_names={shortened(label_names)} must be {len(names)} different names, one for each label."
        )
    return np.array(given, dtype=object)
