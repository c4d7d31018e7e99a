"""From curves to events: where they cross the threshold, how they are smoothed, what is too short."""

import numpy as np
import pytest

from sklaudio.events._decisions import find_events, runs, smooth


def found(curves, *, threshold=0.5, median_length=1, min_duration=0.0, hop=1.0, classes=("a", "b")):
    curves = np.asarray(curves, dtype=float)
    classes = np.array(classes[: curves.shape[1]])
    decisions = ([value] * len(classes) for value in (threshold, median_length, min_duration))
    return find_events(curves, hop, classes, *decisions)


def test_an_edge_is_where_the_line_between_two_frames_crosses():
    events = found(np.array([[0, 0, 0.8, 0.8, 0.3, 0]]).T)
    # middles of frames are at 0.5, 1.5, …: from 1.5 (0) to 2.5 (0.8), and from 3.5 (0.8) to 4.5 (0.3)
    np.testing.assert_allclose(events[["start", "end"]], [[1.5 + 0.5 / 0.8, 3.5 + 0.3 / 0.5]])
    assert events["probability"].tolist() == [0.8]
    assert found(np.array([[0, 0, 0.8, 0.8, 0.3, 0]]).T, hop=0.1)["end"][0] == pytest.approx(0.41)


def test_what_goes_on_at_the_ends_of_a_clip_goes_to_them():
    assert found([[0.9], [0.1], [0.9]])[["start", "end"]].to_numpy().tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert found([[0.9], [0.9]])[["start", "end"]].to_numpy().tolist() == [[0.0, 2.0]]


def test_labels_overlap_and_rows_are_in_order_of_time():
    events = found([[0, 1], [0, 1], [1, 1], [1, 0], [0, 0], [0, 1]])
    assert events["label"].tolist() == ["b", "a", "b"]
    assert events["start"].is_monotonic_increasing
    assert events["end"][0] > events["start"][1]


def test_nothing_is_an_empty_table():
    for curves in ([[0.1], [0.2]], np.zeros((0, 1))):
        events = found(curves)
        assert events.columns.tolist() == ["start", "end", "label", "probability"]
        assert len(events) == 0
        assert events["start"].dtype == float


def test_the_median_closes_gaps_and_removes_spikes():
    curve = np.array([0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0.0])
    assert len(found(curve[:, None])) == 3
    events = found(curve[:, None], median_length=3)
    assert events[["start", "end"]].to_numpy().tolist() == [[1.0, 7.0]]
    assert smooth(curve, 1) is curve


def test_what_is_shorter_than_the_least_duration_is_left_out():
    curve = np.array([[0, 1, 0, 0, 1, 1, 1, 0.0]]).T
    assert found(curve, min_duration=1.5, hop=1.0)["start"].tolist() == [4.0]
    assert len(found(curve, min_duration=0.15, hop=0.1)) == 1


def test_a_threshold_of_each_label():
    curves = np.full((3, 2), 0.4)
    events = find_events(curves, 1.0, np.array([3, 7]), [0.5, 0.3], [1, 1], [0, 0])
    assert events["label"].tolist() == [7]


def test_runs():
    assert runs([True, False, True, True]).tolist() == [[0, 1], [2, 4]]
    assert runs([False]).shape == (0, 2)
