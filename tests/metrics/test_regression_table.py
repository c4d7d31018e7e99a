"""Scores of numbers are those of scikit-learn and scipy, and intervals draw whole groups."""

import numpy as np
import pytest
from scipy.stats import pearsonr
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from sklaudio.metrics import concordance_correlation, regression_table


@pytest.fixture
def numbers(rng):
    y_true = rng.normal(size=(40, 2)) * [1, 100] + [0, 1e4]
    return y_true, y_true + rng.normal(size=(40, 2)) * [0.5, 80]


def test_scores_are_those_of_scikit_learn_and_scipy(numbers):
    y_true, y_pred = numbers
    table = regression_table(y_true, y_pred, target_names=["valence", "arousal"])
    assert table.index.tolist() == ["valence", "arousal"]
    for index, name in enumerate(table.index):
        true, predicted, row = y_true[:, index], y_pred[:, index], table.loc[name]
        assert row["r2"] == pytest.approx(r2_score(true, predicted))
        assert row["mae"] == pytest.approx(mean_absolute_error(true, predicted))
        assert row["rmse"] == pytest.approx(root_mean_squared_error(true, predicted))
        assert row["pearson"] == pytest.approx(pearsonr(true, predicted).statistic)
        assert row["ccc"] == pytest.approx(concordance_correlation(true, predicted))
        for score in ("r2", "mae", "rmse", "pearson", "ccc"):
            assert row[f"{score}_low"] < row[score] < row[f"{score}_high"]


def test_an_interval_is_that_of_samples_drawn_one_by_one(numbers):
    y_true, y_pred = (y[:, 0] for y in numbers)
    groups, rng = np.arange(40) // 4, np.random.default_rng(1)
    scores = []
    for _ in range(1000):
        rows = np.concatenate([np.flatnonzero(groups == group) for group in rng.integers(10, size=10)])
        scores.append(r2_score(y_true[rows], y_pred[rows]))
    row = regression_table(y_true, y_pred, groups=groups).loc["prediction"]
    np.testing.assert_allclose([row["r2_low"], row["r2_high"]], np.percentile(scores, [2.5, 97.5]), atol=0.03)


def test_clips_of_a_group_say_less_than_as_many_alone(rng):
    y_true, errors = rng.normal(size=20).repeat(10), rng.normal(size=20).repeat(10)
    alone, together = (
        regression_table(y_true, y_true + errors, groups=groups).loc["prediction"]
        for groups in (None, np.arange(200) // 10)
    )
    widths = [row["mae_high"] - row["mae_low"] for row in (alone, together)]
    assert widths[1] > 2 * widths[0]


def test_clips_without_a_prediction_are_counted(numbers):
    y_true, y_pred = numbers
    y_pred[[3, 7], 1] = np.nan
    table = regression_table(y_true, y_pred)
    assert table.index.tolist() == ["prediction0", "prediction1"]
    assert table[["n_clips", "n_missing"]].to_numpy().tolist() == [[38, 2]] * 2
    kept = np.delete(np.arange(40), [3, 7])
    assert table["r2"].tolist() == pytest.approx(r2_score(y_true[kept], y_pred[kept], multioutput="raw_values"))


def test_what_is_undefined_is_nan():
    row = regression_table([1.0, 1.0], [1.0, 2.0]).loc["prediction"]
    assert np.isnan(row[["r2", "pearson"]]).all()
    assert row["mae"] == 0.5
    row = regression_table([1.0, 2.0], [1.0, 2.0], groups=["a", "a"]).loc["prediction"]
    assert np.isnan(row[["r2_low", "ccc_high"]]).all()
    assert row["r2"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2], [1, 2, 3]), r"y_pred is of shape \(3,\)"),
        (([1, np.nan], [1, 2]), "y_true contains NaN"),
        (([1, 2], [np.nan, np.nan]), "no prediction for any clip"),
    ],
)
def test_wrong_numbers_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        regression_table(*arguments)
    with pytest.raises(ValueError, match="must be 1 different names"):
        regression_table([1, 2], [1, 2], target_names=["a", "b"])
