"""URBAN-SED: 10,000 soundscapes of 10 s with city sounds at known times (Salamon, MacConnell et al. 2017)."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from ._annotations import load_annotations
from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import check_option, find_or_download

FOLDER = "URBAN-SED_v2.0.0"
LAYOUTS = (".", FOLDER, "URBAN-SED", "urban-sed", "urbansed")
PARTS = {"train": "train", "valid": "validate", "test": "test"}  # as splits and as its folders call them

SOURCE = "http://urbansed.weebly.com"
ARCHIVE = [Remote(f"https://zenodo.org/records/1324404/files/{FOLDER}.tar.gz", "md5:a2d24a2148ece7c021fcc079ee87c2dc")]

CITATION = (
    'J. Salamon, D. MacConnell, M. Cartwright, P. Li and J. P. Bello, "Scaper: a library for soundscape synthesis and '
    'augmentation", IEEE Workshop on Applications of Signal Processing to Audio and Acoustics (2017), 344-348, '
    "doi:10.1109/WASPAA.2017.8170052"
)
LICENCE = "CC BY 4.0 (attributions in its file FREESOUNDCREDITS.txt)"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"

DESCR = """URBAN-SED 2.0.0: {n_clips} soundscapes of 10 s, 44.1 kHz, one channel, with {n_events} events in noise.
{n_classes} labels: {labels}. Soundscapes of each part: {parts}.

Source: {citation}, {source}.
Licence: {licence}.

Partition: that of its authors. Events are clips of UrbanSound8K: of its folds 1 to 6 in "train", 7 and 8 in "valid",
9 and 10 in "test", so that no recording is in two parts. Soundscapes of a part share recordings: those of "train" are
not for testing.
"""


def fetch_urban_sed(data_home=None, *, download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List URBAN-SED, soundscapes with events in time, downloading it where it is missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where it is or shall be. It is found as the archive has it (``audio/train/soundscape_train_uniform1736.wav`` and
        ``annotations/train/soundscape_train_uniform1736.txt``), here or in ``URBAN-SED_v2.0.0``, ``URBAN-SED`` or
        ``urbansed`` below. An archive ``URBAN-SED_v2.0.0.tar.gz`` that was put here by hand is unpacked. None is the
        folder named by the environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    download_if_missing : bool, default=True
        Whether to download what is not there (about 6.5 GB, from Zenodo).
    split : {"train", "valid", "test"} or None, default=None
        The part of the official partition to list. None lists all three.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``events`` (list of DataFrame with the columns `start` and `end`, in
        seconds, and `label`, in order of time: what :class:`~sklaudio.EventDetector` is fitted with), ``target`` (array
        of shape (n_clips, n_labels), int, 1 where a soundscape holds a label), ``target_names`` (list of str, the
        labels of the columns), ``groups`` (array of str, one for each soundscape), ``fold`` (array of str, the parts),
        ``frame`` (DataFrame of all events: path, start, end, label), ``DESCR`` (str), ``splits`` (dict of the parts
        listed to indices into ``data``).

    Raises
    ------
    FileNotFoundError
        If it is missing and not to be downloaded, or the recording of an annotation is missing.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `split` is not known, or a file of annotations is damaged.

    Notes
    -----
    The hash is that of Zenodo, as the loader of soundata has it. The sounds are those of UrbanSound8K, which is offered
    for non-commercial use only, and the soundscapes as CC BY.

    Examples
    --------
    >>> scenes = fetch_urban_sed(split="train")                                              # doctest: +SKIP
    >>> detector.fit(features.fit_transform(scenes.data), scenes.events)                     # doctest: +SKIP
    """
    check_option("split", split, (None, *PARTS))
    home = get_data_home(data_home)
    folder = find_or_download(
        home,
        LAYOUTS,
        lambda folder: (folder / "annotations" / "train").is_dir() and (folder / "audio" / "train").is_dir(),
        lambda: download_and_unpack(ARCHIVE, home, f"{FOLDER}.tar.gz", FOLDER),
        name="URBAN-SED",
        example=f"{FOLDER}/audio/train",
        download_if_missing=download_if_missing,
        archive=f"{FOLDER}.tar.gz",
    )
    parts = {part: _read_part(folder, PARTS[part]) for part in (PARTS if split is None else (split,))}
    found = _as_bunch(parts)
    if return_X_y:
        return found.data, found.target
    found.DESCR = DESCR.format(
        n_clips=len(found.data),
        n_events=len(found.frame),
        n_classes=len(found.target_names),
        labels=", ".join(found.target_names),
        parts=", ".join(f"{len(index)} {part}" for part, index in found.splits.items()),
        citation=CITATION,
        source=SOURCE,
        licence=LICENCE,
    )
    return found


def _read_part(folder, part):
    """Read the annotations of one part: DataFrame, whose attrs say which recordings there are."""
    return load_annotations(folder / "annotations" / part / "*.txt", format="audacity", root=folder / "audio" / part)


def _as_bunch(parts):
    """Return the soundscapes of all parts, one part after the other: Bunch without DESCR."""
    frame = pd.concat([part[["path", "start", "end", "label"]] for part in parts.values()], ignore_index=True)
    data = [path for part in parts.values() for path in part.attrs["recordings"]]
    empty = frame[:0].drop(columns="path")
    by_path = {path: events.drop(columns="path") for path, events in frame.groupby("path")}
    events = [by_path.get(path, empty).sort_values(["start", "end"], ignore_index=True) for path in data]
    labels = sorted(set(frame["label"]))
    fold = np.repeat(list(parts), [len(part.attrs["recordings"]) for part in parts.values()])
    return Bunch(
        data=np.array(data, dtype=str),
        events=events,
        target=np.array([np.isin(labels, of_clip["label"]) for of_clip in events]).astype(int),
        target_names=labels,
        groups=np.array([path.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0] for path in data], dtype=str),
        fold=fold,
        frame=frame,
        splits={part: np.flatnonzero(fold == part) for part in parts},
    )
