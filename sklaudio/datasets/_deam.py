"""DEAM: 1802 songs and excerpts that listeners rated for valence and arousal (Aljanaki, Yang and Soleymani 2017)."""

import csv
from typing import Any

import pandas as pd

from ._download import Remote, get_data_home
from ._fetching import check_option
from ._published_table import check_columns, read_published
from ._rated_songs import artists, find_part, rated_bunch

NAMES = ("deam", "DEAM")
_AVERAGES = "annotations averaged per song"
STATIC = (
    f"{_AVERAGES}/song_level/static_annotations_averaged_songs_1_2000.csv",
    f"{_AVERAGES}/song_level/static_annotations_averaged_songs_2000_2058.csv",
)
DYNAMIC = [f"{_AVERAGES}/dynamic (per second annotations)/{target}.csv" for target in ("valence", "arousal")]
COLUMNS = ("song_id", "valence_mean", "valence_std", "arousal_mean", "arousal_std")
YEARS = {"2013": ("song_id", "Artist"), "2014": ("Id", "Artist"), "2015": ("id", "artist")}  # columns of metadata

SOURCE = "https://cvml.unige.ch/databases/DEAM/"
# The authors publish no hashes. These are what others found the archives of the server to have: of the annotations and
# the metadata several projects, of the audio one alone.
AUDIO = [
    Remote(
        SOURCE + "DEAM_audio.zip",
        "sha256:e2814325f573ade8caebc697f0efcfdf7207142b737d72558a416117ca591353",
        1_343_203_527,
    )
]
ANNOTATIONS = [
    Remote(
        SOURCE + "DEAM_Annotations.zip",
        "sha256:809b0feb4ba6196c1eda9b2b7b33b892b11fa71457cfceb0d47e832ed1a5f15f",
        4_735_283,
    )
]
METADATA = [
    Remote(SOURCE + "metadata.zip", "sha256:3d1d5ab42e852803a770f2cfbd685c6b464e1ebe76f26b0e10954597902b90f8", 344_760)
]

CITATION = (
    'A. Aljanaki, Y.-H. Yang and M. Soleymani, "Developing a benchmark for emotional analysis of music", PLoS ONE 12 '
    "(2017), e0173392, doi:10.1371/journal.pone.0173392"
)
LICENCE = "of the songs, that of Creative Commons which each artist chose; of the ratings, none on record"

DESCR = """DEAM: {n_clips} songs by {n_groups} artists, rated for valence and arousal.
Excerpts of 45 s, and full songs in the part "test"; MP3, most of 44.1 kHz. Songs of each part: {parts}.

Source: {citation}, {source}.
Licence: {licence}.

Ratings: of whole songs from 1 to 9, means of the raters (target); over time from -1 to 1, every 0.5 s from 15 s on
(dynamic, from start).
Partition: "test" are the full songs that MediaEval 2015 tested on, "train" the excerpts of the years before. Its
participants trained on 431 of these. Artists that are in both parts: {n_divided}.
"""


def fetch_deam(data_home=None, *, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List DEAM, music rated for valence and arousal, as a whole and over time, downloading what is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as its three archives have it (``MEMD_audio/2.mp3``, ``annotations`` and
        ``metadata``), here or in ``deam`` or ``DEAM`` below. Archives that were put into ``deam`` by hand are unpacked.
        None is the folder named by the environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there (1.3 GB).
    split : {"train", "test"} or None, default=None
        "train" are the 1744 excerpts of 45 s, "test" the 58 full songs. None lists both.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of shape (n_clips, 2), valence and arousal of whole songs
        from 1 to 9), ``target_names`` (list of str), ``groups`` (array of str, the artists), ``fold`` (array of str,
        the parts), ``frame`` (DataFrame of the columns path, artist, valence, arousal, valence_std, arousal_std, year
        and split, by song), ``dynamic`` (list of arrays (n_steps, 2): valence and arousal over time, from -1 to 1),
        ``start`` (array, seconds of the first of these in each song, 15 s mostly), ``step`` (float, 0.5, seconds from
        one of these to the next), ``DESCR`` (str), ``splits`` (dict of the parts listed to indices into ``data``).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded, or any of its files is missing.
    OSError, ValueError
        If a download fails or what came is not the archive; nothing is left behind of it then.
    ValueError
        If `split` is not known, or a table is another.

    Notes
    -----
    The authors publish no hashes of the archives; they are checked against those that others have written down, of the
    audio one project alone. Listeners need time to make up their minds, so that the first 15 s have no ratings:
    ``Clip(path, start, start + step * len(numbers))`` is what `dynamic` is about. A number that is missing between
    others is NaN.

    Examples
    --------
    >>> songs = fetch_deam(split="train")                                                    # doctest: +SKIP
    >>> cross_val_score(model, songs.data, songs.target, groups=songs.groups, cv=GroupKFold(5))  # doctest: +SKIP
    """
    check_option("split", split, (None, "train", "test"))
    home = get_data_home(data_home)
    found = {
        folder: find_part(home, NAMES, folder, archive, remotes, example, download_if_missing)
        for folder, archive, remotes, example in (
            ("metadata", "metadata.zip", METADATA, "metadata_2013.csv"),
            ("annotations", "DEAM_Annotations.zip", ANNOTATIONS, STATIC[0]),
            ("MEMD_audio", "DEAM_audio.zip", AUDIO, "."),
        )
    }
    frame = _read_ratings(found["annotations"]).join(_read_metadata(found["metadata"]), how="left")
    if frame["year"].isna().any():
        song = frame.index[frame["year"].isna()][0]
        raise ValueError(f"{found['metadata']}: there is no song {song}. Put the published tables in their place.")
    frame["artist"] = artists(frame["artist"], frame.index)
    frame["split"] = ["test" if year == "2015" else "train" for year in frame["year"]]
    tables = [found["annotations"] / table for table in DYNAMIC]
    about = {"citation": CITATION, "source": SOURCE, "licence": LICENCE}
    return rated_bunch(frame, found["MEMD_audio"], tables, "DEAM", split, return_X_y, DESCR, **about)


def _read_ratings(folder):
    """Read the ratings of whole songs: DataFrame by song."""
    tables = [read_published(folder / table, COLUMNS, "DEAM")[list(COLUMNS)] for table in STATIC]
    frame = pd.concat(tables).set_index("song_id").sort_index()
    frame = frame.rename(columns={"valence_mean": "valence", "arousal_mean": "arousal"}).astype(float)
    frame.insert(0, "path", [f"{song}.mp3" for song in frame.index])
    return frame[["path", "valence", "arousal", "valence_std", "arousal_std"]]


def _read_metadata(folder):
    """Read artist and year of each song: DataFrame by song. Rows have more cells than the header names: tags."""
    rows = {}
    for year, columns in YEARS.items():
        path = folder / f"metadata_{year}.csv"
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            check_columns(path, reader.fieldnames or (), columns, "DEAM")
            rows |= {int(row[columns[0]]): (row[columns[1]] or "", year) for row in reader if row[columns[0]].strip()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["artist", "year"])
