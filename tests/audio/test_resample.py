"""Resampling block by block gives the samples of resampling the whole, to the bit."""

import numpy as np
import pytest

from sklaudio.audio import UnreadableClipError
from sklaudio.audio._resample import BlockResampler, check_rates, fix_length, resample


@pytest.mark.parametrize(("native_sr", "sr"), [(44100, 22050), (8000, 16000), (48000, 16000), (11025.5, 16000)])
@pytest.mark.parametrize("n_at_once", [1, 37, 480, 10**6])
def test_blocks_give_the_whole_to_the_bit(native_sr, sr, n_at_once, rng):
    y = (0.3 * rng.normal(size=9001)).astype(np.float32)
    resampler = BlockResampler(native_sr, sr)
    blocks = [resampler.push(y[first : first + n_at_once]) for first in range(0, len(y), n_at_once)]
    np.testing.assert_array_equal(np.concatenate([*blocks, resampler.finish()]), resample(y, native_sr, sr, None))


def test_what_has_the_rate_is_left_as_it_is(rng):
    y = rng.normal(size=100).astype(np.float32)
    resampler = BlockResampler(16000, 16000)
    assert resampler.push(y) is y
    assert len(resampler.finish()) == 0


def test_without_samples_there_are_none():
    assert len(BlockResampler(44100, 16000).finish()) == 0


def test_samples_are_late_by_less_than_a_tenth_of_a_second(rng):
    resampler = BlockResampler(44100, 16000)
    n_out = sum(len(resampler.push(np.zeros(441, dtype=np.float32))) for _ in range(200))
    assert 2 - 0.1 < n_out / 16000 <= 2


def test_rates_too_far_apart_are_refused():
    check_rates(4000, 192000, None)
    with pytest.raises(UnreadableClipError, match="too far"):
        check_rates(1, 16000, "a.wav")


def test_lengths_are_cut_and_padded():
    assert fix_length(np.ones(3), 2).tolist() == [1, 1]
    assert fix_length(np.ones(1), 3).tolist() == [1, 0, 0]
