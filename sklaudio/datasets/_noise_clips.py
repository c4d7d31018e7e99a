"""The noise of Speech Commands, cut to clips of one second."""

import os
import tempfile
from pathlib import Path

from ._fetching import Clip, list_audio

NOISE = "_background_noise_"
CLIPS = "_background_noise_clips_"
PARTS = {"running_tap": "valid", "exercise_bike": "test"}  # no partition is published; all others train


def list_noise_clips(folder):
    """List the clips of the background noise, cut where they have not been.

    Parameters
    ----------
    folder : Path
        The folder that holds ``_background_noise_``. The clips are put beside it, all of them or none.

    Returns
    -------
    dict of str to list of Clip
        The clips of "train", "valid" and "test"; their group is the recording that they are from.

    Raises
    ------
    FileNotFoundError
        If there are no recordings.
    """
    if not (folder / CLIPS).is_dir():
        _cut_all(folder)
    parts = {"train": [], "valid": [], "test": []}
    for name, path in list_audio(folder / CLIPS).items():
        recording = name.rsplit("-", 1)[0]
        parts[PARTS.get(recording, "train")].append(Clip(path, NOISE, recording))
    return parts


def _cut_all(folder):
    """Cut the recordings beside, and rename the clips into place at the end."""
    recordings = list_audio(folder / NOISE)
    if not recordings:
        raise FileNotFoundError(
            f"{folder / NOISE}: there are no wav or flac files of noise to cut. Put them there, or take noise=False."
        )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".cut-") as beside:
        clips = Path(beside) / CLIPS
        clips.mkdir()
        for name, path in recordings.items():
            _cut(path, clips, name)
        os.rename(clips, folder / CLIPS)


def _cut(path, folder, name):
    """Write each whole second of a recording; int16 in and out loses nothing of the archive's files."""
    import soundfile

    with soundfile.SoundFile(path) as file:
        for number in range(file.frames // file.samplerate):
            second = file.read(file.samplerate, dtype="int16")
            soundfile.write(folder / f"{name}-{number:03d}.wav", second, file.samplerate, subtype="PCM_16")
