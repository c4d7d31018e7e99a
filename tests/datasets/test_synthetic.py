"""Synthetic notes and words: what they are said to be, and hard enough to be worth learning."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, MFCCTransformer
from sklaudio.datasets import make_notes, make_words
from sklaudio.datasets._notes import INSTRUMENTS, play

KEYS = {"data", "target", "target_names", "groups", "DESCR", "splits", "sr"}


@pytest.mark.parametrize(("make", "n_classes"), [(make_notes, 8), (make_words, 10)])
def test_clips_and_labels(make, n_classes):
    data = make(40, random_state=0)
    assert set(data) >= KEYS
    assert data.data.shape == (40, 16000)
    assert data.data.dtype == np.float32
    assert 0.15 < np.abs(data.data).max(axis=1).min() <= np.abs(data.data).max() <= 1
    assert len(data.target_names) == len(set(data.target)) == n_classes
    assert len(data.groups) == 40
    X, y = make(40, random_state=0, return_X_y=True)
    np.testing.assert_array_equal(X, data.data)
    assert y.tolist() == data.target.tolist()
    assert not np.allclose(make(40, random_state=1).data, data.data)


@pytest.mark.parametrize("name", ["organ", "guitar", "clarinet"])
def test_notes_are_in_tune(name):
    y = play(INSTRUMENTS[name], 69, 1.0, 16000, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 17))
    fundamental = spectrum[: int(660 / 16000 * (1 << 17))].argmax() * 16000 / (1 << 17)
    assert abs(12 * np.log2(fundamental / 440)) < 0.25


def test_groups_are_pitches_and_speakers():
    notes = make_notes(80, random_state=0)
    assert notes.groups[0] == f"{notes.target[0]}-{notes.pitch[0]}"
    words = make_words(100, n_speakers=5, random_state=0)
    assert sorted(set(words.groups.tolist())) == [f"speaker{k:02d}" for k in range(5)]
    assert all(set(words.target[words.groups == own]) == set(words.target_names) for own in set(words.groups))


@pytest.mark.parametrize("make", [make_notes, make_words])
def test_a_linear_model_learns_something_and_not_everything(make):
    data = make(random_state=0)
    features = MFCCTransformer(sr=data.sr, n_fft=1024, hop_length=256, n_mels=40, n_jobs=2)
    linear = make_pipeline(features, FrameSummary(("mean",)), StandardScaler(), LogisticRegression(max_iter=1000))
    scores = cross_val_score(linear, data.data, data.target, groups=data.groups, cv=GroupKFold(4))
    assert 0.3 < scores.mean() < 0.97


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="n_clips=0"):
        make_notes(0)
    with pytest.raises(ValueError, match="n_speakers=0"):
        make_words(10, n_speakers=0)
    with pytest.raises(ValueError, match="cannot hold a word"):
        make_words(10, sr=8000)
    with pytest.raises(ValueError, match="less than a sample"):
        make_notes(10, duration=0)
