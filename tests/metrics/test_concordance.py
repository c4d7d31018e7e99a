"""Concordance of numbers."""

import numpy as np
import pytest

from sklaudio.metrics import concordance_correlation


def test_concordance_is_correlation_less_wrong_means_and_spreads(rng):
    y = rng.normal(size=200)
    assert concordance_correlation(y, y) == pytest.approx(1)
    assert concordance_correlation(y, -y) == pytest.approx(-1, abs=0.05)
    assert concordance_correlation(y, np.full(200, y.mean())) == pytest.approx(0)
    predicted = 0.5 * y + 0.3 * rng.normal(size=200) + 1
    covariance = np.cov(y, predicted, ddof=0)
    expected = 2 * covariance[0, 1] / (covariance.trace() + (y.mean() - predicted.mean()) ** 2)
    assert concordance_correlation(y, predicted) == pytest.approx(expected)
    assert concordance_correlation(y, predicted) < np.corrcoef(y, predicted)[0, 1]


def test_concordance_of_several_targets_and_of_weights(rng):
    y, predicted = rng.normal(size=(2, 30, 2))
    each = [concordance_correlation(y[:, column], predicted[:, column]) for column in range(2)]
    np.testing.assert_allclose(concordance_correlation(y, predicted, multioutput="raw_values"), each)
    assert concordance_correlation(y, predicted) == pytest.approx(np.mean(each))
    weight = np.arange(30) % 3
    copies = concordance_correlation(np.repeat(y, weight, axis=0), np.repeat(predicted, weight, axis=0))
    assert concordance_correlation(y, predicted, sample_weight=weight) == pytest.approx(copies)


def test_concordance_refuses_other_shapes_and_what_is_no_number():
    with pytest.raises(ValueError, match=r"y_pred is of shape \(3,\), and y_true of \(2,\)"):
        concordance_correlation([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="y_pred contains NaN"):
        concordance_correlation([1, 2], [1, np.nan])
