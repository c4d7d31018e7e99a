"""``sklaudio evaluate MODEL FOLDER``."""

import sys

from .._text import one_line
from ._command import CLASS_FOLDERS, JOBS, MODEL, argument, command
from ._output import without_notes_of_decoders


@command(
    MODEL,
    CLASS_FOLDERS,
    [
        argument("--json", action="store_const", dest="form", const="json", help="print one JSON object"),
        argument("--csv", action="store_const", dest="form", const="csv", help="print a header, and a row per clip"),
    ],
    JOBS,
)
def evaluate(load, folder, *, form, jobs):
    """Tell how right a model is on clips whose classes are known: a folder per class.

    Prints the accuracy with its 95% interval (Wilson's), how far its confidence is
    from that (expected calibration error), precision, recall and F1 of each class,
    and the confusion matrix. The score is honest if training has heard none of the
    clips, nor others of the same recordings or speakers.

    Clips that cannot be read count as wrong, are named on stderr, and the exit code
    is 1 then. So do clips of classes that the model does not know, which are named.

    Such as:
      sklaudio evaluate model.skops held-out/
      sklaudio evaluate genres gtzan/genres --json
      sklaudio evaluate model.skops held-out/ --csv > answers.csv
    """
    from .._evaluate_text import evaluation_as_csv, evaluation_as_json, evaluation_as_text
    from ..datasets import load_folder
    from ..evaluate import evaluate_files

    clips = load_folder(folder)
    loaded = load()
    with without_notes_of_decoders():
        evaluation = evaluate_files(loaded, clips.data.tolist(), clips.target.tolist(), n_jobs=jobs)
    answers = evaluation.answers
    for error in answers["error"].dropna():
        _tell(error)
    if evaluation.unknown:
        n_clips = int(answers["true"].isin(evaluation.unknown).sum())
        _tell(f"the model does not know {_listed(evaluation.unknown)}; clips that count as wrong for it: {n_clips}")
    if evaluation.unheard:
        _tell(f"the model knows {_listed(evaluation.unheard)} too, and there is no folder of that name")
    write = {"json": evaluation_as_json, "csv": evaluation_as_csv, None: evaluation_as_text}[form]
    print(write(evaluation).rstrip("\n"))
    return int(answers["error"].notna().any())


def _listed(labels):
    return ", ".join(repr(label) for label in labels)


def _tell(text):
    print(one_line(f"sklaudio evaluate: {text}"), file=sys.stderr)
