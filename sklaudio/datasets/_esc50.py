"""ESC-50: 2000 recordings of 5 s of 50 environmental sounds (Piczak 2015)."""

from typing import Any

from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import check_option, find_or_download
from ._published_table import list_published, read_published

# A commit, since the archive of the branch changes with every edit of its README.
COMMIT = "33c8ce9eb2cf0b1c2f8bcf322eb349b6be34dbb6"
FOLDER = f"ESC-50-{COMMIT}"
LAYOUTS = (".", "esc50", "ESC-50", "ESC-50-master", FOLDER)
TABLE = "meta/esc50.csv"
COLUMNS = ("filename", "fold", "category", "esc10", "src_file")

SOURCE = "https://github.com/karolpiczak/ESC-50"
# The authors publish no hash. This one is that of soundata for the same commit; no size is published.
ARCHIVE = [Remote(f"{SOURCE}/archive/{COMMIT}.zip", "md5:071b44018315e034b2c6e8064543d19c")]

CITATION = (
    'K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", Proceedings of the 23rd ACM Conference on '
    "Multimedia (2015), 1015-1018, doi:10.1145/2733373.2806390"
)
LICENCE = "CC BY-NC 3.0; of the clips of ESC-10, CC BY (attributions in its file LICENSE)"
LICENCE_URL = "https://creativecommons.org/licenses/by-nc/3.0/"

DESCR = """{name}: {n_clips} recordings of 5 s, 44.1 kHz, one channel, of {n_classes} environmental sounds.
They were cut from {n_groups} recordings of Freesound.

Source: {citation}, {source}.
Licence: {licence}.

Partition: five folds of its authors, with all clips of a Freesound recording in one fold. Figures of the literature are
means over the five.
Known fault: some recordings were band-limited before, in ways that may depend on their class.
"""


def fetch_esc50(data_home=None, *, subset=None, download_if_missing=True, return_X_y=False) -> Any:
    """List ESC-50, environmental sounds, downloading them where they are missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as the archive has it (``meta/esc50.csv`` and
        ``audio/1-100032-A-0.wav``), here or in ``esc50``, ``ESC-50`` or ``ESC-50-master`` below. None is the folder
        named by the environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    subset : {"esc10"} or None, default=None
        "esc10" is the subset of ten classes, 400 clips, whose licence allows commercial use. None lists all.
    download_if_missing : bool, default=True
        Whether to download what is not there (600 MB, from GitHub).
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, such as "dog"), ``target_names`` (list of str),
        ``groups`` (array of str, the Freesound recordings), ``fold`` (array of int, 1 to 5), ``frame`` (DataFrame, the
        rows of ``meta/esc50.csv``), ``DESCR`` (str), ``splits`` (dict of each fold to (train, test), indices into
        ``data``; ``cv=list(splits.values())``).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded, or any of its files is missing.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `subset` is not known, or ``meta/esc50.csv`` is another table.

    Notes
    -----
    The authors publish no hash of the archive; it is checked against the one that the loader of soundata has for the
    same commit.

    Examples
    --------
    >>> sounds = fetch_esc50(subset="esc10")                                                 # doctest: +SKIP
    >>> cross_val_score(model, sounds.data, sounds.target, cv=list(sounds.splits.values()))  # doctest: +SKIP
    """
    check_option("subset", subset, (None, "esc10"))
    home = get_data_home(data_home)
    folder = find_or_download(
        home,
        LAYOUTS,
        lambda folder: (folder / TABLE).is_file(),
        lambda: download_and_unpack(ARCHIVE, home, f"{FOLDER}.zip", FOLDER, to="esc50"),
        name="ESC-50",
        example=TABLE,
        download_if_missing=download_if_missing,
        archive=f"{FOLDER}.zip",
    )
    frame = read_published(folder / TABLE, COLUMNS, "ESC-50")
    if subset == "esc10":
        frame = frame[frame["esc10"].astype(str) == "True"].reset_index(drop=True)
    found = list_published(frame, folder, "audio/{filename}", target="category", groups="src_file", fold="fold")
    if return_X_y:
        return found.data, found.target
    found.DESCR = DESCR.format(
        name="ESC-50" if subset is None else "ESC-10, the subset of ESC-50",
        n_clips=len(found.data),
        n_classes=len(found.target_names),
        n_groups=len(set(found.groups)),
        citation=CITATION,
        source=SOURCE,
        licence=LICENCE,
    )
    return found
