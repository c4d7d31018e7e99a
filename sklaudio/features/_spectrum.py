"""Framing, window and spectrum of one clip: computed once, shared by every feature that needs it.

The functions take numpy arrays or torch tensors and work where these lie (CPU or GPU), by the array API standard.
"""

from functools import cached_property, lru_cache

import numpy as np
import scipy.fft
import scipy.signal
from array_api_compat import array_namespace, is_numpy_array

BLOCK = 16  # frames transformed at a time: their doubles fit into a core's own cache


class Signal:
    """One clip with its frames and spectra, each computed when a feature first asks for it.

    Parameters
    ----------
    y : array of shape (n_samples,), float32
        The waveform.
    sr : float
        Its sampling rate in hertz.
    n_fft : int
        Length of a frame and of its transform, in samples.
    hop_length : int
        Samples from one frame to the next.

    Notes
    -----
    As :func:`librosa.stft` has it: frames are centred (frame ``t`` is around sample ``t * hop_length``), the clip is
    padded with zeros at both ends, the window is Hann's, transforms are in double precision and stored in single.
    """

    def __init__(self, y, *, sr, n_fft, hop_length):
        self.y = y
        self.sr = sr
        self.n_fft = n_fft
        self.hop_length = hop_length

    @cached_property
    def frames(self):
        """Centred frames, zero-padded: (n_frames, n_fft)."""
        return frame(pad(self.y, self.n_fft // 2, self.n_fft // 2), self.n_fft, self.hop_length)

    @cached_property
    def magnitude(self):
        """Magnitude spectrum: (n_frames, 1 + n_fft // 2), float32."""
        window = hann(self.n_fft)
        if is_numpy_array(self.y):
            magnitude = np.empty((len(self.frames), 1 + self.n_fft // 2), dtype=np.float32)
            for start in range(0, len(magnitude), BLOCK):
                block = slice(start, start + BLOCK)
                spectrum = scipy.fft.rfft(self.frames[block] * window, overwrite_x=True)
                np.abs(spectrum.astype(np.complex64), out=magnitude[block])
            return magnitude
        xp = array_namespace(self.y)
        spectrum = xp.fft.rfft(self.frames * xp.asarray(window, device=self.y.device))
        return xp.abs(xp.astype(spectrum, xp.complex64))

    @cached_property
    def power(self):
        """Power spectrum: (n_frames, 1 + n_fft // 2), float32."""
        return self.magnitude**2

    @cached_property
    def frequencies(self):
        """Centre of each bin in hertz: (1 + n_fft // 2,), float64."""
        return like(np.fft.rfftfreq(self.n_fft, d=1 / self.sr), self.y)


def like(constant, reference):
    """Bring a numpy constant (a filter bank, a window) to where the reference array lies."""
    if is_numpy_array(reference):
        return constant
    return array_namespace(reference).asarray(constant, device=reference.device)


@lru_cache(maxsize=16)
def hann(n_fft):
    """Periodic Hann window: (n_fft,), float64."""
    return scipy.signal.get_window("hann", n_fft, fftbins=True)


def pad(y, before, after):
    """Zeros at both ends."""
    if is_numpy_array(y):
        return np.pad(y, (before, after))
    xp = array_namespace(y)
    return xp.concat(
        [xp.zeros(before, dtype=y.dtype, device=y.device), y, xp.zeros(after, dtype=y.dtype, device=y.device)]
    )


def frame(y, frame_length, hop_length):
    """View of the frames that lie wholly inside `y`: (n_frames, frame_length). The tail that fills none is left out."""
    if is_numpy_array(y):
        return np.lib.stride_tricks.sliding_window_view(y, frame_length)[::hop_length]
    return y.unfold(0, frame_length, hop_length)


def power_to_db(power, *, amin=1e-10, top_db=80.0):
    """Decibels re 1, no more than `top_db` below the loudest value of the clip (as librosa.power_to_db)."""
    xp = array_namespace(power)
    decibel = 10.0 * xp.log10(xp.clip(power, amin, None))
    return xp.clip(decibel, float(xp.max(decibel)) - top_db, None)
