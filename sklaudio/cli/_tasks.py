"""What clips have: a class each, several labels, numbers, or events; as --task asks for, or as columns hold it."""

import os

from ._annotations import annotated, are_annotations
from ._command import WrongUseError, argument

AUTO, CLASS, LABELS, NUMBERS, EVENTS = TASKS = ("auto", "class", "multi-label", "regression", "events")
TASK = argument(
    "--task",
    choices=TASKS,
    default=AUTO,
    help="what is predicted (%(default)s: what the columns hold; text and whole numbers are classes)",
)


def annotations_or_none(data, task, columns, options, **others):
    """Read events where they are asked for, or a file holds such; None of anything else.

    Parameters
    ----------
    data : str
        Folder, table or pattern.
    task : str or None
        As asked for; None takes no events.
    columns : dict of str to (str, list of str or None)
        Those given of "path", "label", "group" and "fold".
    options : dict of str to (str or None)
        "start", "end" and "sep".
    **others
        `group_by` and `root` of :func:`annotated`.

    Returns
    -------
    Bunch or None
    """
    labels = columns.get("label")
    given = columns | {"label": labels[0] if isinstance(labels, list) and len(labels) == 1 else labels}
    if task == EVENTS:
        if os.path.isdir(data):
            raise WrongUseError(f"--task events takes files of annotations, such as '{data}/*.txt', not a folder")
        return annotated(data, **others, **columns, **options)
    if task != AUTO or os.path.isdir(data) or not are_annotations(data, given, options):
        return None
    return annotated(
        data, **others, **{name: None if name in ("path", "label") else one for name, one in columns.items()}
    )


def as_task(task, target, names, sep, data):
    """Find what a column, or several, hold, and make it the target.

    Parameters
    ----------
    task : str or None
        As asked for; None is classes, or labels where there is what stands between them.
    target : ndarray of shape (n_clips,) or (n_clips, n_columns)
        As :func:`~sklaudio.datasets.load_table` gives it.
    names : list of str
        The columns, or the labels.
    sep : str or None
        What stands between labels.
    data : str
        The table, for errors.

    Returns
    -------
    str
        The task.
    target : ndarray of str, DataFrame of 0 and 1, or Series or DataFrame of numbers
        As models take it.

    Raises
    ------
    WrongUseError
        If the columns do not hold what is asked for.
    """
    import pandas as pd

    held = _held(target, sep)
    columns = f"the column {names[0]!r}" if target.ndim == 1 else f"the columns {', '.join(map(repr, names))}"
    if task in (None, AUTO):
        task = held if task == AUTO or sep is not None else CLASS
    if task == CLASS:
        if target.ndim == 2:
            what = "--sep makes several labels of it" if sep is not None else "takes one --label"
            raise WrongUseError(f"{data}: a classifier of one class for each clip {what}")
        if held == NUMBERS:
            raise WrongUseError(
                f"{data}: {columns} holds numbers, not classes. Give --label another, or take a model of "
                "numbers, which sklaudio train makes with --task regression"
            )
        return CLASS, (target.astype(int) if target.dtype.kind == "f" else target).astype(str)
    if task == LABELS:
        if held != LABELS:
            raise WrongUseError(
                f"{data}: a model of several labels takes --sep, such as --sep ';', and the column of the labels; or "
                f"columns of 0 and 1, a --label for each. {columns[0].upper()}{columns[1:]} "
                f"{'is' if target.ndim == 1 else 'are'} not such"
            )
        return LABELS, pd.DataFrame(target.astype(int), columns=names)
    if sep is not None or target.dtype.kind not in "iuf":
        raise WrongUseError(f"{data}: a regressor takes numbers, and {columns} holds labels")
    target = target.astype(float)
    return NUMBERS, pd.Series(target, name=names[0]) if target.ndim == 1 else pd.DataFrame(target, columns=names)


def _held(target, sep):
    """Return the task that values are for: text, whole numbers, booleans are classes, 0 and 1 in columns labels.

    Whole numbers are classes as :func:`~sklaudio.compare` has it, written 1 or 1.0.
    """
    if sep is not None or (target.ndim == 2 and ((target == 0) | (target == 1)).all()):
        return LABELS
    if target.ndim == 2:
        return NUMBERS
    return NUMBERS if target.dtype.kind == "f" and (target != target.round()).any() else CLASS
