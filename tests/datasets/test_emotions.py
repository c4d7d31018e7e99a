"""Synthetic songs: what sets their valence and arousal is in the sound."""

import numpy as np
import pytest

from sklaudio import RMSTransformer
from sklaudio.datasets import make_emotions
from sklaudio.datasets._emotions import Song

SR = 8000


@pytest.fixture(scope="module")
def songs():
    return make_emotions(60, duration=1.5, sr=SR, random_state=0)


def test_clips_and_numbers(songs):
    assert songs.data.shape == (60, 12000)
    assert songs.data.dtype == np.float32
    assert np.abs(songs.data).max() <= 1
    assert songs.target.shape == (60, 2)
    assert songs.target_names == ["valence", "arousal"]
    assert 1 <= songs.target.min() < 3 < 7 < songs.target.max() <= 9
    assert np.unique(songs.groups, return_counts=True)[1].tolist() == [2] * 30
    assert "Synthetic" in songs.DESCR


def test_the_seed_decides():
    sizes = {"n_clips": 3, "duration": 0.5, "sr": SR}
    first, again, other = (make_emotions(**sizes, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.data, again.data)
    np.testing.assert_array_equal(first.target, again.target)
    assert not np.allclose(first.data, other.data)
    assert first.groups.tolist() == ["song00000", "song00000", "song00001"]
    X, y = make_emotions(**sizes, random_state=0, return_X_y=True)
    np.testing.assert_array_equal(X, first.data)
    np.testing.assert_array_equal(y, first.target)


def test_clips_of_a_song_have_its_tempo_and_mode(songs):
    for values in (songs.tempo, songs.mode):
        assert (values[::2] == values[1::2]).all()
    assert not (songs.target[::2] == songs.target[1::2]).any()


def test_mode_tempo_and_loudness_set_the_numbers(songs):
    valence, arousal = songs.target.T
    assert valence[songs.mode == "major"].mean() > valence[songs.mode == "minor"].mean() + 3
    assert np.corrcoef(arousal, songs.tempo)[0, 1] > 0.5
    assert np.corrcoef(arousal, songs.loudness)[0, 1] > 0.5


def test_the_loudness_is_that_of_the_samples(songs):
    measured = 20 * np.log10(songs.data.std(axis=1))
    assert np.corrcoef(measured, songs.loudness)[0, 1] > 0.97


def test_dynamic_numbers_are_those_of_each_half_second(songs):
    assert songs.step == 0.5
    assert {numbers.shape for numbers in songs.dynamic} == {(3, 2)}
    means = np.array([numbers.mean(axis=0) for numbers in songs.dynamic])
    assert np.abs(means).max() <= 1
    assert np.abs(songs.target - (5 + 4 * means)).std() < 0.3  # the noise of ratings
    arousal = np.array([numbers[:, 1] for numbers in songs.dynamic])
    levels = songs.data.reshape(60, 3, -1).std(axis=2)
    changes, steps = np.diff(np.log(levels), axis=1).ravel(), np.diff(arousal, axis=1).ravel()
    assert np.corrcoef(changes, steps)[0, 1] > 0.6  # notes come and go as well


def test_a_fast_song_is_struck_more_often():
    flat = np.full(3, -20.0)
    n_onsets = []
    for tempo in (60, 180):
        y = Song(tempo, "major", flat).render(6.0, SR, np.random.default_rng(0))
        level = RMSTransformer(n_fft=512, hop_length=128).fit_transform([y])[0, :, 0]
        n_onsets.append((np.diff(np.log(level + 1e-4)) > 0.1).sum())
    assert n_onsets[1] > 1.5 * n_onsets[0]


def pitch_classes(y):
    """Energy of each of twelve pitch classes between 100 and 1000 Hz, from A on."""
    frequencies = np.fft.rfftfreq(len(y), 1 / SR)
    band = (frequencies > 100) & (frequencies < 1000)
    pitch_class = np.round(12 * np.log2(frequencies[band] / 440)).astype(int) % 12
    return np.bincount(pitch_class, np.abs(np.fft.rfft(y)[band]) ** 2)


def test_minor_lowers_thirds():
    """The same song in both modes: the notes that come are a half tone above those that go."""
    major, minor = (
        pitch_classes(Song(90, mode, np.full(3, -20.0)).render(3.0, SR, np.random.default_rng(0)))
        for mode in ("major", "minor")
    )
    assert ((major - minor).argmax() - (major - minor).argmin()) % 12 == 1


@pytest.mark.parametrize("wrong", [{"n_clips": 0}, {"clips_per_song": 0}, {"duration": 0}])
def test_bad_sizes_are_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        make_emotions(**{"n_clips": 1} | wrong)
