"""The interval of an accuracy."""

import numpy as np
import pytest
from scipy.stats import norm

from sklaudio.metrics import accuracy_interval


def test_the_interval_is_wilsons():
    z, p, n = norm.ppf(0.975), 9 / 11, 11
    middle, half = (p + z**2 / (2 * n)), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    expected = [(middle - half) / (1 + z**2 / n), (middle + half) / (1 + z**2 / n)]
    assert accuracy_interval(9, 11) == pytest.approx(expected)


def test_without_clips_the_interval_is_undefined():
    assert np.isnan(accuracy_interval(0, 0)).all()
