"""Files that a table names: all there, or one error that lists those missing."""

import os

from .._utils.columns import some_of
from .._utils.terminal import shortened

MANY = 20  # files of a folder, from which on it is listed once instead of asking for each


def existing_files(names, root, advice=None):
    """Return the paths of the files; raise one error for all that are not there.

    Parameters
    ----------
    names : list of str
        The files as a table names them.
    root : str
        Folder that relative names begin in.
    advice : str or None, default=None
        What the message says to do; None is about `root`.

    Returns
    -------
    list of str
        A path for each.

    Raises
    ------
    FileNotFoundError
        If any is missing.
    """
    if os.sep == "/":  # a table that was written on Windows
        names = [
            name.replace("\\", "/") if "\\" in name and not os.path.exists(os.path.join(root, name)) else name
            for name in names
        ]
    files = [os.path.join(root, name) for name in names]
    missing = _missing(files)
    if missing:
        shown = some_of(list(map(shortened, missing)))
        raise FileNotFoundError(
            f"{len(missing)} of {len(set(files))} files are missing: {shown}. {advice or _advice(missing, root)}"
        )
    return files


def _advice(missing, root):
    if not any(os.path.splitext(file)[1] for file in missing):
        return 'If their extension is missing, write it into path, as in path="{path}.wav".'
    if all(os.path.isabs(file) for file in missing) and not root:
        return "Correct the paths."
    return f"Relative paths begin in root={root or os.curdir!r}; pass root= for another folder."


def _missing(files):
    """List those that are not there, in order, each once; folders of many files are listed, which is quicker."""
    by_folder = {}
    for file in dict.fromkeys(files):
        folder, name = os.path.split(file)
        by_folder.setdefault(folder, []).append((name, file))
    missing = set()
    for folder, entries in by_folder.items():
        listed = _listed(folder) if len(entries) >= MANY else ()
        missing |= {file for name, file in entries if name not in listed and not os.path.exists(file)}
    return [file for file in dict.fromkeys(files) if file in missing] if missing else []


def _listed(folder):
    try:
        return set(os.listdir(folder or os.curdir))
    except OSError:
        return ()
