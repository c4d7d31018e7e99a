"""Synthetic soundscapes: events are where the tables say they are, and as loud."""

import numpy as np
import pytest

from sklaudio._events import check_events
from sklaudio.datasets import make_soundscapes

NAMES = ["beep", "buzz", "clicks", "fall", "hiss", "rise", "trill", "warble"]


@pytest.fixture(scope="module")
def scenes():
    return make_soundscapes(40, n_labels=8, n_events=(0, 5), duration=3, random_state=0)


@pytest.fixture(scope="module")
def single():
    """Clips with one loud event each."""
    return make_soundscapes(40, n_labels=8, n_events=1, duration=2.5, snr=25, random_state=0)


def test_data_events_and_target(scenes):
    assert scenes.data.shape == (40, 48000)
    assert scenes.data.dtype == np.float32
    assert 0.25 < np.abs(scenes.data).max(axis=1).min() <= np.abs(scenes.data).max() <= 0.95
    assert scenes.target_names == NAMES
    assert len(set(scenes.groups)) == 40
    assert scenes.sr == 16000
    check_events(scenes.events, 40, durations=3, classes=NAMES)
    for events, row in zip(scenes.events, scenes.target, strict=True):
        assert [name for name, is_there in zip(NAMES, row, strict=True) if is_there] == sorted(set(events["label"]))
        assert (events["end"] <= 3).all()
        assert events["start"].is_monotonic_increasing
    assert {len(events) for events in scenes.events} == {0, 1, 2, 3, 4, 5}
    assert scenes.target.sum(axis=0).min() > 3


def test_events_of_one_label_do_not_overlap(scenes):
    n_pairs = 0
    for events in scenes.events:
        for _, same in events.groupby("label"):
            gaps = same["start"].to_numpy()[1:] - same["end"].to_numpy()[:-1]
            assert (gaps > 0.0999).all()
            n_pairs += len(gaps)
    assert n_pairs > 5


def test_sound_begins_and_ends_with_its_event(single):
    """Within 5 ms of the table, loudness crosses the middle between noise and event."""
    seen = set()
    for y, events in zip(single.data, single.events, strict=True):
        start, end, label = events.iloc[0]
        power = np.convolve(y**2, np.full(32, 1 / 32), mode="same")  # 2 ms
        first, last = round(start * single.sr), round(end * single.sr)
        background = np.concatenate([y[:first], y[last:]])
        loud = np.flatnonzero(power > 10 * np.mean(background**2)) / single.sr
        assert abs(loud[0] - start) < 0.005, label
        assert abs(loud[-1] - end) < 0.005, label
        seen.add(label)
    assert seen == set(NAMES)


@pytest.mark.parametrize("snr", [10, 25])
def test_events_are_as_loud_as_they_are_said_to_be(snr):
    scenes = make_soundscapes(12, n_labels=8, n_events=1, duration=4, snr=snr, random_state=1)
    for y, events in zip(scenes.data.astype(float), scenes.events, strict=True):
        first, last = (events.iloc[0, :2].to_numpy(float) * scenes.sr).round().astype(int)
        noise = np.mean(np.concatenate([y[:first], y[last:]]) ** 2)
        measured = 10 * np.log10((np.mean(y[first:last] ** 2) - noise) / noise)
        assert measured == pytest.approx(snr, abs=0.5)


def test_a_seed_gives_the_same_clips_whatever_their_number():
    few, more = (make_soundscapes(n, duration=2, n_events=(0, 3), random_state=7) for n in (2, 3))
    np.testing.assert_array_equal(few.data, more.data[:2])
    assert [events.to_dict("list") for events in few.events] == [events.to_dict("list") for events in more.events[:2]]
    X, y = make_soundscapes(2, duration=2, n_events=(0, 3), random_state=7, return_X_y=True)
    np.testing.assert_array_equal(X, few.data)
    np.testing.assert_array_equal(y, few.target)
    assert not np.allclose(make_soundscapes(2, duration=2, n_events=(0, 3), random_state=8).data, few.data)


def test_as_many_events_as_fit():
    (events,) = make_soundscapes(1, n_labels=1, n_events=8, duration=2, sr=8000, random_state=0).events
    assert len(events) == 8
    assert events["end"].max() <= 2
    assert len(make_soundscapes(1, n_events=0, duration=0.1, random_state=0).events[0]) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n_clips": 0}, "n_clips=0 must be at least 1"),
        ({"n_labels": 9}, "n_labels=9 must be from 1 to 8, of beep, hiss"),
        ({"sr": 4000}, "sr=4000 Hz is too low"),
        ({"duration": 0}, "duration=0 s .* less than a sample"),
        ({"n_events": (3, 1)}, r"n_events=\(3, 1\) must be a whole number from 0 on"),
        ({"n_events": 1.5}, "n_events=1.5 must be"),
        ({"n_events": 9, "duration": 2}, "n_events=9 do not fit into duration=2 s"),
        ({"snr": np.nan}, "snr=nan must be a number"),
        ({"snr": "loud"}, "snr='loud' must be a number"),
    ],
)
def test_bad_sizes_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        make_soundscapes(**({"n_clips": 1} | options))
