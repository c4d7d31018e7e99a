"""Waveforms to another sampling rate, whole or block by block, with the same samples either way."""

from math import ceil

import numpy as np

from ._decode import check_amount
from ._errors import ClipValueError

MAX_RATIO = 256  # between two sampling rates; from 4 kHz to 192 kHz it is 48 times
QUALITY = "HQ"  # of soxr, as librosa has it


def resample(y, native_sr, sr, path):
    """Resample as librosa.resample does by soxr, to a length of exactly ceil(n * sr / native_sr)."""
    import soxr

    check_rates(native_sr, sr, path)
    n_samples = ceil(len(y) * sr / native_sr)
    check_amount(n_samples, len(y), path, unit="samples")
    return fix_length(soxr.resample(y, native_sr, sr, quality=QUALITY), n_samples)


class BlockResampler:
    """Resample a waveform that comes in blocks: to the bit what :func:`resample` makes of the whole.

    Samples come out some 40 ms after they went in, as the filter looks ahead.

    Parameters
    ----------
    native_sr : float
        Rate of the blocks, in hertz; :func:`check_rates` has let it pass.
    sr : int
        Rate to bring them to, in hertz.
    """

    def __init__(self, native_sr, sr):
        self.native_sr = native_sr
        self.sr = sr
        self._n_in = self._n_out = 0
        self._stream = None

    def push(self, y):
        """Take the next samples, (n_samples,), float32; return those that are done."""
        self._n_in += len(y)
        if self.native_sr == self.sr:
            return y
        if self._stream is None:
            import soxr

            self._stream = soxr.ResampleStream(self.native_sr, self.sr, 1, dtype="float32", quality=QUALITY)
        done = self._stream.resample_chunk(np.ascontiguousarray(y))
        self._n_out += len(done)
        return done

    def finish(self):
        """Return the samples that are left at the end."""
        if self._stream is None:
            return np.zeros(0, dtype=np.float32)
        last = self._stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        return fix_length(last, max(0, ceil(self._n_in * self.sr / self.native_sr) - self._n_out))


def check_rates(native_sr, sr, path):
    """Raise an error that names the file if its rate cannot be resampled to `sr`."""
    if not 1 / MAX_RATIO <= sr / native_sr <= MAX_RATIO:
        raise ClipValueError(
            f"its header says {native_sr} Hz, which is too far from sr={sr} Hz to resample ({MAX_RATIO} times "
            "at most). Mend the header, or take the file out of the list; sr=None keeps its native rate.",
            path=path,
        )


def fix_length(y, n_samples):
    """Cut or pad with zeros at the end to exactly `n_samples`."""
    return np.pad(y[:n_samples], (0, max(0, n_samples - len(y))))
