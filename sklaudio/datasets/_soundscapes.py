"""make_soundscapes: synthetic events in noise, with exact starts and ends, rendered with numpy alone."""

from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils import Bunch, check_random_state

from .._utils.terminal import shortened

LENGTHS = (0.15, 0.9)  # seconds of an event, least and most
GAP = 0.1  # seconds between events of one label, at least
FADE = 0.002  # seconds of the fades at the ends of an event
LOWEST_SR = 8000  # hertz, for the highest tones


def make_soundscapes(
    n_clips=100,
    *,
    n_labels=5,
    n_events=(1, 5),
    duration=5.0,
    snr=(5, 20),
    sr=16000,
    random_state=None,
    return_X_y=False,
) -> Any:
    """Render sound events in background noise, with their exact starts and ends.

    A stand-in for recordings with annotated events, to detect which sounds are there (`target`) or when (`events`).
    Events of different labels may overlap, those of one label do not. Pitch, length and level of each are drawn anew,
    as are the color of the noise and the level of the clip.

    Parameters
    ----------
    n_clips : int, default=100
        Number of clips. Each is the same, for a seed, whatever their number.
    n_labels : int, default=5
        Number of kinds of sounds, 1 to 8: of "beep", "hiss", "rise", "clicks", "warble", "buzz", "fall" and "trill",
        the first ones.
    n_events : int or (int, int), default=(1, 5)
        Number of events of a clip, or its least and its greatest value.
    duration : float, default=5.0
        Length of each clip in seconds.
    snr : float or (float, float), default=(5, 20)
        Signal-to-noise ratio of an event in decibels, or its least and its greatest value: its mean power from its
        start to its end, over that of the noise in all of the clip.
    sr : int, default=16000
        Sampling rate in hertz; at least 8000.
    random_state : int, RandomState or None, default=None
        Seed of the clips. None draws new ones each time.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of shape (n_clips, n_samples), float32, in [-1, 1]), ``events`` (list of DataFrame with the
        columns `start` and `end`, in seconds, and `label`, in order of time), ``target`` (array of shape (n_clips,
        n_labels), int, 1 where a clip holds a label), ``target_names`` (list of str, the labels of the columns),
        ``groups`` (array of str, one for each clip), ``DESCR`` (str), ``splits`` (empty dict), ``sr`` (int).

    Raises
    ------
    ValueError
        If a parameter is out of its range, or the events do not fit into a clip.

    Examples
    --------
    >>> scenes = make_soundscapes(3, duration=4, random_state=0)
    >>> scenes.data.shape, scenes.target_names
    ((3, 64000), ['beep', 'clicks', 'hiss', 'rise', 'warble'])
    >>> scenes.events[0].round(2)
       start   end   label
    0   1.00  1.59  clicks
    1   1.14  1.86    beep
    """
    _check_sizes(n_clips, n_labels, duration, sr)
    n_events, snr = _as_range("n_events", n_events, Integral, 0), _as_range("snr", snr, Real, -np.inf)
    if n_events[1] * (LENGTHS[0] + GAP) > duration:
        raise ValueError(
            f"n_events={n_events[1]} do not fit into duration={duration} s: each takes {LENGTHS[0] + GAP:.2f} s or "
            "more. Lower it, or raise duration."
        )
    seed = check_random_state(random_state).randint(2**31)
    names = sorted(list(SOUNDS)[:n_labels])
    data, events = [], []
    for clip in range(n_clips):
        rng = np.random.default_rng((seed, clip))
        spans = _draw_spans(names, rng.integers(n_events[0], n_events[1] + 1), duration, sr, rng)
        data.append(_render(spans, round(duration * sr), snr, sr, rng))
        events.append(_as_table(spans, sr))
    data, target = np.stack(data), np.array([[name in set(table["label"]) for name in names] for table in events], int)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        events=events,
        target=target,
        target_names=names,
        groups=np.array([f"soundscape{clip:05d}" for clip in range(n_clips)]),
        DESCR=f"Synthetic soundscapes: {n_clips} clips of {duration} s at {sr} Hz, with events of {n_labels} kinds in "
        "noise. Rendered by make_soundscapes.",
        splits={},
        sr=sr,
    )


def _check_sizes(n_clips, n_labels, duration, sr):
    if n_clips < 1:
        raise ValueError(f"n_clips={n_clips} must be at least 1.")
    if not 1 <= n_labels <= len(SOUNDS):
        raise ValueError(f"n_labels={n_labels} must be from 1 to {len(SOUNDS)}, of {', '.join(SOUNDS)}.")
    if sr < LOWEST_SR:
        raise ValueError(f"sr={sr} Hz is too low for the sounds. Take at least {LOWEST_SR}.")
    if duration * sr < 1:
        raise ValueError(f"duration={duration} s at sr={sr} Hz is less than a sample. Raise it.")


def _as_range(name, value, kind, least):
    """Return the lowest and highest of a number or a pair of numbers."""
    pair = (value, value) if isinstance(value, kind) else value
    if isinstance(pair, (tuple, list, np.ndarray)) and len(pair) == 2 and all(isinstance(end, kind) for end in pair):
        low, high = pair
        if least <= low <= high < np.inf:
            return low, high
    number = "a whole number from 0 on" if kind is Integral else "a number"
    raise ValueError(f"{name}={shortened(value)} must be {number}, or the least and the greatest one.")


def _draw_spans(names, n_events, duration, sr, rng):
    """Draw first sample, end and label of each event, in order of time; those of one label do not overlap."""
    longest = np.clip(duration / max(1, n_events) - GAP, *LENGTHS)  # so that they fit, whatever their labels
    labels, spans = rng.choice(names, size=n_events), []
    for name in names:
        lengths = np.round(rng.uniform(LENGTHS[0], longest, size=(labels == name).sum()) * sr).astype(int)
        taken = lengths + round(GAP * sr)
        free = round(duration * sr) - taken.sum() + round(GAP * sr)  # no gap behind the last one
        starts = np.sort(rng.integers(0, free + 1, size=len(lengths))) + np.cumsum(taken) - taken
        spans += [(int(start), int(start + length), name) for start, length in zip(starts, lengths, strict=True)]
    return sorted(spans)


def _as_table(spans, sr):
    start, end, label = zip(*spans, strict=True) if spans else ((), (), ())
    return pd.DataFrame({"start": np.array(start, float) / sr, "end": np.array(end, float) / sr, "label": label})


def _render(spans, n_samples, snr, sr, rng):
    """Render one clip: (n_samples,), float32."""
    y = _noise(n_samples, sr, rng)
    for start, end, name in spans:
        sound = SOUNDS[name](np.arange(end - start) / sr, sr, rng)
        edge = np.minimum(np.arange(1, len(sound) + 1), np.arange(len(sound), 0, -1)) / (FADE * sr)
        sound = sound * np.minimum(1, edge)
        y[start:end] += sound / np.sqrt(np.mean(sound**2)) * 10 ** (rng.uniform(*snr) / 20)
    return (y / np.abs(y).max() * rng.uniform(0.3, 0.95)).astype(np.float32)


def _noise(n_samples, sr, rng):
    """Draw noise of a mean power of 1 that falls with frequency, from white to nearly pink."""
    spectrum = np.fft.rfft(rng.normal(size=n_samples))
    frequencies = np.maximum(np.fft.rfftfreq(n_samples, 1 / sr), 100)
    noise = np.fft.irfft(spectrum * frequencies ** -rng.uniform(0, 0.5), n_samples)
    return noise / np.sqrt(np.mean(noise**2))


def _beep(time, sr, rng):
    tone = 2 * np.pi * rng.uniform(500, 1700) * time
    return np.sin(tone) + rng.uniform(0, 0.5) * np.sin(2 * tone)


def _hiss(time, sr, rng):
    spectrum = np.fft.rfft(rng.normal(size=len(time)))
    frequencies = np.fft.rfftfreq(len(time), 1 / sr)
    low = rng.uniform(1000, 2000)
    return np.fft.irfft(spectrum * ((frequencies > low) & (frequencies < low + 1800)), len(time))


def _rise(time, sr, rng):
    low = rng.uniform(400, 1000)
    return _sweep(time, low, low * rng.uniform(1.8, 3.2))


def _fall(time, sr, rng):
    low = rng.uniform(400, 1000)
    return _sweep(time, low * rng.uniform(1.8, 3.2), low)


def _sweep(time, first, last):
    return np.sin(2 * np.pi * (first * time + (last - first) * time**2 / (2 * time[-1])))


def _clicks(time, sr, rng):
    """Render short clicks from the start to the end, equally far apart."""
    click = rng.normal(size=round(0.004 * sr)) * np.exp(-np.arange(round(0.004 * sr)) / (0.002 * sr))
    sound = np.zeros(len(time))
    for start in np.linspace(0, len(time) - len(click), 2 + round(time[-1] * rng.uniform(10, 25))).astype(int):
        sound[start : start + len(click)] += click
    return sound


def _warble(time, sr, rng):
    rate, depth = rng.uniform(5, 11), rng.uniform(0.1, 0.25)
    turn = depth * np.sin(2 * np.pi * rate * time) / (2 * np.pi * rate)
    return np.sin(2 * np.pi * rng.uniform(500, 1700) * (time + turn))


def _buzz(time, sr, rng):
    pitch = rng.uniform(90, 180)
    partials = np.arange(1, int(3400 / pitch))
    return (partials**-0.7) @ np.sin(2 * np.pi * pitch * np.outer(partials, time) + partials[:, np.newaxis] ** 2)


def _trill(time, sr, rng):
    level = 1 + 0.7 * np.cos(2 * np.pi * rng.uniform(12, 25) * time)
    return level * np.sin(2 * np.pi * rng.uniform(500, 1700) * time)


SOUNDS = {
    "beep": _beep,
    "hiss": _hiss,
    "rise": _rise,
    "clicks": _clicks,
    "warble": _warble,
    "buzz": _buzz,
    "fall": _fall,
    "trill": _trill,
}
