"""Tables of predictions: scores by class, and counts by pair of classes."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from sklearn.utils.validation import column_or_1d

UNREADABLE = "(unreadable)"  # column of a confusion table for the clips without a prediction


def class_table(y_true, y_pred, *, labels=None) -> pd.DataFrame:
    """Compute precision, recall and F1 of each class.

    Parameters
    ----------
    y_true : array-like of shape (n_clips,)
        Class of each clip.
    y_pred : array-like of shape (n_clips,)
        Predicted class of each clip; None or NaN where there is no prediction, which counts as wrong.
    labels : array-like of shape (n_classes,) or None, default=None
        The classes, in the order of the rows. None takes those of `y_true` and `y_pred`, sorted.

    Returns
    -------
    DataFrame of shape (n_classes, 5)
        By class: precision, recall and f1 in [0, 1], and the numbers n_clips, of this class, and n_predicted, predicted
        as this class. Precision of a class that is never predicted, recall of a class without clips, and F1 where both
        are undefined, are NaN.

    Raises
    ------
    ValueError
        If the arrays differ in length, are empty or not 1-D, a clip has no class, or `labels` lacks one of the classes.

    Examples
    --------
    >>> table = class_table(["cat", "cat", "dog", "owl"], ["cat", "dog", "dog", None])
    >>> print(table.round(2))
           precision  recall    f1  n_clips  n_predicted
    class
    cat          1.0     0.5  0.67        2            1
    dog          0.5     1.0  0.67        1            2
    owl          NaN     0.0  0.00        1            0
    """
    true, predicted, labels = _as_numbers(y_true, y_pred, labels)
    scores = precision_recall_fscore_support(true, predicted, labels=range(len(labels)), zero_division=np.nan)
    index = pd.Index(labels, name="class", dtype=object)
    table = pd.DataFrame(dict(zip(["precision", "recall", "f1", "n_clips"], scores, strict=True)), index=index)
    table["n_predicted"] = np.bincount(predicted[predicted >= 0], minlength=len(labels))
    return table


def confusion_table(y_true, y_pred, *, labels=None) -> pd.DataFrame:
    """Count the clips of each class by the class that was predicted.

    Parameters
    ----------
    y_true, y_pred, labels : array-like
        As in :func:`class_table`.

    Returns
    -------
    DataFrame of shape (n_classes, n_classes) or (n_classes, n_classes + 1)
        A row for each class, a column for each predicted class, and a last column ``"(unreadable)"`` if there are clips
        without a prediction.

    Raises
    ------
    ValueError
        As in :func:`class_table`.

    Examples
    --------
    >>> print(confusion_table(["cat", "cat", "dog", "owl"], ["cat", "dog", "dog", None]))
    predicted  cat  dog  owl  (unreadable)
    true
    cat          1    1    0             0
    dog          0    1    0             0
    owl          0    0    0             1
    """
    true, predicted, labels = _as_numbers(y_true, y_pred, labels)
    has_unreadable = (predicted < 0).any()
    counts = confusion_matrix(true, predicted, labels=[*range(len(labels)), -1])[:-1]
    columns = pd.Index([*labels, UNREADABLE] if has_unreadable else labels, name="predicted", dtype=object)
    return pd.DataFrame(counts[:, : len(columns)], pd.Index(labels, name="true", dtype=object), columns)


def _as_numbers(y_true, y_pred, labels):
    """Return classes as numbers of `labels`, -1 where there is no prediction; and `labels` as a list."""
    true, predicted = (column_or_1d(np.asarray(y, dtype=object)).tolist() for y in (y_true, y_pred))
    if len(true) != len(predicted) or not true:
        raise ValueError(
            f"y_true holds {len(true)} classes and y_pred {len(predicted)}. Pass one prediction for each clip, "
            "None where there is none, and at least one clip."
        )
    if any(pd.isna(label) for label in true):
        raise ValueError("y_true holds None or NaN. Pass the class of each clip, and leave out clips without one.")
    predicted = [None if pd.isna(label) else label for label in predicted]
    found = {*true, *predicted} - {None}
    if labels is None:
        try:
            labels = sorted(found)
        except TypeError:
            raise ValueError("y_true and y_pred hold both text and numbers. Pass the classes as one of them.") from None
    labels = column_or_1d(np.asarray(labels, dtype=object)).tolist()
    number = {label: index for index, label in enumerate(labels)}
    unknown = sorted(map(str, found - set(number)))
    if unknown:
        raise ValueError(f"labels={labels} lacks the classes {', '.join(unknown)} of y_true or y_pred. Name them too.")
    return np.array([number[label] for label in true]), np.array([number.get(label, -1) for label in predicted]), labels
