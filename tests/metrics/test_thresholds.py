"""Thresholds: found by hand, and by trying all."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from sklaudio.metrics import best_thresholds


def test_found_by_hand():
    """Above 0.25 are both clips that have it; above 0.35 one of two, and no other."""
    assert best_thresholds([1, 1, 0, 0], [0.4, 0.3, 0.2, 0.1]).tolist() == [0.25]
    assert best_thresholds([1, 0, 0, 0], [0.4, 0.3, 0.2, 0.1])[0] == pytest.approx(0.35)
    assert best_thresholds([1, 1, 1], [0.2, 0.4, 0.6]).tolist() == [0.1]  # below all


@pytest.mark.parametrize(
    ("metric", "score"), [("f1", f1_score), ("balanced_accuracy", balanced_accuracy_score)], ids=["f1", "balanced"]
)
@pytest.mark.parametrize("decimals", [1, 6])
def test_no_other_threshold_is_better(metric, score, decimals, rng):
    Y = (rng.uniform(size=(60, 4)) < [0.5, 0.3, 0.2, 0.05]).astype(int)
    Y[0] = 1
    p = np.clip(0.3 * Y + rng.uniform(0, 0.7, Y.shape), 0, 1).round(decimals)
    weight = rng.integers(1, 4, 60)
    thresholds = best_thresholds(Y, p, metric=metric, sample_weight=weight)
    for has_label, of_label, threshold in zip(Y.T, p.T, thresholds, strict=True):
        tried = [score(has_label, of_label >= t, sample_weight=weight) for t in [*np.unique(of_label), 2.0]]
        assert score(has_label, of_label >= threshold, sample_weight=weight) == pytest.approx(max(tried))


def test_of_equal_ones_the_nearest_to_a_half():
    """0.3 and 0.65 make one error each, of two clips."""
    y_true, y_proba = [1, 0, 1, 0], [0.9, 0.4, 0.2, 0.1]
    scores = [f1_score(y_true, np.array(y_proba) >= threshold) for threshold in (0.15, 0.65)]
    assert scores[0] > scores[1]
    assert best_thresholds([1, 0], [0.9, 0.9]).tolist() == [0.45]
    assert best_thresholds([1, 1, 0, 0], [1.0, 0.4, 0.4, 0.0], metric="balanced_accuracy").tolist() == [0.7]


def test_a_label_that_no_clip_has_stays_at_a_half():
    assert best_thresholds([[0, 1], [0, 0]], [[0.9, 0.9], [0.2, 0.2]]).tolist() == [0.5, 0.55]
    assert best_thresholds([0, 1], [0.1, 0.2], sample_weight=[1, 0]).tolist() == [0.5]


@pytest.mark.parametrize(
    ("y_true", "y_proba", "message"),
    [
        ([0, 1], [[0.1, 0.2]], r"shape \(1, 2\), and y_true of \(2,\)"),
        ([0, 2], [0.1, 0.2], r"y_true\[1, 0\] is 2, and labels are 0 or 1"),
        ([0, 1], [0.1, 1.2], r"in \[0, 1\]"),
        ([0, 1], [0.1, np.nan], r"y_proba contains NaN. The first is y_proba\[1\]. Pass what predict_proba"),
    ],
)
def test_what_is_refused(y_true, y_proba, message):
    with pytest.raises(ValueError, match=message):
        best_thresholds(y_true, y_proba)


def test_other_metrics_are_refused():
    with pytest.raises(ValueError, match="metric"):
        best_thresholds([0, 1], [0.1, 0.2], metric="accuracy")
