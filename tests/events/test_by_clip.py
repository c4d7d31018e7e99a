"""Annotations of recordings, taken apart by clip."""

import pandas as pd
import pytest

from sklaudio import Clip
from sklaudio.events import events_by_clip

ROWS = [("a.wav", 1.0, 2.0, "owl"), ("b/c.wav", 0.5, 0.5, "click"), ("a.wav", 4.0, 9.0, "fox")]


@pytest.fixture
def annotations():
    return pd.DataFrame(ROWS, columns=["path", "start", "end", "label"])


def rows(table):
    return table[["start", "end", "label"]].to_numpy().tolist()


def test_each_clip_has_the_events_of_its_recording(annotations):
    tables = events_by_clip(annotations, ["b/c.wav", "quiet.wav", "./a.wav"])
    assert [rows(table) for table in tables] == [
        [[0.5, 0.5, "click"]],
        [],
        [[1.0, 2.0, "owl"], [4.0, 9.0, "fox"]],
    ]
    assert tables[2].index.tolist() == [0, 1]


def test_times_in_a_span_count_from_its_start(annotations):
    clips = [Clip("a.wav", 0.5, 1.5), Clip("a.wav", 5), Clip("a.wav", 2, 4), Clip("b/c.wav", 0.25, 0.75)]
    tables = events_by_clip(annotations, clips)
    assert [rows(table) for table in tables] == [
        [[0.5, 1.0, "owl"]],
        [[0.0, 4.0, "fox"]],
        [],
        [[0.25, 0.25, "click"]],
    ]


def test_paths_that_are_none_of_the_recordings(annotations):
    with pytest.raises(ValueError, match=r"clips has none of the recordings .* 'x.wav' is not like 'a.wav'"):
        events_by_clip(annotations, ["x.wav"])
    assert [len(table) for table in events_by_clip(annotations[:0], ["x.wav"])] == [0]
    with pytest.raises(ValueError, match="label"):
        events_by_clip(annotations.drop(columns="label"), ["a.wav"])
