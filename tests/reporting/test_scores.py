"""The scores of a report, and how wide their intervals are."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from sklaudio.metrics import accuracy_interval, expected_calibration_error
from sklaudio.reporting._classes import Clip
from sklaudio.reporting._scores import score


def clips_of(y_true, predictions, groups=None, error_at=()):
    groups = [None] * len(y_true) if groups is None else [str(group) for group in groups]
    clips = []
    for number, (label, said, group) in enumerate(zip(y_true, predictions, groups, strict=True)):
        failed = number in error_at
        clips.append(
            Clip("x.wav", "x.wav", label, group, predicted=None if failed else said, error="no" if failed else None)
        )
    return clips


def test_scores_are_those_of_scikit_learn(rng):
    y_true, predictions = rng.choice(list("abc"), 200), rng.choice(list("abc"), 200)
    found = score(clips_of(y_true, predictions), list("abc"))
    assert found.accuracy == accuracy_score(y_true, predictions)
    assert found.macro_f1 == pytest.approx(f1_score(y_true, predictions, average="macro"))
    precision, recall, f1, n = precision_recall_fscore_support(y_true, predictions)
    for row, expected in zip(found.classes, zip(precision, recall, f1, n, strict=True), strict=True):
        assert (row.precision, row.recall, row.f1, row.n) == pytest.approx(expected)
        assert row.interval == accuracy_interval(row.n_right, row.n)
    assert found.macro_f1_interval[0] < found.macro_f1 < found.macro_f1_interval[1]
    assert found.by_group is None


def test_clips_without_a_prediction_are_wrong():
    found = score(clips_of("aabb", "aabb", error_at=[0]), ["a", "b"])
    assert (found.accuracy, found.n_right, found.n_errors) == (0.75, 3, 1)
    assert [row.recall for row in found.classes] == [0.5, 1.0]
    assert [row.precision for row in found.classes] == [1.0, 1.0]


def test_predictions_of_one_group_count_together(rng):
    correct = np.repeat(rng.random(20) < 0.7, 10)  # whole groups are right, or wrong
    predictions = np.where(correct, "a", "b")
    groups = np.repeat(np.arange(20), 10)
    found = score(clips_of(["a"] * 200, predictions, groups), ["a", "b"])
    low, high = found.accuracy_interval
    assert found.n_groups == 20
    assert found.by_group[1] - found.by_group[0] > 2 * (high - low)
    assert found.by_group[0] < found.accuracy < found.by_group[1]
    each = score(clips_of(["a"] * 200, predictions, np.arange(200)), ["a", "b"])
    assert each.by_group == pytest.approx(each.accuracy_interval, abs=0.02)


def test_one_group_has_no_interval():
    found = score(clips_of("aab", "aaa", [1, 1, 1]), ["a", "b"])
    assert (found.by_group, found.n_groups, found.macro_f1_interval) == (None, 1, None)


@pytest.mark.parametrize("predictions", ["aabb", "bbaa"])
def test_equal_predictions_do_not_pass_for_certainty(predictions):
    found = score(clips_of("aabb", predictions, [1, 2, 3, 4]), ["a", "b"])
    assert (found.by_group, found.macro_f1_interval) == (None, None)
    assert found.accuracy_interval[1] - found.accuracy_interval[0] > 0.4


def test_one_clip_is_enough():
    found = score(clips_of("a", "a"), ["a", "b"])
    assert (found.accuracy, found.most_frequent, found.calibration_error) == (1.0, 1.0, None)


def test_classes_that_were_only_said_have_a_row_and_no_part_in_the_mean():
    found = score(clips_of("aab", "aac"), ["a", "b", "c", "d"])
    assert [(row.name, row.n, row.n_said) for row in found.classes] == [("a", 2, 2), ("b", 1, 0), ("c", 0, 1)]
    assert found.macro_f1 == pytest.approx(0.5)


def test_calibration_error_knows_strange_classes():
    clips = clips_of(["a", "owl"], ["a", "a"])
    for clip in clips:
        clip.probabilities, clip.confidence = {"a": 0.8, "b": 0.2}, 0.8
    found = score(clips, ["a", "b"])
    assert found.calibration_error == pytest.approx(0.3)
    assert found.calibration_error == pytest.approx(
        expected_calibration_error(["a", "owl"], [[0.8, 0.2, 0], [0.8, 0.2, 0]], labels=["a", "b", "owl"])
    )


def test_what_is_undefined_is_nan():
    """Nobody predicts b, and no clip is of c."""
    found = score(clips_of("aab", "aac", error_at=[1]), ["a", "b", "c"])
    a, b, c = found.classes
    assert (a.n_right, a.recall, a.precision) == (1, 0.5, 1.0)
    assert np.isnan(b.precision)
    assert (b.n_right, b.recall, b.f1, b.interval) == (0, 0.0, 0.0, accuracy_interval(0, 1))
    assert np.isnan([c.recall, *c.interval]).all()
    assert (c.n_right, c.precision, c.f1) == (0, 0.0, 0.0)
    assert found.macro_f1 == pytest.approx((2 / 3 + 0) / 2)
