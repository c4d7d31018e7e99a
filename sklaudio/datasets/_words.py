"""make_words: ten synthetic words spoken by synthetic speakers, rendered with numpy alone."""

from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

FORMANTS = {  # hertz of the first three, of a grown man
    "a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010), "o": (570, 840, 2410),
    "u": (300, 870, 2240), "m": (250, 1000, 2200), "r": (310, 1060, 1380), "w": (290, 610, 2150),
}  # fmt: skip
BANDWIDTHS = (80, 100, 140)  # hertz
HISS = {"s": (4000, 7500), "f": (1500, 7500), "t": (2500, 6500), "k": (1200, 3000)}  # hertz, lowest and highest
BURSTS = "tk"
WORDS = ("mei", "suki", "fora", "tie", "wamo", "riku", "keso", "isu", "otam", "effu")


def make_words(n_clips=200, *, n_speakers=20, duration=1.0, sr=16000, random_state=None, return_X_y=False) -> Any:
    """Speak ten words by formant synthesis: a stand-in for Speech Commands.

    Speakers differ in pitch, length of the vocal tract, speed and accent; each says a word anew each time, in noise.

    Parameters
    ----------
    n_clips : int, default=200
        Number of clips, shared out evenly over words and speakers.
    n_speakers : int, default=20
        Number of speakers.
    duration : float, default=1.0
        Length of each clip in seconds.
    sr : int, default=16000
        Sampling rate in hertz; at least 16000, to hold an s.
    random_state : int, RandomState or None, default=None
        Seed of speakers and clips. None draws new ones each time.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of shape (n_clips, n_samples), float32, in [-1, 1]), ``target`` (array of str, the words),
        ``target_names`` (list of str), ``groups`` (array of str, the speakers), ``DESCR`` (str), ``splits`` (empty
        dict), ``sr`` (int).

    References
    ----------
    .. [1] G. E. Peterson and H. L. Barney, "Control methods used in a study of the vowels", JASA 24 (1952), 175-184,
       Table II, for the formants of the vowels.

    Examples
    --------
    >>> words = make_words(20, n_speakers=2, random_state=0)
    >>> words.data.shape, len(words.target_names), sorted(set(words.groups.tolist()))
    ((20, 16000), 10, ['speaker00', 'speaker01'])
    """
    if n_clips < 1 or n_speakers < 1:
        raise ValueError(f"n_clips={n_clips} and n_speakers={n_speakers} must be at least 1.")
    if sr < 16000 or duration < 0.8:
        raise ValueError(f"duration={duration} s at sr={sr} Hz cannot hold a word: at least 0.8 s at 16000 Hz.")
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
    speakers = [draw_speaker(rng) for _ in range(n_speakers)]
    target = np.array([WORDS[index % len(WORDS)] for index in range(n_clips)])
    speaker = (np.arange(n_clips) // len(WORDS)) % n_speakers
    data = np.stack([speak(w, speakers[number], duration, sr, rng) for w, number in zip(target, speaker, strict=True)])
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=sorted(set(target.tolist())),
        groups=np.array([f"speaker{number:02d}" for number in speaker]),
        DESCR=f"Synthetic words: {n_clips} clips of {duration} s at {sr} Hz, ten words, {n_speakers} speakers. "
        "Rendered by make_words.",
        splits={},
        sr=sr,
    )


def draw_speaker(rng):
    """Draw what a speaker's words have in common."""
    tract = rng.uniform(0.85, 1.25)  # shorter vocal tracts have higher formants, and mostly higher voices
    return {
        "pitch": 110 * tract**2.2 * rng.uniform(0.85, 1.2),
        "tract": tract,
        "speed": rng.uniform(0.8, 1.25),
        "accent": rng.normal(1, 0.04, size=(len(FORMANTS), 3)),
        "tilt": rng.uniform(0.8, 1.4),
    }


def speak(word, speaker, duration, sr, rng):
    """Speak one word: (n_samples,), float32."""
    sounds = [render_sound(sound, speaker, sr, rng) for sound in word]
    y = crossfade(sounds, round(0.02 * sr))
    n_samples = round(duration * sr)
    y = y[:n_samples]
    start = rng.integers(0, n_samples - len(y) + 1)
    y = np.pad(y, (start, n_samples - len(y) - start))
    y += np.abs(y).max() * 10 ** (rng.uniform(-45, -22) / 20) * rng.normal(size=n_samples)
    return (y / np.abs(y).max() * rng.uniform(0.2, 0.95)).astype(np.float32)


def render_sound(sound, speaker, sr, rng):
    """Render one sound of a word: harmonics under formants, or a band of noise."""
    length = (0.05 if sound in BURSTS else 0.13) / speaker["speed"] * rng.uniform(0.85, 1.2)
    time = np.arange(round(length * sr)) / sr
    if sound in HISS:
        spectrum = np.fft.rfft(rng.normal(size=len(time)))
        frequencies = np.fft.rfftfreq(len(time), 1 / sr) / speaker["tract"]
        low, high = HISS[sound]
        noise = np.fft.irfft(spectrum * ((frequencies > low) & (frequencies < high)), len(time))
        return 0.15 * noise / (np.abs(noise).max() + 1e-9) * (np.exp(-time / 0.02) if sound in BURSTS else 1)
    accent = speaker["accent"][list(FORMANTS).index(sound)]
    formants = np.array(FORMANTS[sound]) * speaker["tract"] * accent * rng.normal(1, 0.02, size=3)
    pitch = speaker["pitch"] * rng.uniform(0.92, 1.08)
    harmonics = pitch * np.arange(1, int(0.45 * sr / pitch))
    distance = (harmonics[:, np.newaxis] - formants) / np.array(BANDWIDTHS)
    level = (1 / (1 + distance**2)) @ np.array([1.0, 0.6, 0.3]) + 0.003
    level *= np.arange(1, len(harmonics) + 1) ** -(speaker["tilt"] - 0.8)
    phase = 2 * np.pi * np.outer(harmonics, time + 0.002 * time**2)
    voice = level @ np.sin(phase + rng.uniform(0, 2 * np.pi, size=(len(harmonics), 1)))
    return (0.4 if sound == "m" else 1.0) * voice / np.abs(voice).max()


def crossfade(sounds, width):
    """Join sounds, each fading into the next over `width` samples."""
    joined = sounds[0]
    for sound in sounds[1:]:
        n_faded = min(width, len(sound), len(joined))
        fade = np.linspace(0, 1, n_faded)
        joined = np.concatenate(
            [joined[: len(joined) - n_faded], joined[-n_faded:] * (1 - fade) + sound[:n_faded] * fade, sound[n_faded:]]
        )
    edge = np.minimum(1, np.minimum(np.arange(len(joined)), np.arange(len(joined))[::-1]) / width)
    return joined * edge
