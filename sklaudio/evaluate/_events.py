"""EventEvaluation: how well the events that a model predicts agree with those of clips."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.utils import check_consistent_length, column_or_1d

from .._events import check_events
from .._inference import raising_errors
from .._introspect import stages_of
from .._utils.progress import progress
from ..events import events_by_clip
from ..events._frame_labels import check_ends
from ..metrics import event_scores, segment_scores
from ..metrics._event_scores import FitsInTime, match_events
from ..metrics._event_tables import durations_of_frames
from ..metrics._interval import interval_of_groups
from ..predict._files import results
from ._html import evaluation_html

COLUMNS = ["clip", "kind", "start", "end", "label", "probability", "outcome"]
HIT, MISSED, FALSE_ALARM = "hit", "missed", "false alarm"
N_RESAMPLES = 1000


@dataclass
class EventEvaluation:
    """Hold scores and tables of predicted events, made by :meth:`from_predictions` or :func:`evaluate_files`.

    All events of a clip without a prediction are missed.

    Attributes
    ----------
    predictions : DataFrame
        A row per clip: path (where paths are known); n_true and n_predicted, its events; n_hits, those of them that are
        matched, n_missed and n_false, those that are not; seconds, its length (NaN where it is not known); error (None,
        or why there is no prediction).
    events : DataFrame
        A row per event, clip by clip in order of time: clip (its row in `predictions`), kind ("true" or "predicted"),
        start and end (seconds), label, probability (NaN where there is none), and outcome: "hit", of both events of a
        pair, "missed" or "false alarm".
    event_f1, segment_f1 : float
        F1 over all labels, by event and by segment; 0 where there are no events at all.
    interval : tuple of float
        Percentiles 2.5 and 97.5 of `event_f1` over 1000 bootstrap samples of the clips or groups [1]_; NaN of a single
        one.
    by_event : DataFrame
        Scores of each label and over all, an event being right or wrong as a whole: see
        :func:`~sklaudio.metrics.event_scores`.
    by_segment : DataFrame
        Scores of each label and over all, segment by segment: see :func:`~sklaudio.metrics.segment_scores`.
    settings : dict
        `collar`, `offset_ratio` and `time_resolution`, as in :meth:`from_predictions`.
    unknown : list of str
        Labels of the clips that the model does not know: their events can only be missed.
    absent : list of str
        Labels of the model that no clip has.

    References
    ----------
    .. [1] B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979), 1-26.
    """

    predictions: pd.DataFrame
    events: pd.DataFrame
    event_f1: float
    segment_f1: float
    interval: tuple
    by_event: pd.DataFrame
    by_segment: pd.DataFrame
    settings: dict
    unknown: list = field(default_factory=list)
    absent: list = field(default_factory=list)

    def _repr_html_(self):
        n_wrong = self.predictions["n_missed"] + self.predictions["n_false"]
        worst_first = n_wrong[n_wrong > 0].sort_values(ascending=False, kind="stable")
        wrong = self.predictions.loc[worst_first.index]
        pairs = zip(wrong["n_missed"], wrong["n_false"], strict=True)
        texts = [f"{missed:.0f} missed, {false:.0f} false alarms" for missed, false in pairs]
        return evaluation_html(self._score_lines()[0], self.by_event, wrong.assign(text=texts))

    def _score_lines(self):
        """Write the scores in sentences, the most important first: a list of str."""
        low, high = self.interval
        interval = "" if np.isnan(low) else f"95% interval {low:.3f} to {high:.3f}; "
        collar, resolution = self.settings["collar"], self.settings["time_resolution"]
        return [
            f"F1 of events {self.event_f1:.3f} of {len(self.predictions)} recordings ({interval}edges within "
            f"{collar:g} s).",
            f"F1 of segments of {resolution:g} s {self.segment_f1:.3f}.",
        ]

    @classmethod
    def from_predictions(
        cls,
        y_true,
        y_pred,
        *,
        durations=None,
        labels=None,
        groups=None,
        collar=0.2,
        offset_ratio=0.5,
        time_resolution=1.0,
        paths=None,
        errors=None,
    ):
        """Evaluate predictions that are there already.

        Parameters
        ----------
        y_true : list of DataFrame, of dict of columns, or of lists of (start, end, label)
            The events of each clip, in seconds. Labels are compared as text.
        y_pred : list of the same, or of None
            The predicted events, with a column `probability` or without; None of a clip without a prediction.
        durations : float, array-like of shape (n_clips,) or None, default=None
            Seconds of each clip, or of all of them. None takes the last end of an event of each.
        labels : array-like of shape (n_labels,) or None, default=None
            Labels that can be predicted, such as ``classes_`` of the model. None takes those of all events.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording of each clip, which the interval draws as a whole; None makes each clip a separate one.
        collar : float, default=0.2
            Seconds by which the start and the end of a hit may differ from those of the event.
        offset_ratio : float, default=0.5
            Fraction, in [0, 1], of the length of an event by which its end may differ, where that is more than
            `collar`.
        time_resolution : float, default=1.0
            Seconds of a segment.
        paths, errors : sequence of shape (n_clips,) or None, default=None
            File of each clip, and why it has no prediction, or None.

        Returns
        -------
        EventEvaluation
            Scores and tables.

        Raises
        ------
        TypeError, ValueError
            If there are no clips, a table is no table of events, or the arguments do not fit each other.

        Examples
        --------
        >>> y_true = [[(0.5, 1.5, "dog"), (3.0, 3.5, "car")]]
        >>> y_pred = [[(0.6, 1.9, "dog"), (3.1, 3.5, "dog")]]
        >>> evaluation = EventEvaluation.from_predictions(y_true, y_pred)
        >>> evaluation.event_f1, evaluation.events["outcome"].tolist()
        (0.5, ['hit', 'hit', 'missed', 'false alarm'])
        """
        true, predicted, probabilities = _checked(y_true, y_pred)
        found = sorted({label for clips in (true, predicted) for events in clips for label in events.label})
        known = found if labels is None else list(map(str, labels))
        every = [*known, *(label for label in found if label not in known)]
        settings = {"collar": collar, "offset_ratio": offset_ratio}
        tables = [_rows(events) for events in true], [_rows(events) for events in predicted]
        by_event = event_scores(*tables, labels=every, **settings)
        by_segment = segment_scores(*tables, durations=durations, labels=every, time_resolution=time_resolution)
        events = _table_of_events(true, predicted, probabilities, settings)
        predictions = _table_of_clips(events, len(true), durations, paths, errors)
        n_hits, n_events = predictions["n_hits"].to_numpy(), predictions[["n_true", "n_predicted"]].sum(axis=1)
        return cls(
            predictions=predictions,
            events=events,
            event_f1=float(_f1(n_hits.sum(), n_events.sum())),
            segment_f1=float(np.nan_to_num(by_segment.loc["(micro)", "f1"])),
            interval=_interval(n_hits, n_events.to_numpy(), groups),
            by_event=by_event,
            by_segment=by_segment,
            settings=settings | {"time_resolution": time_resolution},
            unknown=every[len(known) :] if labels is not None else [],
            absent=[label for label in known if not any(label in events.label for events in true)],
        )


def evaluate_events(model, clips, names, target, *, n_jobs=None, groups=None):
    """Compare the events that a model predicts with those of clips; see :func:`evaluate_files`."""
    detector = stages_of(model)[-1][1]  # a graph is of one stage
    tables = check_events(target, len(clips), name="target")
    predicted = results(raising_errors(model, n_jobs), clips, names, n_jobs, _events_of)
    found = list(progress(predicted, total=len(clips), unit="file", desc="evaluating"))
    n_frames = [result[1] if result else 0 for _, result, _ in found]
    check_ends(tables, n_frames, detector.hop, "target")
    return EventEvaluation.from_predictions(
        target,
        [result and result[0] for _, result, _ in found],
        durations=durations_of_frames(n_frames, detector.hop, tables),
        labels=detector.classes_.tolist(),
        groups=groups,
        paths=names,
        errors=[error for _, _, error in found],
    )


def check_annotated(target, clips):
    """Return the events of each clip, from a table of annotations with a column `path`; anything else as it is."""
    return events_by_clip(target, clips) if isinstance(target, pd.DataFrame) else target


def _events_of(model, clips):
    """Return the events of each clip, and the number of its frames."""
    *front, (_, detector) = stages_of(model)
    frames = clips
    for _, step in front:
        frames = step.transform(frames)
    curves = detector.predict_proba(frames)
    return [(detector.events_of(curve), len(curve)) for curve in curves]


def _checked(y_true, y_pred):
    """Return the events of each clip in order of time, predicted ones with text for labels; and probabilities."""
    true = [_in_order(events)[0] for events in check_events(y_true, name="y_true")]
    if not true:
        raise ValueError("y_true holds no clip. Pass the table of at least one.")
    tables = [[] if table is None else table for table in y_pred]
    predicted, orders = zip(*map(_in_order, check_events(tables, len(true), name="y_pred")), strict=True)
    probabilities = [
        np.asarray(table["probability"], dtype=np.float64)[order]
        if len(order) and hasattr(table, "keys") and "probability" in table
        else np.full(len(order), np.nan)
        for table, order in zip(tables, orders, strict=True)
    ]
    return true, predicted, probabilities


def _in_order(events):
    order = np.lexsort([events.end, events.start])
    label = np.array([str(label) for label in events.label], dtype=object)
    return events._replace(label=label).where(order), order


def _rows(events):
    return pd.DataFrame({"start": events.start, "end": events.end, "label": events.label})


def _table_of_events(true, predicted, probabilities, settings):
    parts = []
    for clip, (events, found, p) in enumerate(zip(true, predicted, probabilities, strict=True)):
        match = match_events(FitsInTime(events, found, **settings), events.label, found.label)
        for kind, part, p_of_part, hits, otherwise in (
            ("true", events, np.full(len(events.start), np.nan), match.keys(), MISSED),
            ("predicted", found, p, match.values(), FALSE_ALARM),
        ):
            n = len(part.start)
            outcome = np.where(np.isin(np.arange(n), list(hits)), HIT, otherwise).astype(object)
            named = np.full(n, clip), np.full(n, kind, dtype=object)
            parts.append((*named, part.start, part.end, part.label, p_of_part, outcome))
    columns = [np.concatenate(values) for values in zip(*parts, strict=True)]
    table = pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))
    return table.sort_values(["clip", "start"], kind="stable", ignore_index=True)


def _table_of_clips(events, n_clips, durations, paths, errors):
    def count(is_meant):
        return np.bincount(events.loc[is_meant, "clip"], minlength=n_clips)

    is_true, outcome = events["kind"] == "true", events["outcome"]
    columns = {} if paths is None else {"path": pd.Series(list(paths), dtype=object)}
    columns |= {"n_true": count(is_true), "n_predicted": count(~is_true), "n_hits": count(is_true & (outcome == HIT))}
    columns |= {"n_missed": count(outcome == MISSED), "n_false": count(outcome == FALSE_ALARM)}
    columns["seconds"] = np.full(n_clips, np.nan) if durations is None else np.broadcast_to(durations, n_clips)
    columns["error"] = pd.Series([None] * n_clips if errors is None else list(errors), dtype=object)
    return pd.DataFrame(columns)


def _f1(n_hits, n_events):
    """Compute F1 of hits, each of which is a true and a predicted one of the events; 0 of none."""
    return 2 * n_hits / np.maximum(1, n_events)


def _interval(n_hits, n_events, groups):
    groups = np.arange(len(n_hits)) if groups is None else column_or_1d(groups)
    check_consistent_length(n_hits, groups)
    if len(np.unique(groups)) < 2:
        return np.nan, np.nan
    return interval_of_groups(_f1, groups, n_hits, n_events, n_draws=N_RESAMPLES)
