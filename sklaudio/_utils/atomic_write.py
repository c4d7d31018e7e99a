"""Files that are written whole or not at all."""

import contextlib
import os
import uuid

from .terminal import abbreviated


def writable_path(path, example):
    """Return the path of the file that would be written, symbolic links followed; raise an error if it cannot be.

    Parameters
    ----------
    path : str or path-like
        The file to write.
    example : str
        A name of such a file, for the message.

    Returns
    -------
    str
        The path.

    Raises
    ------
    IsADirectoryError
        If `path` is a folder.
    FileNotFoundError
        If its folder is not there.
    """
    path = os.fsdecode(os.path.realpath(path))
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a folder. Pass the name of a file in it, such as {example!r}.")
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            f"{abbreviated(path)} cannot be written: there is no folder {abbreviated(folder)}. Make it first."
        )
    return path


@contextlib.contextmanager
def atomic_write(path, example):
    """Open a file for bytes that takes the place of `path` when all is on the disk; an error leaves what was there.

    Parameters
    ----------
    path, example : str
        As :func:`writable_path` has them.

    Yields
    ------
    file
        Another file of the same folder, which is renamed at the end.
    """
    path = writable_path(path, example)
    folder, name = os.path.split(path)
    part = os.path.join(folder, f".{name[:100]}-{uuid.uuid4().hex}")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part)
