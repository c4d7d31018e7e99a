"""FSDD, the Free Spoken Digit Dataset: ten digits by a few speakers, fifty times each (Jackson et al.)."""

import re
from typing import Any

from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import Clip, as_bunch, check_option, find_or_download, list_audio

NAME = re.compile(r"(\d)_([^_]+)_(\d+)")
LAYOUTS = ("recordings", "fsdd/recordings", "free-spoken-digit-dataset/recordings", ".", "fsdd")
N_TEST = 5  # recordings of each digit by each speaker, counted from 0

SOURCE = "https://github.com/Jakobovski/free-spoken-digit-dataset"

# The last release with a published hash (that of TensorFlow Datasets). Later ones have a sixth speaker.
VERSION = "1.0.9"
FOLDER = f"free-spoken-digit-dataset-{VERSION}"
ARCHIVE = [
    Remote(
        f"{SOURCE}/archive/v{VERSION}.tar.gz",
        "sha256:8bc44cde129d505cbbb6b365c09f80c663f2aa77578afc634e6141a2f87100c0",
        11_975_353,
    ),
]

CITATION = 'Zohar Jackson et al., "Free Spoken Digit Dataset (FSDD)", Zenodo, doi:10.5281/zenodo.1342401'
LICENCE = "CC BY-SA 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"

DESCR = """Free Spoken Digit Dataset: {n_clips} recordings of the digits 0 to 9 in English, 8 kHz, one channel, trimmed.
{n_speakers} speakers: {speakers}.

Source: {citation}, {source}.
Licence: {licence}.

Partition: split="official" tests on recordings 0 to 4 of each digit and speaker, and trains on the rest: the speakers
are the same in both. To test on speakers that are not in training, split by `groups`.
"""


def fetch_fsdd(data_home=None, *, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List the Free Spoken Digit Dataset, downloading it where it is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as the archive has it (``recordings/7_jackson_32.wav``; also flac), here or
        in ``fsdd`` below. None is the folder named by the environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there (12 MB: release 1.0.9, 5 speakers, 2500 recordings).
    split : {"official"} or None, default=None
        "official" is the partition of its authors: recordings 0 to 4 of each digit and speaker to test, the rest to
        train. None lists all, without a partition.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, "0" to "9"), ``target_names`` (list of str),
        ``groups`` (array of str, the speakers), ``DESCR`` (str), ``splits`` (dict of "train" and "test" to indices into
        ``data``; empty without `split`).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `split` is not known.
    """
    check_option("split", split, (None, "official"))
    home = get_data_home(data_home)
    folder = find_or_download(
        home,
        LAYOUTS,
        lambda folder: any(map(NAME.fullmatch, list_audio(folder))),
        lambda: _download(home),
        name="The Free Spoken Digit Dataset",
        example="recordings/7_jackson_32.wav",
        download_if_missing=download_if_missing,
        archive=f"{FOLDER}.tar.gz",
    )
    found = [(NAME.fullmatch(name), path) for name, path in list_audio(folder).items()]
    named = [(match[1], match[2], int(match[3]), path) for match, path in found if match]
    parts = {None: []} if split is None else {"train": [], "test": []}
    for digit, speaker, number, path in sorted(named):
        part = None if split is None else "test" if number < N_TEST else "train"
        parts[part].append(Clip(path, digit, speaker))
    speakers = sorted({speaker for _, speaker, _, _ in named})
    descr = DESCR.format(
        n_clips=len(named),
        n_speakers=len(speakers),
        speakers=", ".join(speakers),
        citation=CITATION,
        source=SOURCE,
        licence=LICENCE,
    )
    return as_bunch(parts, descr, return_X_y)


def _download(home):
    return download_and_unpack(ARCHIVE, home, f"{FOLDER}.tar.gz", FOLDER, to="fsdd") / "recordings"
