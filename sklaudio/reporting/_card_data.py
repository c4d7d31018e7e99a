"""What a card says of the data that a model was trained on: numbers of clips, a hash of their content, folds."""

import hashlib
from collections import Counter

import numpy as np

from .._events import check_events
from ..audio import UnreadableClipError, as_clips
from ..audio._in_memory import is_read
from ..audio._sources import read_blocks

NOT_STATED = "not stated"
MAX_COUNTED = 30  # classes of which clips are counted one by one


def data_rows(data, kind, licence, source):
    """List what there is to say of data, as (what, text).

    Parameters
    ----------
    data : Bunch, (X, y) or (X, y, groups)
        The clips, and what they are.
    kind : str
        What the model predicts, as :func:`prediction_kind` has it.
    licence, source : str or None
        Of the recordings.

    Returns
    -------
    list of (str, str)
        Rows of a table.

    Raises
    ------
    TypeError
        If `data` is none of these.
    ValueError
        If clips and targets are not equally many.
    """
    clips, target, groups = _parts_of_data(data)
    rows = [("clips", f"{len(clips):,}"), *TARGET_ROWS[kind](target, data)]
    if groups is not None:
        rows.append(("groups, such as recordings or speakers, that folds keep together", f"{len(set(groups)):,}"))
    hashes, n_unreadable = _hashes(clips)
    if n_unreadable:
        rows.append(("clips that cannot be read", f"{n_unreadable:,}"))
    rows.append(("SHA-256 of their samples, in any order", hashlib.sha256("\n".join(hashes).encode()).hexdigest()))
    return [*rows, ("licence", licence or NOT_STATED), ("source", source or NOT_STATED)]


def fold_table(data):
    """Return the numbers of clips and groups of each fold of ``data.splits``; empty where there are none."""
    splits = getattr(data, "splits", None)
    if not splits:
        return {}
    _, _, groups = _parts_of_data(data)
    table = {"fold": [], "clips trained on": [], "clips tested on": [], "groups tested on": []}
    for name, (train, test) in splits.items() if hasattr(splits, "items") else enumerate(splits, start=1):
        n_groups = "" if groups is None else len(set(np.asarray(groups)[test].tolist()))
        for column, value in zip(table.values(), (name, len(train), len(test), n_groups), strict=True):
            column.append(value)
    return table


def _parts_of_data(data):
    """Return clips, targets and groups of data; groups are None if there are none, or each clip is a separate one."""
    if hasattr(data, "data") and hasattr(data, "target"):
        parts = data.data, data.target, getattr(data, "groups", None)
    elif isinstance(data, tuple) and len(data) in (2, 3):
        parts = (*data, None)[:3]
    else:
        raise TypeError(
            "data must be a Bunch of load_folder or load_table, (X, y) or (X, y, groups), and is of type "
            f"{type(data).__name__}."
        )
    clips = as_clips(parts[0])
    for name, values in (("target", parts[1]), ("groups", parts[2])):
        if values is not None and len(values) != len(clips):
            raise ValueError(f"data has {len(clips)} clips, and {name} of {len(values)}. Give one for each clip.")
    groups = None if parts[2] is None else np.asarray(parts[2]).tolist()
    return clips, parts[1], None if groups is None or len(set(groups)) == len(clips) else groups


def _class_rows(target, data):
    return [("clips of each class", _counts(map(str, np.asarray(target).tolist())))]


def _label_rows(target, data):
    names = getattr(target, "columns", getattr(data, "target_names", None))
    n_clips = np.asarray(target).sum(axis=0).astype(int).tolist()
    names = map(str, range(len(n_clips)) if names is None else names)
    return [("clips with each label", _counts(dict(zip(names, n_clips, strict=True))))]


def _number_rows(target, data):
    columns = np.asarray(target, dtype=float).reshape(len(target), -1).T
    names = list(getattr(target, "columns", [])) or [f"number {i}" for i in range(len(columns))]
    if len(columns) == 1:
        names = [getattr(target, "name", None) or "number"]
    return [
        (f"{name}: mean ± standard deviation, range", f"{y.mean():.4g} ± {y.std():.4g}, {y.min():.4g} to {y.max():.4g}")
        for name, y in zip(names, columns, strict=True)
    ]


def _event_rows(target, data):
    labels = (str(label) for events in check_events(list(target)) for label in events.label)
    return [("events of each label", _counts(labels))]


TARGET_ROWS = {
    "classes": _class_rows,
    "labels": _label_rows,
    "numbers": _number_rows,
    "curves": lambda target, data: [],
    "events": _event_rows,
}


def _counts(names):
    counts = Counter(names)
    shown = [f"{name} {counts[name]:,}" for name in sorted(counts)[:MAX_COUNTED]]
    return ", ".join(shown) + (f", and {len(counts) - MAX_COUNTED} more" if len(counts) > MAX_COUNTED else "")


def _hashes(clips):
    """Return sorted hashes of the clips that can be read, and the number of those that cannot."""
    hashes = []
    for clip in clips:
        try:
            hashes.append(_hash(clip))
        except UnreadableClipError:
            continue
    return sorted(hashes), len(clips) - len(hashes)


def _hash(clip):
    found = hashlib.sha256()
    if not is_read(clip):
        found.update(np.ascontiguousarray(clip, dtype=np.float32))
    else:
        for block in read_blocks(clip):
            found.update(np.ascontiguousarray(block.y, dtype=np.float32))
    return found.hexdigest()
