"""Gain and Clipping: decibels are decibels."""

import numpy as np
import pytest

from sklaudio.augment.waveform import Clipping, Gain

SR = 16000


def test_gains_are_drawn_between_the_bounds(tone):
    found = [20 * np.log10(Gain((-6, 6))(tone, SR, random_state=seed)[4] / tone[4]) for seed in range(50)]
    assert -6 <= min(found) < -4 < 4 < max(found) <= 6
    np.testing.assert_allclose(Gain(20)(tone, SR), 10 * tone, rtol=1e-6)


@pytest.mark.parametrize("decibel", [0, 6, 20])
def test_peaks_are_cut_so_far_below_where_they_were(tone, decibel):
    y = Clipping(decibel, p=1)(tone, SR)
    limit = 0.5 * 10 ** (-decibel / 20)
    assert np.abs(y).max() == pytest.approx(limit, rel=1e-5)
    below = np.abs(tone) < 0.999 * limit
    np.testing.assert_array_equal(y[below], tone[below])
    with pytest.raises(ValueError, match="decibel=-1 must be 0 or more"):
        Clipping(-1, p=1)(tone, SR)
