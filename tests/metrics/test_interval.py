"""The interval of an accuracy."""

import numpy as np
import pytest
from scipy.stats import norm

from sklaudio.metrics import accuracy_interval
from sklaudio.metrics._interval import interval_of_groups


def test_the_interval_is_wilsons():
    z, p, n = norm.ppf(0.975), 9 / 11, 11
    middle, half = (p + z**2 / (2 * n)), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    assert accuracy_interval(9, 11) == pytest.approx(expected)


def test_without_clips_the_interval_is_undefined():
    assert np.isnan(accuracy_interval(0, 0)).all()


def test_clips_of_a_group_are_drawn_together():
    correct = np.tile([1, 1, 1, 0], 50)  # of groups of four equal clips, there are as many as a quarter of the clips

    def width(values, groups):
        low, high = interval_of_groups(np.divide, groups, values, np.ones(len(values)), n_draws=4000)
        return high - low

    single, in_fours = width(correct, np.arange(200)), width(np.repeat(correct, 4), np.arange(800) // 4)
    assert single == in_fours
    assert single == pytest.approx(2 * 1.96 * np.sqrt(0.75 * 0.25 / 200), rel=0.1)
