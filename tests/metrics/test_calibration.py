"""Calibration: cases counted by hand, and what is refused."""

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score

from sklaudio.metrics import accuracy_interval, calibration_table, expected_calibration_error

THREE = [[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4], [0.05, 0.05, 0.9]]
TRUE = ["a", "b", "a", "b"]  # right, right, wrong, wrong


def test_counted_by_hand():
    """Bins of a fifth: 0.4 is in (0.2, 0.4], 0.7 in (0.6, 0.8], both of 0.9 in (0.8, 1]."""
    expected = (1 * abs(0 - 0.4) + 1 * abs(1 - 0.7) + 2 * abs(0.5 - 0.9)) / 4
    assert expected_calibration_error(TRUE, THREE, labels=["a", "b", "c"], n_bins=5) == pytest.approx(expected)


def test_one_bin_is_accuracy_against_confidence():
    error = expected_calibration_error(TRUE, THREE, labels=["a", "b", "c"], n_bins=1)
    assert error == pytest.approx(abs(0.5 - (0.9 + 0.7 + 0.4 + 0.9) / 4))


def test_a_bin_holds_its_upper_edge():
    """0.5 and 0.3 share (0, 0.5]: in one bin, a wrong 0.5 and a right 0.5 make up for each other."""
    proba = [[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]
    assert expected_calibration_error([0, 1, 0], proba, labels=[0, 1, 2], n_bins=2) == pytest.approx(0)


@pytest.mark.parametrize(("y_true", "expected"), [([0, 1, 0], 0.0), ([1, 0, 1], 1.0)])
def test_certain_predictions(y_true, expected):
    assert expected_calibration_error(y_true, np.eye(2)[[0, 1, 0]]) == expected


def test_two_classes_may_be_one_column():
    p = np.array([0.1, 0.8, 0.6, 0.3])
    y_true = np.array(["no", "yes", "no", "no"])
    assert expected_calibration_error(y_true, p) == expected_calibration_error(y_true, np.column_stack([1 - p, p]))


def test_weights_are_repeats(rng):
    proba, y_true, weight = rng.dirichlet([1, 1, 1], 40), rng.integers(3, size=40), rng.integers(1, 4, size=40)
    repeated = expected_calibration_error(y_true.repeat(weight), proba.repeat(weight, axis=0))
    assert expected_calibration_error(y_true, proba, sample_weight=weight) == pytest.approx(repeated)


def test_predictions_as_likely_as_they_say_have_no_error(rng):
    proba = rng.dirichlet([1, 1, 1], 50_000).astype(np.float32)
    y_true = (rng.uniform(size=(50_000, 1)) > proba.cumsum(axis=1)).sum(axis=1).clip(max=2)
    assert expected_calibration_error(y_true, proba) < 0.02
    sharpened = proba**3 / (proba**3).sum(axis=1, keepdims=True)
    assert expected_calibration_error(y_true, sharpened) > 0.1


def test_as_a_scorer():
    X, y = make_classification(n_samples=60, random_state=0)
    scorer = make_scorer(expected_calibration_error, response_method="predict_proba", greater_is_better=False)
    assert (cross_val_score(LogisticRegression(), X, y, scoring=scorer, cv=3) < 0).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y_proba": THREE}, "y_true holds 2 classes, and y_proba has 3 columns. Pass labels="),
        ({"y_proba": THREE, "labels": ["a", "b"]}, "labels names 2 classes, and y_proba has 3 columns"),
        ({"y_proba": THREE, "labels": ["a", "c", "d"]}, r"y_true holds \['b'\], which labels does not"),
        ({"y_proba": np.multiply(THREE, 5), "labels": list("abc")}, "numbers from 0 to 4.5"),
        ({"y_proba": np.multiply(THREE, 0.5), "labels": list("abc")}, "row 0 sums to 0.5, not to 1"),
        ({"y_proba": THREE[:3], "labels": list("abc")}, "inconsistent numbers of samples"),
        ({"y_proba": np.full((4, 2), np.nan)}, "y_proba contains NaN"),
        ({"y_proba": np.eye(2)[[0, 0, 1, 1]], "n_bins": 0}, "'n_bins' parameter"),
        ({"y_proba": np.eye(2)[[0, 0, 1, 1]], "sample_weight": [0, 0, 0, 0]}, "sample_weight must hold"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        expected_calibration_error(TRUE, **arguments)


def test_the_table_has_a_row_for_each_bin_with_clips():
    """Halves: 0.2 and the edge 0.5 are in the lower one, 0.9 twice in the upper one."""
    table = calibration_table([False, True, True, True], [0.2, 0.5, 0.9, 0.9], n_bins=2)
    assert table["confidence"].tolist() == pytest.approx([0.35, 0.9])
    assert table["accuracy"].tolist() == [0.5, 1.0]
    assert table["n_clips"].tolist() == [2, 2]
    assert table[["low", "high"]].to_numpy().tolist() == [list(accuracy_interval(1, 2)), list(accuracy_interval(2, 2))]
    assert len(calibration_table([True], [0.55], n_bins=10)) == 1


def test_the_calibration_error_is_the_mean_gap_of_the_table(rng):
    y_proba, y_true = rng.dirichlet([1, 1, 1], 200), rng.integers(3, size=200)
    table = calibration_table(y_proba.argmax(axis=1) == y_true, y_proba.max(axis=1))
    gap = np.average((table["accuracy"] - table["confidence"]).abs(), weights=table["n_clips"])
    assert expected_calibration_error(y_true, y_proba) == pytest.approx(gap)


@pytest.mark.parametrize(
    ("correct", "confidence", "message"),
    [
        ([True], [1.2], r"confidence holds numbers from 1.2 to 1.2"),
        ([True], [np.nan], "confidence contains NaN"),
        ([True, False], [0.5], "inconsistent numbers of samples"),
        ([], [], "minimum of 1 is required"),
    ],
)
def test_a_table_is_of_confidences(correct, confidence, message):
    with pytest.raises(ValueError, match=message):
        calibration_table(correct, confidence)


def test_of_several_labels_it_is_the_mean_of_each():
    y_true, p = np.array([[1, 0], [1, 0], [0, 1], [1, 0]]), np.array([[0.9, 0.1], [0.8, 0.9], [0.7, 0.9], [0.6, 0.2]])
    each = [expected_calibration_error(y_true[:, label], p[:, label], n_bins=2) for label in range(2)]
    assert expected_calibration_error(y_true, p, n_bins=2) == pytest.approx(np.mean(each))
    assert expected_calibration_error(y_true * [1, 0], p) > 0  # a label that no clip has
    with pytest.raises(ValueError, match=r"y_proba is of shape \(4, 1\)"):
        expected_calibration_error(y_true, p[:, :1])
