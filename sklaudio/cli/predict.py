"""``sklaudio predict MODEL FILE…``."""

import sys
from contextlib import nullcontext

from .._utils.terminal import one_line
from ._command import JOBS, MODEL, argument, command, count
from ._streams import names_as_they_are, without_notes_of_decoders


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
    """Predict the class of audio files, of any length, rate and number of channels.

    A model reads files as it did in training: one that was trained on the first
    second of each (duration=1.0) takes the first second of a long one too. Which
    class is present when in a long recording is for sklaudio timeline.

    Files that cannot be read are named on stderr, or by an error in their object
    with --json, and the exit code is 1 then; all others are predicted.

    Such as:
      sklaudio predict model.skops one.wav two.mp3
      sklaudio predict model.skops recordings/ --csv > predictions.csv
      sklaudio predict model.skops 'music/**/*.flac' --json
    """
    from .._inference import check_classifies_clips
    from ..audio._patterns import audio_files
    from ..predict import predict_files

    paths, errors = audio_files(files), []
    loaded = load()
    check_classifies_clips(loaded)
    with without_notes_of_decoders(), names_as_they_are() if form == "csv" else nullcontext():
        predictions = _note(predict_files(loaded, paths, n_jobs=jobs), errors, is_printed=form != "json")
        for piece in _pieces(predictions, form, loaded, paths, top):
            sys.stdout.write(piece)
            sys.stdout.flush()
    if errors and len(paths) > 1:
        print(f"sklaudio predict: {len(errors)} of {len(paths)} files cannot be predicted", file=sys.stderr)
    return int(len(errors) > 0)


def _note(predictions, errors, *, is_printed):
    """Pass predictions through; keep their errors, and print them on stderr."""
    for prediction in predictions:
        if prediction.error is not None:
            errors.append(prediction.path)
            if is_printed:
                print(one_line(f"sklaudio predict: {prediction.error}"), file=sys.stderr)
        yield prediction


def _pieces(predictions, form, model, paths, top):
    from ._prediction_text import as_csv, as_json, as_text

    if form == "json":
        return as_json(predictions)
    if form == "csv":
        return as_csv(predictions, model.classes_, has_probabilities=hasattr(model, "predict_proba"))
    return as_text(predictions, paths, model.classes_, top=top)
