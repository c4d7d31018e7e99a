"""``sklaudio listen MODEL``."""

import json

from .._utils.terminal import csv_row, one_line
from ._command import MODEL, WrongUseError, argument, command, count, positive_seconds
from ._output import text_output
from .timeline import probability

REJECTED = "-"  # in place of a label
DIGITS = 9  # significant ones, of seconds and numbers for programs


@command(
    argument(*MODEL[0], **MODEL[1], nargs="?"),
    argument(
        "--device",
        metavar="DEVICE",
        complete="file",
        help="number, or part of the name, of an input device; a file of sound in its place; or - for samples of 16 "
        "bits, one channel, without header, from standard input (the default device)",
    ),
    argument("--list-devices", action="store_true", help="print the input devices, and no more"),
    argument("--sr", type=count, metavar="HZ", help="rate to ask the device for, or of the samples of -"),
    argument("--window", type=positive_seconds, default=3.0, metavar="S", help="seconds of a window (%(default)s)"),
    argument("--hop", type=positive_seconds, default=1.0, metavar="S", help="seconds between windows (%(default)s)"),
    argument(
        "--reject-below", type=probability, metavar="P", help=f"probability below which a label becomes {REJECTED} (0)"
    ),
    argument("--changes", action="store_true", help="print a row only where the label is another one than before"),
    argument("--seconds", type=positive_seconds, metavar="S", help="stop after so many seconds of sound (go on)"),
    [
        argument("--jsonl", action="store_const", dest="form", const="jsonl", help="write a JSON object in each line"),
        argument("--csv", action="store_const", dest="form", const="csv", help="write a header, and a row per window"),
    ],
)
def listen(load, device, *, list_devices, sr, window, hop, reject_below, changes, seconds, form):
    """Print which class, labels or numbers a microphone hears, as it hears them.

    Each window is predicted when its last sample has come, as sklaudio timeline
    would predict it of the recording. Ctrl-C ends it, as the end of a file or of
    standard input does, and the last window is printed then, however short.

    A microphone takes pip install 'sklaudio[live]', and on Linux PortAudio, such as
    by apt install libportaudio2.

    Such as:
      sklaudio listen words.skops --window 1 --hop 0.25 --reject-below 0.8
      sklaudio listen --list-devices
      sklaudio listen genres --device 'USB' --window 10 --hop 5 --jsonl
      ffmpeg -i URL -f s16le -ac 1 -ar 16000 - | sklaudio listen words.skops --device - --sr 16000
    """
    from ._devices import blocks_of, device_lines

    if list_devices:
        with text_output(None) as write:
            write("".join(device_lines()) or "there are no input devices\n")
        return
    if load is None:
        raise WrongUseError("give the MODEL to listen with")
    from .._inference import prediction_kind
    from ..streaming import StreamPredictor

    blocks = blocks_of(device, sr)
    model = load()
    if changes and prediction_kind(model) != "classes":
        raise WrongUseError("--changes is for models of one class for each clip")
    stream = StreamPredictor(model, window=window, hop=hop, reject_below=reject_below)
    tables = _tables(stream, _first_seconds(blocks, seconds))
    tables = _at_changes(tables) if changes else tables
    if form is None:
        texts = _as_text(tables, _width_of_labels(model))
    else:
        texts = _as_csv(tables) if form == "csv" else _as_json_lines(tables)
    with text_output(None) as write:
        for text in texts:
            write(text)


def _first_seconds(blocks, seconds):
    """Yield blocks up to a time; all where it is None."""
    n_taken = 0
    for block, sr in blocks:
        left = len(block) if seconds is None else round(seconds * sr) - n_taken
        yield block[:left], sr
        n_taken += len(block)
        if left <= len(block) and seconds is not None:
            return


def _tables(stream, blocks):
    """Yield tables of the rows of a stream; at its end, or when it is interrupted, of those that are left."""
    try:
        for block, sr in blocks:
            yield stream.push(block, sr)
    except KeyboardInterrupt:  # the way to end it
        pass
    yield stream.flush()


def _at_changes(tables):
    """Yield only the rows whose label is another one than that of the row before."""
    last = object()
    for rows in tables:
        labels = [None if label != label else label for label in rows["label"]]  # NaN is a missing one
        is_new = [label != before for label, before in zip(labels, [last, *labels], strict=False)]
        last = labels[-1] if labels else last
        yield rows.loc[is_new]


def _width_of_labels(model):
    from .._inference import label_names_of

    names = label_names_of(model)
    return max(len(one_line(str(label))) for label in (getattr(model, "classes_", [""]) if names is None else names))


def _as_text(tables, width):
    from ..timeline import format_time

    for rows in tables:
        for start, end, *values in rows.itertuples(index=False, name=None):
            times = f"{format_time(start)}  {format_time(end)}"
            if "label" in rows:
                label, certainty = values
                name = REJECTED if label is None or label != label else one_line(str(label))
                yield f"{times}  {name:{width}}  {certainty:.3f}\n"
            else:
                cells = (f"{one_line(name)} {value:.4g}" for name, value in zip(rows.columns[2:], values, strict=True))
                yield "  ".join([times, *cells]) + "\n"


def _as_csv(tables):
    for index, rows in enumerate(tables):
        header = csv_row(rows.columns) if not index else ""
        yield header + "".join(csv_row(map(_cell, row)) for row in rows.itertuples(index=False, name=None))


def _as_json_lines(tables):
    for rows in tables:
        for row in rows.itertuples(index=False, name=None):
            yield json.dumps(dict(zip(rows.columns, map(_cell, row), strict=True)), ensure_ascii=False) + "\n"


def _cell(value):
    """Format a value of a row for programs."""
    if value is None or value != value:
        return None
    value = value.item() if hasattr(value, "item") else value
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
