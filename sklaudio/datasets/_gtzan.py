"""GTZAN: 1000 excerpts of 30 s in ten genres (Tzanetakis and Cook 2002)."""

import re
from pathlib import Path
from typing import Any

from ._download import Remote, download, download_and_unpack, get_data_home
from ._fetching import Clip, as_bunch, check_option, find_or_download

GENRES = ("blues", "classical", "country", "disco", "hiphop", "jazz", "metal", "pop", "reggae", "rock")
SIX_GENRES = ("classical", "hiphop", "jazz", "metal", "pop", "reggae")
EXTENSIONS = (".au", ".wav", ".flac", ".mp3", ".ogg")
LAYOUTS = ("genres", "gtzan/genres", "genres_original", "Data/genres_original", ".", "gtzan")
CORRUPT = {"jazz.00054": "cannot be decoded in most copies of the archive"}
TRACK = re.compile(r"([a-z]+)\.(\d{5})")

SOURCE = "https://huggingface.co/datasets/marsyas/gtzan"
ARCHIVE = [
    Remote(
        f"{SOURCE}/resolve/main/data/genres.tar.gz",
        "md5:5b3d6dddb579ab49814ab86dba69e7c7",
        1_226_192_050,
    ),
]
_LISTS = "https://raw.githubusercontent.com/coreyker/dnn-mgr/master/gtzan/"
FAULT_FILTERED = {
    "train": [
        Remote(_LISTS + "train_filtered.txt", "sha256:2b04966cef1486f1a7767b74271533fa23e220388db804a1937835e1fc4fa3fa")
    ],
    "valid": [
        Remote(_LISTS + "valid_filtered.txt", "sha256:f8fbee7c52397a0e0f3a91dc54fedecb2e27f5bdc9a9daeab8cb10d077e26956")
    ],
    "test": [
        Remote(_LISTS + "test_filtered.txt", "sha256:09cafa6a89ce0a27f30ed250d56ecb4d03c22fffb5a693f96c7ae655ee02ac72")
    ],
}
SIX_GENRES_TRACKS = {"train": range(30, 100), "valid": range(10, 30), "test": range(10)}

CITATION = (
    'G. Tzanetakis and P. Cook, "Musical genre classification of audio signals", IEEE Transactions on Speech and Audio '
    "Processing 10 (2002), 293-302"
)
LICENCE = "none on record: for research, never to be redistributed"

DESCR = """GTZAN genre collection: {n_tracks} of 1000 tracks of 30 s, 22050 Hz, one channel; {n_genres} genres.

Source: {citation}.
Licence: {licence}.

Known faults: exact repeats, several excerpts of one recording, mislabelled and distorted tracks (B. L. Sturm, "The
GTZAN dataset: its contents, its faults, their effects on evaluation, and its future use", 2013). split="fault-filtered"
leaves these out and keeps artists apart (C. Kereliuk, B. L. Sturm and J. Larsen, "Deep learning and music adversaries",
IEEE Transactions on Multimedia 17 (2015), 2059-2071); no other split keeps artists apart.
{notes}"""


def fetch_gtzan(data_home=None, *, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List the GTZAN genre collection, downloading it where it is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as the archive has it (``genres/blues/blues.00000.au``; also wav, flac, mp3
        and ogg), here or in ``gtzan`` below. None is the folder named by the environment variable SKLAUDIO_DATA, or
        ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there (1.2 GB).
    split : {"fault-filtered", "six-genres"} or None, default=None
        A partition of the literature. "fault-filtered" is the one of Kereliuk, Sturm and Larsen (2015) without known
        faults: 443 tracks to train, 197 to validate, 290 to test. "six-genres" is classical, hiphop, jazz, metal, pop
        and reggae, with tracks 30 to 99 to train, 10 to 29 to validate and 0 to 9 to test. None lists all tracks.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, the genres), ``target_names`` (list of str),
        ``groups`` (array of str, the tracks), ``DESCR`` (str), ``splits`` (dict of "train", "valid" and "test" to
        indices into ``data``; empty without `split`).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `split` is not known.

    Notes
    -----
    Tracks that are not there are left out, and ``DESCR`` says how many there are; so is jazz.00054, which most copies
    hold damaged.
    """
    check_option("split", split, (None, "fault-filtered", "six-genres"))
    home = get_data_home(data_home)
    genres_folder = find_or_download(
        home,
        LAYOUTS,
        _is_there,
        lambda: download_and_unpack(ARCHIVE, home / "gtzan", "genres.tar.gz", "genres"),
        name="GTZAN",
        example="genres/blues/blues.00000.wav",
        download_if_missing=download_if_missing,
        archive="gtzan/genres.tar.gz",
    )
    tracks = _tracks(genres_folder)
    is_archive = genres_folder.name in ("genres", "genres_original")
    lists_folder = genres_folder.parent if is_archive else genres_folder
    names = _parts(split, tracks, lists_folder, download_if_missing)
    parts = {part: [Clip(tracks[name], name.split(".")[0], name) for name in listed] for part, listed in names.items()}
    return as_bunch(parts, _describe(parts), return_X_y)


def _is_there(folder):
    """Return whether a folder holds the genre folders."""
    return any(TRACK.match(file.name) for genre in GENRES for file in (folder / genre).glob(f"{genre}.*"))


def _tracks(folder):
    """Return the path of each track by its name ("blues.00000"), the corrupt ones left out."""
    tracks = {}
    for genre in GENRES:
        for extension in reversed(EXTENSIONS):
            tracks |= {file.stem: file for file in sorted((folder / genre).glob(f"{genre}.*{extension}"))}
    return {name: Path(path) for name, path in tracks.items() if name not in CORRUPT and TRACK.fullmatch(name)}


def _parts(split, tracks, folder, download_if_missing):
    """Return the names of the tracks of each part that are there; one part, None, without a split."""
    if split is None:
        return {None: sorted(tracks)}
    if split == "six-genres":
        listed = {
            part: [f"{genre}.{number:05d}" for genre in SIX_GENRES for number in numbers]
            for part, numbers in SIX_GENRES_TRACKS.items()
        }
    else:
        listed = {
            part: _read_list(folder / "splits" / f"{part}_filtered.txt", remotes, download_if_missing)
            for part, remotes in FAULT_FILTERED.items()
        }
    return {part: [name for name in names if name in tracks] for part, names in listed.items()}


def _read_list(path, remotes, download_if_missing):
    """Return the names of tracks of one list ("blues/blues.00029.wav" a line)."""
    if not path.exists():
        if not download_if_missing:
            raise FileNotFoundError(f"{path}: the list is missing, and download_if_missing is False. Put it there.")
        download(remotes, path)
    return [Path(line).stem for line in path.read_text().split()]


def _describe(parts):
    """Fill in DESCR: the counts, what was left out, and the split."""
    clips = [clip for part in parts.values() for clip in part]
    notes = "\n".join(f"Left out: {name}, which {why}." for name, why in CORRUPT.items())
    if None not in parts:
        notes += "\nSplit: " + ", ".join(f"{len(members)} tracks to {part}" for part, members in parts.items()) + "."
    return DESCR.format(
        n_tracks=len(clips),
        n_genres=len({clip.target for clip in clips}),
        citation=CITATION,
        licence=LICENCE,
        notes=notes,
    )
