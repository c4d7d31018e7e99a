"""A table of events for each clip: of one table of annotations, or checked, with the labels of each."""

import os

import numpy as np
import pandas as pd

from .._events import COLUMNS, check_annotations, check_events
from .._frames.validation import as_object_array
from ..audio import Clip


def events_by_clip(annotations, clips) -> list[pd.DataFrame]:
    """Split a table of annotations into the events of each clip, as :class:`EventDetector` takes them.

    Parameters
    ----------
    annotations : DataFrame
        With the columns `path`, `start`, `end` (seconds) and `label`, as
        :func:`~sklaudio.datasets.load_annotations` gives it.
    clips : sequence of str, path-like or Clip
        Paths of the recordings, or spans of them, in the order of the result.

    Returns
    -------
    list of DataFrame
        Columns `start`, `end` and `label` for each clip. Times in a :class:`~sklaudio.Clip` count from its start, and
        events that reach beyond it are cut. A clip without annotations has an empty table.

    Raises
    ------
    TypeError
        If a clip is neither a path nor a Clip.
    ValueError
        If a column or a value is missing, or no clip is among the recordings of the annotations.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklaudio import Clip
    >>> night = pd.DataFrame({"path": "night.wav", "start": [1.0, 7.5], "end": [2.5, 9.0], "label": ["owl", "fox"]})
    >>> first, second = events_by_clip(night, [Clip("night.wav", 0, 5), Clip("night.wav", 5, 8)])
    >>> second
       start  end label
    0    2.5  3.0   fox
    """
    tables = {os.path.normpath(path): events for path, events in check_annotations(annotations).items()}
    spans = [_span(clip) for clip in clips]
    if tables and not any(path in tables for path, _, _ in spans):
        raise ValueError(
            f"clips has none of the recordings in annotations: {spans[0][0] if spans else 'none'!r} is not like "
            f"{next(iter(tables))!r}. Give both the same paths."
        )
    (empty,) = check_events([[]])
    return [_within(tables.get(path, empty), start, end) for path, start, end in spans]


def check_tables(y, name):
    """Check tables of events, one for each clip, and give them one form: object array of DataFrame."""
    return as_object_array([_as_table(*events[:3]) for events in check_events(y, name=name)])


def labels_of_clips(tables):
    """Find the labels that clips hold events of: names as text, sorted, and 0 or 1 as (n_clips, n_labels)."""
    labels = [table["label"].to_numpy(dtype=str) for table in tables]
    names = np.unique(np.concatenate(labels))
    return names, np.array([np.isin(names, of_clip) for of_clip in labels], dtype=int)


def _span(clip):
    """Return path of a clip, its start, and its end or infinity, in seconds."""
    if not isinstance(clip, (str, bytes, os.PathLike, Clip)):
        raise TypeError(
            f"clips holds {type(clip).__name__}, and a table of annotations is of files. Pass paths; or, with other "
            "clips, a list of tables, one for each."
        )
    if not isinstance(clip, Clip):
        return os.path.normpath(os.fsdecode(clip)), 0.0, np.inf
    return (
        os.path.normpath(os.fsdecode(clip.path)),
        0.0 if clip.start is None else clip.start,
        np.inf if clip.end is None else clip.end,
    )


def _within(events, start, end):
    """Return the events of a span, in seconds from its start."""
    is_point = (events.start == events.end) & (events.start >= start) & (events.start < end)
    found = events.where(((events.end > start) & (events.start < end)) | is_point)
    times = (np.clip(values, start, end) - start for values in (found.start, found.end))
    return _as_table(*times, found.label)


def _as_table(start, end, label):
    return pd.DataFrame(dict(zip(COLUMNS, (start, end, label), strict=True)))
