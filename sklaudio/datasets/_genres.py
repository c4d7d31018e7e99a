"""make_genres: ten styles of synthetic music, composed and rendered with numpy alone."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.utils import Bunch, check_random_state

MAJOR, MINOR, DORIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10)
TABLE = 1024  # samples of one period of a tone


@dataclass(frozen=True)
class Style:
    """What the clips of a style have in common; each clip draws values within these.

    Drums are a bar in sixteenths (twelve for three beats): "x" strikes. `chords` says how harmony is played: held
    ("pad"), on each beat ("beat"), between the beats ("off"), or note by note ("arpeggio").
    """

    tempo: tuple  # beats per minute, lowest and highest
    scale: tuple
    progressions: tuple  # degrees of the scale, a chord a bar
    chords: str
    kick: str
    snare: str
    hat: str
    melody: float  # notes per beat
    swing: float = 0.0  # how late the second of two eighths comes, in beats
    brightness: tuple = (0.9, 1.9)  # slope of the partials: low is bright
    drums: tuple = (0.25, 0.7)  # level
    walking: bool = False  # a bass note on each beat, not on each bar

    @property
    def n_steps(self):
        """Sixteenths in a bar."""
        return len(self.kick)


STYLES = {
    "ambient": Style((56, 84), MAJOR, ((0, 4, 5, 3), (0, 2, 3, 4)), "pad", "-" * 16, "-" * 16, "-" * 16, 0.25,
                     brightness=(1.2, 2.2)),
    "ballad": Style((62, 92), MAJOR, ((0, 4, 5, 3), (0, 5, 3, 4)), "arpeggio", "x-------x-------", "----x-------x---",
                    "x-x-x-x-x-x-x-x-", 0.5, drums=(0.15, 0.5)),
    "chorale": Style((70, 104), MAJOR, ((0, 3, 4, 0), (0, 5, 1, 4)), "beat", "-" * 16, "-" * 16, "-" * 16, 1.0,
                     brightness=(1.1, 2.1), walking=True),
    "disco": Style((110, 130), DORIAN, ((0, 3, 0, 3), (0, 6, 3, 4)), "off", "x---x---x---x---", "----x-------x---",
                   "--x---x---x---x-", 1.0, walking=True),
    "dub": Style((66, 92), MINOR, ((0, 0, 3, 3), (0, 6, 0, 6)), "off", "--------x-------", "--------x-------",
                 "x--xx--xx--xx--x", 0.4),
    "march": Style((100, 124), MAJOR, ((0, 4, 0, 4), (0, 3, 4, 0)), "off", "x-------x-------", "----x-x-----x-xx",
                   "-" * 16, 1.0, walking=True),
    "punk": Style((150, 186), MINOR, ((0, 5, 2, 6), (0, 3, 4, 4)), "beat", "x-x---x-x-x---x-", "----x-------x---",
                  "x-x-x-x-x-x-x-x-", 1.0, brightness=(0.7, 1.5)),
    "swing": Style((124, 176), DORIAN, ((1, 4, 0, 0), (0, 5, 1, 4)), "off", "x---x---x---x---", "----x-------x---",
                   "x---x-x-x---x-x-", 1.5, swing=0.17, drums=(0.15, 0.5), walking=True),
    "techno": Style((120, 142), MINOR, ((0, 0, 0, 0), (0, 0, 6, 6)), "arpeggio", "x---x---x---x---", "-" * 16,
                    "--x---x---x---x-", 0.25, brightness=(0.7, 1.7)),
    "waltz": Style((96, 176), MAJOR, ((0, 4, 4, 0), (0, 3, 4, 0)), "off", "x-----------", "----x---x---",
                   "-" * 12, 0.9, drums=(0.1, 0.4)),
}  # fmt: skip


def make_genres(n_clips=100, *, duration=6.0, sr=22050, random_state=None, return_X_y=False) -> Any:
    """Compose and render synthetic music in ten styles, which differ in tempo, rhythm, harmony and timbre.

    A stand-in for recordings where there are none, in tests, examples and benchmarks. Styles overlap in each single
    respect: tempo, key, tune, instruments, mix and background noise are drawn anew for each clip.

    Parameters
    ----------
    n_clips : int, default=100
        Number of clips, shared out evenly over the styles.
    duration : float, default=6.0
        Length of each clip in seconds.
    sr : int, default=22050
        Sampling rate in hertz.
    random_state : int, RandomState or None, default=None
        Seed of the compositions. None draws a new set each time.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of shape (n_clips, n_samples), float32, in [-1, 1]), ``target`` (array of str), ``target_names``
        (list of str), ``groups`` (array of str, one for each clip), ``DESCR`` (str), ``splits`` (empty dict), ``sr``
        (int).

    Examples
    --------
    >>> genres = make_genres(10, duration=1.0, random_state=0)
    >>> genres.data.shape, genres.target[:3].tolist()
    ((10, 22050), ['ambient', 'ballad', 'chorale'])
    """
    if n_clips < 1:
        raise ValueError(f"n_clips={n_clips} must be at least 1.")
    if duration * sr < 1:
        raise ValueError(f"duration={duration} s at sr={sr} Hz is less than a sample. Raise one of them.")
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
    names = list(STYLES)
    target = np.array([names[index % len(names)] for index in range(n_clips)])
    data = np.stack([render(STYLES[name], duration, sr, rng) for name in target])
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        target_names=sorted(set(target.tolist())),
        groups=np.array([f"{name}.{index:05d}" for index, name in enumerate(target)]),
        DESCR=f"Synthetic music: {n_clips} clips of {duration} s at {sr} Hz in ten styles. Composed by make_genres.",
        splits={},
        sr=sr,
    )


def render(style, duration, sr, rng):
    """Render one clip of a style: (n_samples,), float32."""
    return master(play(style, duration, sr, rng), rng)


def play(style, duration, sr, rng):
    """Play the instruments and drums of a clip, at any level: (n_samples,)."""
    n_samples = round(duration * sr)
    y = np.zeros(n_samples)
    beat = 60 / rng.uniform(*style.tempo)
    tonic = rng.integers(45, 57)  # MIDI: A2 to G#3
    progression = style.progressions[rng.integers(len(style.progressions))]
    instruments = {part: Instrument.draw(style, rng) for part in ("bass", "chords", "melody")}
    n_beats = style.n_steps // 4
    start = -rng.uniform(0, n_beats * beat)  # excerpts begin anywhere in a bar
    bar = 0
    while start < duration:
        degree = progression[bar % len(progression)]
        for onset, length, step, part, level in compose(style, degree, n_beats, rng):
            pitch = tonic + 12 * (step // 7) + style.scale[step % 7]
            strike(y, instruments[part].play(pitch, length * beat, sr) * level, start + swung(onset, style) * beat, sr)
        add_drums(y, style, start, beat, sr, rng)
        start += n_beats * beat
        bar += 1
    return y


def compose(style, degree, n_beats, rng):
    """Compose the notes of one bar: (onset, length in beats, step of the scale, part, level)."""
    chord = [degree, degree + 2, degree + 4]
    notes = [(onset, 0.9, degree - 7 + 4 * (onset % 2), "bass", 0.5) for onset in range(n_beats)]
    if not style.walking:
        notes = [(0, 0.9 * n_beats, degree - 7, "bass", 0.5)]
    if style.chords == "pad":
        notes += [(0, n_beats, step, "chords", 0.2) for step in chord]
    elif style.chords == "arpeggio":
        notes += [(k / 2, 0.6, chord[k % 3] + 7 * (k % 4 == 3), "chords", 0.3) for k in range(2 * n_beats)]
    else:
        shift = 0.5 if style.chords == "off" and n_beats == 4 else 1.0 if style.chords == "off" else 0.0
        onsets = np.arange(shift, n_beats) if style.chords == "off" else np.arange(n_beats)
        notes += [(onset, 0.4 + 0.4 * (shift == 0), step, "chords", 0.2) for onset in onsets for step in chord]
    step = degree + 7
    for onset in np.arange(0, n_beats, 0.5):
        if rng.random() < style.melody / 2:
            step = int(np.clip(step + rng.integers(-2, 3), 5, 16))
            notes.append((onset, rng.choice([0.5, 0.9]), step, "melody", 0.35))
    return notes


def swung(onset, style):
    """Delay the second half of each beat."""
    return onset + style.swing * (onset % 1 == 0.5)


@dataclass(frozen=True)
class Instrument:
    """Partials and envelope of one part of a clip."""

    slope: float
    odd_only: bool
    attack: float
    decay: float
    vibrato: float

    @classmethod
    def draw(cls, style, rng):
        """Draw one within what the style allows."""
        held = style.chords == "pad"
        return cls(
            slope=rng.uniform(*style.brightness),
            odd_only=bool(rng.random() < 0.3),
            attack=rng.uniform(0.005, 0.05) * (8 if held else 1),
            decay=rng.uniform(0.3, 2.0) * (3 if held else 1),
            vibrato=rng.uniform(0, 0.004),
        )

    def play(self, pitch, length, sr):
        """Play a tone of `length` seconds at a MIDI pitch."""
        frequency = 440 * 2 ** ((pitch - 69) / 12)
        time = np.arange(round(length * sr)) / sr
        phase = frequency * (time + self.vibrato / 5 * np.sin(2 * np.pi * 5 * time))
        partials = np.arange(1, max(2, min(24, int(0.45 * sr / frequency))), 1 + self.odd_only)
        angle = 2 * np.pi * np.outer(partials, np.arange(TABLE) / TABLE)
        table = (partials**-self.slope) @ np.sin(angle) / (partials**-self.slope).sum()
        release = np.clip((length - time) / 0.03, 0, 1)
        envelope = np.clip(time / self.attack, 0, 1) * np.exp(-time / self.decay) * release
        return table[(phase % 1 * TABLE).astype(int)] * envelope


def add_drums(y, style, start, beat, sr, rng):
    """Strike the drums of one bar."""
    level = rng.uniform(*style.drums)
    for step in range(style.n_steps):
        onset = start + swung(step / 4, style) * beat
        if style.kick[step] == "x":
            time = np.arange(round(0.25 * sr)) / sr
            strike(
                y, level * np.exp(-time / 0.06) * np.sin(2 * np.pi * (50 * time - 4 * np.exp(-time / 0.03))), onset, sr
            )
        if style.snare[step] == "x":
            time = np.arange(round(0.15 * sr)) / sr
            strike(y, 0.4 * level * np.exp(-time / 0.05) * rng.normal(size=len(time)), onset, sr)
        if style.hat[step] == "x":
            time = np.arange(round(0.05 * sr)) / sr
            hiss = np.diff(rng.normal(size=len(time) + 1))
            strike(y, 0.15 * level * np.exp(-time / 0.015) * hiss, onset, sr)


def strike(y, sound, onset, sr):
    """Add a sound at `onset` seconds; what lies outside the clip is left out."""
    first = round(onset * sr)
    sound = sound[max(0, -first) :]
    first = max(0, first)
    sound = sound[: max(0, len(y) - first)]
    y[first : first + len(sound)] += sound


def master(y, rng):
    """Tilt the spectrum, add background noise, and set a level: what differs between recordings, not styles."""
    tilt = rng.uniform(-0.5, 0.5)
    y = y + tilt * np.concatenate([[0.0], y[:-1]])  # one zero: treble up or down
    loudness = np.sqrt(np.mean(y**2)) + 1e-6
    y = y + loudness * 10 ** (rng.uniform(-55, -25) / 20) * rng.normal(size=len(y))
    return (y / np.abs(y).max() * rng.uniform(0.3, 0.95)).astype(np.float32)
