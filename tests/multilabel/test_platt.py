"""Platt's scaling of one label."""

import numpy as np
import pytest
from scipy.special import expit

from sklaudio.multilabel._platt import apply_platt, fit_platt


def test_odds_that_are_too_sure_are_drawn_back(rng):
    logits = rng.normal(size=4000)
    has_label = (rng.uniform(size=4000) < expit(logits)).astype(int)
    slope, intercept = fit_platt(has_label, expit(3 * logits + 1), np.ones(4000))
    assert slope == pytest.approx(1 / 3, abs=0.05)
    assert intercept == pytest.approx(-1 / 3, abs=0.1)


def test_the_order_is_never_turned_around(rng):
    p = rng.uniform(0.1, 0.9, 200)
    slope, intercept = fit_platt((p < 0.3).astype(int), p, np.ones(200))
    assert slope == 0
    assert expit(intercept) == pytest.approx((p < 0.3).mean(), abs=0.02)


def test_few_clips_teach_no_certainty_and_none_teach_nothing():
    slope, intercept = fit_platt(np.array([1, 0]), np.array([0.9, 0.1]), np.ones(2))
    np.testing.assert_allclose(apply_platt(np.array([0.9, 0.1]), slope, intercept), [2 / 3, 1 / 3], atol=1e-3)
    assert fit_platt(np.zeros(3), np.array([0.2, 0.3, 0.4]), np.ones(3)) == (1.0, 0.0)
    assert fit_platt(np.array([0, 1]), np.array([0.2, 0.3]), np.array([1, 0])) == (1.0, 0.0)


def test_weights_count_as_copies_do(rng):
    p, weight = rng.uniform(size=40), np.arange(40) % 3
    has_label = (p + rng.normal(scale=0.3, size=40) > 0.5).astype(int)
    weighted = fit_platt(has_label, p, weight)
    copied = fit_platt(np.repeat(has_label, weight), np.repeat(p, weight), np.ones(weight.sum()))
    np.testing.assert_allclose(weighted, copied, rtol=1e-3)
