"""load_folder: a folder per class, the form in which most people have their recordings."""

import re
import warnings

import numpy as np
from sklearn.utils import Bunch

from .._folders import EXTENSIONS, class_folders, existing_folder, normal_extensions, visible_files


def load_folder(path, *, groups=None, extensions=EXTENSIONS, return_X_y=False):
    r"""List the audio files of a folder that has a folder per class.

    Nothing is decoded: `data` holds paths, for the feature extractors to read.

    Parameters
    ----------
    path : str or path-like
        The folder; each folder in it is a class, and holds files at any depth.
    groups : str, callable or None, default=None
        What recording, speaker or artist a file belongs to, for splitters that keep groups together. A regular
        expression is searched in the path below `path` (with "/"), and its first group, or the whole match, is the
        name; a function is called with the :class:`~pathlib.Path`. None makes each file a group of its own.
    extensions : str or sequence of str, default=(".wav", ".flac", ".ogg", ".opus", ".mp3", ".au", ".aif", ".aiff")
        Files to list, upper or lower case.
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

    Examples
    --------
    >>> load_folder("recordings", groups=r"speaker(\d+)")              # doctest: +SKIP
    """
    root = existing_folder(path)
    extensions = normal_extensions(extensions)
    files, target, empty = [], [], []
    for folder in class_folders(root):
        own = [file for file in visible_files(folder, root) if file.suffix.lower() in extensions and file.is_file()]
        files += own
        target += [folder.name] * len(own)
        if not own:
            empty.append(folder.name)
    if not files:
        raise ValueError(
            f"{root}: there is no audio file ({', '.join(sorted(extensions))}) in a folder below it. "
            "Make a folder per class, with the files of the class in it."
        )
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


def _group(file, root, groups):
    """Name of the group of a file."""
    below = file.relative_to(root).as_posix()
    if groups is None:
        return below
    if callable(groups):
        return str(groups(file))
    match = re.search(groups, below)
    if match is None:
        raise ValueError(f"groups={groups!r} matches nothing in {below!r}. Change the pattern, or pass a function.")
    return (match.group(1) if match.re.groups else None) or match.group()
