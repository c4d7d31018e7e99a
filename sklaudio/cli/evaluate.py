"""``sklaudio evaluate MODEL DATA``."""

import os
import sys
from contextlib import nullcontext

from .._utils.terminal import one_line
from ._command import JOBS, MODEL, argument, command
from ._data import LABEL, PATH, ROOT, SPANS, clips_of, data_argument
from ._streams import names_as_they_are, without_notes_of_decoders


@command(
    MODEL,
    data_argument("data", "DATA"),
    PATH,
    LABEL,
    *SPANS,
    ROOT,
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON object"),
        argument("--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per clip"),
    ],
    JOBS,
)
def evaluate(load, data, *, form, jobs, **columns):
    """Score a model on clips whose classes are known: a folder per class, or a table.

    Prints the accuracy with its 95% interval (Wilson's), how far its confidence is
    from that (expected calibration error), precision, recall and F1 of each class,
    and the confusion matrix. The score is honest if the model was trained on none
    of the clips, nor on others of the same recordings or speakers.

    Clips that cannot be read count as wrong, are named on stderr, and the exit code
    is 1 then. So do clips of classes that the model does not know, which are named.

    Such as:
      sklaudio evaluate model.skops held-out/
      sklaudio evaluate genres gtzan/genres --json
      sklaudio evaluate model.skops test.csv --path file --label species
      sklaudio evaluate model.skops held-out/ --csv > predictions.csv
    """
    from .._inference import check_classifies_clips
    from ..evaluate import evaluate_files
    from ._evaluation_text import evaluation_as_csv, evaluation_as_json, evaluation_as_text

    clips = clips_of(data, command="evaluate", **columns)
    loaded = load()
    check_classifies_clips(loaded)
    with without_notes_of_decoders():
        evaluation = evaluate_files(loaded, clips.data.tolist(), clips.target.tolist(), n_jobs=jobs)
    predictions = evaluation.predictions
    for error in predictions["error"].dropna():
        _tell(error)
    if evaluation.unknown:
        n_clips = int(predictions["true"].isin(evaluation.unknown).sum())
        _tell(f"the model does not know {_listed(evaluation.unknown)}; clips that count as wrong for it: {n_clips}")
    if evaluation.absent:
        kind = "folder" if os.path.isdir(data) else "label"
        _tell(f"the model knows {_listed(evaluation.absent)} too, and there is no {kind} of that name")
    write = {"json": evaluation_as_json, "csv": evaluation_as_csv, None: evaluation_as_text}[form]
    with names_as_they_are() if form == "csv" else nullcontext():
        print(write(evaluation).rstrip("\n"))
    return int(predictions["error"].notna().any())


def _listed(labels):
    return ", ".join(repr(label) for label in labels)


def _tell(text):
    print(one_line(f"sklaudio evaluate: {text}"), file=sys.stderr)
