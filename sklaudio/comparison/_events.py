"""Events in time, as models are compared by them: the F1 of events of the clips of a fold, and of segments."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from .._events import COLUMNS
from ..audio._clips import as_clips
from ..events._by_clip import check_tables, events_by_clip, labels_of_clips
from ..metrics import event_scores, segment_scores
from ..metrics._event_tables import MICRO
from ._folds import folds_with_labels

SCORES = {"event_f1": event_scores, "segment_f1": segment_scores}


class EventTask:
    """The events of each clip; see :class:`~sklaudio.comparison._tasks.ClassTask` for what a task has.

    Parameters
    ----------
    X : sequence of length n_clips
        The clips; their paths, or spans of such, where `y` is one table.
    y : list of tables of length n_clips, or DataFrame
        Those of each, or the annotations of many recordings with a column `path`.
    scoring : object, default=None
        "segment_f1" makes it the score, and the F1 of events the second one; all else changes nothing.
    """

    name, is_pooled, has_scorers, second_sign = "events", False, False, 1

    def __init__(self, X, y, scoring=None):
        is_by_segment = isinstance(scoring, str) and scoring == "segment_f1"
        self.score_name, self.second_name = list(SCORES)[:: -1 if is_by_segment else 1]
        self.y = check_tables(events_by_clip(y, as_clips(X)) if isinstance(y, pd.DataFrame) else y, "y")
        if not any(map(len, self.y)):
            raise ValueError("y holds no event. Give tables with a start, an end and a label.")
        self.has_label = labels_of_clips(self.y)[1]

    def rows(self, index):
        """Return what models are fitted with and scored on, of the clips at `index`: a list of tables."""
        return self.y[index].tolist()

    def folds(self, X, groups, cv, seed):
        """Return the splits of whole groups that divide labels evenly; or those of `cv`."""
        return folds_with_labels(cv, X, self.has_label, groups, seed)

    def judge(self, fitted, clips, index):
        """Score the predictions of clips: F1 over all labels; and the predicted events of each."""
        predicted = list(fitted.predict(clips))
        return f1_of(self.score_name, self.rows(index), predicted), predicted

    def check_folds(self, folds):
        """Raise an error where a fold has no event to find."""
        if not all(self.has_label[test].any() for _, test in folds):
            raise ValueError("a fold tests clips without any event, which leaves nothing to find. Take fewer folds.")

    def second(self, found, folds):
        """Compute the other F1, over the clips of all folds."""
        y_true = self.rows(np.concatenate([test for _, test in folds]))
        return f1_of(self.second_name, y_true, [table for tables in found for table in tables])


def f1_of(name, y_true, y_pred):
    """Compute F1 over all labels, of events or of segments of 1 s; 0 where there are no events, true or predicted."""
    return float(np.nan_to_num(SCORES[name](y_true, y_pred).loc[MICRO, "f1"]))


def are_events(y):
    """Return whether values are the events of clips: one table of annotations, or a list of tables of any kind."""
    if isinstance(y, pd.DataFrame):
        return set(COLUMNS) <= set(y.columns)
    if not isinstance(y, (list, tuple, np.ndarray)) or (isinstance(y, np.ndarray) and y.dtype != object):
        return False
    return any(map(len, filter(_is_table, y))) and all(map(_is_table, y))


def _is_table(value):
    if isinstance(value, (pd.DataFrame, Mapping)):
        return set(COLUMNS) <= set(value) or not len(value)
    return isinstance(value, (list, tuple)) and all(isinstance(row, (list, tuple)) and len(row) == 3 for row in value)
