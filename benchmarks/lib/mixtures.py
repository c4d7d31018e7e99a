"""Scenes of single recordings: several sounds at known times in quiet noise, made on the fly and never kept."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit

from sklaudio import load_audio
from sklaudio.datasets import fetch_nsynth, fetch_speech_commands, make_notes, make_words

STEP = 0.01  # seconds of the steps that silence is looked for in
GAIN = (-5.0, 5.0)  # decibel of a sound in a scene, around the same mean power for all
SNR = (15.0, 25.0)  # decibel of the sounds over the noise, before their gains
GAP = 0.1  # seconds between sounds that must not overlap
PEAK = 0.9
TEST_FRACTION = 0.3  # of the groups


class Sounds(NamedTuple):
    """Single recordings, without the silence before and after the sound, of a mean power of 1.

    `clips` are waveforms, `groups` what may not be on both sides of a split, `name` and `label` what to say of them.
    """

    clips: list
    target: np.ndarray
    groups: np.ndarray
    sr: int
    name: str
    groups_are: str
    label: str = ""

    def at(self, index):
        """Return some of them."""
        return self._replace(
            clips=[self.clips[place] for place in index], target=self.target[index], groups=self.groups[index]
        )


class Scenes(NamedTuple):
    """What was composed: waveforms (n_scenes, n_samples), and a table of events for each."""

    clips: np.ndarray
    events: list

    def tags(self, labels):
        """Return which labels are in each scene: (n_scenes, n_labels), 0 and 1."""
        return np.array([np.isin(labels, events["label"]) for events in self.events]).astype(int)


def load_words(data_home, n_synthetic):
    """Load words of Speech Commands, or so many synthetic ones where there is no `data_home`."""
    if data_home is None:
        return _made(make_words(n_synthetic, random_state=0), "make_words", "speaker", 25.0)
    found = fetch_speech_commands(data_home / "speech_commands", words="all", download_if_missing=False)
    return _read(found, 16000, "Speech Commands", "speaker", 25.0)


def load_notes(data_home, n_synthetic):
    """Load notes in NSynth's form by instrument, or so many synthetic ones where there is no `data_home`."""
    if data_home is None:
        return _made(make_notes(n_synthetic, random_state=0), "make_notes", "pitch of an instrument", 40.0)
    found = fetch_nsynth(data_home / "nsynth", target="instrument", download_if_missing=False)
    return _read(found, 16000, "notes in NSynth's form", "pitch of an instrument", 40.0)


def _made(bunch, maker, groups_are, range_db):
    name = f"{maker}, {len(bunch.data)} clips (random_state=0)"
    return _trimmed(bunch.data, bunch, bunch.sr, name, groups_are, range_db, "[synthetic] ")


def _read(bunch, sr, title, groups_are, range_db):
    clips = [load_audio(path, sr)[0] for path in bunch.data]
    name = f"{title}, {len(clips)} recordings of {len(bunch.target_names)} classes"
    return _trimmed(clips, bunch, sr, name, groups_are, range_db)


def _trimmed(clips, bunch, sr, name, groups_are, range_db, label=""):
    trimmed = [trim(clip, sr, range_db) for clip in clips]
    kept = np.flatnonzero([len(clip) > 0 for clip in trimmed])
    clips = [trimmed[place] / np.sqrt(np.mean(trimmed[place] ** 2)) for place in kept]
    return Sounds(clips, bunch.target[kept], bunch.groups[kept], sr, name, groups_are, label)


def trim(clip, sr, range_db):
    """Cut off what is before and after the sound: steps of 10 ms whose power is that far below the loudest one.

    Parameters
    ----------
    clip : ndarray of shape (n_samples,)
        A recording.
    sr : int
        Its sampling rate in hertz.
    range_db : float
        Decibel below the loudest step, from which on a step is silence.

    Returns
    -------
    ndarray of shape (n_left,)
        Nothing, where all is zero.
    """
    step = round(STEP * sr)
    steps = np.asarray(clip, dtype=float)[: len(clip) // step * step].reshape(-1, step)
    power = np.mean(steps**2, axis=1)
    loud = np.flatnonzero(power > power.max(initial=0.0) * 10 ** (-range_db / 10))
    return steps[loud[0] : loud[-1] + 1].ravel() if len(loud) else np.zeros(0)


def split(sounds, seed):
    """Divide sounds into those to train and those to test on, by whole groups."""
    splitter = GroupShuffleSplit(1, test_size=TEST_FRACTION, random_state=seed)
    train, test = next(splitter.split(sounds.target, groups=sounds.groups))
    return sounds.at(train), sounds.at(test)


def compose(sounds, n_scenes, *, n_sounds, duration, overlap, rng):
    """Compose scenes of sounds of different classes.

    Parameters
    ----------
    sounds : Sounds
        Of which each scene draws, classes before recordings.
    n_scenes : int
        Number of scenes.
    n_sounds : (int, int)
        Least and greatest number of sounds in a scene.
    duration : float
        Seconds of a scene; what is longer is cut.
    overlap : bool
        Whether sounds may overlap. If not, there are 0.1 s between them, and as few in a scene as fit.
    rng : Generator
        Random numbers.

    Returns
    -------
    Scenes
        With the start and end of each sound in seconds.
    """
    by_label = {label: np.flatnonzero(sounds.target == label) for label in np.unique(sounds.target)}
    clips, events = [], []
    for _ in range(n_scenes):
        labels = rng.choice(list(by_label), size=rng.integers(n_sounds[0], n_sounds[1] + 1), replace=False)
        drawn = [sounds.clips[rng.choice(by_label[label])] for label in labels]
        lengths = [min(len(clip), round(duration * sounds.sr)) for clip in drawn]
        starts = _starts(lengths, round(duration * sounds.sr), overlap, sounds.sr, rng)
        placed = list(zip(drawn, starts, lengths, labels, strict=False))
        clips.append(_render(placed, round(duration * sounds.sr), rng))
        events.append(_table(placed, sounds.sr))
    return Scenes(np.stack(clips), events)


def _starts(lengths, n_samples, overlap, sr, rng):
    """Draw the first sample of each sound; fewer than sounds where they do not fit one after the other."""
    if overlap:
        return [int(rng.integers(0, n_samples - length + 1)) for length in lengths]
    gap = round(GAP * sr)
    taken = np.array(lengths) + gap
    taken = taken[np.cumsum(taken) - gap <= n_samples]
    free = n_samples - (taken.sum() - gap)
    return (np.sort(rng.integers(0, free + 1, size=len(taken))) + np.cumsum(taken) - taken).tolist()


def _render(placed, n_samples, rng):
    """Add the sounds to noise: (n_samples,), float32."""
    y = noise(n_samples, rng)
    for clip, start, length, _ in placed:
        y[start : start + length] += clip[:length] * 10 ** (rng.uniform(*GAIN) / 20)
    return (PEAK * y / np.abs(y).max()).astype(np.float32)


def noise(n_samples, rng):
    """Make pink noise that is 15 to 25 dB below a mean power of 1: (n_samples,)."""
    spectrum = np.fft.rfft(rng.normal(size=n_samples))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 10.0), n_samples)
    return pink / np.sqrt(np.mean(pink**2)) * 10 ** (-rng.uniform(*SNR) / 20)


def _table(placed, sr):
    rows = sorted((start / sr, (start + length) / sr, str(label)) for _, start, length, label in placed)
    return pd.DataFrame(rows, columns=["start", "end", "label"])
