"""Shared by the fetchers of songs rated for valence and arousal: their folders, numbers over time, and one Bunch."""

import re

import numpy as np

from ._download import download_and_unpack
from ._fetching import find_or_download
from ._published_table import list_published, read_published

TARGETS = ["valence", "arousal"]
STEP = 0.5  # seconds
SAMPLE = re.compile(r"sample_(\d+)ms")  # a column of the tables of numbers over time


def find_part(home, names, folder, archive, remotes, example, download_if_missing, *, inside=None):
    """Find the folder that one archive of a set holds, or download it.

    Parameters
    ----------
    home : Path
        Where to look.
    names : sequence of str
        Folders of the set below `home`; the first is where it is downloaded to.
    folder : str
        Name of the folder of the archive.
    archive : str
        Name of the archive. A folder of its name without extension may be around `folder`.
    remotes : sequence of Remote
        Its mirrors.
    example : str
        What the folder has to hold.
    download_if_missing : bool
        Whether to download it.
    inside : str or None, default=None
        The folder in the archive; None is `folder`, "." all of it.

    Returns
    -------
    Path
        The folder.
    """
    around = archive.split(".")[0]
    return find_or_download(
        home,
        [f"{name}/{place}" for name in (*names, ".") for place in (folder, f"{around}/{folder}")],
        lambda place: (place / example).exists(),
        lambda: download_and_unpack(remotes, home / names[0], archive, inside or folder, to=folder),
        name=f"{folder} of {names[-1]}",
        example=f"{names[0]}/{folder}/{example}",
        download_if_missing=download_if_missing,
        archive=f"{names[0]}/{archive}",
    )


def read_over_time(tables, songs, name):
    """Read ratings over time from tables that have a row for each song, and a column for each half second.

    Parameters
    ----------
    tables : list of Path
        That of valence and that of arousal, whose columns need not be the same.
    songs : sequence of int
        The songs to read.
    name : str
        The set, for the message.

    Returns
    -------
    numbers : list of ndarray of shape (n_steps_i, 2)
        Of each song, from the first half second with both numbers to the last; NaN where one is missing between.
    start : ndarray of shape (n_songs,)
        Seconds of the first of them; NaN where there is none.

    Raises
    ------
    ValueError
        If a table is another, or its columns are not half seconds apart.
    """
    frames = [_columns_over_time(table, name) for table in tables]
    times = np.unique(np.concatenate([frame.columns for frame in frames]))
    step = round(1000 * STEP)
    if ((times - times[0]) % step).any():
        raise ValueError(f"{tables[0]}: the columns are not {STEP} s apart. Put the published table in its place.")
    grid = np.arange(times[0], times[-1] + step, step)
    values = np.stack([frame.reindex(index=songs, columns=grid).to_numpy(float) for frame in frames], axis=2)
    numbers, start = [], np.full(len(values), np.nan)
    for song, (of_song, is_rated) in enumerate(zip(values, np.isfinite(values).all(axis=2), strict=True)):
        rated = np.flatnonzero(is_rated)
        numbers.append(of_song[rated[0] : rated[-1] + 1] if len(rated) else np.zeros((0, len(TARGETS))))
        if len(rated):
            start[song] = grid[rated[0]] / 1000
    return numbers, start


def _columns_over_time(table, name):
    """Return the numbers of a table: DataFrame of songs by milliseconds."""
    frame = read_published(table, ("song_id",), name)
    times = {column: int(found[1]) for column in frame.columns if (found := SAMPLE.fullmatch(str(column)))}
    if not times:
        raise ValueError(
            f"{table}: this is not the table of {name}, it has no column such as 'sample_15000ms'. "
            "Put the published one in its place."
        )
    return frame.set_index("song_id")[list(times)].rename(columns=times).astype(float)


def rated_bunch(frame, folder, tables, name, split, return_X_y, template, **about):
    """List rated songs, all or those of one part.

    Parameters
    ----------
    frame : DataFrame
        By song, with the columns path, artist, valence, arousal and split.
    folder : Path
        Folder of the songs.
    tables : list of Path
        Of numbers over time, see :func:`read_over_time`.
    name : str
        The set, for messages.
    split : str or None
        The part to list.
    return_X_y : bool
        Whether to return ``(data, target)`` only.
    template : str
        The DESCR, with the fields n_clips, n_groups, parts and n_divided, the number of artists that have songs in
        several parts.
    **about : str
        Other fields of it.

    Returns
    -------
    Bunch, or tuple of data and target
    """
    listed = frame if split is None else frame[frame["split"] == split]
    found = list_published(listed, folder, "{path}", target=TARGETS, groups="artist")
    if return_X_y:
        return found.data, found.target
    found.fold = listed["split"].to_numpy(dtype=str)
    found.splits = {part: np.flatnonzero(found.fold == part) for part in dict.fromkeys(found.fold.tolist())}
    found.dynamic, found.start = read_over_time(tables, listed.index, name)
    found.step = STEP
    found.DESCR = template.format(
        n_clips=len(found.data),
        n_groups=len(set(found.groups)),
        parts=", ".join(f"{len(index)} {part}" for part, index in found.splits.items()),
        n_divided=int((frame.groupby("artist")["split"].nunique() > 1).sum()),
        **about,
    )
    return found


def artists(names, songs):
    """Return artists as groups: text without double spaces, in lower case; a song without one is a group by itself."""
    tidy = [" ".join(str(name).split()).casefold() for name in names]
    return [name or f"song {song}" for name, song in zip(tidy, songs, strict=True)]
