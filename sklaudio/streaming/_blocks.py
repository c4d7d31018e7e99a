"""Blocks of a live stream: samples of any type, rate and number of channels, to one waveform at one rate."""

import math
from numbers import Real

import numpy as np

from .._utils.terminal import shortened
from ..audio._decode import mix_down
from ..audio._resample import MAX_RATIO, BlockResampler
from ..audio._samples import as_array, check_finite, check_type, to_full_scale

MAX_CHANNELS = 64  # more are samples, in an array whose axes are the other way round


class BlocksToWaveform:
    """Bring blocks to one channel and one sampling rate.

    Parameters
    ----------
    sr : int
        The rate, in hertz.
    """

    def __init__(self, sr):
        self.sr = sr
        self._resampler = None

    def push(self, block, sr):
        """Take the next block of a stream, at its rate; return the samples that are done, (n_samples,), float32."""
        y = as_mono(block)
        if self._resampler is None:
            self._resampler = BlockResampler(_checked_rate(sr, self.sr), self.sr)
        elif sr != self._resampler.native_sr:
            raise ValueError(
                f"sr={shortened(sr)} Hz differs from {self._resampler.native_sr} Hz of the blocks before. "
                "Call flush(), which ends that stream, before another one."
            )
        return self._resampler.push(y)

    def finish(self):
        """Return the samples that are left at the end of the stream."""
        return np.zeros(0, dtype=np.float32) if self._resampler is None else self._resampler.finish()


def as_mono(block):
    """Average the channels of a block, (n_samples,) or (n_samples, n_channels), as (n_samples,), float32."""
    y = as_array(block)
    if y.ndim not in (1, 2) or y.dtype.kind not in "biufc" or (y.ndim == 2 and not 0 < y.shape[1] <= MAX_CHANNELS):
        what = f"an array of shape {y.shape} and type {y.dtype}" if y.ndim else type(block).__name__
        raise TypeError(
            f"block is {what}. Pass samples of shape (n_samples,), or (n_samples, n_channels) with up to "
            f"{MAX_CHANNELS} channels."
        )
    check_type(y.dtype, "block")
    y = to_full_scale(y.astype(np.float32, copy=False), y.dtype)
    y = mix_down(y) if y.ndim == 2 else y
    check_finite(y, name="block")
    return y


def _checked_rate(native_sr, sr):
    is_number = isinstance(native_sr, Real) and not isinstance(native_sr, bool)
    if not is_number or not 1 / MAX_RATIO <= native_sr / sr <= MAX_RATIO or not math.isfinite(native_sr):
        raise ValueError(
            f"sr={shortened(native_sr)} must be the sampling rate of the block in hertz, at most {MAX_RATIO} times "
            f"more or less than the {sr} Hz of the model."
        )
    return native_sr
