"""Shared by the fetchers: options checked, the data found or downloaded, its clips in one Bunch."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.utils import Bunch

from .._utils.near_names import did_you_mean
from .._utils.terminal import shortened


class Clip(NamedTuple):
    """One recording of a data set.

    Parameters
    ----------
    path : Path
        Its file.
    target : str
        Its class.
    group : str
        What it shares with other clips (speaker, instrument, track), for splitters that keep groups together.
    """

    path: Path
    target: str
    group: str


def check_option(name, value, options):
    """Raise a ValueError that names the parameter unless `value` is one of `options`."""
    if value not in options:
        known = ", ".join(map(repr, options))
        raise ValueError(f"{name}={shortened(value)} is not known. Take one of {known}.{did_you_mean(value, options)}")


def find_or_download(home, layouts, is_there, download, *, name, example, download_if_missing, archive=None):
    """Find the folder that holds a data set, or download it.

    Parameters
    ----------
    home : Path
        Where to look.
    layouts : sequence of str
        Folders below `home` that may hold it, in order; "." is `home`.
    is_there : callable
        Takes a folder, and says whether it holds the data set.
    download : callable
        Downloads it, and returns its folder.
    name, example : str
        The data set, and a file of it below `home`, for the message.
    download_if_missing : bool
        Whether to download what is not found.
    archive : str or None, default=None
        An archive below `home` that `download` takes instead, where it was put there by hand.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FileNotFoundError
        If it is not found and not to be downloaded.
    """
    for layout in layouts:
        if is_there(home / layout):
            return home / layout
    if not (download_if_missing or (archive and (home / archive).is_file())):
        either = f"such as {home / example}" + (f", or as {home / archive}" if archive else "")
        raise FileNotFoundError(
            f"{name} is not in {home} ({either}), and download_if_missing is False. "
            "Put it there, or let it be downloaded."
        )
    return download()


def list_audio(folder, extensions=(".wav", ".flac")):
    """Return the path of each audio file of a folder by its name without extension; the first extension wins."""
    if not folder.is_dir():
        return {}
    files = [file for file in folder.iterdir() if file.suffix.lower() in extensions and not file.name.startswith(".")]
    files.sort(key=lambda file: (file.stem, -extensions.index(file.suffix.lower())))
    return {file.stem: file for file in files}


def as_bunch(parts, descr, return_X_y):
    """Return the clips of all parts, one part after the other.

    Parameters
    ----------
    parts : dict of str or None to sequence of Clip
        The clips of each part ("train", "valid", "test"); None is the name of a whole that is not partitioned.
    descr : str
        The description.
    return_X_y : bool
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data``, ``target``, ``groups`` (arrays of str, shape (n_clips,)), ``target_names`` (sorted list of str),
        ``DESCR`` (str), ``splits`` (dict of the parts to indices into ``data``).
    """
    clips = [clip for part in parts.values() for clip in part]
    data = np.array([str(clip.path) for clip in clips], dtype=str)
    target = np.array([clip.target for clip in clips], dtype=str)
    if return_X_y:
        return data, target
    splits, start = {}, 0
    for part, members in parts.items():
        if part is not None:
            splits[part] = np.arange(start, start + len(members))
        start += len(members)
    return Bunch(
        data=data,
        target=target,
        target_names=sorted(set(target.tolist())),
        groups=np.array([clip.group for clip in clips], dtype=str),
        DESCR=descr,
        splits=splits,
    )
