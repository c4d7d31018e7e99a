"""``sklaudio timeline MODEL FILE``."""

import argparse
import sys
from contextlib import nullcontext

from .._utils.terminal import csv_row, one_line
from ._command import MODEL, argument, command, count, new_file, positive_seconds
from ._streams import NAMES, names_as_they_are, without_notes_of_decoders


def odd(text):
    """Type of an argument: 1, 3, 5, …"""
    number = count(text)
    if number % 2 == 0:
        raise argparse.ArgumentTypeError(f"{text} must be odd")
    return number


def probability(text):
    """Type of an argument: a number between 0 and 1."""
    number = float(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be between 0 and 1")
    return number


@command(
    MODEL,
    argument("file", metavar="FILE", complete="audio", help="audio file of any length"),
    argument("--window", type=positive_seconds, default=3.0, metavar="S", help="seconds of a window (%(default)s)"),
    argument("--hop", type=positive_seconds, default=1.0, metavar="S", help="seconds between windows (%(default)s)"),
    argument("--smoothing", choices=("median", "viterbi"), help="let neighbours have a say (no)"),
    argument("--median-length", type=odd, default=5, metavar="N", help="windows of the median, odd (%(default)s)"),
    argument(
        "--stay",
        type=probability,
        default=0.99,
        metavar="P",
        help="probability that a class lasts on (%(default)s)",
    ),
    argument("--merge", action="store_true", help="one row for windows of one class that follow each other"),
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON object"),
        argument("--audacity", action="store_const", dest="form", const="audacity", help="print a label track"),
        argument("--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per window"),
    ],
    argument("--out", "-o", type=new_file, metavar="FILE", complete="file", help="write to a file"),
)
def timeline(load, file, *, form, out, **options):
    """Print which class is present when, in a recording of any length.

    The recording is read window by window, in memory that does not grow with it.
    Text has times as mm:ss.s, hh:mm:ss.s from an hour on; JSON and CSV have
    seconds, and --audacity writes what "File > Import > Labels" reads there, of
    merged windows. Give about the length of the clips that the model has learned
    from as --window.

    Such as:
      sklaudio timeline genres concert.mp3 --window 10 --hop 5 --merge
      sklaudio timeline model.skops radio.flac --smoothing viterbi --merge
      sklaudio timeline model.skops radio.flac --audacity -o labels.txt
    """
    from ..timeline import predict_timeline, timeline_to_audacity, timeline_to_json

    loaded = load()
    with without_notes_of_decoders():
        found = predict_timeline(loaded, file, proba=form == "csv", **options)
    if form == "json":
        text = timeline_to_json(found) + "\n"
    elif form == "audacity":
        text = timeline_to_audacity(found)
    elif form == "csv":
        rows = found.itertuples(index=False, name=None)
        text = "".join(map(csv_row, [found.columns, *(map(_cell, row) for row in rows)]))
    else:
        text = _as_text(found)
    if out is None:
        with names_as_they_are() if form == "csv" else nullcontext():
            sys.stdout.write(text)
    else:
        from .._utils.atomic_write import atomic_write

        with atomic_write(out, "timeline.txt") as page:
            page.write(text.encode("utf-8", NAMES))


def _cell(value):
    return f"{value:.6g}" if isinstance(value, float) else value


def _as_text(found):
    from ..timeline import format_time

    labels = [one_line(str(label)) for label in found["label"]]
    width = max(map(len, labels), default=0)
    rows = zip(found["start"], found["end"], labels, found["probability"], strict=True)
    return "".join(
        f"{format_time(start)}  {format_time(end)}  {label:{width}}  {probability:.3f}\n"
        for start, end, label, probability in rows
    )
