"""load_annotations: labelled spans of long recordings, as Audacity, Raven and spreadsheets write them."""

import glob
import os
import re

import numpy as np
import pandas as pd

from .._utils.columns import check_spans, filled, is_empty, seconds, some_of
from .._utils.near_names import did_you_mean
from .._utils.terminal import abbreviated, shortened
from ..audio._folders import EXTENSIONS, OTHER_EXTENSIONS
from ._existing_files import existing_files
from ._read_table import PARQUET, encoding_of, read_table, read_text

FORMATS = ("auto", "audacity", "raven", "csv")
COLUMNS = ["path", "start", "end", "label", "low", "high"]
NAMES = {  # of columns, in lower case, with "_" for all but letters and digits; the first that is there counts
    "path": ("path", "filename", "file_name", "file", "filepath", "audio_filename", "recording", "begin_file"),
    "start": ("start", "onset", "start_time", "start_s", "start_time_s", "onset_s", "begin", "begin_time_s"),
    "end": ("end", "offset", "end_time", "end_s", "end_time_s", "offset_s", "stop", "stop_time"),
    "label": (
        "label",
        "event_label",
        "annotation",
        "class",
        "species",
        "category",
        "event",
        "tags",
        "call_type",
        "type",
    ),
    "low": ("low", "low_freq_hz", "low_freq", "low_f", "fmin"),
    "high": ("high", "high_freq_hz", "high_freq", "high_f", "fmax"),
}
ADDED = re.compile(r"(\.table\.\d+)?\.selections$", re.IGNORECASE)  # by Raven, to the name of the recording


def load_annotations(path_or_glob, *, format="auto", root=None) -> pd.DataFrame:
    """Read labelled spans of recordings.

    Parameters
    ----------
    path_or_glob : str or path-like
        A file, or a pattern of several, such as ``"labels/*.txt"``.
    format : {"auto", "audacity", "raven", "csv"}, default="auto"
        "audacity" is a label track: start, end and label with tabs between, with or without lines of frequencies.
        "raven" is a selection table, whose label is the column "Annotation", "Species", "Label", "Class" or "Tags".
        "csv" is a table with columns of start, end and label ("onset", "offset", "event_label" and other usual names),
        or with these three and no line of names; or such a table in Parquet. "auto" finds out which by the first line
        of each file.
    root : str, path-like or None, default=None
        Folder of the recordings; None is that of each file of annotations.

    Returns
    -------
    DataFrame
        A row for each span, in the order of the files: ``path`` of the recording, ``start`` and ``end`` in seconds,
        ``label`` (str), ``low`` and ``high`` in hertz (NaN where not given). ``attrs["recordings"]`` are the paths of
        all recordings, those without any span among them.

    Raises
    ------
    FileNotFoundError
        If there is no such file, or the recordings of any are missing.
    ValueError
        If a file is not of the format, lacks a column, or has spans that end before they start.

    Notes
    -----
    The recording of a file is the one that its column of paths names ("path", "filename", "Begin File", …), or else the
    one of the same name: "dawn.txt", "dawn.wav.txt" and "dawn.Table.1.selections.txt" are of dawn.wav, or of another
    kind of audio. Raven's rows for several views of one selection are one span.

    Examples
    --------
    >>> load_annotations("night/*.selections.txt")              # doctest: +SKIP
    """
    if format not in FORMATS:
        known = ", ".join(map(repr, FORMATS))
        raise ValueError(
            f"format={shortened(format)} is not known. Take one of {known}.{did_you_mean(format, FORMATS)}"
        )
    rows, recordings, orphans = {name: [] for name in COLUMNS}, [], []
    for file in _files(path_or_glob):
        spans = _read(file, format)
        folder = os.path.dirname(file) if root is None else os.fspath(root)
        if spans["path"] is None:
            recording = _recording_of(file, folder)
            (orphans if recording is None else recordings).append(recording or file)
            spans["path"] = [recording] * len(spans["start"])
        else:
            spans["path"] = existing_files(spans["path"], folder)
            recordings += spans["path"]
        for name in COLUMNS:
            rows[name] += list(spans[name])
    if orphans:
        raise FileNotFoundError(
            f"{len(orphans)} files of annotations have no recording of their name: {some_of(orphans)}. Put it beside "
            "them, or pass its folder as root=."
        )
    annotations = pd.DataFrame(rows).astype({"start": float, "end": float, "low": float, "high": float})
    annotations.attrs["recordings"] = list(dict.fromkeys(recordings))
    return annotations


def _files(path_or_glob):
    """List the files of annotations, by name."""
    path = os.fsdecode(path_or_glob)
    files = [path] if os.path.isfile(path) else sorted(filter(os.path.isfile, glob.glob(path, recursive=True)))
    if not files:
        raise FileNotFoundError(
            f"{abbreviated(path)}: there is no such file. Give a file of annotations, or a pattern."
        )
    return files


def _read(file, format):
    """Read the columns of a file, `path` being None where it does not say which recording."""
    if _is_parquet(file) and format in ("auto", "csv"):
        spans = _of_frame(file, read_table(file)[0])
    else:
        first = _first_line(file)
        format = _format_of(first) if format == "auto" else format
        spans = _audacity(file) if format == "audacity" else _table(file, first, is_raven=format == "raven")
    try:
        check_spans(np.asarray(spans["start"]), np.asarray(spans["end"]), with_points=True)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error
    return spans


def _is_parquet(file):
    return os.path.splitext(file)[1].lower() in PARQUET


def _first_line(file):
    try:
        with open(file, encoding=encoding_of(file)) as opened:
            return next((line.rstrip("\r\n") for line in opened if line.strip()), "")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: this is not UTF-8 ({error.reason}). Save it as UTF-8.") from error


def _format_of(first):
    """Return the format of the first line; a file without lines is a label track without labels."""
    cells = first.split("\t")
    if len(cells) >= 2 and _is_number(cells[0]) and _is_number(cells[1]):
        return "audacity"
    if "begin_time_s" in map(_normal, cells):
        return "raven"
    return "csv" if first else "audacity"


def form_of(file):
    """Recognize the format of a file of annotations by its first line, and which columns a table has: (str, dict).

    The dict has the name of the column of each of "path", "start", "end", "label", "low" and "high", or None; all None
    of a label track, and of a table without a line of names.
    """
    if _is_parquet(file):
        form, cells = "csv", read_table(file)[0].columns
    else:
        form = _format_of(_first_line(file))
        cells = [] if form == "audacity" else read_text(file, nrows=0).columns
    return form, _found({_normal(name): name for name in reversed(cells)})


def _found(columns):
    """Return the name of the column of each kind, or None; `columns` are the names by what is compared."""
    return {kind: next((columns[name] for name in names if name in columns), None) for kind, names in NAMES.items()}


def _audacity(file):
    """Read the columns of a label track; lines that begin with a backslash are frequencies of the line before."""
    rows = []
    with open(file, encoding=encoding_of(file)) as opened:
        for number, line in enumerate(opened, start=1):
            cells = line.rstrip("\r\n").split("\t")
            is_range = cells[0] == "\\" and len(rows) > 0
            numbers = cells[1:3] if is_range else cells[:2]
            if not line.strip():
                continue
            if len(numbers) < 2 or not all(map(_is_number, numbers)):
                raise ValueError(f"{file}: line {number}, {shortened(line)}, is not start, end and label, with tabs.")
            first, last = map(_number, numbers)
            if is_range:
                rows[-1][3:] = [value if value >= 0 else np.nan for value in (first, last)]
            else:
                rows.append([first, last, "\t".join(cells[2:]).strip(), np.nan, np.nan])
    return {"path": None} | {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS[1:])}


def _table(file, first, *, is_raven):
    """Read the columns of a selection table of Raven, or of any table."""
    has_names = not any(_is_number(cell) for cell in re.split(r"[,;\t]", first))
    return _of_frame(file, read_text(file) if has_names else _without_names(file), is_raven=is_raven)


def _of_frame(file, frame, *, is_raven=False):
    """Return the columns of a table that was read from a file."""
    columns = {_normal(name): name for name in reversed(frame.columns)}
    if is_raven:
        frame = _one_view(frame, columns)
    found = _found(columns)
    for kind in ("start", "end", "label"):
        if found[kind] is None:
            raise ValueError(
                f"{file}: there is no column of the {kind} (such as {', '.join(NAMES[kind][:3])}) among "
                f"{', '.join(map(str, frame.columns))}. Rename the one that it is."
            )
    try:
        return _spans(frame, found, columns)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _spans(frame, found, columns):
    start, end = (seconds(filled(frame, found[kind], kind).to_frame(), found[kind], kind) for kind in ("start", "end"))
    if "file_offset_s" in columns and "begin_file" in columns:  # a selection of one file of several that Raven joins
        in_file = seconds(frame, columns["file_offset_s"], "start")
        start, end = in_file, in_file + end - start
    labels = frame[found["label"]]
    open_limits = np.full(len(frame), np.nan)
    return {
        "path": None if found["path"] is None else [str(name) for name in filled(frame, found["path"], "path")],
        "start": start,
        "end": end,
        "label": labels.mask(is_empty(labels), "").astype(str).tolist(),
        "low": open_limits if found["low"] is None else seconds(frame, found["low"], "low"),
        "high": open_limits if found["high"] is None else seconds(frame, found["high"], "high"),
    }


def _one_view(frame, columns):
    """Keep the last row of each selection: its spectrogram, which has the frequencies, comes after its waveform."""
    return frame.drop_duplicates(columns["selection"], keep="last") if "selection" in columns else frame


def _without_names(file):
    frame = read_text(file, header=None)
    names = {3: ["start", "end", "label"], 4: ["path", "start", "end", "label"]}.get(frame.shape[1])
    if names is None:
        raise ValueError(
            f"{file}: there are no names of columns, and {frame.shape[1]} columns. Give start, end and label, or path "
            "before them; or a line of names."
        )
    return frame.set_axis(names, axis=1)


def _recording_of(file, folder):
    """Return the recording that a file of annotations is named after, or None."""
    stem = ADDED.sub("", os.path.splitext(os.path.basename(file))[0])
    names = [stem, *(stem + extension for extension in EXTENSIONS + OTHER_EXTENSIONS)]
    names += [stem + extension.upper() for extension in EXTENSIONS]
    paths = [os.path.join(folder, name) for name in names if os.path.splitext(name)[1]]
    is_audio = {*EXTENSIONS, *OTHER_EXTENSIONS}
    return next(
        (path for path in paths if os.path.splitext(path)[1].lower() in is_audio and os.path.isfile(path)), None
    )


def _normal(name):
    return re.sub(r"[^a-z0-9]+", "_", str(name).lower()).strip("_")


def _number(text):
    return float(text.replace(",", "."))  # as older versions of Audacity write it in some countries


def _is_number(text):
    try:
        _number(text)
    except ValueError:
        return False
    return True
