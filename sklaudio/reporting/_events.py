"""The page about events in time: tables by label, and excerpts with their events drawn, most errors first."""

import numpy as np

from .._utils.terminal import one_line
from ..evaluate._events import FALSE_ALARM, HIT, MISSED
from ..timeline._formats import format_time
from ._media import AXES

LEAD = 0.1  # of an excerpt that is before its first error
MAX_ROWS = 12  # labels of an excerpt that are drawn
MAX_DRAWN = 400  # events of an excerpt
MAX_BUTTONS = 30  # errors of an excerpt that can be played by name
ROW_HEIGHT = 38  # pixels of a label: its name, its true events, those that were found
SHORTEST = 0.6  # percent of the picture that an event is wide at least, so that it can be seen and pressed
MARGIN = 0.15  # seconds before and after an event that are played with it
ORDER = {MISSED: 0, FALSE_ALARM: 1, HIT: 2}


def content_of(evaluation, clips, listener, limits):
    """What the template is given of an EventEvaluation; parameters as in :func:`._classes.content_of`."""
    predictions, names = evaluation.predictions, [one_line(name) for name in evaluation.by_event.index[:-2]]
    numbers = {name: number for number, name in enumerate(evaluation.by_event.index[:-2])}
    views = clips.rows()
    events_of = dict(list(evaluation.events.groupby("clip")))
    is_missing = predictions["error"].notna().to_numpy()
    excerpts = [
        views[row] | excerpt
        for row, events in events_of.items()
        if not is_missing[row]
        for excerpt in _excerpts(events, predictions["seconds"].iloc[row], limits.max_seconds)
    ]
    excerpts.sort(key=lambda excerpt: -excerpt["n_errors"])
    shown, listed, n_left_out = limits.divide(excerpts)
    for excerpt in excerpts[: len(shown) + len(listed)]:
        errors = excerpt["errors"]
        keys = [
            f"{'m' if outcome == MISSED else 'f'}{numbers[label]}"
            for outcome, label in zip(errors["outcome"], errors["label"], strict=True)
        ]
        excerpt["key"] = " ".join(dict.fromkeys(keys))
        excerpt["from"] = format_time(listener.start + excerpt["begin"])
    listener.listen_to(shown)
    for excerpt in shown:
        _draw(excerpt, events_of[excerpt["clip"]], listener)
    counts = predictions[["n_missed", "n_false", "n_hits", "n_true", "n_predicted"]]
    has_errors = (counts["n_missed"] + counts["n_false"] > 0).to_numpy()
    right = [
        view | {"n_hits": int(counts["n_hits"].iloc[row])}
        for row, view in enumerate(views)
        if not (has_errors | is_missing)[row]
    ]
    return {
        "scores": evaluation,
        "totals": {name: int(n) for name, n in counts.sum().items()},
        "n_clips": len(views),
        "n_groups": None if clips.groups is None else len(set(clips.groups)),
        "labels": _rows(evaluation, names, excerpts),
        "over_all": [
            (kind, evaluation.by_event.loc[kind].to_dict(), evaluation.by_segment.loc[kind].to_dict())
            for kind in ("(micro)", "(macro)")
        ],
        "worst": shown,
        "others": listed,
        "n_excerpts": len(excerpts),
        "n_left_out": n_left_out,
        "right": right[: limits.max_listed],
        "n_right": len(right),
        "n_right_left_out": max(0, len(right) - limits.max_listed),
        "unreadable": [
            view | {"error": one_line(predictions["error"].iloc[row]), "n_true": int(counts["n_true"].iloc[row])}
            for row, view in enumerate(views)
            if is_missing[row]
        ],
        "unknown": [one_line(name) for name in evaluation.unknown],
        "absent": [one_line(name) for name in evaluation.absent],
        **listener.facts(shown),
    }


def _excerpts(events, seconds, max_seconds):
    """Parts of a clip with all its errors, each as long as can be played: `begin`, `errors` and how many these are.

    A clip that can be played whole is one; of a longer one, each begins a little before the first error that no earlier
    one has.
    """
    errors = events[events["outcome"] != HIT].sort_values("start", kind="stable")
    starts, first, found = errors["start"].to_numpy(), 0, []
    is_whole = not seconds > max_seconds
    while first < len(errors):
        begin = 0.0 if is_whole else max(0.0, starts[first] - LEAD * max_seconds)
        stop = len(errors) if is_whole else int(np.searchsorted(starts, begin + max_seconds, side="left"))
        inside = errors.iloc[first : max(stop, first + 1)]
        n_missed = int((inside["outcome"] == MISSED).sum())
        counts = {"n_errors": len(inside), "n_missed": n_missed, "n_false": len(inside) - n_missed}
        found.append({"clip": int(inside["clip"].iloc[0]), "begin": float(begin), "errors": inside, **counts})
        first += len(inside)
    return found


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


def _rows(evaluation, names, excerpts):
    """The table of labels: scores by event and by segment, and in how many excerpts its errors are."""
    outcome, labels = evaluation.events["outcome"], evaluation.events["label"]
    tokens = [token for excerpt in excerpts for token in excerpt.get("key", "").split()]
    rows = []
    for number, (label, name) in enumerate(zip(evaluation.by_event.index, names, strict=False)):
        counts = {
            kind: int(((outcome == value) & (labels == label)).sum())
            for kind, value in (("n_missed", MISSED), ("n_false", FALSE_ALARM))
        }
        listed = {f"{kind}_listed": tokens.count(f"{kind[2]}{number}") for kind in counts}
        scores = {
            "event": evaluation.by_event.loc[label].to_dict(),
            "segment": evaluation.by_segment.loc[label].to_dict(),
        }
        rows.append({"number": number, "name": name, **counts, **listed, **scores})
    return rows
