"""What commands are given: a folder that has a folder per class, or a table with a row per clip."""

import argparse
import os
import sys

from .._utils.terminal import one_line
from ._command import WrongUseError, argument

OBVIOUS = {  # names of columns, in lower case; the first that is there counts
    "path": "path filename file_name file filepath file_path audio audio_path slice_file_name fname wav clip".split(),
    "label": "label class category genre species emotion keyword word target".split(),
    "group": "group speaker speaker_id client_id artist artist_id recording recording_id src_file fsid session".split(),
    "fold": ["fold"],
}
OBVIOUS_LABELS = ["labels", "tags"]  # of a table whose clips have several
PARAMETERS = {"path": "path", "label": "target", "group": "groups", "fold": "fold"}  # of load_table


def folder_or_table(text):
    """Type of an argument: a folder that is there, or the file of a table."""
    if os.path.isdir(text):
        return text
    from ..datasets._read_table import PARQUET, TEXT

    kinds = ", ".join(TEXT + PARQUET)
    if not os.path.exists(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no folder, and no table ({kinds}) that is there")
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


PATH = argument(
    "--path", metavar="COLUMN", help="of a table: its files, or a pattern such as 'audio/{fold}/{name}' (if obvious)"
)
LABEL = argument("--label", metavar="COLUMN", help="of a table: the class of each clip (if obvious)")
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


def clips_of(data, *, command, group_by=None, root=None, start=None, end=None, sep=None, needs_label=True, **columns):
    """List the clips of a folder or a table.

    Parameters
    ----------
    data : str
        The folder or table.
    command : str
        Name of the command, for what is printed to stderr: the columns that were guessed.
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
    **columns : str or None
        Of "path", "label", "group" and "fold" those that the command uses, as given by its options.

    Returns
    -------
    Bunch
        As :func:`sklaudio.datasets.load_folder` gives it, classes and groups being text; with `splits` of a table that
        has folds, and `columns`, what was used of it. With `sep`, `target` is a DataFrame of 0 and 1 for each label.

    Raises
    ------
    WrongUseError
        If options do not go together, or no column is the obvious one.
    """
    if os.path.isdir(data):
        wrong = [
            f"--{name}"
            for name, value in {**columns, "root": root, "start": start, "end": end, "sep": sep}.items()
            if value is not None
        ]
        if wrong:
            raise WrongUseError(f"{', '.join(wrong)}: of a table, and {data} is a folder")
        from ..datasets import load_folder

        return load_folder(data, groups=group_by)
    if group_by is not None and columns.get("group") is not None:
        raise WrongUseError("--group and --group-by: give one of them")
    options = {"start": start, "end": end, "label_sep": sep}
    return _of_table(data, command, group_by, root, needs_label, columns, options)


def _of_table(data, command, group_by, root, needs_label, columns, rest):
    import numpy as np
    import pandas as pd

    from ..datasets import load_table
    from ..datasets._folder import group_of
    from ..datasets._read_table import read_table

    frame, folder = read_table(data)
    guessed = {
        name: found
        for name, given in columns.items()
        if given is None and (found := _obvious(frame, name, rest["label_sep"])) and not (name == "group" and group_by)
    }
    used = {name: given if given is not None else guessed.get(name) for name, given in columns.items()}
    for name in ("path", "label")[: 1 + needs_label]:
        if used[name] is None:
            raise WrongUseError(
                f"{data}: which column is it? Give --{name}, one of {', '.join(map(str, frame.columns))}"
            )
    if guessed:
        listed = " ".join(f"--{name} {found}" for name, found in guessed.items())
        print(one_line(f"sklaudio {command}: {data}: taken as {listed}"), file=sys.stderr, flush=True)
    options = {PARAMETERS[name]: column for name, column in used.items()} | rest
    clips = load_table(frame, root=folder if root is None else root, **{"target": None} | options)
    if clips.target is not None and clips.target.ndim == 2:
        clips.target = pd.DataFrame(clips.target, columns=clips.target_names)
    elif clips.target is not None:
        if clips.target.dtype.kind == "f":
            raise WrongUseError(
                f"{data}: the column {used['label']!r} holds numbers, not classes. Give --label another"
            )
        clips.target = clips.target.astype(str)
    if group_by is not None:
        clips.groups = np.array([group_of(name, group_by) for name in clips.groups.tolist()])
    clips.columns, clips.guessed = used, guessed
    return clips


def _obvious(frame, name, sep):
    """The column whose name says that it is the one, or None."""
    known_names = OBVIOUS[name] + (OBVIOUS_LABELS if name == "label" and sep is not None else [])
    by_name = {str(column).lower(): column for column in reversed(frame.columns)}
    return next((by_name[known] for known in known_names if known in by_name), None)


def folds_of(clips, columns, number):
    """List the splits of a table, as (train, test), unless a number of folds is given instead; None of a folder."""
    if number is not None and columns["fold"] is not None:
        raise WrongUseError("--fold: the table says what to hold out. Leave out --validate or --folds")
    return list(clips.splits.values()) if number is None and clips.splits else None
