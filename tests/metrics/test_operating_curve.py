"""Scores at each threshold: those of the events that a detector finds there, and recall that never rises with it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sklaudio import EventDetector
from sklaudio.events._learning import CANDIDATES
from sklaudio.metrics import event_operating_curve, event_scores, segment_scores

HOP = 0.05  # seconds


def detector_of(labels, **parameters):
    """A detector that is fitted but for its net, which its decisions don't ask for."""
    detector = EventDetector(SimpleNamespace(), hop=HOP)
    detector.estimator_, detector.classes_ = SimpleNamespace(), np.array(labels, dtype=object)
    decisions = {"threshold_": 0.5, "median_length_": 3, "min_duration_": 0.1} | parameters
    for name, value in decisions.items():
        setattr(detector, name, np.full(len(labels), value))
    return detector


def smooth_noise(rng, n_frames):
    """Two curves that wander about in [0, 1]: (n_frames, 2)."""
    walk = np.cumsum(rng.normal(size=(n_frames, 2)), axis=0)
    return np.clip(0.5 + 0.25 * (walk - walk.mean(axis=0)) / walk.std(axis=0), 0, 1)


@pytest.fixture(scope="module")
def clips():
    """Curves of clips of several lengths, one of them without frames, and the true events."""
    rng = np.random.default_rng(0)
    curves = [smooth_noise(rng, n_frames) for n_frames in (60, 100, 140)] + [np.zeros((0, 2))]
    y = [[(1.0, 2.0, "owl"), (0.2, 0.7, "fox")], [(0.0, 4.0, "fox"), (2.0, 3.1, "owl")], [(3.0, 5.0, "owl")], []]
    return y, curves


def test_scores_are_those_of_the_events_at_each_threshold(clips):
    y, curves = clips
    detector = detector_of(["fox", "owl"])
    thresholds = [0.7, 0.3, 0.3]
    for by, function, settings in (
        ("segment", segment_scores, {"time_resolution": 0.5}),
        ("event", event_scores, {"collar": 0.3, "zero_division": 0.0}),
    ):
        found = event_operating_curve(y, curves, detector, by=by, thresholds=thresholds, **settings)
        assert found.index.names == ["label", "threshold"]
        assert found.index.unique("label").tolist() == ["fox", "owl", "(micro)", "(macro)"]
        assert found.loc["(micro)"].index.tolist() == [0.3, 0.7]
        if by == "segment":
            settings["durations"] = [3, 5, 7, HOP]
        for threshold in (0.3, 0.7):
            detector.threshold_[:] = threshold
            expected = function(y, [detector.events_of(curve) for curve in curves], **settings)
            pd.testing.assert_frame_equal(found.xs(threshold, level="threshold"), expected, check_index_type=False)


@pytest.mark.parametrize("time_resolution", [HOP, 0.3, 1.0])
def test_recall_of_segments_never_rises_with_the_threshold(clips, time_resolution):
    table = event_operating_curve(*clips, detector_of(["fox", "owl"]), time_resolution=time_resolution)
    for label in ("fox", "owl", "(micro)"):
        recall = table.loc[label, "recall"]
        assert len(recall) == 19
        assert recall.is_monotonic_decreasing
        assert recall.iloc[0] > 0.9 > 0.1 > recall.iloc[-1]
        assert table.loc[label, "n_sys"].is_monotonic_decreasing
    assert tuple(table.index.unique("threshold")) == CANDIDATES[0]  # what threshold="best" learns


def test_labels_that_only_one_of_both_has(clips):
    y, curves = clips
    y = [[*table, (0.0, 1.0, "wolf")] for table in y]
    table = event_operating_curve(y, curves, detector_of(["bat", "owl"]), thresholds=[0.4])
    assert table.index.unique("label").tolist() == ["bat", "fox", "owl", "wolf", "(micro)", "(macro)"]
    assert table.loc[("wolf", 0.4), ["recall", "n_sys"]].tolist() == [0, 0]
    assert table.loc[("bat", 0.4), "n_ref"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": "frame"}, "by='frame' is neither 'segment' nor 'event'"),
        ({"thresholds": [0.5, 1.5]}, r"thresholds=.* must be numbers in \[0, 1\]"),
        ({"thresholds": []}, "at least one of them"),
        ({"curves": [np.zeros((4, 3))]}, r"curves\[0\] is of shape \(4, 3\), not \(n_frames, 2\)"),
        ({"curves": np.zeros((3, 4))}, r"curves\[0\] is of shape \(4,\)"),
        ({"curves": [np.full((4, 2), np.nan)]}, r"curves\[0\] holds numbers outside of \[0, 1\]"),
        ({"curves": [np.zeros((4, 2))]}, "y_true holds 4 tables of events, and there are 1 clips"),
        ({"detector": detector_of([1, 2])}, "y_true and detector hold both text and numbers"),
    ],
)
def test_what_is_wrong_is_named(clips, change, message):
    y, curves = clips
    given = {"curves": curves, "detector": detector_of(["fox", "owl"])} | change
    with pytest.raises(ValueError, match=message):
        event_operating_curve(y, **given)
