"""What commands are given: a folder that has a folder per class, a table with a row per clip, or annotated events."""

import argparse
import glob
import os
import shlex
import sys

from .._utils.terminal import one_line
from ._annotations import is_pattern
from ._command import WrongUseError, argument, near_file
from ._option_names import parameters_as_options
from ._tasks import AUTO, CLASS, EVENTS, annotations_or_none, as_task

OBVIOUS = {  # names of columns, in lower case; the first that is there counts
    "path": "path filename file_name file filepath file_path audio audio_path slice_file_name fname wav clip".split(),
    "label": "label class category genre species emotion keyword word target".split(),
    "group": "group speaker speaker_id client_id artist artist_id recording recording_id src_file fsid session".split(),
    "fold": ["fold"],
}
OBVIOUS_LABELS = ["labels", "tags"]  # of a table whose clips have several
PARAMETERS = {"path": "path", "label": "target", "group": "groups", "fold": "fold"}  # of load_table


def folder_table_or_events(text):
    """Parse an argument: as :func:`folder_or_table`, or a pattern that files of annotations match."""
    if is_pattern(text) and glob.glob(text, recursive=True):
        return text
    return folder_or_table(text)


def folder_or_table(text):
    """Parse an argument: a folder that is there, or the file of a table."""
    if os.path.isdir(text):
        return text
    from ..datasets._read_table import PARQUET, TEXT

    kinds = ", ".join(TEXT + PARQUET)
    if not os.path.exists(text):
        near = near_file(text)
        raise argparse.ArgumentTypeError(f"{text!r} is no folder, and no table ({kinds}) that is there{near}")
    if os.path.splitext(text)[1].lower() not in TEXT + PARQUET:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a folder nor a table ({kinds})")
    return text


def data_argument(
    name,
    metavar,
    help="a folder per class, with audio files at any depth; or a table (CSV, TSV, Parquet) with a row per clip",
):
    """Make an argument that says where clips are."""
    return argument(name, type=folder_or_table, metavar=metavar, complete="folder or table", help=help)


def data_or_events_argument(name, metavar, help=None):
    """Make an argument that says where clips or annotated events are."""
    names, options = data_argument(name, metavar, **({} if help is None else {"help": help}))
    events = "" if help else "; or annotations of events (Audacity, Raven, CSV, Parquet), a file or a quoted pattern"
    return names, options | {"type": folder_table_or_events, "help": options["help"] + events}


PATH = argument(
    "--path", metavar="COLUMN", help="of a table: its files, or a pattern such as 'audio/{fold}/{name}' (if obvious)"
)
LABEL = argument("--label", metavar="COLUMN", help="of a table: the class of each clip (if obvious)")
LABELS = argument(
    "--label",
    action="append",
    metavar="COLUMN",
    help="of a table: class or number of each clip (if obvious); several times: numbers, or 0 and 1 for each label",
)
SEP = argument(
    "--sep", metavar="TEXT", help="of a table: what stands between the labels of a clip that has several, such as ';'"
)
GROUP = argument("--group", metavar="COLUMN", help="of a table: the speaker, artist or recording (if obvious)")
FOLD = argument("--fold", metavar="COLUMN", help="of a table: its folds, each held out once (fold)")
SPANS = (
    argument("--start", metavar="COLUMN", help="of a table: second where the clip begins in its file (the start)"),
    argument("--end", metavar="COLUMN", help="of a table: second where it ends (the end)"),
)
ROOT = argument(
    "--root", metavar="DIR", complete="folder", help="folder that the paths of a table begin in (that of the table)"
)


def clips_of(
    data,
    *,
    command,
    group_by=None,
    root=None,
    start=None,
    end=None,
    sep=None,
    needs_label=True,
    task=None,
    targets=None,
    **columns,
):
    """List the clips of a folder or a table, or recordings with annotated events.

    Parameters
    ----------
    data : str
        The folder or table.
    command : str
        Name of the command, for what is printed to stderr: columns that were guessed, and the task that they are for.
    group_by : str or None, default=None
        What in a path names the group.
    root : str or None, default=None
        Folder that the paths of a table begin in.
    start, end : str or None, default=None
        Columns of seconds, of the part of a file that is a clip.
    sep : str or None, default=None
        What stands between the several labels of a clip.
    needs_label : bool, default=True
        Whether clips without classes are wrong use.
    task : str or None, default=None
        One of TASKS; None takes classes, and labels with `sep`.
    targets : list of str or None, default=None
        Columns of numbers or labels that a model knows, which are taken where neither `label` nor `sep` is given.
    **columns : str, list of str or None
        Of "path", "label", "group" and "fold" those that the command uses, as given by its options.

    Returns
    -------
    Bunch
        As :func:`sklaudio.datasets.load_folder` gives it, classes and groups being text; with `splits` of a table that
        has folds, `columns`, what was used of it, and `task`, by which `target` is an array of classes, a DataFrame of
        0 and 1 for each label, a Series or DataFrame of numbers, or a list of tables of events.

    Raises
    ------
    WrongUseError
        If options do not go together, no column is the obvious one, or columns do not hold what the task takes.
    """
    options = {"start": start, "end": end, "sep": sep}
    events = annotations_or_none(data, task, columns, options, group_by=group_by, root=root)
    if events is not None:
        if task == AUTO:
            _tell(command, data, ["--task events"])
        events.task = EVENTS
        return events
    if os.path.isdir(data):
        wrong = [f"--{name}" for name, value in {**columns, "root": root, **options}.items() if value is not None]
        if not wrong and task not in (None, AUTO, CLASS):
            wrong.append(f"--task {task}")
        if wrong:
            raise WrongUseError(f"{', '.join(wrong)}: of a table, and {data} is a folder")
        from ..datasets import load_folder

        clips = load_folder(data, groups=group_by)
        clips.task = CLASS
        return clips
    if group_by is not None and columns.get("group") is not None:
        raise WrongUseError("--group and --group-by: give one of them")
    return _of_table(data, command, group_by, root, needs_label, columns, options, task, targets)


def _of_table(data, command, group_by, root, needs_label, columns, options, task, targets):
    import numpy as np

    from ..datasets import load_table
    from ..datasets._folder import group_of
    from ..datasets._read_table import read_table

    frame, folder = read_table(data)
    is_known = targets is not None and options["sep"] is None and set(targets) <= set(frame.columns)
    if columns.get("label") is None and is_known:
        columns = columns | {"label": targets}
    used, guessed = _used_columns(frame, data, group_by, needs_label, columns, options["sep"])
    label = used.get("label")
    if isinstance(label, list) and len(label) == 1:
        [label] = label
    if isinstance(label, list) and options["sep"] is not None:
        raise WrongUseError("--sep is of one column that holds the labels: give --label once")
    used |= {"label": label}
    given = {PARAMETERS[name]: column for name, column in used.items()}
    given |= {"start": options["start"], "end": options["end"], "label_sep": options["sep"]}
    with parameters_as_options():
        clips = load_table(frame, root=folder if root is None else root, **{"target": None} | given)
    is_decided, could_be_numbers = False, clips.target is not None and clips.target.dtype.kind == "f"
    if clips.target is not None:
        names = clips.target_names if clips.target.ndim == 2 else [label]
        is_decided = task == AUTO and options["sep"] is None
        task, clips.target = as_task(task, clips.target, names, options["sep"], data)
    words = [f"--{name} {shlex.quote(str(found))}" for name, found in guessed.items()] + [f"--task {task}"] * is_decided
    if is_decided and task == CLASS and could_be_numbers:
        words.append("(whole numbers; --task regression predicts them as numbers)")
    if words:
        _tell(command, data, words)
    if group_by is not None:
        clips.groups = np.array([group_of(name, group_by) for name in clips.groups.tolist()])
    clips.columns, clips.guessed, clips.task = used, guessed, task
    return clips


def _used_columns(frame, data, group_by, needs_label, columns, sep):
    """Return the column of each kind, and those of them that were guessed."""
    guessed = {
        name: found
        for name, given in columns.items()
        if given is None and (found := obvious(frame, name, sep)) and not (name == "group" and group_by)
    }
    used = {name: given if given is not None else guessed.get(name) for name, given in columns.items()}
    for name in ("path", "label")[: 1 + needs_label]:
        if used[name] is None:
            left = _columns_left(frame, used)
            has_several = name == "label" and any(str(column).lower() in OBVIOUS_LABELS for column in left)
            if name == "label" and len(left) == 1 and not has_several:
                guessed[name] = used[name] = left[0]
                continue
            hint = ", and --sep, such as --sep ';', if a clip has several" * has_several
            raise WrongUseError(
                f"{data}: which column is it? Give --{name}, one of {', '.join(map(str, left or frame.columns))}{hint}"
            )
    return used, guessed


def _columns_left(frame, used):
    """List the columns that are not known to be something other than labels."""
    others = [obvious(frame, name) for name in OBVIOUS if name != "label"]
    taken = {*map(str, [*used.values(), *others]), "start", "end"}
    return [column for column in frame.columns if str(column) not in taken]


def _tell(command, data, words):
    print(one_line(f"sklaudio {command}: {data}: taken as {' '.join(words)}"), file=sys.stderr, flush=True)


def obvious(frame, name, sep=None):
    """Return the column whose name says that it is the one, or None."""
    known_names = OBVIOUS[name] + (OBVIOUS_LABELS if name == "label" and sep is not None else [])
    by_name = {str(column).lower(): column for column in reversed(frame.columns)}
    return next((by_name[known] for known in known_names if known in by_name), None)


def folds_of(clips, columns, number):
    """List the splits of a table, as (train, test), unless a number of folds is given instead; None of a folder."""
    if number is not None and columns["fold"] is not None:
        raise WrongUseError("--fold: the table says what to hold out. Leave out --validate or --folds")
    return list(clips.splits.values()) if number is None and clips.splits else None
