"""Ridge regression whose alpha is chosen by folds that keep groups."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklaudio import FrameSummary, SegmentMeanRegressor, load, save
from sklaudio.encoders import GroupedRidge


@parametrize_with_checks([GroupedRidge()])
def test_scikit_learn_check(estimator, check):
    check(estimator)


def voices(rng, n_groups=12, n_dims=30):
    """Rows that are near those of their group; what tells the number is weak beside it."""
    groups = np.repeat(np.arange(n_groups), 6)
    y = rng.normal(size=n_groups)[groups]
    X = 3 * rng.normal(size=(n_groups, n_dims))[groups] + 0.1 * rng.normal(size=(len(groups), n_dims))
    X[:, 0] += y
    return X, y, groups


def test_groups_ask_for_a_larger_alpha_than_rows(rng):
    X, y, groups = voices(rng)
    alphas = (1e-2, 1.0, 100.0, 1e4)
    alone = GroupedRidge(alphas=alphas).fit(X, y)
    assert GroupedRidge(alphas=alphas).fit(X, y, groups=groups).alpha_ > alone.alpha_


def test_it_is_the_ridge_of_the_alpha_with_the_least_error_on_the_folds(rng):
    X, y, groups = voices(rng)
    weight = rng.uniform(1, 2, size=len(y))
    head = GroupedRidge(alphas=(1.0, 100.0), cv=4).fit(X, y, sample_weight=weight, groups=groups)
    errors = {}
    for alpha in (1.0, 100.0):
        predicted = np.empty(len(y))
        for a, b in GroupKFold(4).split(X, y, groups):
            predicted[b] = Ridge(alpha).fit(X[a], y[a], sample_weight=weight[a]).predict(X[b])
        errors[alpha] = weight @ (predicted - y) ** 2
    assert head.alpha_ == min(errors, key=errors.get)
    expected = Ridge(head.alpha_).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(head.predict(X), expected.predict(X))


def test_the_unit_of_a_target_changes_nothing(rng):
    X, y, groups = voices(rng)
    noise = rng.normal(size=len(y))
    alphas = (1e-2, 1.0, 100.0, 1e4)
    both, in_thousands = (
        GroupedRidge(alphas=alphas).fit(X, np.column_stack([y, unit * noise]), groups=groups) for unit in (1, 1000)
    )
    assert both.alpha_ == in_thousands.alpha_
    np.testing.assert_allclose(both.predict(X)[:, 1] * 1000, in_thousands.predict(X)[:, 1], rtol=1e-6)


def test_few_groups_leave_few_folds_or_none(rng):
    X, y, groups = voices(rng)
    assert GroupedRidge(alphas=(10.0, 0.1, 1.0)).fit(X, y, groups=np.zeros(len(y))).alpha_ == 1.0  # the middle
    assert GroupedRidge(cv=5).fit(X, y, groups=groups % 2).alpha_ in GroupedRidge().alphas


def test_it_averages_over_segments_and_is_saved(rng, tmp_path):
    y = rng.normal(size=12)
    X = rng.normal(scale=0.1, size=(12, 20, 3)) + y[:, None, None]
    model = SegmentMeanRegressor(make_pipeline(FrameSummary(), GroupedRidge()), segment_length=5)
    assert model.fit(X, y, groups=np.arange(12) // 2).score(X, y) > 0.9
    save(model, tmp_path / "head.skops")
    np.testing.assert_array_equal(load(tmp_path / "head.skops").predict(X), model.predict(X))


@pytest.mark.parametrize("alphas", [(), (0.1, 0.0), (-1,), (np.inf,)])
def test_bad_alphas_are_named(alphas, rng):
    X, y, _ = voices(rng)
    with pytest.raises(ValueError, match="alphas="):
        GroupedRidge(alphas=alphas).fit(X, y)
