"""Several labels for each clip: what such a `y` may be, and what estimators make of it."""

import warnings

import numpy as np
import pandas as pd
from scipy.sparse import issparse
from sklearn.utils.metaestimators import available_if

from .terminal import shortened

MAX_NAMED = 5  # labels that a message lists
MIN_PROBABILITY = float(np.finfo(np.float32).eps)  # what is nearer to 0 or 1 is taken for that far from it
ADVICE = "Give each clip a row of 0 and 1, a column for each label; MultiLabelBinarizer makes such of lists of labels."


def is_label_matrix(y):
    """Return whether `y` has a column for each of several labels; a single column is one of classes.

    Parameters
    ----------
    y : object
        What an estimator is fitted with.

    Returns
    -------
    bool
        True of arrays, DataFrames and sparse matrices of other than one column, and of lists of rows.
    """
    shape = getattr(y, "shape", None)
    if shape is None:
        rows = [row for row in y if isinstance(row, (list, tuple, np.ndarray))] if isinstance(y, (list, tuple)) else []
        return any(getattr(row, "ndim", 1) == 1 and len(row) != 1 for row in rows)
    return len(shape) == 2 and shape[1] != 1


def check_label_matrix(y, name="y"):
    """Make an array of 0 and 1 of a `y` with a column for each label.

    Parameters
    ----------
    y : array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
        Whether each clip has each label.
    name : str, default="y"
        What the parameter is called, for the errors.

    Returns
    -------
    matrix : ndarray of shape (n_clips, n_labels), int64
        The same as numbers.
    names : ndarray of shape (n_labels,) or None
        Names of the columns, text or whole numbers; None where there are none.

    Raises
    ------
    ValueError
        If there is no column, a value is missing or is not 0 or 1, or two columns have one name.
    """
    names = names_of(y, name)
    values = _as_array(y, name)
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"{name} is of shape {values.shape}, not (n_clips, n_labels). {ADVICE}")
    if values.dtype.kind not in "bui":
        missing = np.argwhere(pd.isna(values))
        if len(missing):
            row, column = missing[0]
            raise ValueError(
                f"{name}[{row}, {column}] is missing ({values[row, column]}){_called(names, column)}. "
                "Give every clip 0 or 1 for each label, or leave it out."
            )
    is_label = ((values == 0) | (values == 1)) & (values.dtype.kind != "c")
    if not is_label.all():
        row, column = np.argwhere(~is_label)[0]
        found = shortened(values[row, column : column + 1].tolist()[0])
        raise ValueError(f"{name}[{row}, {column}] is {found}{_called(names, column)}, and labels are 0 or 1. {ADVICE}")
    return values.astype(np.int64), names


def _as_array(y, name):
    """Return the values of `y`, text as objects, so that comparing them with numbers is False for each."""
    if issparse(y):
        return y.toarray()
    try:
        values = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    except ValueError:
        raise ValueError(f"{name} has rows of unequal length. {ADVICE}") from None
    return values if values.dtype.kind in "buifc" else values.astype(object)


def names_of(y, name):
    """Return the names of the columns of a DataFrame; None for anything else."""
    if not hasattr(y, "columns"):
        return None
    columns = list(y.columns)
    if all(isinstance(column, str) for column in columns):
        names = np.array(columns, dtype=object)
    elif all(isinstance(column, (int, np.integer)) for column in columns):
        names = np.array(columns, dtype=np.int64)
    else:
        raise ValueError(f"{name} has columns {shortened(columns)}. Name all by text, or all by whole numbers.")
    if len(repeated := pd.Index(names, dtype=object)[pd.Index(names, dtype=object).duplicated()]):
        raise ValueError(f"{name} has several columns called {repeated[0]!r}. Give each label a different name.")
    return names


def check_known_labels(y, known, name="y", advice="Give the columns of fit, in order."):
    """Make an array of 0 and 1 of a `y` whose columns are to be those of `fit`.

    Parameters
    ----------
    y : array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
        Whether each clip has each label.
    known : ndarray of shape (n_labels,)
        Names of the labels, or their numbers.
    name, advice : str
        What the parameter is called and what to do, for the errors.

    Returns
    -------
    ndarray of shape (n_clips, n_labels), int64

    Raises
    ------
    ValueError
        As :func:`check_label_matrix`, or if there are other labels.
    """
    matrix, names = check_label_matrix(y, name)
    if matrix.shape[1] != len(known) or (names is not None and not np.array_equal(names, known)):
        found = f"{matrix.shape[1]} labels" if names is None else f"the labels {shortened(names.tolist())}"
        raise ValueError(f"{name} has {found}, and that of fit {len(known)}: {shortened(known.tolist())}. {advice}")
    return matrix


def _called(names, column):
    return "" if names is None else f", of label {names[column : column + 1].tolist()[0]!r}"


def numbered_unless(names, n_labels):
    """Return the names of labels, or their numbers where there are none: (n_labels,)."""
    return np.arange(n_labels) if names is None else names


def rows_of(matrix, names, index):
    """Return rows of a matrix of labels: an array, or a DataFrame where the labels have names."""
    rows = matrix[index]
    return rows if names is None else pd.DataFrame(rows, columns=names)


def warn_of_constant_labels(matrix, names, *, only_absent=False):
    """Warn of labels that no clip has, or all have: nothing tells them from the others. Both, or only the absent."""
    names, counts = numbered_unless(names, matrix.shape[1]), matrix.sum(axis=0)
    for is_constant, of_clips in ((counts == 0, "no clip"), (counts == len(matrix), "every clip"))[: 2 - only_absent]:
        if is_constant.any():
            constant = names[is_constant].tolist()
            listed = ", ".join(map(repr, constant[:MAX_NAMED])) + ", …" * (len(constant) > MAX_NAMED)
            warnings.warn(f"y: {of_clips} has the labels {listed}, which cannot be learned then.", stacklevel=3)


def label_probabilities(estimator, X):
    """Return the probability of each label, however a fitted estimator has it.

    Parameters
    ----------
    estimator : classifier
        One that was fitted with several labels.
    X : array-like
        Its input.

    Returns
    -------
    ndarray of shape (n_clips, n_labels)
        Of forests, neighbours and the like, which have a list of arrays of two classes, the columns of the class 1.
    """
    probabilities = estimator.predict_proba(X)
    if not isinstance(probabilities, list):
        return np.asarray(probabilities)
    columns = []
    for of_label, classes in zip(probabilities, estimator.classes_, strict=True):
        has_label = np.asarray(classes) == 1
        columns.append(of_label[:, has_label.argmax()] if has_label.any() else np.zeros(len(of_label)))
    return np.stack(columns, axis=1)


def log_odds(probabilities):
    """Return the logarithm of p / (1 - p), float64; p is at least one float32 epsilon from 0 and from 1."""
    p = np.clip(np.asarray(probabilities, dtype=np.float64), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.log(p / (1 - p))


def _has_labels(estimator):
    return hasattr(estimator, "label_names_") and not hasattr(estimator, "_frame_count")  # which has curves


class LabelDecisionMixin:
    """The decision function and the score of what was fitted with several labels.

    Scorers such as "average_precision" ask for it before `predict_proba`; of that they take one column alone where
    there are two labels, as if these were two classes.
    """

    @available_if(_has_labels)
    def decision_function(self, X):
        """Return the log-odds of each label; only where there are several labels for each clip.

        Parameters
        ----------
        X : array-like
            As in ``predict_proba``.

        Returns
        -------
        ndarray of shape (n_clips, n_labels), float64
            Above 0 where the probability is above 0.5.
        """
        return log_odds(self.predict_proba(X))

    def score(self, X, y, sample_weight=None):
        """Return the accuracy: the fraction of clips whose class, or labels without exception, are right.

        Parameters
        ----------
        X, y, sample_weight
            As in ``fit``; columns with names are those of `fit`, in order.

        Returns
        -------
        float
            In [0, 1].
        """
        if _has_labels(self):
            y = check_scored_labels(y, self.label_names_)
        return super().score(X, y, sample_weight)


def check_scored_labels(y, known):
    """Make an array of 0 and 1 of the `y` of a score, as :func:`check_known_labels`; labels may be numbered in both."""
    has_names = hasattr(y, "columns") and not np.array_equal(known, np.arange(len(known)))
    return check_known_labels(y.to_numpy() if hasattr(y, "to_numpy") and not has_names else y, known)
