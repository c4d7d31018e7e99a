"""make_notes: single notes of eight synthetic instruments, rendered with numpy alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

N_PARTIALS = 24


@dataclass(frozen=True)
class Instrument:
    """Partials, envelope and noise of an instrument; each note draws values within these ranges.

    `slope` says how fast partials fade with their number, `stretch` how far they are from whole multiples.
    """

    slope: tuple
    odd: float = 1.0  # level of the even partials
    attack: tuple = (0.01, 0.03)  # seconds
    decay: tuple = (3.0, 6.0)  # seconds
    stretch: float = 0.0
    vibrato: float = 0.0  # of the frequency
    breath: float = 0.0  # level of noise


INSTRUMENTS = {
    "bell": Instrument((0.3, 0.8), decay=(0.6, 1.2), stretch=0.012, attack=(0.002, 0.005)),
    "brass": Instrument((0.3, 0.7), attack=(0.04, 0.09), vibrato=0.002),
    "clarinet": Instrument((0.7, 1.1), odd=0.08, attack=(0.03, 0.06), breath=0.01),
    "flute": Instrument((1.8, 2.6), attack=(0.05, 0.1), vibrato=0.006, breath=0.06),
    "guitar": Instrument((0.8, 1.2), decay=(0.3, 0.7), attack=(0.002, 0.006)),
    "organ": Instrument((0.5, 0.9), odd=0.5, attack=(0.01, 0.02)),
    "piano": Instrument((1.1, 1.6), decay=(0.6, 1.4), stretch=0.0015, attack=(0.002, 0.006)),
    "violin": Instrument((0.6, 1.0), attack=(0.08, 0.15), vibrato=0.008, breath=0.015),
}


def make_notes(n_clips=160, *, duration=1.0, sr=16000, random_state=None, return_X_y=False) -> Any:
    """Render single notes of eight instruments, two octaves each: a stand-in for NSynth.

    Parameters
    ----------
    n_clips : int, default=160
        Number of notes, shared out evenly over the instruments.
    duration : float, default=1.0
        Length of each clip in seconds.
    sr : int, default=16000
        Sampling rate in hertz.
    random_state : int, RandomState or None, default=None
        Seed of the notes. None draws a new set each time.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of shape (n_clips, n_samples), float32, in [-1, 1]), ``target`` (array of str, the
        instruments), ``target_names`` (list of str), ``groups`` (array of str, instrument and pitch such as
        "piano-60", for folds that share no pitch of an instrument), ``pitch`` (array of int, MIDI numbers), ``DESCR``
        (str), ``splits`` (empty dict), ``sr`` (int).

    Examples
    --------
    >>> notes = make_notes(16, duration=0.25, random_state=0)
    >>> notes.data.shape, len(notes.target_names)
    ((16, 4000), 8)
    """
    if n_clips < 1:
        raise ValueError(f"n_clips={n_clips} must be at least 1.")
    if duration * sr < 1:
        raise ValueError(f"duration={duration} s at sr={sr} Hz is less than a sample. Raise one of them.")
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
    names = list(INSTRUMENTS)
    target = np.array([names[index % len(names)] for index in range(n_clips)])
    pitch = rng.integers(55, 79, size=n_clips)
    data = np.stack(
        [play(INSTRUMENTS[name], midi, duration, sr, rng) for name, midi in zip(target, pitch, strict=True)]
    )
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=sorted(set(target.tolist())),
        groups=np.array([f"{name}-{midi}" for name, midi in zip(target, pitch, strict=True)]),
        pitch=pitch,
        DESCR=f"Synthetic notes: {n_clips} of {duration} s at {sr} Hz, of eight instruments. Rendered by make_notes.",
        splits={},
        sr=sr,
    )


def play(instrument, pitch, duration, sr, rng):
    """Play one note at a MIDI pitch: (n_samples,), float32."""
    time = np.arange(round(duration * sr)) / sr
    frequency = 440 * 2 ** ((pitch - 69) / 12) * 2 ** (rng.uniform(-0.2, 0.2) / 12)
    turn = instrument.vibrato * rng.uniform(0.5, 1.5) * np.sin(2 * np.pi * 5.5 * time) / (2 * np.pi * 5.5)
    slope, decay = rng.uniform(*instrument.slope), rng.uniform(*instrument.decay)
    y = np.zeros(len(time))
    for number in range(1, N_PARTIALS + 1):
        partial = number * frequency * (1 + instrument.stretch * (number**2 - 1)) ** 0.5
        if partial < 0.45 * sr:
            level = number**-slope * (instrument.odd if number % 2 == 0 else 1) * rng.uniform(0.7, 1.3)
            fade = np.exp(-time / decay * (1 + 0.15 * (number - 1)))  # high partials die first
            y += level * fade * np.sin(2 * np.pi * partial * (time + turn) + rng.uniform(0, 2 * np.pi))
    y += instrument.breath * np.abs(y).max() * rng.normal(size=len(y))
    y *= np.clip(time / rng.uniform(*instrument.attack), 0, 1)
    noise = np.abs(y).max() * 10 ** (rng.uniform(-50, -30) / 20) * rng.normal(size=len(y))
    return ((y + noise) / np.abs(y + noise).max() * rng.uniform(0.2, 0.95)).astype(np.float32)
