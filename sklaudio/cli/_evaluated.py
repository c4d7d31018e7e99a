"""The clips that a model is evaluated on: read as what it predicts asks for."""

import os
import sys

from .._utils.terminal import one_line
from ._command import WrongUseError
from ._data import clips_of
from ._tasks import CLASS, EVENTS, LABELS, NUMBERS

TASKS = {"classes": CLASS, "labels": LABELS, "numbers": NUMBERS, "events": EVENTS}  # by kind of model
PREDICTED = {
    CLASS: "the model tells one class of each clip",
    NUMBERS: "the model tells numbers of each clip",
    EVENTS: "the model tells events of each recording",
}
COUNSEL = (
    "Give clips that it was not trained on, or take the score that sklaudio train printed, which is of clips held out"
)


def task_of(model):
    """Return the task that a model is for: one of TASKS."""
    from .._inference import kind_of

    kind = kind_of(model)
    if kind == "curves":
        raise TypeError("the model predicts numbers of each frame: compare them in Python, with evaluate_files")
    return TASKS[kind]


def jobs_for(model, jobs):
    """Return the threads over the files that a model takes: None of a graph of ONNX, whose runtime starts them."""
    from ..predict import OnnxModel

    return None if isinstance(model, OnnxModel) else jobs


def clips_for(model, data, *, command, **columns):
    """List the clips of a folder, a table or annotations, with what `model` predicts of them; see :func:`clips_of`.

    Parameters
    ----------
    model : fitted model of clips, or OnnxModel
        Columns that are called as its labels or targets need not be named.
    data, command, **columns
        As in :func:`clips_of`.

    Returns
    -------
    Bunch
        As :func:`clips_of` gives it, with `caveat`, a sentence on clips that the model was trained on, or None. It is
        printed to stderr.
    """
    from .._inference import label_names_of, target_names_of

    task = task_of(model)
    if task == LABELS and columns.get("sep") is None and os.path.isdir(data):
        raise WrongUseError("the model tells several labels of each clip: give a table, and --sep, such as --sep ';'")
    if columns.get("sep") is not None and task != LABELS:
        raise WrongUseError(f"--sep: {PREDICTED[task]}. Leave it out, or take a model of labels")
    targets = label_names_of(model).tolist() if task == LABELS else target_names_of(model)
    labels = columns.get("label") or []
    if task == NUMBERS and targets is not None and labels and len(labels) != len(targets):
        raise WrongUseError(
            f"--label {' --label '.join(labels)}: the model predicts {', '.join(targets)}. Give a column for each, or "
            "leave --label out where the columns are called so"
        )
    clips = clips_of(data, command=command, task=task, targets=targets, **columns)
    clips.caveat = _caveat(model, clips.data.tolist())
    if clips.caveat is not None:
        print(one_line(f"sklaudio {command}: {clips.caveat}. {COUNSEL}"), file=sys.stderr, flush=True)
    return clips


def _caveat(model, clips):
    """Say how many clips are of files that the model was trained on; None where none are known to be."""
    from ..persistence._training_clips import count_trained_on

    if not (n_clips := count_trained_on(model, clips)):
        return None
    return (
        f"{n_clips} of {len(clips)} clips are of files that the model was trained on: their scores say nothing of new "
        "recordings"
    )
