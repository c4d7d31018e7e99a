"""Downloads: mirrors in order, size and hash checked, unpacked beside and renamed into place at the end."""

import gzip
import json
import os
import tarfile
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pooch
from tqdm.auto import tqdm

from .._utils.data_home import RECORD, TEMPORARY, get_data_home

__all__ = ["Remote", "download", "download_and_unpack", "get_data_home"]

DAMAGED = (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True)
class Remote:
    """A file on a server.

    Parameters
    ----------
    url : str
        Its address.
    hash : str
        "md5:…", "sha1:…" or "sha256:…".
    size : int or None
        Its bytes; None where it is not known.
    """

    url: str
    hash: str
    size: int | None = None


def download(remotes, path, *, by_hand=None):
    """Download a file from the first of its mirrors that has it whole.

    Parameters
    ----------
    remotes : sequence of Remote
        The mirrors, in order.
    path : Path
        Where to put it. Nothing is there unless all of it is.
    by_hand : Path or None, default=None
        The folder that the message asks to put it into; None is that of `path`.

    Raises
    ------
    OSError
        If no mirror gave the file. The message says what happened at each.
    """
    failures = []
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=TEMPORARY[0]) as folder:
        part = Path(folder) / path.name
        for remote in remotes:
            try:
                _download_one(remote, part)
            except Exception as error:  # whatever a server does wrong, the next one may do right
                failures.append(f"{remote.url}: {error}")
                part.unlink(missing_ok=True)
            else:
                os.replace(part, path)
                return
    raise OSError(
        f"{path.name} could not be downloaded. {'; '.join(failures)}. Try again, or put it into "
        f"{by_hand or path.parent} by hand."
    )


def _download_one(remote, path):
    # pooch sets the total to what the server says; the 1 stands until then.
    with tqdm(total=remote.size or 1, unit="B", unit_scale=True, desc=path.name, disable=None, leave=False) as bar:
        pooch.HTTPDownloader(progressbar=bar, timeout=30)(remote.url, str(path), None)
    _check(path, remote)


def _check(path, remote):
    """Raise an OSError unless a file is what the server should have."""
    size = path.stat().st_size
    if remote.size is not None and size != remote.size:
        raise OSError(f"got {size} bytes where {remote.size} were expected")
    algorithm, expected = remote.hash.split(":")
    found = pooch.file_hash(str(path), alg=algorithm)
    if found != expected:
        raise OSError(f"the {algorithm} is {found} where {expected} was expected")


def download_and_unpack(remotes, folder, archive, name, *, to=None):
    """Download a tar or zip archive, and put one folder of it in place, whole or not at all.

    Where the archive lies in `folder` already, put there by hand, that one is unpacked, and kept.

    Parameters
    ----------
    remotes : sequence of Remote
        The mirrors, in order.
    folder : Path
        Where to put it.
    archive : str
        Name for the archive while it is there; one that ends in ".zip" is a zip archive, others are tar archives.
    name : str
        The folder in the archive that is wanted; "." is all of it.
    to : str or None, default=None
        What to call it; None keeps `name`.

    Returns
    -------
    Path
        ``folder / (to or name)``.

    Raises
    ------
    FileExistsError
        If there is something else in its place.
    OSError
        If no mirror gave the archive, or the one put there by hand is another.
    ValueError
        If the archive would write outside its folder, is damaged, or does not hold `name`.
    """
    place = folder / (to or name)
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise FileExistsError(
            f"{place} is there, and is not what {archive} holds. Move it away, or complete it by hand."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=TEMPORARY[1]) as beside:
        path = folder / archive
        if path.is_file():
            _check_by_hand(path, remotes)
        else:
            path = Path(beside) / archive
            download(remotes, path, by_hand=folder)
        try:
            _unpack(path, Path(beside) / "unpacked")
        except DAMAGED as error:
            raise ValueError(f"{archive} was not unpacked: {error}. Nothing of it was kept.") from error
        unpacked = Path(beside) / "unpacked" / name
        if not unpacked.is_dir():
            raise ValueError(f"{archive} holds no folder {name!r}. Nothing of it was kept.")
        names = [str(file.relative_to(unpacked)) for file in sorted(unpacked.rglob("*")) if not file.is_dir()]
        (unpacked / RECORD).write_text(json.dumps(names))
        os.rename(unpacked, place)
    return place


def _check_by_hand(path, remotes):
    """Raise an OSError unless a file that lies there is that of one of the mirrors."""
    failures = []
    for remote in remotes:
        try:
            return _check(path, remote)
        except OSError as error:
            failures.append(f"{remote.url}: {error}")
    raise OSError(f"{path} is not the archive. {'; '.join(failures)}. Download it again, or move it away.")


def _unpack(path, folder):
    """Unpack an archive into a folder, if nothing of it would be outside."""
    if path.suffix != ".zip":
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        return
    with zipfile.ZipFile(path) as archive:
        climbing = [name for name in archive.namelist() if ".." in PurePosixPath(name).parts]
        if climbing:
            raise zipfile.BadZipFile(f"{climbing[0]!r} would be outside its folder")
        archive.extractall(folder)
