"""NSynth: 305,979 single notes of 1006 instruments (Engel et al. 2017)."""

import json
from typing import Any

from ._download import Remote, download_and_unpack, get_data_home
from ._fetching import Clip, as_bunch, check_option, find_or_download, list_audio

TARGETS = {"family": "instrument_family_str", "instrument": "instrument_str", "source": "instrument_source_str"}
N_NOTES = {"train": 289_205, "valid": 12_678, "test": 4_096}

_SERVER = "http://download.magenta.tensorflow.org/datasets/nsynth/"
ARCHIVES = {
    "train": [Remote(_SERVER + "nsynth-train.jsonwav.tar.gz", "md5:fde6665a93865503ba598b9fac388660", 23_815_298_079)],
    "valid": [Remote(_SERVER + "nsynth-valid.jsonwav.tar.gz", "md5:87e94a00a19b6dbc99cf6d4c0c0cae87", 1_068_767_009)],
    "test": [Remote(_SERVER + "nsynth-test.jsonwav.tar.gz", "md5:5e6f8719bf7e16ad0a00d518b78af77d", 349_501_546)],
}

CITATION = (
    "J. Engel, C. Resnick, A. Roberts, S. Dieleman, D. Eck, K. Simonyan and M. Norouzi, "
    '"Neural audio synthesis of musical notes with WaveNet autoencoders", ICML 2017, arXiv:1704.01279'
)
LICENCE = "CC BY 4.0"

DESCR = """NSynth: {n_notes} notes of 4 s, 16 kHz, one channel, of {n_instruments} instruments.
Target: {target}, {n_classes} classes. Notes of each part: {parts}.

Source: {citation}.
Licence: {licence}.

Partition: no instrument of the published valid and test parts occurs in the train part.
{warnings}"""
INCOMPLETE = """
These are not all notes of the published parts ({expected}). They are some of them, or another set in NSynth's form,
with another source and licence. Figures measured on them are no NSynth figures.
"""
OVERLAP = "Instruments of the train part that occur in the others here: {n_shared}.\n"


def fetch_nsynth(data_home=None, *, target="family", download_if_missing=True, split=None, return_X_y=False) -> Any:
    """List the notes of NSynth, downloading them where they are missing.

    Parameters
    ----------
    data_home : str, path-like or None, default=None
        Where they are or shall be. They are found as the archives have them (``nsynth-test/examples.json`` and
        ``nsynth-test/audio/*.wav``; also flac), here or in ``nsynth`` below. None is the folder named by the
        environment variable SKLAUDIO_DATA, or ``~/sklaudio_data``.
    target : {"family", "instrument", "source", "pitch"}, default="family"
        What to classify: one of 11 families ("brass"), the instrument ("brass_acoustic_006"), its source ("acoustic",
        "electronic", "synthetic"), or the pitch as a MIDI number of three digits ("060" is middle C).
    download_if_missing : bool, default=True
        Whether to download the parts that are not there (train 23.8 GB, valid 1.1 GB, test 0.35 GB).
    split : {"train", "valid", "test"} or None, default=None
        The part to list; no other is downloaded. None lists all three.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of str, the paths), ``target`` (array of str), ``target_names`` (list of str), ``groups`` (array
        of str: the instruments; with ``target="instrument"`` the instruments and pitches, so that the same note struck
        softer and harder stays together), ``DESCR`` (str), ``splits`` (dict of the parts listed to indices into
        ``data``).

    Raises
    ------
    FileNotFoundError
        If a part is missing and not to be downloaded.
    OSError, ValueError
        If a download fails or what came is not the archive; nothing is left behind then.
    ValueError
        If `target` or `split` is not known, or an ``examples.json`` cannot be read.

    Notes
    -----
    Notes without an audio file are left out, and ``DESCR`` says how many there are. It also says whether instruments
    of the train part occur in the others: in NSynth they do not, in user-defined sets in its form they may.
    """
    check_option("target", target, (*TARGETS, "pitch"))
    check_option("split", split, (None, *N_NOTES))
    home = get_data_home(data_home)
    wanted = N_NOTES if split is None else (split,)
    folders = {part: _find_part(home, part, download_if_missing) for part in wanted}
    notes = {part: _read_notes(folder) for part, folder in folders.items()}
    parts = {part: [_clip(path, note, target) for path, note in listed] for part, listed in notes.items()}
    return as_bunch(parts, _describe(notes, parts, target), return_X_y)


def _find_part(home, part, download_if_missing):
    """Find the folder of one part, or download it."""
    name = f"nsynth-{part}"
    return find_or_download(
        home,
        (name, f"nsynth/{name}"),
        lambda folder: (folder / "examples.json").is_file(),
        lambda: download_and_unpack(ARCHIVES[part], home / "nsynth", f"{name}.jsonwav.tar.gz", name),
        name=f"The {part} part of NSynth",
        example=f"{name}/examples.json",
        download_if_missing=download_if_missing,
        archive=f"nsynth/{name}.jsonwav.tar.gz",
    )


def _read_notes(folder):
    """Return (path, what examples.json says of it) of each note that has an audio file, by name."""
    path = folder / "examples.json"
    try:
        notes = json.loads(path.read_text())
        labels = [notes[name][key] for name in notes for key in (*TARGETS.values(), "pitch")]
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"{path}: these are not the labels of NSynth notes ({type(error).__name__}: {error}). "
            f"Move {folder} away, and let it be downloaded."
        ) from error
    files = list_audio(folder / "audio")
    if labels and not files.keys() & notes.keys():
        raise ValueError(f"{folder / 'audio'}: there is no wav or flac file of any note of {path}. Put them there.")
    return [(files[name], notes[name]) for name in sorted(notes) if name in files]


def _clip(path, note, target):
    pitch = f"{note['pitch']:03d}"
    instrument = note["instrument_str"]
    label = pitch if target == "pitch" else note[TARGETS[target]]
    return Clip(path, label, f"{instrument}-{pitch}" if target == "instrument" else instrument)


def _describe(notes, parts, target):
    """Fill in DESCR: the counts, and what the parts have in common."""
    instruments = {part: {note["instrument_str"] for _, note in members} for part, members in notes.items()}
    shared = instruments.get("train", set()) & (instruments.get("valid", set()) | instruments.get("test", set()))
    warnings = OVERLAP.format(n_shared=len(shared)) if shared else ""
    if any(len(members) != N_NOTES[part] for part, members in notes.items()):
        warnings += INCOMPLETE.format(expected=", ".join(f"{N_NOTES[part]:,} {part}" for part in notes))
    return DESCR.format(
        citation=CITATION,
        licence=LICENCE,
        n_notes=sum(map(len, notes.values())),
        n_instruments=len(set().union(*instruments.values())),
        target=target,
        n_classes=len({clip.target for members in parts.values() for clip in members}),
        parts=", ".join(f"{len(members)} {part}" for part, members in notes.items()),
        warnings=warnings,
    )
