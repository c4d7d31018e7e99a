"""Windows of scenes with one word each: with the word in their middle, or with the noise around it."""

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
SR = 1000


@pytest.fixture
def windows(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("lib.word_windows")


def scenes_of(spans, duration=1.5):
    """Noise of 0.01 with noise of 1 where the word is."""
    rng, clips, tables = np.random.default_rng(0), [], []
    for start, end in spans:
        clip = 0.01 * rng.normal(size=round(duration * SR))
        clip[round(start * SR) : round(end * SR)] *= 100
        clips.append(clip)
        tables.append(pd.DataFrame({"start": [start], "end": [end], "label": ["yes"]}))
    return importlib.import_module("lib.mixtures").Scenes(np.stack(clips), tables)


def test_a_window_has_the_word_in_its_middle_or_none_of_it(windows, rng):
    clips, labels = windows.cut_windows(scenes_of([(0.1, 0.4), (1.0, 1.3), (0.6, 0.9)]), SR, rng)
    assert labels.tolist() == ["yes", windows.BACKGROUND] * 3
    assert clips.shape == (6, round(windows.WINDOW * SR))
    power = np.mean(clips**2, axis=1)
    assert power[::2].min() > 0.3
    assert power[1::2].max() < 0.001
    places = np.arange(clips.shape[1]) / SR
    middles = [np.average(places, weights=clip**2) for clip in clips[::2]]
    assert np.abs(np.array(middles) - windows.WINDOW / 2).max() < windows.JITTER + 0.02


def test_a_scene_that_is_full_has_no_background(windows, rng):
    _, labels = windows.cut_windows(scenes_of([(0.2, 1.4)]), SR, rng)
    assert labels.tolist() == ["yes"]


def test_events_are_where_the_words_are(windows):
    """Tones of 0.4 s in quiet noise, by a linear model of MFCCs."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    from sklaudio import FrameSummary, MFCCTransformer

    sr, rng = 8000, np.random.default_rng(0)
    time = np.arange(round(windows.WINDOW * sr)) / sr
    noise = 0.001 * rng.normal(size=(20, len(time)))
    tones = noise + 0.3 * np.sin(2 * np.pi * 440 * time)
    labels = [windows.BACKGROUND] * 20 + ["tone"] * 20
    model = make_pipeline(MFCCTransformer(13, sr=sr, n_fft=512, hop_length=256), FrameSummary(), LogisticRegression())
    model.fit([*noise, *tones], labels)
    clip = 0.001 * rng.normal(size=2 * sr)
    first, stop = round(0.6 * sr), round(1.0 * sr)
    clip[first:stop] += 0.3 * np.sin(2 * np.pi * 440 * np.arange(stop - first) / sr)
    (events,) = windows.detect(model, clip[None].astype(np.float32), sr)
    assert events["label"].tolist() == ["tone"]
    assert abs(events["start"][0] - 0.6) < 0.25
    assert abs(events["end"][0] - 1.0) < 0.25
