"""Sounds of which the part that makes the class is known, for explanations and maps."""

import numpy as np

SR = 16000
SECONDS = 0.8
CLICK = 0.55  # seconds


def noise(seed, seconds=SECONDS):
    return 0.01 * np.random.default_rng(seed).normal(size=round(seconds * SR))


def tone_in_noise(hertz, seed=0):
    """A tone from 0.2 to 0.6 s; none where `hertz` is 0."""
    sound, time = noise(seed), np.arange(round(SECONDS * SR)) / SR
    phase = np.random.default_rng(seed).uniform(0, 6)
    sound += 0.3 * np.sin(2 * np.pi * hertz * time + phase) * ((time >= 0.2) & (time < 0.6)) * (hertz > 0)
    return sound.astype(np.float32)


def click_in_noise(seed=0, at=CLICK):
    """Ten milliseconds of loud noise; none where `at` is None."""
    sound = noise(seed)
    if at is not None:
        first = round(at * SR)
        sound[first : first + 160] += 0.8 * np.random.default_rng(seed + 1000).normal(size=160)
    return sound.astype(np.float32)


def pitches(n_clips=30, seed=0):
    """Clips of three classes: a tone of 4 kHz, one of 1 kHz, none."""
    classes = np.array(["4 kHz", "1 kHz", "none"])[np.arange(n_clips) % 3]
    hertz = {"4 kHz": 4000, "1 kHz": 1000, "none": 0}
    return [tone_in_noise(hertz[name], seed + row) for row, name in enumerate(classes)], classes
