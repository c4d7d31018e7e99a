"""Timelines as text, CSV, JSON and label tracks: pieces to write as the recordings come."""

import json
import os

from ..._utils.terminal import csv_row, one_line
from .number_predictions import rounded

DIGITS = 6  # of seconds and probabilities in CSV


def pieces(found, form, *, is_single):
    """Write timelines in a form.

    Parameters
    ----------
    found : iterable of (path, timeline, error)
        Of each recording; the timeline or the error is None.
    form : {"json", "csv", "audacity", None}
        None is text for people.
    is_single : bool
        Whether one recording was asked for, and not one or more.

    Yields
    ------
    str
        The next piece.
    """
    if form == "csv":
        return _as_csv(found)
    if form == "json":
        return _as_json(found, is_single)
    return _as_label_track(found) if form == "audacity" else _as_text(found, is_single)


def label_track_paths(paths, folder):
    """Return where the label track of each recording goes: below `folder` as it is below the folder of all.

    Parameters
    ----------
    paths : list of str
        The recordings.
    folder : str
        Folder of the label tracks.

    Returns
    -------
    dict of str to str
        By recording; "low/one.wav" has "low/one.wav.txt", as :func:`~sklaudio.datasets.load_annotations` expects.
    """
    common = os.path.commonpath([os.path.dirname(os.path.abspath(path)) for path in paths])
    return {path: os.path.join(folder, f"{os.path.relpath(os.path.abspath(path), common)}.txt") for path in paths}


def _as_csv(found):
    is_first = True
    for path, timeline, _ in found:
        if timeline is None:
            continue
        rows = timeline.itertuples(index=False, name=None)
        header = [csv_row(["path", *timeline.columns])] if is_first else []
        cell = _cell if "label" in timeline else rounded  # numbers may be of any size
        yield "".join([*header, *(csv_row([path, *map(cell, row)]) for row in rows)])
        is_first = False


def _cell(value):
    return round(value, DIGITS) if isinstance(value, float) else value


def _as_json(found, is_single):
    """Write one object; of several an array, in which an error is an object with its path."""
    from ...timeline import timeline_to_json

    before = "" if is_single else "[\n"
    for path, timeline, error in found:
        yield before + (json.dumps({"path": path, "error": error}) if timeline is None else timeline_to_json(timeline))
        before = ",\n"
    yield "\n" if is_single else "\n]\n"


def _as_label_track(found):
    from ...timeline import timeline_to_audacity

    for _, timeline, _ in found:
        yield timeline_to_audacity(timeline)


def _as_text(found, is_single):
    """Write a line for each window; of several recordings below a line with its name."""
    before = ""
    for path, timeline, _ in found:
        if timeline is not None:
            name = "" if is_single else f"{before}{one_line(path)}\n"
            yield name + "".join(_lines(timeline))
            before = "\n"


def _lines(timeline):
    from ...timeline import format_time

    if "label" not in timeline:
        yield from _number_lines(timeline)
        return
    labels = [one_line(str(label)) for label in timeline["label"]]
    width = max(map(len, labels), default=0)
    rows = zip(timeline["start"], timeline["end"], labels, timeline["probability"], strict=True)
    for start, end, label, probability in rows:
        yield f"{format_time(start)}  {format_time(end)}  {label:{width}}  {probability:.3f}\n"


def _number_lines(timeline):
    """Format a line for each window or frame: its times, and its numbers behind the names of their targets."""
    from ...timeline import format_time

    targets = [one_line(name) for name in timeline.columns[2:]]
    for start, end, *numbers in timeline.itertuples(index=False, name=None):
        cells = [f"{name} {value:<9.4g}" for name, value in zip(targets, numbers, strict=True)]
        yield "  ".join([format_time(start), format_time(end), *cells]).rstrip() + "\n"
