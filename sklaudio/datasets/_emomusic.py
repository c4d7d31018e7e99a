"""emoMusic, or 1000 songs: 744 excerpts that listeners rated for valence and arousal (Soleymani et al. 2013)."""

from typing import Any

import pandas as pd

from ._download import Remote, get_data_home
from ._fetching import check_option
from ._published_table import read_published
from ._rated_songs import artists, find_part, rated_bunch

NAMES = ("emomusic", "emoMusic")
PARTS = {"development": "train", "evaluation": "test"}  # as songs_info.csv and as splits call them
STATIC_COLUMNS = {
    "mean_valence": "valence",
    "mean_arousal": "arousal",
    "std_valence": "valence_std",
    "std_arousal": "arousal_std",
}
PART = "Mediaeval 2013 set"

SOURCE = "https://cvml.unige.ch/databases/emoMusic/"
# The authors publish no hashes. These are those of the code of Castellon, Donahue and Liang (2021), jukemir.
CLIPS = [
    Remote(SOURCE + "clips_45sec.tar.gz", "sha256:3994a5d5fefc27f9540d1a69cd7f1294c68e6cb311ce49765021e2e9c7a1057b")
]
ANNOTATIONS = [
    Remote(SOURCE + "annotations.tar.gz", "sha256:e0cb0b06e1b0ce7f04b1572fc410937699b7fad9dae67ddaa745f06cda4b0b33")
]

CITATION = (
    'M. Soleymani, M. N. Caro, E. M. Schmidt, C.-Y. Sha and Y.-H. Yang, "1000 songs for emotional analysis of music", '
    "Proceedings of the 2nd ACM International Workshop on Crowdsourcing for Multimedia (2013), 1-6, "
    "doi:10.1145/2506364.2506365"
)
LICENCE = "of the songs, that of Creative Commons which each artist chose; of the ratings, none on record"

DESCR = """emoMusic, or 1000 songs: {n_clips} excerpts of 45 s by {n_groups} artists, rated for valence and arousal.
MP3, 44.1 kHz. Songs of each part: {parts}.

Source: {citation}, {source}.
Licence: {licence}.

Ratings: of whole excerpts from 1 to 9, means of the raters (target); over time from -1 to 1, every 0.5 s from 15 s on
(dynamic, from start).
Partition: the development set and the evaluation set of MediaEval 2013. Artists that are in both: {n_divided}.
They are songs of DEAM as well: never train on one and test on the other.
"""


def fetch_emomusic(data_home=None, *, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List emoMusic, music rated for valence and arousal, as a whole and over time, downloading what is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as its two archives have it (``clips_45seconds/2.mp3``; and
        ``songs_info.csv`` beside the tables of ratings in ``annotations``), here or in ``emomusic`` or ``emoMusic``
        below. Archives that were put into ``emomusic`` by hand are unpacked. None is the folder named by the
        environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there.
    split : {"train", "test"} or None, default=None
        "train" are the 619 songs of the development set, "test" the 125 of the evaluation set. None lists both.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of shape (n_clips, 2), valence and arousal of whole
        excerpts from 1 to 9), ``target_names`` (list of str), ``groups`` (array of str, the artists), ``fold`` (array
        of str, the parts), ``frame`` (DataFrame of the columns path, artist, genre, valence, arousal, valence_std,
        arousal_std and split, by song), ``dynamic`` (list of arrays (n_steps, 2): valence and arousal over time, from
        -1 to 1), ``start`` (array, seconds of the first of these in each excerpt, 15 s mostly), ``step`` (float, 0.5,
        seconds from one of these to the next), ``DESCR`` (str), ``splits`` (dict of the parts listed to indices into
        ``data``).

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
    The authors publish no hashes of the archives; they are checked against those that the code of Castellon, Donahue
    and Liang (2021) has. The first 15 s have no ratings: ``Clip(path, start, start + step * len(numbers))`` is what
    `dynamic` is about. A number that is missing between others is NaN.

    Examples
    --------
    >>> songs = fetch_emomusic()                                                             # doctest: +SKIP
    >>> train, test = songs.splits["train"], songs.splits["test"]                            # doctest: +SKIP
    """
    check_option("split", split, (None, *PARTS.values()))
    home = get_data_home(data_home)
    annotations = find_part(
        home, NAMES, "annotations", "annotations.tar.gz", ANNOTATIONS, "songs_info.csv", download_if_missing, inside="."
    )
    clips = find_part(home, NAMES, "clips_45seconds", "clips_45sec.tar.gz", CLIPS, ".", download_if_missing)
    frame = _read_songs(annotations)
    tables = [annotations / f"{target}_cont_average.csv" for target in ("valence", "arousal")]
    about = {"citation": CITATION, "source": SOURCE, "licence": LICENCE}
    return rated_bunch(frame, clips, tables, "emoMusic", split, return_X_y, DESCR, **about)


def _read_songs(folder):
    """Read what songs_info.csv and static_annotations.csv say of the songs: DataFrame by song."""
    path = folder / "songs_info.csv"
    songs = read_published(path, ("song_id", "Artist", "Genre", PART), "emoMusic").set_index("song_id")
    part = songs[PART].astype(str).str.strip()
    if not part.isin(PARTS).all():
        raise ValueError(
            f"{path}: {part[~part.isin(PARTS)].iloc[0]!r} is no part of emoMusic. Put the published table in its place."
        )
    table = folder / "static_annotations.csv"
    ratings = read_published(table, ("song_id", *STATIC_COLUMNS), "emoMusic").set_index("song_id")
    ratings = ratings[list(STATIC_COLUMNS)].rename(columns=STATIC_COLUMNS).astype(float)
    genre = songs["Genre"].astype(str).str.strip()
    about = pd.DataFrame({"artist": artists(songs["Artist"].fillna(""), songs.index), "genre": genre}, songs.index)
    frame = about.join(ratings, how="inner").assign(split=part.map(PARTS)).sort_index()
    frame.insert(0, "path", [f"{song}.mp3" for song in frame.index])
    return frame
