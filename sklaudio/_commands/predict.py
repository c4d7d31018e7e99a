"""``sklaudio predict MODEL FILE…``."""

import sys

from .._text import one_line
from ._command import JOBS, MODEL, argument, command, count
from ._output import without_notes_of_decoders


@command(
    MODEL,
    argument(
        "files",
        nargs="+",
        metavar="FILE",
        complete="audio",
        help="audio file, folder (audio files at any depth) or quoted pattern",
    ),
    argument("--top", type=count, default=3, metavar="N", help="classes to show for each file (%(default)s)"),
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON array of objects"),
        argument("--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per file"),
    ],
    JOBS,
)
def predict(load, files, *, top, form, jobs):
    """Tell the class of audio files, of any length, rate and number of channels.

    A model hears files as it did in training: one that was trained on the first
    second of each (duration=1.0) hears the first second of a long one too. What is
    heard when in a long recording is for sklaudio timeline.

    Files that cannot be read are named on stderr, or by an error in their object
    with --json, and the exit code is 1 then; all others are predicted.

    Such as:
      sklaudio predict model.skops one.wav two.mp3
      sklaudio predict model.skops recordings/ --csv > answers.csv
      sklaudio predict model.skops 'music/**/*.flac' --json
    """
    from .._files import audio_files
    from ..predict import predict_files

    paths, errors = audio_files(files), []
    loaded = load()
    with without_notes_of_decoders():
        answers = _note(predict_files(loaded, paths, n_jobs=jobs), errors, is_told=form != "json")
        for piece in _pieces(answers, form, loaded, paths, top):
            sys.stdout.write(piece)
            sys.stdout.flush()
    if errors and len(paths) > 1:
        print(f"sklaudio predict: {len(errors)} of {len(paths)} files cannot be predicted", file=sys.stderr)
    return int(len(errors) > 0)


def _note(answers, errors, *, is_told):
    """Pass answers through; keep their errors, and tell them on stderr."""
    for answer in answers:
        if answer.error is not None:
            errors.append(answer.path)
            if is_told:
                print(one_line(f"sklaudio predict: {answer.error}"), file=sys.stderr)
        yield answer


def _pieces(answers, form, model, paths, top):
    from .._predict_text import as_csv, as_json, as_text

    if form == "json":
        return as_json(answers)
    if form == "csv":
        return as_csv(answers, model.classes_, has_probabilities=hasattr(model, "predict_proba"))
    return as_text(answers, paths, model.classes_, top=top)
