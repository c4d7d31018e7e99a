"""make_emotions: synthetic songs whose tempo, mode and loudness set their valence and arousal."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import Bunch, check_random_state

from ._genres import MAJOR, MINOR, Style, play

TEMPO = (60, 180)  # beats per minute
LOUDNESS = (-36.0, -18.0)  # decibel of full scale, root mean square
TARGETS = ["valence", "arousal"]
STEP = 0.5  # seconds
RATING_STD = 0.25  # of a rating on the scale from 1 to 9, around what the music says
PROGRESSIONS = ((0, 3, 4, 0), (0, 5, 3, 4), (0, 4, 5, 3))
MODES = {"major": MAJOR, "minor": MINOR}


class Song(NamedTuple):
    """What is drawn for a song: beats per minute, mode, and decibel at even distances from its start to its end."""

    tempo: float
    mode: str
    loudness: np.ndarray

    @classmethod
    def draw(cls, n_clips, rng):
        """Draw a song of so many clips; loudness goes in lines from one level to the next, two for each clip."""
        tempo = np.exp(rng.uniform(*np.log(TEMPO)))
        center = rng.uniform(*LOUDNESS)
        levels = np.clip(center + rng.normal(scale=3.0, size=2 * n_clips + 1), *LOUDNESS)
        return cls(tempo, str(rng.choice(list(MODES))), levels)

    @property
    def style(self):
        """Return how it is played: the same for all songs, but for tempo and mode."""
        return Style(
            (self.tempo, self.tempo), MODES[self.mode], PROGRESSIONS, "beat", "x-------x-------", "----x-------x---",
            "x-x-x-x-x-x-x-x-", 1.0, drums=(0.15, 0.4), walking=True,
        )  # fmt: skip

    def levels(self, n_points):
        """Return the loudness at so many even distances: (n_points,), decibel."""
        return np.interp(np.linspace(0, 1, n_points), np.linspace(0, 1, len(self.loudness)), self.loudness)

    def emotion(self, loudness):
        """Return valence and arousal for each loudness: (n_points, 2), in [-1, 1].

        Major and fast is positive, fast and loud is excited; both as strongly as loudness and tempo are from the middle
        of their ranges, tempo in octaves.
        """
        fast = 2 * np.log(self.tempo / TEMPO[0]) / np.log(TEMPO[1] / TEMPO[0]) - 1
        loud = 2 * (loudness - LOUDNESS[0]) / (LOUDNESS[1] - LOUDNESS[0]) - 1
        valence = 0.5 * (1 if self.mode == "major" else -1) + 0.3 * fast
        return np.column_stack([np.full(len(loud), valence), 0.45 * fast + 0.45 * loud])

    def render(self, duration, sr, rng):
        """Return all of it: (n_samples,), float32."""
        y = play(self.style, duration, sr, rng)
        y += 0.003 * np.std(y) * rng.normal(size=len(y))
        y *= 10 ** (self.levels(len(y)) / 20) / (np.std(y) + 1e-9)
        return np.clip(y, -1, 1).astype(np.float32)


def make_emotions(n_clips=60, *, duration=6.0, sr=22050, clips_per_song=2, random_state=None, return_X_y=False) -> Any:
    """Compose and render songs whose tempo, mode and loudness set valence and arousal.

    A stand-in for recordings that listeners have rated, as those of DEAM [1]_, in tests, examples and benchmarks. Major
    and fast songs are positive; fast and loud ones are excited. Instruments, keys and tunes are drawn anew for each
    song, and say nothing.

    Parameters
    ----------
    n_clips : int, default=60
        Number of clips.
    duration : float, default=6.0
        Length of each clip in seconds.
    sr : int, default=22050
        Sampling rate in hertz.
    clips_per_song : int, default=2
        Clips that follow each other in a song; they have its tempo, mode and instruments.
    random_state : int, RandomState or None, default=None
        Seed of the songs. None draws a new set each time.
    return_X_y : bool, default=False
        Whether to return ``(data, target)`` only.

    Returns
    -------
    Bunch
        ``data`` (array of shape (n_clips, n_samples), float32, in [-1, 1]), ``target`` (array of shape (n_clips, 2),
        ratings of valence and arousal in [1, 9], as DEAM has them for whole songs), ``target_names`` (list of str),
        ``groups`` (array of str, the song of each clip), ``dynamic`` (list of arrays (n_steps, 2): valence and arousal
        in [-1, 1], as DEAM has them over time, without the noise of ratings), ``step`` (float, seconds from one of
        these to the next), ``tempo`` (array, beats per minute), ``mode`` (array of str, "major" or "minor"),
        ``loudness`` (array, mean decibel of full scale), ``DESCR`` (str), ``splits`` (empty dict), ``sr`` (int).

    Raises
    ------
    ValueError
        If a number is too small.

    References
    ----------
    .. [1] A. Aljanaki, Y.-H. Yang and M. Soleymani, "Developing a benchmark for emotional analysis of music", PLoS ONE
       12 (2017).

    Examples
    --------
    >>> songs = make_emotions(4, duration=1.0, random_state=0)
    >>> songs.data.shape, songs.target.shape, songs.groups.tolist()
    ((4, 22050), (4, 2), ['song00000', 'song00000', 'song00001', 'song00001'])
    >>> songs.dynamic[0].shape                                     # every half second
    (2, 2)
    """
    for name, value in (("n_clips", n_clips), ("clips_per_song", clips_per_song)):
        if value < 1:
            raise ValueError(f"{name}={value} must be at least 1.")
    n_samples = round(duration * sr)
    if n_samples < 1:
        raise ValueError(f"duration={duration} s at sr={sr} Hz is less than a sample. Raise one of them.")
    rng = np.random.default_rng(check_random_state(random_state).randint(2**31))
    clips = {name: [] for name in ("data", "target", "groups", "dynamic", "tempo", "mode", "loudness")}
    for first in range(0, n_clips, clips_per_song):
        _add_song(clips, first // clips_per_song, min(clips_per_song, n_clips - first), duration, sr, rng)
    dynamic = clips.pop("dynamic")
    arrays = {name: np.stack(values) for name, values in clips.items()}
    if return_X_y:
        return arrays["data"], arrays["target"]
    return Bunch(
        **arrays,
        target_names=list(TARGETS),
        dynamic=dynamic,
        step=STEP,
        DESCR=f"Synthetic songs: {n_clips} clips of {duration} s at {sr} Hz, {clips_per_song} of each song, with "
        "valence and arousal from 1 to 9. Composed by make_emotions.",
        splits={},
        sr=sr,
    )


def _add_song(clips, index, n_clips, duration, sr, rng):
    """Append the clips of one song to the lists."""
    song = Song.draw(n_clips, rng)
    n_samples, n_steps = round(duration * sr), max(1, int(duration / STEP))
    y = song.render(n_samples * n_clips / sr, sr, rng)
    levels = song.levels(2 * n_steps * n_clips + 1)[1::2].reshape(n_clips, n_steps)  # in the middle of each step
    for samples, loudness in zip(y.reshape(n_clips, n_samples), levels, strict=True):
        emotion = song.emotion(loudness)
        ratings = 5 + 4 * emotion.mean(axis=0) + RATING_STD * rng.normal(size=len(TARGETS))
        clips["data"].append(samples)
        clips["target"].append(np.clip(ratings, 1, 9))
        clips["groups"].append(f"song{index:05d}")
        clips["dynamic"].append(emotion)
        clips["tempo"].append(song.tempo)
        clips["mode"].append(song.mode)
        clips["loudness"].append(loudness.mean())
