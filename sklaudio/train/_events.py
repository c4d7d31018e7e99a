"""What train_on_files does where clips have events in time: splits that keep labels, and F1 of segments and events."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from .._utils.label_folds import folds_of_labels
from ..evaluate._events import EventEvaluation
from ..events._by_clip import check_tables, labels_of_clips
from ..metrics._event_tables import durations_of_frames
from ._splits import one_split_or_folds


@dataclass
class HeldOutEvents:
    """Hold how well models found the events of clips of groups that were not in their training.

    Attributes
    ----------
    evaluation : EventEvaluation
        Of all clips held out, by event and by segment of 1 s.
    segment_f1s, event_f1s : list of float
        F1 over all labels, of each fold; a single one where a fraction was held out.
    n_clips, n_groups : int
        Clips and groups held out, over all folds.
    """

    evaluation: EventEvaluation
    segment_f1s: list
    event_f1s: list
    n_clips: int
    n_groups: int

    @property
    def segment_f1(self):
        """F1 of the segments of all clips held out, over all labels."""
        return self.evaluation.segment_f1

    @property
    def event_f1(self):
        """F1 of the events of all clips held out, over all labels."""
        return self.evaluation.event_f1

    @property
    def std(self):
        """Standard deviation of the F1 of segments of the folds; None of a single one."""
        return float(np.std(self.segment_f1s, ddof=1)) if len(self.segment_f1s) > 1 else None


class EventsToLearn:
    """The events of each clip.

    Parameters
    ----------
    tables : list of DataFrame, of dict of columns, or of lists of (start, end, label)
        Those of each clip.
    hop : float
        Seconds of a frame.
    """

    def __init__(self, tables, hop):
        self.tables, self.hop = check_tables(tables, "target"), hop

    def __len__(self):
        return len(self.tables)

    def kept(self, index):
        """Keep those of some clips."""
        return EventsToLearn(self.tables[index].tolist(), self.hop)

    def rows(self, index=slice(None)):
        """Return what models are fitted with, of the clips at `index`."""
        return self.tables[index].tolist()

    def check(self):
        """Raise an error if there is nothing to learn."""
        if not any(map(len, self.tables)):
            raise ValueError("target holds no events in clips that can be read. Give at least one event to learn from.")

    def splits(self, groups, validate, seed):
        """Return clips to train on and to hold out; every training has events of all labels, where there can be."""
        names, has_label = labels_of_clips(self.tables)

        def folds(n_folds):
            return folds_of_labels(has_label, groups, n_folds, seed)

        return one_split_or_folds(has_label, groups, validate, seed, names, folds)

    def hold_out(self, models, frames, groups, n_groups):
        """Score models on the clips that they were not trained on; parameters are those of :class:`ClassesToLearn`."""
        found = []
        for model, aside in models:
            predicted = model.predict(frames[aside])
            seconds = durations_of_frames(map(len, frames[aside]), self.hop, self.tables[aside])
            found.append((self.rows(aside), predicted, seconds, groups[aside].tolist()))
        folds = [_evaluated(*fold) for fold in found]
        every = _evaluated(*(list(chain(*parts)) for parts in zip(*found, strict=True)))
        f1s = [fold.segment_f1 for fold in folds], [fold.event_f1 for fold in folds]
        return HeldOutEvents(every, *f1s, len(every.predictions), n_groups)


def _evaluated(y_true, y_pred, seconds, groups):
    return EventEvaluation.from_predictions(y_true, y_pred, durations=seconds, groups=groups)
