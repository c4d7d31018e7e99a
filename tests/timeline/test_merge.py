"""Spans of windows, and times as people write them."""

import numpy as np
import pandas as pd
import pytest

from sklaudio import merge_timeline
from sklaudio.timeline import format_time


def test_spans_meet_in_the_middle_of_overlaps_and_keep_gaps():
    windows = pd.DataFrame({"start": [0, 1, 2, 3], "end": [3, 4, 5, 6], "label": list("abbc"), "probability": 0.5})
    spans = merge_timeline(windows)
    assert spans[["start", "end"]].to_numpy().tolist() == [[0, 2], [2, 4], [4, 6]]
    pd.testing.assert_frame_equal(merge_timeline(spans), spans)
    sparse = pd.DataFrame({"start": [0, 5, 10], "end": [1, 6, 11], "label": list("aab")})
    assert merge_timeline(sparse)[["start", "end"]].to_numpy().tolist() == [[0, 6], [10, 11]]
    assert len(merge_timeline(windows[:0])) == 0
    with pytest.raises(ValueError, match="no column"):
        merge_timeline(windows[["start", "end"]])


def test_times_are_written_as_people_do():
    times = [0, 9.96, 59.94, 59.96, 75.25, 3599.96, 3600, 36000, 360000]
    written = "00:00.0 00:10.0 00:59.9 01:00.0 01:15.2 01:00:00.0 01:00:00.0 10:00:00.0 100:00:00.0".split()
    assert [format_time(seconds) for seconds in times] == written
    for wrong in (-1, np.nan, np.inf):
        with pytest.raises(ValueError, match="seconds="):
            format_time(wrong)
