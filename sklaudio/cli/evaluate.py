"""``sklaudio evaluate MODEL DATA``."""

import os
import sys
from contextlib import nullcontext

from .._utils.terminal import one_line
from ._command import JOBS, MODEL, WrongUseError, argument, command
from ._data import LABEL, PATH, ROOT, SEP, SPANS, clips_of, data_argument
from ._streams import names_as_they_are, without_notes_of_decoders


@command(
    MODEL,
    data_argument("data", "DATA"),
    PATH,
    LABEL,
    SEP,
    *SPANS,
    ROOT,
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON object"),
        argument("--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per clip"),
    ],
    JOBS,
)
def evaluate(load, data, *, form, jobs, **columns):
    """Score a model on clips whose classes or labels are known: a folder per class, or a table.

    Prints the accuracy with its 95% interval (Wilson's), how far its confidence is
    from that (expected calibration error), precision, recall and F1 of each class,
    and the confusion matrix. The score is honest if the model was trained on none
    of the clips, nor on others of the same recordings or speakers.

    Of a model of several labels: a table, with --sep. Prints the mean average
    precision, of how many clips all labels are right (subset accuracy), precision,
    recall, F1, average precision and ROC AUC of each label, and their averages.

    Clips that cannot be read count as wrong, are named on stderr, and the exit code
    is 1 then. So do clips of classes that the model does not know, which are named.

    Such as:
      sklaudio evaluate model.skops held-out/
      sklaudio evaluate genres gtzan/genres --json
      sklaudio evaluate model.skops test.csv --path file --label species
      sklaudio evaluate tags.skops test.csv --label tags --sep ';'
      sklaudio evaluate model.skops held-out/ --csv > predictions.csv
    """
    from .._inference import check_classifies_clips, label_names_of
    from ..evaluate import evaluate_files
    from . import _evaluation_text, _label_evaluation_text

    clips = clips_of(data, command="evaluate", **columns)
    loaded = load()
    check_classifies_clips(loaded, multi_label=True)
    has_labels = label_names_of(loaded) is not None
    _check_sep(has_labels, columns["sep"])
    target = clips.target if has_labels else clips.target.tolist()
    with without_notes_of_decoders():
        evaluation = evaluate_files(loaded, clips.data.tolist(), target, n_jobs=jobs)
    for error in evaluation.predictions["error"].dropna():
        _tell(error)
    (_tell_labels if has_labels else _tell_classes)(evaluation, data)
    written = _label_evaluation_text if has_labels else _evaluation_text
    write = {"json": written.evaluation_as_json, "csv": written.evaluation_as_csv, None: written.evaluation_as_text}
    with names_as_they_are() if form == "csv" else nullcontext():
        print(write[form](evaluation).rstrip("\n"))
    return int(evaluation.predictions["error"].notna().any())


def _check_sep(has_labels, sep):
    if has_labels and sep is None:
        raise WrongUseError("the model tells several labels of each clip: give a table, and --sep, such as --sep ';'")
    if sep is not None and not has_labels:
        raise WrongUseError("--sep: the model tells one class of each clip. Leave it out, or take a model of labels")


def _tell_classes(evaluation, data):
    """Name the classes that the model or the clips lack."""
    if evaluation.unknown:
        n_clips = int(evaluation.predictions["true"].isin(evaluation.unknown).sum())
        _tell(f"the model does not know {_listed(evaluation.unknown)}; clips that count as wrong for it: {n_clips}")
    if evaluation.absent:
        kind = "folder" if os.path.isdir(data) else "label"
        _tell(f"the model knows {_listed(evaluation.absent)} too, and there is no {kind} of that name")


def _tell_labels(evaluation, data):
    """Name the labels that the model or the clips lack."""
    if evaluation.unknown:
        _tell(f"the model does not know {_listed(evaluation.unknown)}, and predicts these of no clip")
    if evaluation.absent:
        _tell(f"the model knows {_listed(evaluation.absent)} too, and no clip of {data} has these")


def _listed(labels):
    return ", ".join(repr(label) for label in labels)


def _tell(text):
    print(one_line(f"sklaudio evaluate: {text}"), file=sys.stderr)
