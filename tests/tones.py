"""Tones as files of every kind, and small models that tell them apart by pitch."""

import numpy as np
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, MFCCTransformer

PITCHES = {"high": 3000, "low": 200, "middle": 800}  # hertz


def tone(pitch, duration=0.5, sr=22050):
    time = np.arange(max(1, round(duration * sr))) / sr
    noise = np.random.default_rng(len(time)).normal(size=len(time))
    return (0.5 * np.sin(2 * np.pi * pitch * time) + 0.01 * noise).astype(np.float32)


def write_tone(path, pitch, duration=0.5, sr=22050, n_channels=1):
    """Write a file, and its folders; return its path as str."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.tile(tone(pitch, duration, sr)[:, np.newaxis], (1, n_channels)), sr)
    return str(path)


def tone_model(classifier=None, **features):
    """A fitted Pipeline of the three classes."""
    X = [tone(pitch * factor) for pitch in PITCHES.values() for factor in (0.9, 0.95, 1.0, 1.05, 1.1)]
    y = np.repeat(list(PITCHES), 5)
    return make_pipeline(MFCCTransformer(**features), FrameSummary(), classifier or LogisticRegression()).fit(X, y)
