"""Expected calibration error: cases counted by hand, and what is refused."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer
from sklearn.model_selection import cross_val_score

from sklaudio.metrics import accuracy_interval, expected_calibration_error

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


@pytest.mark.parametrize(("truth", "expected"), [([0, 1, 0], 0.0), ([1, 0, 1], 1.0)])
def test_certain_answers(truth, expected):
    assert expected_calibration_error(truth, np.eye(2)[[0, 1, 0]]) == expected


def test_two_classes_may_be_one_column():
    p = np.array([0.1, 0.8, 0.6, 0.3])
    truth = np.array(["no", "yes", "no", "no"])
    assert expected_calibration_error(truth, p) == expected_calibration_error(truth, np.column_stack([1 - p, p]))


def test_weights_are_repeats(rng):
    proba, truth, weight = rng.dirichlet([1, 1, 1], 40), rng.integers(3, size=40), rng.integers(1, 4, size=40)
    repeated = expected_calibration_error(truth.repeat(weight), proba.repeat(weight, axis=0))
    assert expected_calibration_error(truth, proba, sample_weight=weight) == pytest.approx(repeated)


def test_answers_as_likely_as_they_say_have_no_error(rng):
    proba = rng.dirichlet([1, 1, 1], 50_000).astype(np.float32)
    truth = (rng.uniform(size=(50_000, 1)) > proba.cumsum(axis=1)).sum(axis=1).clip(max=2)
    assert expected_calibration_error(truth, proba) < 0.02
    sharpened = proba**3 / (proba**3).sum(axis=1, keepdims=True)
    assert expected_calibration_error(truth, sharpened) > 0.1


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


def test_the_interval_is_wilsons():
    z, p, n = norm.ppf(0.975), 9 / 11, 11
    middle, half = (p + z**2 / (2 * n)), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    assert accuracy_interval(9, 11) == pytest.approx(expected)
