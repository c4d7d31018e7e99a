"""UrbanSound8K: 8732 excerpts of at most 4 s of ten city sounds (Salamon, Jacoby and Bello 2014)."""

from typing import Any

from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import find_or_download
from ._published_table import list_published, read_published

LAYOUTS = (".", "UrbanSound8K", "urbansound8k", "urbansound8k/UrbanSound8K")
TABLE = "metadata/UrbanSound8K.csv"
COLUMNS = ("slice_file_name", "fsID", "fold", "class")

SOURCE = "https://urbansounddataset.weebly.com/urbansound8k.html"
ARCHIVE = [
    Remote(
        "https://zenodo.org/records/1203745/files/UrbanSound8K.tar.gz",
        "md5:9aa69802bbf37fb986f71ec1483a196e",
        6_023_741_708,
    ),
]

CITATION = (
    'J. Salamon, C. Jacoby and J. P. Bello, "A Dataset and Taxonomy for Urban Sound Research", Proceedings of the 22nd '
    "ACM International Conference on Multimedia (2014), 1041-1044, doi:10.1145/2647868.2655045"
)
LICENCE = "CC BY-NC 3.0 by its README, 4.0 by its Zenodo record (attributions in its file FREESOUNDCREDITS.txt)"
LICENCE_URL = "https://creativecommons.org/licenses/by-nc/3.0/"

DESCR = """UrbanSound8K: {n_clips} excerpts of at most 4 s of {n_classes} city sounds, from {n_groups} recordings of
Freesound. Rates, bits and channels differ: they are those of the recordings.

Source: {citation}, {source}.
Licence: {licence}.

Partition: ten folds of its authors. Figures of the literature are means over the ten; other folds, shuffled ones above
all, put excerpts of one recording on both sides and give higher ones.
"""


def fetch_urbansound8k(data_home=None, *, download_if_missing=True, return_X_y=False) -> Any:
    """List UrbanSound8K, sounds of the city, downloading them where they are missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as the archive has it (``metadata/UrbanSound8K.csv`` and
        ``audio/fold5/100032-3-0-0.wav``), here or in ``UrbanSound8K`` or ``urbansound8k`` below. An archive
        ``UrbanSound8K.tar.gz`` that was put here by hand is unpacked. None is the folder named by the environment
        variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there (6.0 GB, from Zenodo).
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, such as "dog_bark"), ``target_names`` (list of
        str), ``groups`` (array of str, the Freesound recordings), ``fold`` (array of int, 1 to 10), ``frame``
        (DataFrame, ``metadata/UrbanSound8K.csv``), ``DESCR`` (str), ``splits`` (dict of each fold to (train, test),
        indices into ``data``; ``cv=list(splits.values())``).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded, or any of its files is missing.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If ``metadata/UrbanSound8K.csv`` is another table.

    Notes
    -----
    Columns ``start`` and ``end`` of the table are times in recordings that are not part of the set.

    Examples
    --------
    >>> sounds = fetch_urbansound8k()                                                        # doctest: +SKIP
    >>> cross_val_score(model, sounds.data, sounds.target, cv=list(sounds.splits.values()))  # doctest: +SKIP
    """
    home = get_data_home(data_home)
    folder = find_or_download(
        home,
        LAYOUTS,
        lambda folder: (folder / TABLE).is_file(),
        lambda: download_and_unpack(ARCHIVE, home, "UrbanSound8K.tar.gz", "UrbanSound8K"),
        name="UrbanSound8K",
        example=TABLE,
        download_if_missing=download_if_missing,
        archive="UrbanSound8K.tar.gz",
    )
    frame = read_published(folder / TABLE, COLUMNS, "UrbanSound8K")
    path = "audio/fold{fold}/{slice_file_name}"
    found = list_published(frame, folder, path, target="class", groups="fsID", fold="fold")
    if return_X_y:
        return found.data, found.target
    found.DESCR = DESCR.format(
        n_clips=len(found.data),
        n_classes=len(found.target_names),
        n_groups=len(set(found.groups)),
        citation=CITATION,
        source=SOURCE,
        licence=LICENCE,
    )
    return found
