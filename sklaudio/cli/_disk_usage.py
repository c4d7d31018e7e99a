"""What sklaudio keeps on the disk, data sets that it downloaded and caches of frames: how much, and away with it.

Only what was written by us is listed and deleted: files that stand in the record of a download, and joblib's folders
of functions of sklaudio. What people put beside it stays.
"""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from .._utils.data_home import RECORD, TEMPORARY

__all__ = ["Kept", "downloads", "feature_caches"]

ABANDONED = 24 * 3600  # seconds after which nobody is writing to a temporary folder any more


@dataclass
class Kept:
    """Something that can be deleted.

    Attributes
    ----------
    kind : {"data set", "features", "unfinished download"}
        What it is.
    path : Path
        The folder.
    files : list of Path
        The files that are ours.
    n_bytes : int
        Their size.
    """

    kind: str
    path: Path
    files: list
    n_bytes: int

    def clear(self):
        """Delete the files, and the folders that are empty then."""
        for file in self.files:
            file.unlink(missing_ok=True)
        if self.kind != "data set":
            shutil.rmtree(self.path)
            return
        for folder, _, _ in sorted(os.walk(self.path), reverse=True):
            if not os.listdir(folder):
                os.rmdir(folder)


def downloads(home):
    """List data sets that were downloaded, and downloads that were killed.

    Parameters
    ----------
    home : Path
        The folder of data sets, see :func:`~sklaudio._utils.data_home.get_data_home`.

    Returns
    -------
    list of Kept
        In order of their paths. Data sets put in place by hand have no record, and are left out.
    """
    folders = [folder for outer in _folders(home) for folder in (outer, *_folders(outer))]
    records = [_recorded(folder) for folder in folders if (folder / RECORD).is_file()]
    places = [home, *folders]
    unfinished = [found for place in places for found in _folders(place) if found.name.startswith(TEMPORARY)]
    old = [folder for folder in unfinished if time.time() - folder.stat().st_mtime > ABANDONED]
    return records + [_whole("unfinished download", folder) for folder in dict.fromkeys(old)]


def feature_caches(memory):
    """List the frames that ``memory=`` of a feature transformer has kept in a folder.

    Parameters
    ----------
    memory : Path
        The folder.

    Returns
    -------
    list of Kept
        Frames and their locks, or none where there are no frames of ours.
    """
    ours = ("sklaudio", "sklaudio-locks")
    return [_whole("features", folder) for folder in _folders(memory / "joblib") if folder.name in ours]


def _folders(path):
    """List the folders in a folder, hidden ones too, links left out; none where there is no folder."""
    if not path.is_dir():
        return []
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.is_symlink())


def _recorded(folder):
    """List what the record of a download lists, as far as it is still there."""
    try:
        names = json.loads((folder / RECORD).read_text())
    except ValueError:
        names = []
    inside = [name for name in names if isinstance(name, str) and _stays_inside(folder, name)]
    files = [folder / name for name in inside if (folder / name).is_file()]
    return _sized("data set", folder, [*files, folder / RECORD])


def _stays_inside(folder, name):
    """Return whether a name of a record leads to no other place, by dots or by a link that stands in its way since."""
    return (folder / name).parent.resolve().is_relative_to(folder.resolve()) and ".." not in Path(name).parts


def _whole(kind, folder):
    return _sized(kind, folder, [Path(root) / name for root, _, names in os.walk(folder) for name in names])


def _sized(kind, folder, files):
    return Kept(kind, folder, files, sum(file.lstat().st_size for file in files))
