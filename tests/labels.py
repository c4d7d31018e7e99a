"""Clips of several tones at once, and small models that tell which are in each."""

from itertools import product

import numpy as np
import pandas as pd
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, LabelThresholdClassifier, MelSpectrogramTransformer

from .tones import PITCHES, tone

SR = 8000
SUBSETS = [subset for subset in product((0, 1), repeat=3) if any(subset)]


def mixture(subset, level=1.0, duration=0.2):
    """The tones of a subset of PITCHES, in order."""
    pitches = [pitch for pitch, is_there in zip(PITCHES.values(), subset, strict=True) if is_there]
    return level / 3 * sum((tone(pitch, duration, SR) for pitch in pitches), start=np.zeros(round(duration * SR)))


def label_model(thresholds=0.5):
    """A fitted Pipeline that tells which tones a clip has."""
    Y = pd.DataFrame(SUBSETS * 4, columns=list(PITCHES))
    X = [mixture(subset, level) for level in (0.7, 0.8, 0.9, 1.0) for subset in SUBSETS]
    features = make_pipeline(MelSpectrogramTransformer(32, sr=SR, n_fft=512, hop_length=256), FrameSummary(["mean"]))
    labels = OneVsRestClassifier(LogisticRegression(C=100.0, max_iter=1000))
    return make_pipeline(*features, LabelThresholdClassifier(labels, thresholds=thresholds)).fit(X, Y)


def write_mixtures(folder, voices=1):
    """Write a clip of each subset by each voice, and ``labels.csv`` of them beside; return the table."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for voice, subset in product(range(voices), SUBSETS):
        labels = [name for name, is_there in zip(PITCHES, subset, strict=True) if is_there]
        name = f"v{voice}-{'-'.join(labels)}.wav"
        soundfile.write(folder / name, mixture(subset, 1 - 0.1 * voice), SR)
        rows.append({"path": name, "tones": "; ".join(labels), "voice": f"v{voice}"})
    table = pd.DataFrame(rows)
    table.to_csv(folder / "labels.csv", index=False)
    return table
