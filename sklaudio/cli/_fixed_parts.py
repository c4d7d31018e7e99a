"""Parts of a set of recordings that are fixed: clips to train on, to validate on, and to score on."""

import os
import sys
from itertools import combinations

from .._utils.terminal import one_line, shortened
from ._command import WrongUseError
from ._data import clips_of
from ._tasks import CLASS, EVENTS, LABELS, NUMBERS

MAX_NAMED = 5  # files, classes and groups, in a message


def parts_of(data, parts, *, command, columns, **options):
    """List the clips of a folder or table and of its fixed parts, of which none is in two of them.

    Parameters
    ----------
    data : str
        The folder or table to train on.
    parts : dict of str to (str or None)
        Folder or table of each other part, by the option that gives it.
    command : str
        Name of the command, for what is printed to stderr.
    columns : dict of str to (str or None)
        Options of tables, of all that are tables; `fold` is of `data` alone.
    **options
        Others of :func:`clips_of`.

    Returns
    -------
    Bunch
        Clips to train on.
    dict of str to (Bunch or None)
        Those of each part.

    Raises
    ------
    WrongUseError
        As :func:`clips_of`.
    ValueError
        If a clip is in two parts, or a class in a part and not in `data`.
    """
    given = {"DATA": data} | {option: place for option, place in parts.items() if place is not None}
    has_table = not all(map(os.path.isdir, given.values()))
    found = {}
    for option, place in given.items():
        of_place = {} if has_table and os.path.isdir(place) else dict(columns)
        if option != "DATA":
            of_place.pop("fold", None)
            options["task"] = found["DATA"].task
            if os.path.isdir(place) and options["task"] != CLASS:
                raise WrongUseError(
                    f"a folder has one class for each clip: {data} and {option} {place} must both be tables"
                )
        found[option] = clips_of(place, command=command, **of_place, **options)
    for option in list(found)[1:]:
        _check_classes(found["DATA"], found[option], data, f"{option} {given[option]}")
        if found["DATA"].task == LABELS:  # of which a part may lack some
            columns = found["DATA"].target.columns
            found[option].target = found[option].target.reindex(columns=columns, fill_value=0)
    names = {option: data if option == "DATA" else f"{option} {place}" for option, place in given.items()}
    for one, other in combinations(found, 2):
        _check_disjoint(found[one], found[other], f"{names[one]} and {names[other]}", command, options.get("group_by"))
    return found.pop("DATA"), {option: found.get(option) for option in parts}


def _check_classes(clips, others, data, name):
    """Raise an error if a part has classes or labels that there are none of in `data`; numbers have none."""
    if clips.task == NUMBERS:
        return
    known, found = _classes_in(clips), _classes_in(others)
    if unknown := sorted(found - known):
        kind = "classes" if clips.task == CLASS else "labels"
        raise ValueError(
            f"{name} has clips of {kind} that {data} has none of: {_some(unknown)}. A model cannot learn these. Take "
            f"them out, or give the {kind} the same names."
        )


def _classes_in(clips):
    if clips.task == EVENTS:
        return {label for table in clips.target for label in table["label"]}
    return set(clips.target.columns if clips.task == LABELS else clips.target.tolist())


def _check_disjoint(clips, others, names, command, group_by):
    """Raise an error if a clip is in both parts; warn on stderr if one recording or group is."""
    spans = _spans(clips.data)
    shared = [(clip, spans[path]) for path, found in _spans(others.data).items() if path in spans for clip in found]
    twice = [_name(clip) for clip, before in shared if any(_overlap(clip, one) for one in before)]
    if twice:
        raise ValueError(
            f"{names} have clips in common ({len(twice)}): {_some(twice)}. What is measured on clips that were trained "
            "on says nothing. Take them out of one."
        )
    has_groups = all(group_by is not None or getattr(part, "columns", {}).get("group") for part in (clips, others))
    groups = sorted(set(clips.groups.tolist()) & set(others.groups.tolist())) if has_groups else []
    kind, same = ("groups", groups) if groups else ("recordings", list(dict.fromkeys(clip.path for clip, _ in shared)))
    if same:
        text = f"{names} have clips of the same {kind}: {_some(same)}. What is measured there is not of new {kind}"
        print(one_line(f"sklaudio {command}: {text}"), file=sys.stderr, flush=True)


def _spans(clips):
    """Group clips by the file that they are of, links followed."""
    from ..audio import Clip

    spans = {}
    for clip in clips.tolist():
        clip = clip if isinstance(clip, Clip) else Clip(clip)
        spans.setdefault(os.path.realpath(clip.path), []).append(clip)
    return spans


def _name(clip):
    return clip.path if clip.start is None and clip.end is None else str(clip)


def _overlap(one, other):
    ends = [float("inf") if clip.end is None else clip.end for clip in (one, other)]
    return (one.start or 0.0) < ends[1] and (other.start or 0.0) < ends[0]


def _some(names):
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(map(shortened, names[:MAX_NAMED])) + more
