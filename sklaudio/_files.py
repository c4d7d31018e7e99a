"""Files, folders and patterns as people write them, to the list of files that are meant."""

import glob
import os
from pathlib import Path

from ._folders import EXTENSIONS, visible_files


def audio_files(names):
    """List the files that are meant.

    Parameters
    ----------
    names : str, path-like, or sequence of them
        Files, whatever they are called; folders, for the audio files in them at any depth (known by their extensions,
        hidden ones left out); patterns with ``*``, ``?``, ``[…]`` and ``**``, where there is no file of that name. Of
        what a pattern matches, files with the extension of audio count, or all where there are none; folders that it
        matches are looked through.

    Returns
    -------
    list of str
        The files in the order of `names`, each once; those of a folder or a pattern in alphabetical order. A name that
        is neither there nor a pattern is kept: reading it will say what is wrong.

    Raises
    ------
    ValueError
        If `names` is empty, or a folder holds no audio file.
    FileNotFoundError
        If a pattern matches nothing.
    """
    names = [names] if isinstance(names, (str, bytes, os.PathLike)) else list(names)
    if not names:
        raise ValueError("files is empty. Pass at least one file, folder or pattern.")
    return list(dict.fromkeys(path for name in names for path in _meant_by(os.fsdecode(name))))


def _meant_by(name):
    if os.path.isdir(name):
        found = _in_folder(name)
        if not found:
            raise ValueError(f"{name}: there is no audio file ({', '.join(EXTENSIONS)}) in it or below it.")
        return found
    if os.path.lexists(name) or not glob.has_magic(name):
        return [name]
    found = _matching(name)
    if not found:
        raise FileNotFoundError(f"{name}: no file matches this pattern (relative to {os.getcwd()}). Check it.")
    return found


def _in_folder(name):
    root = Path(name)
    return [str(file) for file in visible_files(root, root) if _is_audio(file)]


def _matching(pattern):
    matches = sorted(glob.glob(pattern, recursive=True))
    files = [path for path in matches if not os.path.isdir(path)]
    audio = {path for path in files if _is_audio(path)}
    audio.update(path for folder in matches if os.path.isdir(folder) for path in _in_folder(folder))
    return sorted(audio) or files


def _is_audio(path):
    return os.path.splitext(path)[1].lower() in EXTENSIONS
