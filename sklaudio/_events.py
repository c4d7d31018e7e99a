"""The contract of events: a table for each clip, with the columns start and end (seconds) and label.

Events of one label may overlap: they are one where time is counted (frames, segments, windows), and several where
events are.
"""

from collections.abc import Mapping
from numbers import Real

import numpy as np
import pandas as pd

from ._utils.columns import MAX_SHOWN, check_spans, filled, seconds, texts
from ._utils.terminal import shortened
from .audio._sources import MAX_MISSING

COLUMNS = ["start", "end", "label"]


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
    list of DataFrame
        Columns `start` and `end` (float) and `label`, in the order of the rows, of which the index has the number.

    Raises
    ------
    TypeError
        If `tables` is no sequence of tables.
    ValueError
        If there is not one table for each clip, a column or a value is missing, an event starts before 0 or ends
        before it starts, begins after the end of its clip or ends more than 0.1 s after it, or a label is not in
        `classes`.
    """
    if isinstance(tables, (pd.DataFrame, Mapping, str)):
        raise TypeError(
            f"{name} is {type(tables).__name__}; it is a list of tables, one for each clip. Pass the table of a single "
            "clip as a list of one."
        )
    tables = list(tables)
    if n_clips is not None and len(tables) != n_clips:
        raise ValueError(
            f"{name} holds {len(tables)} tables of events, and there are {n_clips} clips. Pass one for each, an empty "
            "one where there are none."
        )
    events = [_check_table(_as_frame(table, f"{name}[{clip}]"), f"{name}[{clip}]") for clip, table in enumerate(tables)]
    lengths = np.full(len(tables), np.inf) if durations is None else check_durations(durations, len(tables))
    for clip, (table, length) in enumerate(zip(events, lengths, strict=True)):
        check_ends(table, length, f"{name}[{clip}]")
        _check_classes(table, classes, f"{name}[{clip}]")
    return events


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
    dict of str to DataFrame
        The events of each recording, as :func:`check_events` gives them, with their rows in `annotations` as index:
        first of recordings with events, then of the others in `durations`, or in ``attrs["recordings"]`` without them.

    Raises
    ------
    ValueError
        As :func:`check_events`, or if `durations` lacks a recording.
    """
    if len(annotations) and "path" not in annotations.columns:
        raise ValueError(
            f"{name} is one DataFrame without a column 'path'. Add the recording of each event, or pass a list of "
            "tables, one for each clip."
        )
    events = _check_table(annotations, name)
    _check_classes(events, classes, name)
    paths = np.array(texts(annotations, "path", "path") if len(annotations) else [], dtype=object)
    tables = dict(iter(events.groupby(paths, sort=False)))
    lengths = {} if durations is None else by_path(durations, tables)
    recordings = lengths if durations is not None else map(str, annotations.attrs.get("recordings", ()))
    tables |= {path: events.iloc[:0] for path in recordings if path not in tables}
    for path, length in lengths.items():
        check_ends(tables[path], length, name, path)
    return tables


def check_ends(events, duration, name, clip="the clip"):
    """Raise an error if an event begins after the end of its clip, or ends well after it.

    Parameters
    ----------
    events : DataFrame
        As :func:`check_events` gives it.
    duration : float
        Seconds of the clip.
    name, clip : str
        What the message calls the table and the clip.
    """
    past = events.index[(events["start"] > duration) | (events["end"] > duration + MAX_MISSING)]
    if len(past):
        start, end = events.loc[past[0], ["start", "end"]]
        raise ValueError(
            f"{name}: row {past[0]} ({start:g} to {end:g} s) is past the end of {clip}, which has {duration:g} s. "
            "Correct it, or leave it out."
        )


def check_durations(durations, n_clips):
    """Seconds of each clip: ndarray of shape (n_clips,), from one number for all or one for each."""
    lengths = np.full(n_clips, durations, dtype=float) if isinstance(durations, Real) else np.asarray(durations, float)
    if lengths.shape != (n_clips,):
        raise ValueError(
            f"durations is of shape {lengths.shape}, and there are {n_clips} clips. Pass the seconds of each, or one "
            "number for all."
        )
    wrong = np.flatnonzero(~((lengths > 0) & np.isfinite(lengths)))
    if len(wrong):
        raise ValueError(f"durations[{wrong[0]}]={lengths[wrong[0]]} must be a number of seconds above 0.")
    return lengths


def by_path(durations, paths):
    """Seconds of each recording, by its path as str: a dict that holds `paths` and may hold more."""
    if not isinstance(durations, Mapping):
        raise TypeError(
            f"durations is {shortened(durations)}. Of recordings that a column 'path' names, it is a dict of path to "
            "seconds."
        )
    lengths = {str(path): float(length) for path, length in durations.items()}
    unknown = [path for path in paths if path not in lengths]
    if unknown:
        raise ValueError(
            f"durations has none of {', '.join(map(shortened, unknown[:MAX_SHOWN]))}. Add them, or pass None."
        )
    wrong = [path for path, length in lengths.items() if not 0 < length < np.inf]
    if wrong:
        raise ValueError(f"durations[{shortened(wrong[0])}]={lengths[wrong[0]]} must be a number of seconds above 0.")
    return lengths


def _as_frame(table, name):
    """A table of any kind as a DataFrame."""
    if isinstance(table, pd.DataFrame):
        return table
    try:
        return pd.DataFrame(table) if isinstance(table, Mapping) else pd.DataFrame(list(table), columns=COLUMNS)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name} is {shortened(table)}, not a table of events. Pass a DataFrame with the columns start, end and "
            "label, a dict of them, or a list of (start, end, label)."
        ) from error


def _check_table(table, name):
    """Start, end and label of a table, whatever its index and other columns."""
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing and len(table):
        raise ValueError(
            f"{name}: there is no column {missing[0]!r} among {', '.join(map(str, table.columns))}. Rename the one "
            "that it is."
        )
    if not len(table):
        return pd.DataFrame({"start": np.zeros(0), "end": np.zeros(0), "label": np.zeros(0, dtype=object)})
    try:
        labels = [filled(table, column, column) for column in COLUMNS][-1].tolist()
        start, end = (seconds(table, column, column) for column in ("start", "end"))
        check_spans(start, end, with_points=True)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
    return pd.DataFrame({"start": start, "end": end, "label": labels})


def _check_classes(events, classes, name):
    if classes is None:
        return
    unknown = events.index[~events["label"].isin(list(classes))]
    if len(unknown):
        raise ValueError(
            f"{name}: row {unknown[0]} has the label {shortened(events.loc[unknown[0], 'label'])}, which is none of "
            f"{', '.join(map(repr, list(classes)[:MAX_SHOWN]))}{', …' if len(classes) > MAX_SHOWN else ''}. Correct "
            "it, or name it too."
        )
