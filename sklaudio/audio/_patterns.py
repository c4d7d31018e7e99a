"""Files, folders and patterns as people write them, to the list of files that are meant."""

import glob
import os
from collections.abc import Iterator, Set, Sized
from pathlib import Path

from .._utils.terminal import abbreviated
from ._clips import as_clip, list_clips
from ._folders import decodable_extensions, visible_files, visible_folders, warn_of_left_out
from ._in_memory import is_path, is_source


def audio_files(names):
    """List the files that are meant.

    Parameters
    ----------
    names : str, path-like, Clip, or sequence or column of them and of other clips
        Files, whatever they are called; folders, for the audio files in them at any depth (known by their extensions,
        hidden ones left out, links to folders followed, but not in circles); patterns with ``*``, ``?``, ``[…]`` and
        ``**``, where there is no file of that name. Of what a pattern matches, files with the extension of audio
        count, or all where there are none; folders that it matches are looked through. Clips that are no paths, such as
        a :class:`~sklaudio.Clip`, stay as they are, each in its place.

    Returns
    -------
    list of str, Clip, ndarray, or sound in memory
        The files in the order of `names`, each once; those of a folder or a pattern in alphabetical order. A name that
        is neither there nor a pattern is kept: reading it will say what is wrong.

    Raises
    ------
    ValueError
        If `names` is empty, or a folder holds no audio file.
    FileNotFoundError
        If a pattern matches nothing.

    Warns
    -----
    UserWarning
        If folders or patterns hold other files that seem to hold sound; once, with their number by extension.
    """
    names = [names] if is_source(names) else listed(names)
    if not names:
        raise ValueError("files is empty. Pass at least one file, folder or pattern.")
    meant, left_out = {}, []  # paths, or the places of other clips, to what they stand for
    for index, entry in enumerate(names):
        clip = as_clip(entry, f"files[{index}]", index=index, check=False)
        if isinstance(clip, str):
            meant |= {path: path for path in _meant_by(clip, left_out)}
        else:
            meant[index] = clip
    if left_out:
        warn_of_left_out(", ".join(os.fsdecode(name) for name in names if is_path(name)), left_out)
    return list(meant.values())


def listed(names):
    """List the clips of a sequence, a column or an iterator as they are; none where it is empty."""
    if isinstance(names, Sized) and len(names) == 0:
        return []
    return list_clips(list(names) if isinstance(names, (Iterator, Set)) else names)


def _meant_by(name, left_out):
    if os.path.isdir(name):
        found = _in_folder(name, left_out)
        if not found:
            extensions = ", ".join(decodable_extensions())
            raise ValueError(f"{name}: there is no audio file ({extensions}) in it or below it.")
        return found
    if os.path.lexists(name) or not glob.has_magic(name):
        return [name]
    found = _matching(name, left_out)
    if not found:
        raise FileNotFoundError(
            f"{abbreviated(name)}: no file matches this pattern (relative to {os.getcwd()}). Check it."
        )
    return found


def _in_folder(name, left_out):
    root, extensions = Path(name), decodable_extensions()
    found = []
    for file in visible_files(root, root):
        (found if file.suffix.lower() in extensions else left_out).append(str(file))
    return found


def _matching(pattern, left_out):
    matches = sorted(_expand(pattern), key=lambda path: (path.count(os.sep), path))
    files = _each_once(path for path in matches if not os.path.isdir(path))
    extensions = decodable_extensions()
    audio = [path for path in files if os.path.splitext(path)[1].lower() in extensions]
    for folder in matches:
        if os.path.isdir(folder):
            audio += _in_folder(folder, left_out)
    audio = sorted(_each_once(audio))
    if audio:
        left_out += sorted(set(files) - set(audio))
    return audio or sorted(files)


def _expand(pattern):
    """List what a pattern matches; `**` follows links as folders do, where glob would go on in circles."""
    parts = pattern.split(os.sep)
    if "**" not in parts:
        return glob.glob(pattern)
    at = parts.index("**")
    before, after = os.sep.join(parts[:at]), parts[at + 1 :]
    starts = glob.glob(before) if before else [os.sep if at else os.curdir]
    found = []
    for start in filter(os.path.isdir, starts):
        for path, names in visible_folders(start, start):
            if after:
                found += _expand(os.path.join(glob.escape(path), *after))
            else:
                found += [os.path.join(path, name) for name in names]
    return found if before else [os.path.normpath(path) for path in found]


def _each_once(paths):
    """Return paths, of which none leads by a link of a folder to the place in a folder that another leads to."""
    places = {}
    for path in paths:
        folder, name = os.path.split(path)
        places.setdefault((os.path.realpath(folder), name), path)
    return list(places.values())
