"""load_folder: a folder per class, the form in which most people have their recordings."""

import re
import warnings
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from .._utils.terminal import shortened
from ..audio._folders import class_folders, existing_folder, normal_extensions, visible_files, warn_of_left_out


def load_folder(path, *, groups=None, extensions=None, return_X_y=False) -> Any:
    r"""List the audio files of a folder that has a folder per class.

    Nothing is decoded: `data` holds paths, for the feature extractors to read.

    Parameters
    ----------
    path : str or path-like
        The folder; each folder in it is a class, and holds files at any depth. Links to folders are followed, but not
        in circles, and a folder that several links in a class lead to is listed once. Hidden files are left out.
    groups : str, callable or None, default=None
        What recording, speaker or artist a file belongs to, for splitters that keep groups together. A regular
        expression is searched in the path below `path` (with "/"), and its first group, or the whole match, is the
        name; a function is called with the :class:`~pathlib.Path`. None makes each file a separate group.
    extensions : str, sequence of str or None, default=None
        Files to list, upper or lower case, such as ".wav". None lists all kinds that can be decoded: wav, w64, flac,
        ogg, opus, mp3, au, aiff and caf, and m4a, aac, wma, webm, 3gp, mp4 and others where PyAV
        (``pip install 'sklaudio[formats]'``) or ffmpeg is installed.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, the classes), ``target_names`` (list of str),
        ``groups`` (array of str), ``DESCR`` (str), ``splits`` (empty dict). Ordered by class and path.

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If `path` is no folder.
    ValueError
        If there are no audio files in folders below it, or `groups` matches nothing in one.

    Warns
    -----
    UserWarning
        If a folder holds no audio file; and, with ``extensions=None``, if there are other files that seem to hold
        sound, once, with their number by extension.

    Examples
    --------
    >>> load_folder("recordings", groups=r"speaker(\d+)")              # doctest: +SKIP
    """
    root = existing_folder(path)
    listed = normal_extensions(extensions)
    files, target, empty, others = [], [], [], []
    for folder in class_folders(root):
        entries = visible_files(folder, root)
        clips = [file for file in entries if file.suffix.lower() in listed and file.is_file()]
        others += [file for file in entries if file.suffix.lower() not in listed]
        files += clips
        target += [folder.name] * len(clips)
        if not clips:
            empty.append(folder.name)
    if extensions is None:
        warn_of_left_out(root, others)
    if not files:
        raise ValueError(_without_files(root, listed, extensions))
    if empty:
        warnings.warn(f"{root}: left out {', '.join(empty)}, with no audio file in them.", stacklevel=2)
    data, target = np.array([str(file) for file in files]), np.array(target)
    if return_X_y:
        return data, target
    names = sorted(set(target.tolist()))
    return Bunch(
        data=data,
        target=target,
        target_names=names,
        groups=np.array([_group(file, root, groups) for file in files]),
        DESCR=f"{len(data)} audio files of {len(names)} classes ({', '.join(names)}) in {root}.",
        splits={},
    )


def _without_files(root, listed, extensions):
    """Return what is wrong with a folder that has no audio file in folders below it, and what to do."""
    inside = [file for file in visible_files(root, root) if file.parent == root and file.suffix.lower() in listed]
    if not inside:
        looked_for = f"({', '.join(sorted(listed))}) " if extensions is not None else ""
        return (
            f"{root}: there is no audio file {looked_for}in a folder below it. "
            "Make a folder per class, with the files of the class in it."
        )
    return (
        f"{root}: its {len(inside)} audio files are in no folder below it, such as {shortened(inside[0].name)}. If all "
        f"are of one class, take the folder above, {shortened(str(root.absolute().parent))}. If not, make a folder per "
        "class, or a table of files and classes; annotations of events are taken as such, as in '*.txt'."
    )


def _group(file, root, groups):
    """Return the name of the group of a file."""
    below = file.relative_to(root).as_posix()
    if groups is None:
        return below
    return str(groups(file)) if callable(groups) else group_of(below, groups)


def group_of(below, groups):
    """Search a path for a group: the first group of the pattern, or the whole match."""
    match = re.search(groups, below)
    if match is None:
        raise ValueError(
            f"groups={shortened(groups)} matches nothing in {shortened(below)}. Change the pattern, or pass a function."
        )
    return (match.group(1) if match.re.groups else None) or match.group()
