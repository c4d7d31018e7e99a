"""Scenes of single recordings: sounds at the times that their tables say, and none on both sides of a split."""

import importlib
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
SR = 1000


@pytest.fixture
def mixtures(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("lib.mixtures")


@pytest.fixture
def sounds(mixtures):
    """Two recordings of each of three groups, of each of three classes: tones of 0.2 to 0.3 s, a pitch for a class."""
    rng, clips, target, groups = np.random.default_rng(0), [], [], []
    for label, pitch in (("low", 50), ("mid", 150), ("high", 350)):
        for number in range(6):
            time = np.arange(rng.integers(200, 300)) / SR
            clips.append(np.sqrt(2) * np.sin(2 * np.pi * pitch * time))
            target.append(label)
            groups.append(f"speaker{number % 3}")
    return mixtures.Sounds(clips, np.array(target), np.array(groups), SR, "tones", "speaker")


def test_silence_around_a_sound_is_cut_off(mixtures, rng):
    sound = rng.normal(size=300)
    clip = np.concatenate([0.01 * rng.normal(size=400), sound, np.zeros(305)])
    np.testing.assert_array_equal(mixtures.trim(clip, SR, 25), sound)
    assert len(mixtures.trim(np.zeros(500), SR, 25)) == 0


def test_no_group_is_on_both_sides(mixtures, sounds):
    train, test = mixtures.split(sounds, 0)
    assert not set(train.groups) & set(test.groups)
    assert len(train.clips) + len(test.clips) == len(train.target) + len(test.target) == 18
    assert {mixtures.split(sounds, seed)[1].groups[0] for seed in range(8)} == {"speaker0", "speaker1", "speaker2"}


def test_sounds_are_where_the_table_says(mixtures, sounds, rng):
    scenes = mixtures.compose(sounds, 20, n_sounds=(1, 3), duration=1.5, overlap=False, rng=rng)
    assert scenes.clips.shape == (20, 1500)
    assert scenes.clips.dtype == np.float32
    assert {len(events) for events in scenes.events} == {1, 2, 3}
    for clip, events in zip(scenes.clips, scenes.events, strict=True):
        assert (np.diff(events["start"]) > 0).all()
        assert (events["start"].to_numpy()[1:] - events["end"].to_numpy()[:-1] >= mixtures.GAP - 1e-9).all()
        is_sound = np.zeros(len(clip), dtype=bool)
        for start, end, label in events.to_numpy():
            first, stop = round(start * SR), round(end * SR)
            is_sound[first:stop] = True
            spectrum = np.abs(np.fft.rfft(clip[first:stop], 1000))
            assert abs(spectrum[20:].argmax() + 20 - {"low": 50, "mid": 150, "high": 350}[label]) <= 3
        assert np.mean(clip[is_sound] ** 2) > 5 * np.mean(clip[~is_sound] ** 2)


def test_tags_are_the_labels_of_the_events(mixtures, sounds, rng):
    scenes = mixtures.compose(sounds, 10, n_sounds=(2, 2), duration=0.25, overlap=True, rng=rng)
    labels = np.array(["high", "low", "mid"])
    tags = scenes.tags(labels)
    assert tags.sum(axis=1).tolist() == [2] * 10
    for row, events in zip(tags, scenes.events, strict=True):
        assert labels[row == 1].tolist() == sorted(events["label"])
        assert (events["end"] <= 0.25).all()


def test_a_seed_gives_the_same_scenes(mixtures, sounds):
    settings = {"n_sounds": (1, 2), "duration": 1.0, "overlap": True}
    first, again = (mixtures.compose(sounds, 3, rng=np.random.default_rng(5), **settings) for _ in range(2))
    np.testing.assert_array_equal(first.clips, again.clips)
    assert [events.to_numpy().tolist() for events in first.events] == [e.to_numpy().tolist() for e in again.events]


def test_what_does_not_fit_is_left_out(mixtures, sounds, rng):
    scenes = mixtures.compose(sounds, 5, n_sounds=(3, 3), duration=0.65, overlap=False, rng=rng)
    assert {len(events) for events in scenes.events} <= {1, 2}
