"""Tables of events in pairs, reference and prediction, and the table of their scores."""

from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Options

from .._events import (
    check_annotations,
    check_durations,
    check_durations_by_path,
    check_events,
    is_label,
    sorted_labels,
)
from .._utils.terminal import shortened

MICRO, MACRO = "(micro)", "(macro)"  # rows below those of the labels
ZERO_DIVISION = [Options(Real, {0.0}), "nan"]  # for validate_params


def paired_events(y_true, y_pred, *, durations=None, labels=None):
    """Check the events of each clip, and pair them with the predicted ones.

    Parameters
    ----------
    y_true, y_pred : list of tables, or DataFrame with a column `path`
        The events, and the predicted ones.
    durations : float, array-like, dict or None, default=None
        Seconds of each clip.
    labels : array-like or None, default=None
        All labels that there may be.

    Returns
    -------
    clips : list of (Events, Events, float)
        Events, predicted events and seconds of each clip, the last end of any event where `durations` is None.
    labels : list
        The labels given, or those there are, sorted.
    """
    if labels is not None:
        labels = np.asarray(labels, dtype=object).tolist()
        if len(set(map(str, labels))) < len(labels) or not all(map(is_label, labels)):
            raise ValueError(f"labels={shortened(labels)} must be different labels, each text or a number.")
    pairs = _pairs(y_true, y_pred, durations, labels)
    if labels is None:
        found = {label for true, predicted, _ in pairs for events in (true, predicted) for label in events.label}
        labels = sorted_labels(found, "y_true and y_pred")
    if reserved := {MICRO, MACRO}.intersection(labels):
        raise ValueError(f"{reserved.pop()!r} is a row of the scores, and cannot be a label. Rename it.")
    return pairs, labels


def durations_of_frames(n_frames, hop, tables):
    """Compute the seconds of clips, of their frames or up to the end of their last event: list of float.

    Parameters
    ----------
    n_frames : iterable of int
        Frames of each clip.
    hop : float
        Seconds of a frame.
    tables : list of Events or of DataFrame
        Those of each clip, with `end`.
    """
    return [max(max(1, n) * hop, *events.end, 0.0) for n, events in zip(n_frames, tables, strict=True)]


def _pairs(y_true, y_pred, durations, labels):
    """Return the events, predicted events and seconds of each clip."""
    is_frame = [isinstance(y, pd.DataFrame) for y in (y_true, y_pred)]
    if is_frame[0] != is_frame[1]:
        raise TypeError(
            f"y_true is {type(y_true).__name__} and y_pred {type(y_pred).__name__}. Pass two lists of tables, one for "
            "each clip, or two DataFrames with a column 'path'."
        )
    if is_frame[0]:
        true, predicted = (
            check_annotations(y, durations=durations, classes=labels, name=name)
            for y, name in ((y_true, "y_true"), (y_pred, "y_pred"))
        )
        paths = dict.fromkeys((*true, *predicted))
        nothing = check_events([[]])[0]
        true, predicted = ([events.get(path, nothing) for path in paths] for events in (true, predicted))
        if durations is not None:
            lengths = check_durations_by_path(durations, paths)
            durations = [lengths[path] for path in paths]
    else:
        true = check_events(y_true, durations=durations, classes=labels, name="y_true")
        predicted = check_events(y_pred, len(true), durations=durations, classes=labels, name="y_pred")
    if not true:
        raise ValueError("y_true and y_pred hold no clip. Pass at least one.")
    if durations is None:
        durations = [max([0.0, *a.end, *b.end]) for a, b in zip(true, predicted, strict=True)]
    else:
        durations = check_durations(durations, len(true))
    return list(zip(true, predicted, durations, strict=True))


def score_table(labels, n_ref, n_sys, n_correct, n_substituted, *, n_segments=None, zero_division=np.nan):
    """Compute scores from counts of events, or of active segments.

    Parameters
    ----------
    labels : list of length n_labels
        The labels.
    n_ref, n_sys, n_correct : ndarray of shape (n_labels,), int
        How many there are of each label in the reference and in the prediction, and how many are right.
    n_substituted : int
        How many, over all labels, have the wrong label only.
    n_segments : int or None, default=None
        Number of segments, active or not. None leaves out the scores that need it.
    zero_division : float, default=np.nan
        Precision of what is never predicted.

    Returns
    -------
    DataFrame
        A row for each label, ``"(micro)"`` and ``"(macro)"``; what is undefined is NaN.
    """
    n_ref, n_sys, n_correct = (np.append(counts, counts.sum()) for counts in (n_ref, n_sys, n_correct))
    n_substituted = np.append(np.zeros(len(labels)), n_substituted)
    precision = _ratio(n_correct, n_sys, undefined=zero_division)
    recall = _ratio(n_correct, n_ref)
    rates = {
        "substitution_rate": _ratio(n_substituted, n_ref),
        "deletion_rate": _ratio(n_ref - n_correct - n_substituted, n_ref),
        "insertion_rate": _ratio(n_sys - n_correct - n_substituted, n_ref),
    }
    scores = {"precision": precision, "recall": recall, "f1": _f1(precision, recall), "error_rate": sum(rates.values())}
    scores |= rates
    if n_segments is not None:
        n_all = n_segments * np.append(np.ones(len(labels)), len(labels))
        n_wrong = n_ref + n_sys - 2 * n_correct
        specificity = _ratio(n_all - n_ref - n_sys + n_correct, n_all - n_ref)
        scores |= {
            "sensitivity": recall,
            "specificity": specificity,
            "balanced_accuracy": (recall + specificity) / 2,
            "accuracy": _ratio(n_all - n_wrong, n_all),
        }
    table = pd.DataFrame(scores, index=pd.Index([*labels, MICRO], name="label", dtype=object))
    table.loc[MACRO] = table.iloc[:-1].mean()
    return table.assign(n_ref=np.append(n_ref, n_ref[-1]), n_sys=np.append(n_sys, n_sys[-1]))


def _ratio(part, whole, undefined=np.nan):
    """Return ``part / whole``, and `undefined` where `whole` is 0."""
    return np.divide(part, whole, out=np.full(len(whole), float(undefined)), where=whole > 0)


def _f1(precision, recall):
    """Compute the harmonic mean of precision and recall: 0 where both are, NaN where one is."""
    total = precision + recall
    return np.where(total == 0, 0.0, _ratio(2 * precision * recall, total))
