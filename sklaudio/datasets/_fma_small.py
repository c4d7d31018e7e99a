"""FMA small: 8000 clips of 30 s of music in eight genres (Defferrard et al. 2017)."""

from typing import Any

import numpy as np
import pandas as pd

from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import check_option, find_or_download
from ._published_table import check_columns, list_published

PARTS = {"training": "train", "validation": "valid", "test": "test"}  # as tracks.csv and as splits call them
# Their tracks are shorter than the metadata said, so that they were cut out where the sound ends, or after it.
BROKEN = (98565, 98567, 98569, 99134, 108925, 133297)
COLUMNS = {
    ("track", "genre_top"): "genre",
    ("artist", "id"): "artist",
    ("album", "id"): "album",
    ("track", "license"): "license",
    ("set", "split"): "split",
    ("set", "subset"): "subset",
}

SOURCE = "https://github.com/mdeff/fma"
_SERVER = "https://os.unil.cloud.switch.ch/fma/"
CLIPS = [Remote(_SERVER + "fma_small.zip", "sha1:ade154f733639d52e35e32f5593efe5be76c6d70", 7_679_594_875)]
METADATA = [Remote(_SERVER + "fma_metadata.zip", "sha1:f0df49ffe5f2a6008d7dc83c6915b31835dfe733", 358_412_441)]

CITATION = (
    'M. Defferrard, K. Benzi, P. Vandergheynst and X. Bresson, "FMA: a dataset for music analysis", ISMIR 2017, '
    "arXiv:1612.01840"
)
LICENCE = "of the metadata, CC BY 4.0; of each clip, that which its artist chose (column license of frame)"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"

DESCR = """FMA small, of 2017-05-09: {n_clips} clips of 30 s of music by {n_groups} artists.
{n_classes} genres: {genres}. Clips of each part: {parts}.

Source: {citation}, {source}.
Licence: {licence}.

Partition: that of tracks.csv. Artists that are in two of its parts: {n_divided}.
{notes}"""
LEFT_OUT = "Left out, with less than 2 s of sound, or none (issue 8 of the source): {ids}."


def fetch_fma_small(data_home=None, *, broken=False, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List FMA small, music of eight genres, downloading it where it is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as its two archives have it (``fma_small/000/000002.mp3`` and
        ``fma_metadata/tracks.csv``), here or in ``fma`` below. Archives ``fma_small.zip`` and ``fma_metadata.zip`` that
        were put here by hand are unpacked. None is the folder named by the environment variable SKLAUDIO_DATA, or
        ``~/sklaudio_data``.
    broken : bool, default=False
        Whether to list the six clips too that have less than 2 s of sound, or none.
    download_if_missing : bool, default=True
        Whether to download what is not there (clips 7.7 GB, metadata 0.36 GB, which unpack to 1.4 GB).
    split : {"train", "valid", "test"} or None, default=None
        The part of the official partition to list. None lists all three.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, such as "Hip-Hop"), ``target_names`` (list of
        str), ``groups`` (array of str, the artists), ``fold`` (array of str, the parts), ``frame`` (DataFrame of the
        columns path, genre, artist, album, license and split, by track), ``DESCR`` (str), ``splits`` (dict of the parts
        listed to indices into ``data``).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded, or any of its files is missing.
    OSError, ValueError
        If a download fails or what came is not the archive; nothing is left behind of it then.
    ValueError
        If `split` is not known, or ``tracks.csv`` is another table.

    Notes
    -----
    The genre is ``genre_top`` of ``tracks.csv``. The clips are MP3.

    Examples
    --------
    >>> music = fetch_fma_small()                                                            # doctest: +SKIP
    >>> train, test = music.splits["train"], music.splits["test"]                            # doctest: +SKIP
    """
    check_option("split", split, (None, *PARTS.values()))
    home = get_data_home(data_home)
    metadata = _find(home, "fma_metadata", METADATA, "tracks.csv", download_if_missing)
    frame = _read_tracks(metadata / "tracks.csv")
    clips = _find(home, "fma_small", CLIPS, "000", download_if_missing)
    left_out = [] if broken else [track for track in BROKEN if track in frame.index]
    frame = frame.drop(index=left_out)
    listed = frame if split is None else frame[frame["split"] == split]
    found = list_published(listed, clips, "{path}", target="genre", groups="artist")
    if return_X_y:
        return found.data, found.target
    found.fold = listed["split"].to_numpy(dtype=str)
    parts = PARTS.values() if split is None else (split,)
    found.splits = {part: np.flatnonzero(found.fold == part) for part in parts}
    found.DESCR = _describe(found, left_out, n_divided=(frame.groupby("artist")["split"].nunique() > 1).sum())
    return found


def _find(home, name, remotes, example, download_if_missing):
    """Find one of the two archives, or download it, and return its folder."""
    return find_or_download(
        home,
        (name, f"fma/{name}"),
        lambda folder: (folder / example).exists(),
        lambda: download_and_unpack(remotes, home, f"{name}.zip", name),
        name=f"{name} of FMA",
        example=f"{name}/{example}",
        download_if_missing=download_if_missing,
        archive=f"{name}.zip",
    )


def _read_tracks(path):
    """Read the small subset of ``tracks.csv``, whose columns have two names each: DataFrame by track."""
    try:
        header = pd.read_csv(path, header=[0, 1], index_col=0, nrows=0).columns
        check_columns(path, header, COLUMNS, "FMA")
        places = {header.get_loc(names) + 1: name for names, name in COLUMNS.items()}
        frame = pd.read_csv(path, header=None, skiprows=3, index_col=0, usecols=[0, *places])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path}: this is not the table of FMA ({error}). Put the published one in its place."
        ) from error
    frame = frame.rename(columns=places).rename_axis("track_id")[list(places.values())]
    frame = frame[frame.pop("subset") == "small"].replace({"split": PARTS})
    frame.insert(0, "path", [f"{track // 1000:03d}/{track:06d}.mp3" for track in frame.index])
    return frame


def _describe(found, left_out, n_divided):
    """Fill in DESCR: the counts, what was left out, and whether parts have artists in common."""
    return DESCR.format(
        n_clips=len(found.data),
        n_groups=len(set(found.groups)),
        n_classes=len(found.target_names),
        genres=", ".join(found.target_names),
        parts=", ".join(f"{len(index)} {part}" for part, index in found.splits.items()),
        citation=CITATION,
        source=SOURCE,
        licence=LICENCE,
        n_divided=n_divided,
        notes=LEFT_OUT.format(ids=", ".join(f"{track:06d}" for track in left_out)) if left_out else "",
    )
