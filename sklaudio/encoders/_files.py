"""Files of encoders: found, taken from an archive, or downloaded; known by their hash either way."""

import hashlib
import json
import os
import shutil
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .._utils.data_home import RECORD, TEMPORARY, get_data_home
from .._utils.file_hash import sha256_of


@dataclass(frozen=True)
class WeightFile:
    """A file of an encoder.

    Parameters
    ----------
    name : str
        What it is called where it is kept.
    n_bytes : int
        Its size.
    sha256 : str
        Hash of its content.
    urls : tuple of str, default=()
        Where it can be downloaded; none where it comes with a package.
    """

    name: str
    n_bytes: int
    sha256: str
    urls: tuple = ()


def home_of(name, data_home=None):
    """Return the folder that the files of an encoder are kept in."""
    return get_data_home(data_home) / "encoders" / name


def holds(folder, files):
    """Return whether a folder has all the files, of their size."""
    return all((folder / file.name).is_file() and (folder / file.name).stat().st_size == file.n_bytes for file in files)


def check_hashes(folder, files):
    """Raise a ValueError where a file of a folder is not what it should be; return the paths."""
    for file in files:
        found = sha256_of(folder / file.name)
        if found != file.sha256:
            raise ValueError(
                f"{folder / file.name} is damaged, or another file: its SHA-256 is {found}, and should be "
                f"{file.sha256}. Delete it, and get it again."
            )
    return [folder / file.name for file in files]


def fetch_files(name, files, *, data_home=None, source=None):
    """Put the files of an encoder into the data home, whole or not at all.

    Parameters
    ----------
    name : str
        What the encoder is called.
    files : sequence of WeightFile
        What it needs.
    data_home : path-like or None, default=None
        Folder of data sets and encoders.
    source : path-like or None, default=None
        A folder or archive (wheel, zip, tar) that holds them, at any depth and by any name; None downloads them.

    Returns
    -------
    Path
        The folder that they are in.

    Raises
    ------
    FileNotFoundError
        If `source` is not there or does not hold them.
    OSError
        If they cannot be downloaded.
    ValueError
        If what is there is not what it should be, or there is nowhere to download it from.
    """
    if source is None and not all(file.urls for file in files) and not holds(home_of(name, data_home), files):
        raise ValueError(f"{name} cannot be downloaded by itself. Pass source=, a folder, wheel or zip that holds it.")
    return put_files(home_of(name, data_home), files, source=source)


def put_files(folder, files, *, source=None):
    """Put files into a folder, whole or not at all: as :func:`fetch_files`, into the folder itself."""
    if source is None and holds(folder, files):
        check_hashes(folder, files)
        return folder
    from ..datasets._download import Remote, download  # cards do without what downloads take

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=TEMPORARY[1]) as beside:
        beside = Path(beside)
        for file in files:
            if source is None:
                remotes = [Remote(url, f"sha256:{file.sha256}", file.n_bytes) for url in file.urls]
                download(remotes, beside / file.name, by_hand=folder)
        if source is not None:
            take_from(Path(source), files, beside)
        for file in files:
            os.replace(beside / file.name, folder / file.name)
    (folder / RECORD).write_text(json.dumps([file.name for file in files]))
    return folder


def take_from(source, files, beside, *, name="source"):
    """Copy files out of a folder or an archive (zip, wheel, tar): those of their size and hash, whatever their names.

    Parameters
    ----------
    source : Path
        The folder or archive.
    files : sequence of WeightFile
        What is looked for.
    beside : Path
        The folder to copy them to.
    name : str, default="source"
        What to call `source` in a message.

    Raises
    ------
    FileNotFoundError
        If `source` is not there or does not hold all of them.
    ValueError
        If it is neither a folder nor an archive, or a damaged one.
    """
    from ..datasets._download import DAMAGED

    meant = f"{name}={os.fspath(source)!r}"
    if not source.exists():
        raise FileNotFoundError(f"{meant} is not there.")
    if not source.is_dir() and not zipfile.is_zipfile(source) and not tarfile.is_tarfile(source):
        raise ValueError(f"{meant} is neither a folder nor a wheel, zip or tar file.")
    try:
        left = _copy_wanted(_members(source), files, beside)
    except DAMAGED as error:
        raise ValueError(f"{meant} is damaged: {error}. Get it again.") from error
    if left:
        listed = "; ".join(f"{file.name} ({file.n_bytes} bytes, SHA-256 {file.sha256})" for file in left)
        raise FileNotFoundError(f"{meant} does not hold, whole and unchanged: {listed}.")


def _copy_wanted(members, files, beside):
    """Copy those of the members that are wanted; return the files that were not among them."""
    left = {file.sha256: file for file in files}
    for size, open_member in members:
        if not any(size == file.n_bytes for file in left.values()):
            continue
        with open_member() as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found in left:
            with open_member() as stream, open(beside / left.pop(found).name, "wb") as out:
                shutil.copyfileobj(stream, out)
    return list(left.values())


def _members(source):
    """Yield pairs of a size and a function that opens the file: of a folder at any depth, or of an archive."""
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.is_file():
                yield path.stat().st_size, partial(open, path, "rb")
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            for member in archive.infolist():
                yield member.file_size, partial(archive.open, member)
    else:
        with tarfile.open(source) as archive:
            for member in archive:
                if member.isfile():
                    yield member.size, partial(archive.extractfile, member)
