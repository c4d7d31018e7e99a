"""What is predicted for the windows of a recording, as a table: classes, labels or numbers."""

import numpy as np
import pandas as pd

from .._inference import decide_labels, label_names_of, labels_of, predictions_of, target_names_of
from .._utils.columns import names_as_series, with_columns
from .._utils.predicted_names import names_of_targets
from ._smoothing import median_smooth, running_median, viterbi_path


def class_rows(model, times, outputs, smoothing, median_length, stay, proba):
    """Make a row for each window: start, end, label and probability, and those of all classes where asked.

    Parameters
    ----------
    model : classifier of clips
        What predicts.
    times : ndarray of shape (n_windows, 2)
        Start and end of each window, in seconds.
    outputs : tuple
        Index of its class, and votes, as :func:`predictions_of` returns them for all windows.
    smoothing, median_length, stay, proba
        As in :func:`~sklaudio.predict_timeline`.

    Returns
    -------
    DataFrame
    """
    winner, votes = outputs
    if smoothing == "median":
        votes = median_smooth(votes, median_length)
        winner = votes.argmax(axis=1)
    elif smoothing == "viterbi":
        winner = viterbi_path(votes, stay)
    timeline = pd.DataFrame(times, columns=["start", "end"])
    timeline["label"] = names_as_series(model.classes_[winner])
    timeline["probability"] = votes[np.arange(len(votes)), winner]
    if proba:
        timeline = with_columns(timeline, [f"p({label})" for label in model.classes_], votes)
    return timeline


def label_rows(model, times, outputs, smoothing, median_length, stay, proba):
    """Make a row for each label that a window has, as :func:`class_rows`; `outputs` are those of :func:`labels_of`.

    With `proba`, a window without labels has one row, with a missing label.
    """
    has_label, p = outputs
    names = label_names_of(model)
    if smoothing == "median":
        p = running_median(p, median_length)
        has_label = decide_labels(model, p)
    elif smoothing == "viterbi":
        paths = [viterbi_path(np.column_stack([1 - column, column]), stay) for column in p.T]
        has_label = np.column_stack(paths) == 1
    windows, labels = np.nonzero(has_label)
    timeline = pd.DataFrame(times[windows], columns=["start", "end"])
    timeline["label"] = names_as_series(names[labels])
    timeline["probability"] = p[windows, labels]
    if proba:
        empty = np.flatnonzero(~has_label.any(axis=1))
        without = pd.DataFrame(times[empty], columns=["start", "end"]).assign(label=None, probability=np.nan)
        columns = [f"p({name})" for name in names]
        timeline, without = with_columns(timeline, columns, p[windows]), with_columns(without, columns, p[empty])
        parts = [part for part in (timeline, without) if len(part)]
        timeline = pd.concat(parts, ignore_index=True) if parts else timeline
        timeline = timeline.sort_values("start", kind="stable", ignore_index=True)
    timeline.attrs["events"] = True  # of which several may be at a time
    return timeline


def number_rows(model, times, outputs, smoothing, median_length, stay, proba):
    """Make a row for each window: start, end, and a column for each target; `outputs` are (numbers,) of all windows."""
    (numbers,) = outputs
    if smoothing == "median":
        numbers = running_median(numbers, median_length)
    timeline = pd.DataFrame(times, columns=["start", "end"])
    timeline[names_of_targets(numbers.shape[1], target_names_of(model))] = numbers
    return timeline


def _numbers_of(model, clips):
    return (np.asarray(model.predict(clips), dtype=np.float64).reshape(len(clips), -1),)


OF_WINDOWS = {  # kind of model -> what it predicts of clips, as a tuple of arrays; the rows of these
    "classes": (predictions_of, class_rows),
    "labels": (labels_of, label_rows),
    "numbers": (_numbers_of, number_rows),
}
