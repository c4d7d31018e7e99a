"""Timelines as text: Audacity's labels, JSON, and seconds as people write them."""

import json

from ._merge import merge_timeline

KEPT = ("path", "sr", "window", "hop")  # of the attributes of a timeline


def format_time(seconds):
    """Write seconds as mm:ss.s, from an hour on as hh:mm:ss.s.

    Parameters
    ----------
    seconds : float
        At least 0; rounded to tenths.

    Returns
    -------
    str
        The time.

    Raises
    ------
    ValueError
        If `seconds` is negative or not finite.

    Examples
    --------
    >>> format_time(75.25), format_time(3661), format_time(59.97)
    ('01:15.2', '01:01:01.0', '01:00.0')
    """
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"seconds={seconds} must be a number from 0 on. Give a time of the recording.")
    minutes, tenths = divmod(round(seconds * 10), 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{minutes:02d}:{tenths // 10:02d}.{tenths % 10}"
    return f"{hours:02d}:{clock}" if hours else clock


def timeline_to_audacity(timeline) -> str:
    r"""Write a timeline as a label track of Audacity, which "File > Import > Labels" reads.

    Parameters
    ----------
    timeline : DataFrame
        With columns `start`, `end` (seconds) and `label`; windows become spans, see :func:`merge_timeline`. The events
        of an EventDetector are written as they are. Numbers cannot be written so.

    Returns
    -------
    str
        A line for each span: start, end and label, with tabs between. Tabs and line breaks in a label, which would
        end it, become spaces.

    Examples
    --------
    >>> import pandas as pd
    >>> timeline_to_audacity(pd.DataFrame({"start": [0, 1, 2], "end": [3, 4, 5], "label": ["a", "a", "b"]}))
    '0.000000\t3.000000\ta\n3.000000\t5.000000\tb\n'
    """
    are_events = timeline.attrs.get("events") and "window" not in timeline.attrs
    spans = timeline if are_events else merge_timeline(timeline)
    rows = zip(spans["start"], spans["end"], spans["label"], strict=True)
    return "".join(f"{start:.6f}\t{end:.6f}\t{_one_line(label)}\n" for start, end, label in rows)


def timeline_to_json(timeline) -> str:
    """Write a timeline as JSON.

    Parameters
    ----------
    timeline : DataFrame
        As :func:`predict_timeline` gives it, of windows or spans.

    Returns
    -------
    str
        An object with `path`, `sr`, `window` and `hop` where the timeline has them, and `rows`: a list of objects with
        the columns by name.

    Examples
    --------
    >>> import pandas as pd
    >>> timeline_to_json(pd.DataFrame({"start": [0.0], "end": [3.0], "label": ["a"]}))
    '{"rows": [{"start": 0.0, "end": 3.0, "label": "a"}]}'
    """
    about = {name: timeline.attrs[name] for name in KEPT if name in timeline.attrs}
    rows = timeline.astype(object).where(timeline.notna(), None).to_dict(orient="records")
    return json.dumps({**about, "rows": rows})


def _one_line(label):
    return str(label).translate(str.maketrans("\t\n\r", "   "))
