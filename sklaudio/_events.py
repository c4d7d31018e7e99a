"""The contract of events: a table for each clip, with the columns start and end (seconds) and label.

Events of one label may overlap: they are one where time is counted (frames, segments, windows), and several where
events are.
"""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd

from ._utils.columns import MAX_SHOWN, check_spans, column, rows_text, texts
from ._utils.terminal import shortened
from .audio._sources import MAX_MISSING

COLUMNS = ["start", "end", "label"]


class Events(NamedTuple):
    """Events of a clip, checked.

    Parameters
    ----------
    start, end : ndarray of shape (n_events,), float
        Seconds.
    label : ndarray of shape (n_events,), object
        The labels.
    row : ndarray of shape (n_events,), int
        Which row of its table each event is, for messages.
    """

    start: np.ndarray
    end: np.ndarray
    label: np.ndarray
    row: np.ndarray

    def where(self, chosen):
        """Return the events of an index, or of an array of bool."""
        return Events(*(values[chosen] for values in self))


def check_events(tables, n_clips=None, *, durations=None, classes=None, name="y"):
    """Check tables of events, one for each clip.

    Parameters
    ----------
    tables : sequence of DataFrame, of dict of columns, or of lists of (start, end, label)
        The events of each clip. An event may end where it starts; a table may be empty, with or without columns.
    n_clips : int or None, default=None
        Number of clips.
    durations : float, array-like of shape (n_clips,) or None, default=None
        Seconds of each clip, or of all of them. None lets events end anywhere.
    classes : array-like or None, default=None
        All labels that there may be. None takes any.
    name : str, default="y"
        What messages call `tables`.

    Returns
    -------
    list of Events
        Those of each clip, in the order of the rows.

    Raises
    ------
    TypeError
        If `tables` is no sequence of tables.
    ValueError
        If there is not one table for each clip, a column or a value is missing, an event starts before 0 or ends
        before it starts, begins after the end of its clip or ends more than 0.1 s after it, or a label is not in
        `classes`.
    """
    if isinstance(tables, (pd.DataFrame, Mapping, str)) or not isinstance(tables, Iterable):
        raise TypeError(
            f"{name} is {type(tables).__name__}; it is a list of tables, one for each clip. Pass the table of "
            "a single clip as a list of one."
        )
    tables = list(tables)
    if n_clips is not None and len(tables) != n_clips:
        raise ValueError(
            f"{name} holds {len(tables)} tables of events, and there are {n_clips} clips. Pass one for each, an empty "
            "one where there are none."
        )
    lengths = np.full(len(tables), np.inf) if durations is None else check_durations(durations, len(tables))
    clips = []
    for number, (table, length) in enumerate(zip(tables, lengths, strict=True)):
        where = f"{name}[{number}]"
        events = _check_values(*_columns(table, where), where)
        check_ends(events, length, where)
        _check_classes(events, classes, where)
        clips.append(events)
    return clips


def check_annotations(annotations, *, durations=None, classes=None, name="annotations"):
    """Check the events of several recordings in one table, and take them apart.

    Parameters
    ----------
    annotations : DataFrame
        With the columns `path`, `start`, `end` and `label`, as :func:`~sklaudio.datasets.load_annotations` gives it.
    durations : dict of str to float or None, default=None
        Seconds of each recording, by its path; recordings without events may be among them. None lets events end
        anywhere.
    classes, name
        As in :func:`check_events`.

    Returns
    -------
    dict of str to Events
        The events of each recording: first of recordings with events, then of the others in `durations`, or in
        ``attrs["recordings"]`` without them.

    Raises
    ------
    TypeError, ValueError
        As :func:`check_events`, or if `durations` lacks a recording.
    """
    if len(annotations) and "path" not in annotations.columns:
        raise ValueError(
            f"{name} is one DataFrame without a column 'path'. Add the recording of each event, or pass a list of "
            "tables, one for each clip."
        )
    events = _check_values(*_columns(annotations, name), name)
    _check_classes(events, classes, name)
    rows_of = {}
    for row, path in enumerate(texts(annotations, "path", name) if len(annotations) else ()):
        rows_of.setdefault(path, []).append(row)
    lengths = {} if durations is None else check_durations_by_path(durations, rows_of)
    recordings = lengths if durations is not None else map(str, annotations.attrs.get("recordings", ()))
    rows_of |= {path: [] for path in recordings if path not in rows_of}
    clips = {path: events.where(np.array(rows, dtype=int)) for path, rows in rows_of.items()}
    for path, length in lengths.items():
        check_ends(clips[path], length, name, path)
    return clips


def check_ends(events, duration, name, clip="the clip"):
    """Raise an error if an event begins after the end of its clip, of `duration` seconds, or ends well after it."""
    past = np.flatnonzero((events.start > duration) | (events.end > duration + MAX_MISSING))
    if len(past):
        start, end, _, row = events.where(past[0])
        raise ValueError(
            f"{name}: row {row} ({start:g} to {end:g} s) is past the end of {clip}, which has {duration:g} s. "
            "Correct it, or leave it out."
        )


def check_durations(durations, n_clips):
    """Return the seconds of each clip: ndarray of shape (n_clips,), from one number for all or one for each."""
    try:
        lengths = np.asarray([durations] * n_clips if isinstance(durations, Real) else durations, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"durations={shortened(durations)} must be seconds, as numbers: {error}.") from error
    if lengths.shape != (n_clips,):
        raise ValueError(
            f"durations is of shape {lengths.shape}, and there are {n_clips} clips. Pass the seconds of each, or one "
            "number for all."
        )
    wrong = np.flatnonzero(~((lengths > 0) & np.isfinite(lengths)))
    if len(wrong):
        raise ValueError(f"durations[{wrong[0]}]={lengths[wrong[0]]} must be a number of seconds above 0.")
    return lengths


def check_durations_by_path(durations, paths):
    """Return the seconds of each recording, by its path as str: a dict that holds `paths` and may hold more."""
    if not isinstance(durations, Mapping):
        raise TypeError(
            f"durations is {shortened(durations)}. For tables with a column 'path' it is a dict of path to seconds."
        )
    try:
        lengths = {str(path): float(length) for path, length in durations.items()}
    except (TypeError, ValueError) as error:
        raise ValueError(f"durations={shortened(durations)} must hold seconds, as numbers: {error}.") from error
    unknown = [path for path in paths if path not in lengths]
    if unknown:
        raise ValueError(
            f"durations has none of {', '.join(map(shortened, unknown[:MAX_SHOWN]))}. Add them, or pass None."
        )
    wrong = [path for path, length in lengths.items() if not 0 < length < np.inf]
    if wrong:
        raise ValueError(f"durations[{shortened(wrong[0])}]={lengths[wrong[0]]} must be a number of seconds above 0.")
    return lengths


def is_label(value):
    """Return whether a value may be the label of an event: text, or a number."""
    return isinstance(value, str) or (isinstance(value, (Real, np.generic)) and not pd.isna(value))


def sorted_labels(labels, name):
    """Sort labels, or raise an error that calls by `name` what they are of: list."""
    if len({isinstance(label, str) for label in labels}) > 1:
        raise ValueError(f"{name} hold both text and numbers as labels. Pass one kind.")
    return sorted(labels)


def _columns(table, name):
    """Start, end and label of a table of any kind: three arrays of objects."""
    try:
        table = pd.DataFrame(table) if isinstance(table, Mapping) else table
        if not isinstance(table, pd.DataFrame):
            return _columns_of_rows(table)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {shortened(table)}, not a table of events. Pass a DataFrame with the columns start, end and "
            "label, a dict of them, or a list of (start, end, label)."
        ) from error
    missing = [each for each in COLUMNS if each not in table.columns]
    if missing and len(table):
        raise ValueError(
            f"{name}: there is no column {missing[0]!r} among {', '.join(map(str, table.columns))}. Rename the one "
            "that it is."
        )
    if missing:
        return np.empty((3, 0), dtype=object)
    return [column(table, each, f"{name}, {each}").to_numpy(dtype=object) for each in COLUMNS]


def _columns_of_rows(rows):
    columns = np.empty((3, len(rows)), dtype=object)
    for number, (start, end, label) in enumerate(rows):
        columns[:, number] = start, end, label
    return columns


def _check_values(start, end, label, name):
    """Return events of three columns, or raise an error that names the first row that is wrong."""
    for values, each in zip((start, end, label), COLUMNS, strict=True):
        empty = np.flatnonzero(np.where(pd.isna(values), "", values) == "")
        if len(empty):
            raise ValueError(
                f"{name}: column {each!r} has no value in {rows_text(empty)} of {len(values)}. Fill them in, or leave "
                "the rows out."
            )
    unfit = next((row for row, each in enumerate(label) if not is_label(each)), None)
    if unfit is not None:
        raise ValueError(
            f"{name}: row {unfit} has the label {shortened(label[unfit])}, and takes one that is text or a number. "
            "Give each label a separate row."
        )
    try:
        start, end = start.astype(float), end.astype(float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: the columns 'start' and 'end' must hold seconds, as numbers: {error}.") from error
    try:
        check_spans(start, end, with_points=True)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return Events(start, end, label, np.arange(len(label)))


def _check_classes(events, classes, name):
    known = None if classes is None else set(classes)
    wrong = () if known is None else [number for number, label in enumerate(events.label) if label not in known]
    if wrong:
        _, _, label, row = events.where(wrong[0])
        raise ValueError(
            f"{name}: row {row} has the label {shortened(label)}, which is none of "
            f"{', '.join(map(repr, list(classes)[:MAX_SHOWN]))}{', …' if len(classes) > MAX_SHOWN else ''}. Correct "
            "it, or name it too."
        )
