"""The page about events in time: tables by label, and excerpts with their events drawn, most errors first."""

from collections import Counter

import numpy as np

from .._utils.terminal import one_line
from ..evaluate._events import FALSE_ALARM, HIT, MISSED
from ..metrics._event_tables import MACRO, MICRO
from ..timeline._formats import format_time
from . import _summary
from ._media import AXES

LEAD = 0.1  # of an excerpt that is before its first error
MAX_ROWS = 12  # labels of an excerpt that are drawn
MAX_DRAWN = 400  # events of an excerpt
MAX_BUTTONS = 30  # errors of an excerpt that can be played by name
ROW_HEIGHT = 38  # pixels of a label: its name, its true events, those that were found
SHORTEST = 0.6  # percent of the picture that an event is wide at least, so that it can be seen and pressed
MARGIN = 0.15  # seconds before and after an event that are played with it
TOLERANCE = 0.1  # seconds that a clip may be longer than what is played of it: its last frames are half beyond its end
COUNTS = "n_missed", "n_false", "n_hits", "n_true", "n_predicted"
ORDER = {MISSED: 0, FALSE_ALARM: 1, HIT: 2}


def content_of(evaluation, clips, listener, limits):
    """Return what the template is given of an EventEvaluation; parameters as in :func:`._classes.content_of`."""
    views, events_of = clips.rows(), dict(list(evaluation.events.groupby("clip")))
    excerpts = _all_excerpts(evaluation, views, events_of, listener)
    shown, listed, n_left_out = limits.divide(excerpts)
    listener.listen_to(shown)
    for excerpt in shown:
        _draw(excerpt, events_of[excerpt["clip"]], listener)
    scores = evaluation.by_event, evaluation.by_segment
    totals = {name: int(evaluation.predictions[name].sum()) for name in COUNTS}
    labels = _rows(evaluation, [*shown, *listed])
    return {
        "summary": _summary.of_events(evaluation, totals, labels),
        "scores": evaluation,
        "totals": totals,
        "n_clips": len(views),
        "n_groups": None if clips.groups is None else len(set(clips.groups)),
        "labels": labels,
        "over_all": [(kind, *(table.loc[kind].to_dict() for table in scores)) for kind in (MICRO, MACRO)],
        "worst": shown,
        "others": listed,
        "n_excerpts": len(excerpts),
        "n_left_out": n_left_out,
        "unknown": [one_line(name) for name in evaluation.unknown],
        "absent": [one_line(name) for name in evaluation.absent],
        **_other_clips(evaluation.predictions, views, limits),
        **listener.facts(shown),
    }


def _all_excerpts(evaluation, views, events_of, listener):
    """List excerpts of all clips that have a prediction, those with most errors first."""
    numbers = {label: number for number, label in enumerate(evaluation.by_event.index)}
    predictions = evaluation.predictions
    excerpts = [
        views[clip] | excerpt | {"clip": clip, "from": format_time(listener.start + excerpt["begin"])}
        for clip, events in events_of.items()
        if predictions["error"].iloc[clip] is None
        for excerpt in _excerpts(events, predictions["seconds"].iloc[clip], listener.seconds, numbers)
    ]
    return sorted(excerpts, key=lambda excerpt: -excerpt["n_missed"] - excerpt["n_false"])


def _excerpts(events, seconds, max_seconds, numbers):
    """Cut a clip into parts with all its errors, as long as can be played: where each begins, and its errors.

    A clip that can be played whole is one; of a longer one, each begins a little before the first error that no earlier
    one has.
    """
    errors = events[events["outcome"] != HIT].sort_values("start", kind="stable")
    is_missed = (errors["outcome"] == MISSED).to_numpy()
    keys = [
        ("m" if missed else "f") + str(numbers[label]) for missed, label in zip(is_missed, errors["label"], strict=True)
    ]
    starts, first, found = errors["start"].to_numpy(), 0, []
    is_whole = np.nanmax([seconds, events["end"].max()]) <= max_seconds + TOLERANCE
    while first < len(errors):
        begin = 0.0 if is_whole else max(0.0, starts[first] - LEAD * max_seconds)
        stop = len(errors) if is_whole else int(np.searchsorted(starts, begin + max_seconds, side="left"))
        inside = slice(first, max(stop, first + 1))
        n_missed, n_errors = int(is_missed[inside].sum()), len(starts[inside])
        key = " ".join(dict.fromkeys(keys[inside]))
        found.append({"begin": float(begin), "key": key, "n_missed": n_missed, "n_false": n_errors - n_missed})
        first += n_errors
    return found


def _other_clips(predictions, views, limits):
    """Return what the template is given of clips without a mistake, and without a prediction."""
    is_missing = predictions["error"].notna()
    is_correct = ~is_missing & (predictions["n_missed"] + predictions["n_false"] == 0)
    n_hits = predictions["n_hits"].tolist()
    right = [view | {"n_hits": n} for view, n, is_one in zip(views, n_hits, is_correct, strict=True) if is_one]
    errors = zip(views, predictions["error"], strict=True)
    return {
        "right": right[: limits.max_listed],
        "n_right": len(right),
        "n_right_left_out": max(0, len(right) - limits.max_listed),
        "unreadable": [view | {"error": one_line(error)} for view, error in errors if error is not None],
    }


def _draw(excerpt, events, listener):
    """Add the places of the events of an excerpt, in percent of its picture, and buttons for its errors."""
    excerpt |= {"rows": [], "marks": [], "buttons": [], "n_rows_left_out": 0, "n_buttons_left_out": 0, "height": 0}
    if excerpt["reason"]:
        return
    begin, end = excerpt["begin"], excerpt["begin"] + excerpt["seconds"]
    inside = events[(events["end"] >= begin) & (events["start"] < end)].iloc[:MAX_DRAWN]
    ranks = inside.assign(rank=inside["outcome"].map(ORDER)).groupby("label")["rank"].min()
    labels = sorted(ranks.sort_values(kind="stable").index[:MAX_ROWS])
    lane = {label: number for number, label in enumerate(labels)}
    drawn = [_mark(event, begin, end, lane, listener.start) for event in inside.itertuples() if event.label in lane]
    errors = [mark for mark in drawn if mark["outcome"] != HIT]
    excerpt |= {
        "rows": [{"name": one_line(label), "y": number * ROW_HEIGHT} for label, number in lane.items()],
        "marks": drawn,
        "height": len(labels) * ROW_HEIGHT,
        "n_rows_left_out": len(ranks) - len(labels),
        "buttons": errors[:MAX_BUTTONS],
        "n_buttons_left_out": len(errors) - len(errors[:MAX_BUTTONS]),
    }


def _mark(event, begin, end, lane, offset):
    left, width = 100 * AXES[0], 100 * AXES[2]
    first, last = (np.clip(time, begin, end) - begin for time in (event.start, event.end))
    x = left + width * first / (end - begin)
    return {
        "label": one_line(event.label),
        "kind": event.kind,
        "outcome": event.outcome,
        "p": None if np.isnan(event.probability) else float(event.probability),
        "x": float(x),
        "width": float(max(SHORTEST, width * (last - first) / (end - begin))),
        "y": lane[event.label] * ROW_HEIGHT + (16 if event.kind == "true" else 26),
        "start": event.start,
        "end": event.end,
        "span": f"{format_time(offset + event.start)} to {format_time(offset + event.end)}",
        "from": float(max(0.0, first - MARGIN)),  # seconds of the sound
        "to": float(last + MARGIN),
    }


def _rows(evaluation, excerpts):
    """Return the table of labels: scores by event and by segment, and how many excerpts have its errors."""
    events, rows = evaluation.events, []
    listed = Counter(key for excerpt in excerpts for key in excerpt["key"].split())
    counts = events.groupby(["label", "outcome"]).size().to_dict()
    for number, label in enumerate(evaluation.by_event.index[:-2]):
        row = {"number": number, "name": one_line(label)}
        row |= {"n_missed": counts.get((label, MISSED), 0), "n_false": counts.get((label, FALSE_ALARM), 0)}
        row |= {"n_missed_listed": listed[f"m{number}"], "n_false_listed": listed[f"f{number}"]}
        row["event"], row["segment"] = (
            evaluation.by_event.loc[label].to_dict(),
            evaluation.by_segment.loc[label].to_dict(),
        )
        rows.append(row)
    return rows
