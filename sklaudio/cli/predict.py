"""``sklaudio predict MODEL FILE…``."""

import sys

from .._utils.terminal import one_line
from ._command import JOBS, MODEL, WrongUseError, argument, command, count
from ._files import LIST, STDIN, clips_meant, files_argument
from ._output import OUT, binary_output, check_binary, text_output
from ._resume import resumed
from ._streams import without_notes_of_decoders


@command(
    MODEL,
    files_argument(also=", or - for a recording from standard input", optional=True),
    *LIST,
    argument(
        "--top",
        type=count,
        default=3,
        metavar="N",
        help="classes to show for each file (%(default)s)",
    ),
    [
        argument("--json", action="store_const", dest="form", const="json", help="write one JSON array of objects"),
        argument("--jsonl", action="store_const", dest="form", const="jsonl", help="write a JSON object in each line"),
        argument("--csv", action="store_const", dest="form", const="csv", help="write a header, and a row per file"),
        argument("--parquet", action="store_const", dest="form", const="parquet", help="write a Parquet file"),
    ],
    OUT,
    argument("--resume", action="store_true", help="write each prediction at once, and go on after those of FILE"),
    JOBS,
)
def predict(load, files, *, files_from, null, top, form, out, resume, jobs):
    """Predict the class, labels, numbers or events of audio files, of any length, rate and number of channels.

    A model reads files as it did in training: one that was trained on the first
    second of each (duration=1.0) takes the first second of a long one too. Which
    class is present when in a long recording is for sklaudio timeline.

    A model of several labels gives those of each file: with commas between them, in
    the column labels of --csv with semicolons, as a list in --json and --jsonl.
    A regressor gives numbers, in a column for each target. A detector gives events: a
    line or row for each, with path, start, end, label and probability, none for a file
    without events, and a list in --json and --jsonl; a regressor of frames a row for
    each frame.

    A file of sklaudio export (.onnx) predicts the same, and sooner: scikit-learn and
    torch, which take seconds to import, are not needed for it. --jobs is for other models.

    Files that cannot be read are named on stderr, or by an error in their object
    with --json and --jsonl, and the exit code is 1 then; all others are predicted.

    With --resume, --csv or --jsonl, and --out, each prediction is in the file as
    soon as it is made. Killed and started again, the same command goes on where it
    stopped: files that have a line are not predicted again, those that could not be
    read among them. What has several rows for a file takes --jsonl.

    Such as:
      sklaudio predict model.skops one.wav two.mp3
      sklaudio predict model.skops recordings/ --csv > predictions.csv
      sklaudio predict model.skops 'music/**/*.flac' --json
      sklaudio predict model.skops --files-from list.txt --csv -o all.csv --resume
      find . -name '*.wav' -print0 | sklaudio predict model.skops --files-from - -0
      ffmpeg -i film.mkv -f wav - | sklaudio predict model.skops -
    """
    if resume and (out is None or form not in ("csv", "jsonl")):
        raise WrongUseError(
            "--resume takes --out FILE and one of --csv and --jsonl, whose lines are whole by themselves"
        )
    if resume and STDIN in (files or []):
        raise WrongUseError("--resume goes by names, and standard input has none")
    if form == "parquet":
        check_binary(form, out)
    clips, errors = clips_meant(files, files_from, null), []
    model = load()
    has_rows = _kind_of(model) in ("events", "curves")
    if has_rows and resume and form == "csv":
        raise WrongUseError("--resume: the model has any number of rows for a file. Take --jsonl, a line for each")
    with without_notes_of_decoders():
        if resume:
            _go_on(model, clips, form, out, jobs, errors)
        elif form == "parquet":
            _write_table(model, clips, out, jobs, errors)
        else:
            found = _noted(model, clips, jobs, errors, form, out)
            with text_output(out, is_for_programs=form == "csv") as write:
                for piece in _pieces(found, form, model, list(clips), top):
                    write(piece)
    if errors and len(clips) > 1:
        print(f"sklaudio predict: {len(errors)} of {len(clips)} files cannot be predicted", file=sys.stderr)
    return int(len(errors) > 0)


def _go_on(model, clips, form, out, jobs, errors):
    """Add the lines that a file does not have yet."""
    from ._texts.json_predictions import as_json_lines

    written, columns = _form_of(model)
    has_probabilities = _has_probabilities(model)
    header = written.csv_header(columns, has_probabilities=has_probabilities) if form == "csv" else ""
    with resumed(out, header, _is_of(model, columns)) as (write, done):
        left = {name: clip for name, clip in clips.items() if name not in done}
        errors += [name for name in clips if done.get(name)]
        if len(left) < len(clips):
            text = f"sklaudio predict: {out} has {len(clips) - len(left)} of {len(clips)} files already"
            print(one_line(text), file=sys.stderr, flush=True)
        found = _noted(model, left, jobs, errors, form, out)
        if form == "csv":
            lines = written.as_csv(found, columns, has_probabilities=has_probabilities, with_header=False)
        else:
            lines = as_json_lines(found)
        for line in lines:
            write(line)


def _write_table(model, clips, out, jobs, errors):
    """Write a Parquet file, whole or not at all."""
    written, columns = _form_of(model)
    found = _noted(model, clips, jobs, errors, "parquet", out)
    table = written.as_table(found, columns, has_probabilities=_has_probabilities(model))
    with binary_output(out) as file:
        table.to_parquet(file, index=False)


def _noted(model, clips, jobs, errors, form, out):
    """Predict clips; note the names of those with an error, and print it on stderr unless the form has it."""
    from .._utils.progress import print_above, progress

    found = model.predictions(clips.values(), clips) if _is_graph(model) else _by_estimator(model, clips, jobs)
    if out is not None:  # else lines show how far it is
        found = progress(found, total=len(clips), unit="file", desc="predicting")
    for prediction in found:
        if prediction.error is not None:
            errors.append(prediction.path)
            if form not in ("json", "jsonl"):
                print_above(one_line(f"sklaudio predict: {prediction.error}"))
        yield prediction


def _by_estimator(model, clips, jobs):
    from .._inference import raising_errors
    from ..predict._files import predictions

    return predictions(raising_errors(model, jobs), list(clips.values()), list(clips), jobs)


def _pieces(found, form, model, names, top):
    """Return predictions as the pieces of a text."""
    from ._texts.json_predictions import as_json, as_json_lines

    if form in ("json", "jsonl"):
        return (as_json if form == "json" else as_json_lines)(found)
    written, columns = _form_of(model)
    if form == "csv":
        return written.as_csv(found, columns, has_probabilities=_has_probabilities(model))
    return written.as_text(found, names, columns, top=top)


def _is_graph(model):
    """Return whether a model is a graph of ONNX, which does without what estimators import."""
    from ..predict import OnnxModel

    return isinstance(model, OnnxModel)


def _kind_of(model):
    if _is_graph(model):  # without what estimators import
        return model.kind
    from .._inference import prediction_kind

    return prediction_kind(model)


def _has_probabilities(model):
    return model.has_probabilities if _is_graph(model) else hasattr(model, "predict_proba")


def _form_of(model):
    """Return the module that writes what a model predicts; and the classes, labels, targets or columns of it."""
    from ._texts import class_predictions, label_predictions, number_predictions, timeline_predictions

    kind = _kind_of(model)
    columns = ["label", "probability"] if kind == "events" else _columns_of(model, kind)
    if kind in ("events", "curves"):
        return timeline_predictions, ["start", "end", *columns]
    return {"classes": class_predictions, "labels": label_predictions, "numbers": number_predictions}[kind], columns


def _columns_of(model, kind):
    """Return the classes, labels or targets of a model."""
    if _is_graph(model):
        return model.columns
    from .._inference import label_names_of, targets_of

    if kind == "classes":
        return model.classes_.tolist()
    return label_names_of(model).tolist() if kind == "labels" else targets_of(model)


def _is_of(model, columns):
    """Return a function that checks whether an object of JSON is a prediction of this model."""
    kind, columns = _kind_of(model), list(map(str, columns))
    if kind == "events":
        labels = set(map(str, _labels_of_events(model)))
        return lambda row: "events" in row and all(event["label"] in labels for event in row["events"])
    if kind == "curves":
        return lambda row: "frames" in row and all(list(frame) == columns for frame in row["frames"])
    if kind == "numbers":
        return lambda row: list(row.get("numbers", ())) == columns
    return lambda row: row.get("probabilities") is None or list(row["probabilities"]) == columns


def _labels_of_events(model):
    if _is_graph(model):
        return model.columns
    from .._introspect import stages_of

    return stages_of(model)[-1][1].classes_.tolist()
