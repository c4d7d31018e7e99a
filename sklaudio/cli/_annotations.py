"""Events that commands are given: files of annotations, as Audacity, Raven and spreadsheets write them."""

import glob
import os

from ._command import WrongUseError
from ._option_names import parameters_as_options


def is_pattern(text):
    """Return whether an argument is a pattern of files of annotations."""
    return glob.has_magic(text) and not os.path.exists(text)


def are_annotations(data, columns, options):
    """Return whether a file holds events, and not a clip in each row: by its form, and by recordings that come again.

    Parameters
    ----------
    data : str
        The file.
    columns : dict of str to (str or None)
        Columns of "path" and "label" that were given.
    options : dict of str to (str or None)
        "start", "end" and "sep", of which any says that a row is a clip.

    Returns
    -------
    bool
    """
    if any(value is not None for value in options.values()):
        return False
    if is_pattern(data):
        return True
    from ..datasets._annotations import form_of
    from ..datasets._read_table import PARQUET, TEXT

    if os.path.splitext(data)[1].lower() not in TEXT + PARQUET:
        return False
    form, found = form_of(data)
    if form != "csv":
        return os.path.getsize(data) > 0
    if any(found[name] is None for name in ("start", "end", "label")):
        return False
    given = {name: column for name, column in columns.items() if name in ("path", "label") and column is not None}
    if any(column != found[name] for name, column in given.items()):
        return False
    if found["path"] is None:
        return True
    from ..datasets._read_table import read_table

    return bool(read_table(data)[0][found["path"]].duplicated().any())


def annotated(data, *, group_by=None, root=None, **options):
    """List the recordings of files of annotations, and their events.

    Parameters
    ----------
    data : str
        A file of annotations, or a pattern of several.
    group_by : str or None, default=None
        What in a path names the group; None makes each recording one.
    root : str or None, default=None
        Folder of the recordings; None is that of each file of annotations.
    **options : str or None
        Options of tables of clips, which are wrong use.

    Returns
    -------
    Bunch
        `data` (array of str), `target` (list of DataFrame), `groups` (array of str), and no `splits`.

    Raises
    ------
    WrongUseError
        If an option is of clips.
    ValueError
        If there is no event at all.
    """
    import numpy as np
    from sklearn.utils import Bunch

    from ..datasets import load_annotations
    from ..datasets._folder import group_of
    from ..events import events_by_clip

    wrong = [f"--{name}" for name, value in options.items() if value is not None]
    if wrong:
        raise WrongUseError(
            f"{', '.join(wrong)}: of a table with a row per clip, and {data} has a row per event, whose columns are "
            "start, end, label and, of several recordings, path"
        )
    with parameters_as_options():
        annotations = load_annotations(data, root=root)
    if not len(annotations):
        raise ValueError(f"{data}: there is no event in it. Give annotations with a start, an end and a label.")
    recordings = annotations.attrs["recordings"]
    groups = list(map(os.path.normpath, recordings))
    if group_by is not None:
        folder = os.path.commonpath([os.path.dirname(os.path.abspath(name)) for name in recordings])
        groups = [group_of(os.path.relpath(os.path.abspath(name), folder), group_by) for name in recordings]
    tables = events_by_clip(annotations, recordings)
    return Bunch(data=np.array(recordings), target=tables, groups=np.array(groups), splits={}, columns={})
