"""Fingerprints: what they leave out, what they find, and what the correlation says."""

import numpy as np
import pytest

from sklaudio.check import _fingerprint as fp

from .test_check import tune


@pytest.fixture
def z():
    return fp.low_rate(tune(0), 22050)


def test_gain_and_polarity_change_nothing(z):
    expected = fp.fingerprint(z)
    assert (expected > 0).mean() > 0.5
    np.testing.assert_array_equal(fp.fingerprint(0.01 * z), expected)
    np.testing.assert_array_equal(fp.fingerprint(-z), expected)


def test_size_is_as_promised():
    assert fp.fingerprint(np.ones(60 * fp.SR, np.float32)).nbytes == pytest.approx(60 * 344, rel=0.01)


def test_silence_and_clips_too_short_have_none():
    assert fp.fingerprint(np.zeros(fp.SR, np.float32)).sum() == 0
    assert len(fp.fingerprint(np.ones(fp.FRAME + fp.GAP * fp.HOP - 1, np.float32))) == 0
    assert fp.alike([fp.fingerprint(np.zeros(fp.SR, np.float32))] * 3) == []
    assert fp.alike([]) == []


def test_bands_are_even_and_cover_their_range():
    bands = fp._bands()
    width = fp.SR / fp.FRAME
    np.testing.assert_allclose(bands.sum() * width, fp.FMAX - fp.FMIN, rtol=1e-5)
    centers = (np.arange(len(bands)) * width) @ bands / bands.sum(axis=0)
    np.testing.assert_allclose(np.diff(np.log(centers)), np.log(fp.FMAX / fp.FMIN) / fp.N_BANDS, atol=0.01)


@pytest.mark.parametrize("late", [0, 640, 1000, -3333])
def test_the_shift_is_found(z, late):
    other = np.pad(z, (max(0, late), 0))[max(0, -late) :]
    ((one, two, shift),) = fp.alike([fp.fingerprint(z), fp.fingerprint(other)])
    assert (one, two) == (0, 1)
    assert abs(shift * fp.HOP - late) <= fp.HOP
    assert fp.similarity(z, other, shift * fp.HOP) == pytest.approx(1, abs=0.02)


def test_similarity_is_found_between_the_samples(z):
    spectrum = np.fft.rfft(z) * np.exp(-2j * np.pi * np.fft.rfftfreq(len(z)) * 20.375)
    late = np.fft.irfft(spectrum, len(z))
    assert fp.similarity(z, late, 0) > 0.97  # 0.9 at whole samples


def test_similarity_of_mixtures_is_the_fraction_they_have_in_common(rng):
    common, one, two = rng.normal(size=(3, 5 * fp.SR))
    assert fp.similarity(common + one, common + two, 0) == pytest.approx(0.5, abs=0.05)
    assert fp.similarity(one, two, 0) < 0.1
    assert fp.similarity(0 * one, two, 0) == 0


def test_pairs_stay_bounded_where_all_clips_are_alike(z):
    fingerprint = fp.fingerprint(z)
    pairs = fp.alike([fingerprint] * 60)
    assert 59 <= len(pairs) <= 60 * fp.NEIGHBOURS
    assert {two for _, two, _ in pairs} == set(range(1, 60))  # each has an earlier one
