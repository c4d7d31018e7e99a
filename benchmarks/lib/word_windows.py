"""The detector that one builds of a classifier: windows over the recording, joined where they are of one class."""

import numpy as np

from sklaudio import make_classifier, predict_timeline

from .mixtures import compose

BACKGROUND = "(background)"
WINDOW, HOP = 0.5, 0.05  # seconds
SCENE = 1.5  # seconds around a single word, of which windows with it and without it are cut
JITTER = 0.125  # seconds by which the middle of a word is off that of its window
MIN_DURATION = 0.1  # seconds of an event


def fit_on_single_words(sounds, n_words, rng, **net_params):
    """Fit a classifier of windows on single words in quiet noise, and on that noise as a separate class.

    Parameters
    ----------
    sounds : Sounds
        Recordings to train on.
    n_words : int
        Number of words to train on; each comes with a window of noise, where its scene has room for one.
    rng : Generator
        Random numbers.
    **net_params
        Of :func:`sklaudio.make_classifier`.

    Returns
    -------
    Pipeline
        The fitted classifier of waveforms of half a second.
    """
    scenes = compose(sounds, n_words, n_sounds=(1, 1), duration=SCENE, overlap=False, rng=rng)
    windows, labels = cut_windows(scenes, sounds.sr, rng)
    return make_classifier("crnn", sr=sounds.sr, duration=WINDOW, **net_params).fit(windows, labels)


def cut_windows(scenes, sr, rng):
    """Cut a window around the only event of each scene, and one as far from it as can be.

    Returns
    -------
    windows : ndarray of shape (n_windows, n_samples)
        Windows without more than half of JITTER of the event are background; others of these are left out.
    labels : ndarray of shape (n_windows,)
        The label of each.
    """
    length, windows, labels = round(WINDOW * sr), [], []
    for clip, events in zip(scenes.clips, scenes.events, strict=True):
        start, end, label = events.iloc[0]
        last = len(clip) - length
        middle = (start + end) / 2 + rng.uniform(-JITTER, JITTER)
        windows.append(_window(clip, round((middle - WINDOW / 2) * sr), length))
        labels.append(label)
        far = 0 if middle * sr > len(clip) / 2 else last
        if min(end * sr, far + length) - max(start * sr, far) <= JITTER / 2 * sr:
            windows.append(_window(clip, far, length))
            labels.append(BACKGROUND)
    return np.stack(windows), np.array(labels)


def _window(clip, first, length):
    first = min(max(0, first), len(clip) - length)
    return clip[first : first + length]


def detect(classifier, clips, sr):
    """Find the events of clips with a classifier of windows.

    Parameters
    ----------
    classifier : fitted classifier of windows
        With the class "(background)".
    clips : ndarray of shape (n_clips, n_samples)
        Waveforms.
    sr : int
        Their sampling rate in hertz.

    Returns
    -------
    list of DataFrame
        The events of each clip. Probabilities are smoothed by a running median of five windows.
    """
    settings = {"window": WINDOW, "hop": HOP, "smoothing": "median", "merge": True}
    found = []
    for clip in clips:
        spans = predict_timeline(classifier, clip, sr=sr, **settings)
        is_event = (spans["label"] != BACKGROUND) & (spans["end"] - spans["start"] >= MIN_DURATION)
        found.append(spans[is_event].reset_index(drop=True))
    return found
