"""``sklaudio evaluate MODEL DATA``."""

import os
import sys
from contextlib import nullcontext

from .._utils.terminal import one_line
from ._command import JOBS, MODEL, argument, command
from ._data import LABELS, PATH, ROOT, SEP, SPANS, data_or_events_argument
from ._evaluated import clips_for, jobs_for
from ._streams import names_as_they_are, without_notes_of_decoders


@command(
    MODEL,
    data_or_events_argument("data", "DATA"),
    PATH,
    LABELS,
    SEP,
    *SPANS,
    ROOT,
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON object"),
        argument(
            "--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per clip or event"
        ),
    ],
    JOBS,
)
def evaluate(load, data, *, form, jobs, **columns):
    """Score a model on clips whose classes, labels, numbers or events are known: a folder, a table or annotations.

    Prints the accuracy with its 95% interval (Wilson's), how far its confidence is
    from that (expected calibration error), precision, recall and F1 of each class,
    and the confusion matrix. The score is honest if the model was trained on none
    of the clips, nor on others of the same recordings or speakers. Of a model of sklaudio
    train, which keeps hashes of its files, stderr says how many clips it was trained on.

    Of a model of several labels: a table, with --sep, or --label for each column of 0
    and 1. Prints the mean average precision, of how many clips all labels are right
    (subset accuracy), precision, recall, F1, average precision and ROC AUC of each
    label, and their averages.

    Of a regressor: a table, with --label for each column of numbers. Prints the mean
    absolute error of each target with its 95% interval, RMSE, R2, correlation and
    concordance. Columns called as the model's targets or labels need no --label.

    Of a detector: annotations (Audacity, Raven, CSV), a file or a quoted pattern.
    Prints F1, precision, recall and error rate of each label, event by event and
    segment by segment; all recordings of the annotations are read.

    A file of sklaudio export (.onnx) is scored as well; --jobs is for other models.

    Clips that cannot be read count as wrong (numbers: are counted), are named on
    stderr, and the exit code is 1 then. So do clips of classes that the model does
    not know, which are named.

    Such as:
      sklaudio evaluate model.skops held-out/
      sklaudio evaluate genres gtzan/genres --json
      sklaudio evaluate model.skops test.csv --path file --label species
      sklaudio evaluate tags.skops test.csv --label tags --sep ';'
      sklaudio evaluate mood.skops test.csv --label valence --label arousal
      sklaudio evaluate detector.skops 'labels/*.txt' --root recordings
      sklaudio evaluate model.skops held-out/ --csv > predictions.csv
    """
    from ..evaluate import evaluate_files
    from ._texts.training import EVALUATIONS

    loaded = load()
    clips = clips_for(loaded, data, command="evaluate", **columns)
    task = clips.task
    target = clips.target.tolist() if task == "class" else clips.target
    with without_notes_of_decoders():
        evaluation = evaluate_files(loaded, clips.data.tolist(), target, n_jobs=jobs_for(loaded, jobs))
    for error in evaluation.predictions["error"].dropna():
        _tell(error)
    if task != "regression":
        (_tell_classes if task == "class" else _tell_labels)(evaluation, data)
    written = EVALUATIONS[task]
    write = {"json": written.evaluation_as_json, "csv": written.evaluation_as_csv, None: written.evaluation_as_text}
    with names_as_they_are() if form == "csv" else nullcontext():
        print(write[form](evaluation).rstrip("\n"))
    return int(evaluation.predictions["error"].notna().any())


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
