"""``sklaudio timeline MODEL FILE…``."""

import argparse
import os
import sys

from .._utils.terminal import one_line
from ._command import MODEL, WrongUseError, argument, command, count, new_file, positive_seconds
from ._files import LIST, STDIN, clips_meant, files_argument
from ._output import text_output
from ._streams import without_notes_of_decoders
from ._texts.timelines import label_track_paths, pieces


def file_or_folder(text):
    """Parse an argument: a folder, or a file to write in one that is there."""
    return text if os.path.isdir(text) else new_file(text.rstrip(os.sep) or text) + os.sep * text.endswith(os.sep)


def odd(text):
    """Parse an argument: 1, 3, 5, …"""
    number = count(text)
    if number % 2 == 0:
        raise argparse.ArgumentTypeError(f"{text} must be odd")
    return number


def probability(text):
    """Parse an argument: a number between 0 and 1."""
    number = float(text)
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be between 0 and 1")
    return number


@command(
    MODEL,
    files_argument(optional=True),
    *LIST,
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
        argument(
            "--json",
            action="store_const",
            dest="form",
            const="json",
            help="write one JSON object; of several recordings an array",
        ),
        argument(
            "--audacity", action="store_const", dest="form", const="audacity", help="write a label track for Audacity"
        ),
        argument("--csv", action="store_const", dest="form", const="csv", help="write a header, and a row per window"),
    ],
    argument(
        "--out",
        "-o",
        type=file_or_folder,
        metavar="FILE",
        complete="file",
        help="write to a file, whole or not at all; with --audacity and several recordings, to files in a folder",
    ),
)
def timeline(load, files, *, files_from, null, form, out, **options):
    """Print which class, labels or numbers there are when, or which events, in recordings of any length.

    Recordings are read window by window, in memory that does not grow with them.
    Text has times as mm:ss.s, hh:mm:ss.s from an hour on; JSON and CSV have
    seconds, and --audacity writes what "File > Import > Labels" reads there, of
    merged windows. Give about the length of the clips that the model has learned
    from as --window.

    A model of several labels has a row for each label that a window has. A regressor
    has a column for each target; --merge, --audacity and --smoothing viterbi are not
    for numbers. A detector of events has a row for each event, and no windows; a
    regressor of frames has a row for each frame.

    Of several recordings, a folder, a pattern or a list, text has the name of each
    above its lines, JSON is an array, and CSV goes on: its rows begin with the path.
    --audacity makes a label track for each then, as --out FOLDER/NAME.wav.txt, in
    folders as those of the recordings. Recordings that cannot be read are named on
    stderr, or by an error in their object of JSON, and the exit code is 1; all
    others are written.

    Such as:
      sklaudio timeline genres concert.mp3 --window 10 --hop 5 --merge
      sklaudio timeline model.skops radio.flac --smoothing viterbi --merge
      sklaudio timeline model.skops radio.flac --audacity -o labels.txt
      sklaudio timeline model.skops nights/ --audacity -o labels/
      sklaudio timeline model.skops 'nights/*.wav' --merge --csv -o nights.csv
    """
    if STDIN in (files or []):
        raise WrongUseError("standard input cannot be read in windows: write it to a file, and give that")
    paths = list(clips_meant(files, files_from, null))
    is_single = len(paths) == 1 and paths == files and files_from is None
    tracks = _label_tracks(paths, form, out, is_single)
    from ..timeline._predict import check_settings

    model, errors = load(), []
    _check_form(model, form)
    check_settings(model, **{name: value for name, value in options.items() if name != "stay"})
    with without_notes_of_decoders():
        found = _found(model, paths, errors, form, is_single, options)
        if tracks:
            _write_label_tracks(found, tracks)
        elif out is None:
            with text_output(None, is_for_programs=form == "csv") as write:
                for piece in pieces(found, form, is_single=is_single):
                    write(piece)
        else:
            text = "".join(pieces(found, form, is_single=is_single))
            if len(errors) < len(paths):
                with text_output(out) as write:
                    write(text)
    if errors:
        print(f"sklaudio timeline: {len(errors)} of {len(paths)} recordings cannot be read", file=sys.stderr)
    return int(len(errors) > 0)


def _check_form(model, form):
    from .._inference import predicts_numbers

    if form == "audacity" and predicts_numbers(model):
        raise WrongUseError("--audacity writes labels, and the model predicts numbers. Take --csv or --json")


def _label_tracks(paths, form, out, is_single):
    """Return the file of the label track of each recording; none where there is one output."""
    is_folder = out is not None and (os.path.isdir(out) or out.endswith(os.sep))
    if form != "audacity" or (is_single and not is_folder):
        if is_folder:
            raise WrongUseError(f"--out {out} is a folder; give the name of a file in it")
        return {}
    if out is None:
        raise WrongUseError("--audacity makes a file for each recording: give a folder for them with --out")
    if os.path.exists(out) and not is_folder:
        raise WrongUseError(f"--out {out} is a file; several recordings take a folder")
    return label_track_paths(paths, out)


def _found(model, paths, errors, form, is_single, options):
    """Yield timelines of recordings, as (path, timeline, error); errors of several are printed, where JSON has none."""
    from .._inference import ForeignPredictionsError, prediction_kind
    from ..predict._predicted import reason_of
    from ..timeline import predict_timeline

    proba = form == "csv" and prediction_kind(model) == "classes"  # of labels, rows are what is there
    for path in paths:
        try:
            yield path, predict_timeline(model, path, proba=proba, **options), None
        except Exception as error:  # whatever a model does with one, the others are not to suffer
            if is_single or isinstance(error, ForeignPredictionsError):
                raise
            errors.append(path)
            if form != "json":
                print(one_line(f"sklaudio timeline: {reason_of(error, path)}"), file=sys.stderr, flush=True)
            yield path, None, reason_of(error, path)


def _write_label_tracks(found, tracks):
    from ..timeline import timeline_to_audacity

    for path, timeline, _ in found:
        if timeline is not None:
            os.makedirs(os.path.dirname(tracks[path]) or ".", exist_ok=True)
            with text_output(tracks[path]) as write:
                write(timeline_to_audacity(timeline))
