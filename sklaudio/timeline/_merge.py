"""merge_timeline: windows of one label that follow each other become one span."""

import numpy as np
import pandas as pd

MERGED = {"start": "min", "end": "max", "label": "first"}  # how columns become one; others are means


def merge_timeline(timeline) -> pd.DataFrame:
    """Merge consecutive rows of the same label into one.

    Parameters
    ----------
    timeline : DataFrame
        With columns `start` and `end` (seconds), `label`, and any columns of numbers, in order of time. One that
        :func:`predict_timeline` gives for a model of several labels, or of events, may have several at a time.

    Returns
    -------
    DataFrame
        The spans. Where windows of different labels overlap, the middle of the overlap divides them; a gap between
        them stays one, and a gap between windows of the same label is taken to be of that label. Other columns are
        means over the windows of a span. Where there may be several labels at a time, rows of one label that overlap or
        touch become one, and those with a missing label are left out.

    Raises
    ------
    ValueError
        If `timeline` lacks one of the columns, or has several labels for one span.

    Examples
    --------
    >>> import pandas as pd
    >>> windows = pd.DataFrame({"start": [0, 1, 2], "end": [3, 4, 5], "label": list("aab"), "probability": [1, 0.5, 1]})
    >>> merge_timeline(windows)
       start  end label  probability
    0    0.0  3.0     a         0.75
    1    3.0  5.0     b         1.00
    """
    missing = {"start", "end", "label"} - set(timeline.columns)
    if missing:
        raise ValueError(f"timeline has no column {sorted(missing)}. Pass what predict_timeline gives.")
    if timeline.attrs.get("events"):
        return _merge_by_label(timeline)
    check_one_label(timeline)
    labels, start, end = (timeline[name].to_numpy() for name in ("label", "start", "end"))
    is_new = np.ones(len(timeline), dtype=bool)
    is_new[1:] = labels[1:] != labels[:-1]
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(timeline))[: len(first)] - 1
    spans = timeline.groupby(is_new.cumsum()).mean(numeric_only=True).reset_index(drop=True)
    spans = spans.reindex(columns=timeline.columns)
    spans["label"] = timeline["label"].to_numpy()[first]
    starts, ends = start[first].astype(float), end[last].astype(float)
    middle = (ends[:-1] + starts[1:]) / 2
    is_overlap = ends[:-1] > starts[1:]
    spans["start"] = np.append(starts[:1], np.where(is_overlap, middle, starts[1:]))
    spans["end"] = np.append(np.where(is_overlap, middle, ends[:-1]), ends[-1:])
    spans.attrs = dict(timeline.attrs)
    return spans


def _merge_by_label(timeline):
    """Unite the rows of each label, in order of time."""
    merged = []
    for _, rows in timeline.groupby("label", sort=True):
        rows = rows.sort_values("start", kind="stable")
        begins_anew = (rows["start"] > rows["end"].astype(float).cummax().shift(fill_value=-np.inf)).to_numpy()
        spans = rows.groupby(begins_anew.cumsum()).agg(
            {name: MERGED.get(name, "mean") for name in timeline.columns if name in MERGED or _is_number(rows[name])}
        )
        merged.append(spans)
    spans = pd.concat(merged) if merged else timeline.iloc[:0]
    spans = spans.sort_values(["start", "end"], kind="stable", ignore_index=True).reindex(columns=timeline.columns)
    spans.attrs = dict(timeline.attrs)
    return spans


def _is_number(column):
    return pd.api.types.is_numeric_dtype(column)


def check_one_label(timeline):
    """Raise a ValueError if a timeline has several labels for the same span, as a multi-label one has."""
    spans = timeline[["start", "end", "label"]]
    is_several = spans.drop_duplicates().duplicated(["start", "end"])
    if is_several.any():
        start, end, _ = spans.loc[is_several[is_several].index[0]]
        labels = spans.loc[(spans["start"] == start) & (spans["end"] == end), "label"].unique().tolist()
        raise ValueError(
            f"timeline has several labels from {start:g} to {end:g} s: {labels}. A timeline has one label at a time: "
            "pass the rows of one label, or the most probable one of each span."
        )
