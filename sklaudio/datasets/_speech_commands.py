"""Speech Commands: 105,829 utterances of 35 words by 2618 speakers (Warden 2018)."""

import hashlib
import re
from typing import Any

from .._utils.terminal import shortened
from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import Clip, as_bunch, check_option, find_or_download, list_audio
from ._noise_clips import NOISE, list_noise_clips

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = (
    *DIGITS,
    *"backward bed bird cat dog down follow forward go happy house learn left marvin no off on right sheila".split(),
    *"stop tree up visual wow yes".split(),
)
LAYOUTS = (".", "speech_commands", "speech_commands_v0.02", "SpeechCommands/speech_commands_v0.02")
UTTERANCE = re.compile(r"(.+)_nohash_(\d+)")
LISTS = {"valid": "validation_list.txt", "test": "testing_list.txt"}

ARCHIVE = [
    Remote(
        "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        "sha256:af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
        2_428_923_189,
    ),
]
ARCHIVE_NAME = "speech_commands_v0.02.tar.gz"

SOURCE = ARCHIVE[0].url
CITATION = (
    'Pete Warden, Google: "Speech Commands: a dataset for limited-vocabulary speech recognition", 2018, '
    "arXiv:1804.03209"
)
LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"

DESCR = """Speech Commands, version 0.02: {n_clips} clips of at most 1 s, 16 kHz, one channel; {n_speakers} speakers.
{n_classes} classes: {classes}. Clips of each part: {parts}.

Source: {citation}.
Licence: {licence}.

Partition: {partition}; no speaker is in two parts.
"""


def fetch_speech_commands(
    data_home=None, *, words="digits", noise=False, download_if_missing=True, split=None, return_X_y=False
) -> Any:
    """List the Speech Commands of version 0.02, downloading them where they are missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where they are or shall be. They are found as the archive has them (``yes/0a7c2a8d_nohash_0.wav``; also flac),
        here or in ``speech_commands`` below. None is the folder named by the environment variable SKLAUDIO_DATA, or
        ``~/sklaudio_data``.
    words : {"digits", "all"} or list of str, default="digits"
        The classes: those of "zero" to "nine" that are there, all words that are there, or the words of a list.
    noise : bool, default=False
        Whether to add a class "_background_noise_": clips of 1 s, cut once from the recordings in the folder of that
        name into one beside it.
    download_if_missing : bool, default=True
        Whether to download what is not there (2.4 GB).
    split : {"train", "valid", "test"} or None, default=None
        The part of the official partition to list. None lists all three.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str, the words), ``target_names`` (list of str),
        ``groups`` (array of str: the speakers; of noise, the recording), ``DESCR`` (str), ``splits`` (dict of the parts
        listed to indices into ``data``).

    Raises
    ------
    FileNotFoundError
        If they are missing and not to be downloaded, or `noise` is wanted and there are no recordings of it.
    OSError, ValueError
        If the download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `words` holds words that are not there, or `split` is not known.

    Notes
    -----
    The partition is that of ``validation_list.txt`` and ``testing_list.txt``. Where these are not there it is the rule
    that they were made by, which depends on the name of the speaker alone: about 10% to validate and 10% to test. None
    is published for noise: "running_tap" is for validation and "exercise_bike" for the test, whole recordings as well.
    """
    check_option("split", split, (None, "train", "valid", "test"))
    home = get_data_home(data_home)

    def download():
        _choose_words(words, WORDS)  # before 2.4 GB come
        return download_and_unpack(ARCHIVE, home, ARCHIVE_NAME, ".", to="speech_commands")

    folder = find_or_download(
        home,
        LAYOUTS,
        lambda folder: any(_utterances(folder / word) for word in WORDS),
        download,
        name="Speech Commands",
        example="yes/0a7c2a8d_nohash_0.wav",
        download_if_missing=download_if_missing,
        archive=ARCHIVE_NAME,
    )
    parts, partition = _partition(folder, words)
    if noise:
        for part, clips in list_noise_clips(folder).items():
            parts[part] += clips
    parts = parts if split is None else {split: parts[split]}
    return as_bunch(parts, _describe(parts, partition), return_X_y)


def _choose_words(words, there):
    """Return the words that are asked for, of those that are there."""
    if isinstance(words, str):
        check_option("words", words, ("digits", "all", [words]))  # one word is a list of one word
        chosen = [word for word in there if words == "all" or word in DIGITS]
        if not chosen:
            raise ValueError(
                f"words={shortened(words)}: there is no digit among {', '.join(there)}. Take words='all', or a list."
            )
        return chosen
    unknown = [repr(word) for word in words if word not in there]
    if unknown or not len(words):
        raise ValueError(
            f"words holds {', '.join(unknown) or 'nothing'}. Take 'digits', 'all', or a list of {', '.join(there)}."
        )
    return list(dict.fromkeys(words))


def _utterances(folder):
    """Return the path of each utterance of a folder by its name without extension."""
    return {name: path for name, path in list_audio(folder).items() if UTTERANCE.fullmatch(name)}


def _partition(folder, words):
    """Return the clips of each part, by word and name, and what the partition comes from."""
    utterances = {entry.name: _utterances(entry) for entry in sorted(folder.iterdir()) if entry.name[0] not in "._"}
    there = [word for word, members in utterances.items() if members]
    lists = {part: folder / name for part, name in LISTS.items()}
    is_listed = all(path.is_file() for path in lists.values())
    listed = {
        line.rsplit(".", 1)[0]: part for part, path in lists.items() if is_listed for line in path.read_text().split()
    }
    parts = {"train": [], "valid": [], "test": []}
    for word in sorted(_choose_words(words, there)):
        for name, path in utterances[word].items():
            speaker = UTTERANCE.fullmatch(name)[1]
            part = listed.get(f"{word}/{name}", "train") if is_listed else _part_of_speaker(speaker)
            parts[part].append(Clip(path, word, speaker))
    return parts, "validation_list.txt and testing_list.txt" if is_listed else "by a hash of the speaker, as published"


def _part_of_speaker(speaker):
    """Apply the rule of the README of the data set: 10% of the hashes to validate, the next 10% to test."""
    largest = 2**27 - 1
    percentage = int(hashlib.sha1(speaker.encode()).hexdigest(), 16) % (largest + 1) * (100 / largest)
    return "valid" if percentage < 10 else "test" if percentage < 20 else "train"


def _describe(parts, partition):
    """Fill in DESCR: the counts."""
    clips = [clip for members in parts.values() for clip in members]
    classes = sorted({clip.target for clip in clips})
    return DESCR.format(
        citation=CITATION,
        licence=LICENCE,
        n_clips=len(clips),
        n_speakers=len({clip.group for clip in clips if clip.target != NOISE}),
        n_classes=len(classes),
        classes=", ".join(classes),
        parts=", ".join(f"{len(members)} {part}" for part, members in parts.items()),
        partition=partition,
    )
