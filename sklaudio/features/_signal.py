"""Framing, window and spectrum of one clip: computed once, shared by every feature that needs it.

The functions take numpy arrays or torch tensors and work where these lie (CPU or GPU), by the array API standard.
"""

from functools import cached_property, lru_cache
from itertools import pairwise
from math import log10
from numbers import Real

import numpy as np
import scipy.fft
import scipy.signal
from array_api_compat import array_namespace, is_numpy_array
from sklearn.utils._param_validation import Interval, StrOptions

BLOCK_BYTES = 2**20  # of frames transformed at a time: they fit into a core's cache; threads need calls that are long
PART_BYTES = 2**24  # of frames whose spectra are in memory at a time, about, where no later use needs them


class Signal:
    """One clip with its frames and spectra, each computed when a feature first asks for it.

    Parameters
    ----------
    y : array of shape (n_samples,), float32
        The waveform; torch tensors may be (n_clips, n_samples), and n_clips leads all shapes below then.
    sr : float
        Its sampling rate in hertz.
    n_fft : int, default=2048
        Length of a frame and of its transform, in samples.
    hop_length : int, default=512
        Samples from one frame to the next.
    double : bool, default=True
        Whether transforms are in double precision, as librosa's are. Single is about half as much work, and leaves an
        error of 1e-7 of the loudest bin in every other bin of the frame.

    Notes
    -----
    As :func:`librosa.stft` has it: frames are centred (frame ``t`` is around sample ``t * hop_length``), the clip is
    padded with zeros at both ends, the window is Hann's. Spectra are stored in single precision.
    """

    def __init__(self, y, *, sr, n_fft=2048, hop_length=512, double=True):
        self.y = y
        self.sr = sr
        self.n_fft = n_fft
        self.hop_length = hop_length
        self.double = double or y is None or y.shape[-1] <= n_fft  # a frame or two: what cancels has no scale
        self.is_shared = False  # by features, which then take the same spectra

    @cached_property
    def padded(self):
        """The samples, with the zeros at both ends that centred frames reach into."""
        return pad(self.y, self.n_fft // 2, self.n_fft // 2)

    @cached_property
    def frames(self):
        """Centred frames, zero-padded: (n_frames, n_fft)."""
        return frame(self.padded, self.n_fft, self.hop_length)

    @cached_property
    def magnitude(self):
        """Magnitude spectrum: (n_frames, 1 + n_fft // 2), float32."""
        if not self.double:
            return self.power**0.5
        if is_numpy_array(self.y):
            return self._by_blocks(_write_magnitude)
        xp = array_namespace(self.y)
        return xp.abs(xp.astype(self._spectrum(), xp.complex64))

    @cached_property
    def power(self):
        """Power spectrum: (n_frames, 1 + n_fft // 2), float32."""
        if self.double:
            return self.magnitude**2
        if is_numpy_array(self.y):
            return self._by_blocks(_write_power)
        spectrum = self._spectrum()
        return spectrum.real**2 + spectrum.imag**2

    def by_frame(self, function, *parameters):
        """Apply a function that makes a row of each frame, of that frame's samples or spectrum alone.

        The spectra of a long clip, where nothing else takes them, are made and used part by part and not stored.

        Parameters
        ----------
        function : callable
            Takes a Signal and the parameters; returns (n_frames, n_columns).
        *parameters : hashable
            What it takes besides.

        Returns
        -------
        array of shape (n_frames, n_columns)
            Its result for this signal. Windows of a stream, which share frames, compute the rows of these once.
        """
        has_spectra = self.is_shared or not vars(self).keys().isdisjoint({"magnitude", "power"})
        if has_spectra or not is_numpy_array(self.y):
            return function(self, *parameters)
        n_frames = len(self.frames)
        n_parts = max(1, round(n_frames * self.n_fft * np.float32().nbytes / PART_BYTES))
        if n_parts == 1:
            return function(self, *parameters)
        edges = pairwise(n_frames * part // n_parts for part in range(n_parts + 1))
        return np.concatenate([function(self.part(*edge), *parameters) for edge in edges])

    def part(self, first, stop):
        """Return the signal of the frames from `first` up to `stop`, which computes its spectra anew."""
        return _Part(self.padded[first * self.hop_length : (stop - 1) * self.hop_length + self.n_fft], self)

    def _spectrum(self):
        """Return the spectrum of torch tensors, all frames at once: (n_frames, 1 + n_fft // 2)."""
        xp = array_namespace(self.y)
        return xp.fft.rfft(self.frames * xp.asarray(self._window(), device=self.y.device))

    def _by_blocks(self, write):
        """Compute block by block from numpy arrays: ``write(spectrum, out)`` fills the matching part of the result."""
        window = self._window()
        frames = frame(self.padded.astype(window.dtype, copy=False), self.n_fft, self.hop_length)
        result = np.empty((len(frames), 1 + self.n_fft // 2), dtype=np.float32)
        windowed = np.empty((max(1, BLOCK_BYTES // window.nbytes), self.n_fft), dtype=window.dtype)
        for start in range(0, len(frames), len(windowed)):
            block = frames[start : start + len(windowed)]
            products = windowed[: len(block)]
            np.multiply(block, window, out=products)
            write(scipy.fft.rfft(products, overwrite_x=True), result[start : start + len(block)])
        return result

    def _window(self):
        return hann(self.n_fft, np.dtype(np.float64 if self.double else np.float32))

    @cached_property
    def frequencies(self):
        """Centre of each bin in hertz: (1 + n_fft // 2,), float64."""
        return like(np.fft.rfftfreq(self.n_fft, d=1 / self.sr), self.y)


class _Part(Signal):
    """Some of the frames of a signal: its samples have the padding already.

    Parameters
    ----------
    padded : array of shape (n_samples,), float32
        From the first sample of the first frame to the last of the last.
    whole : Signal
        What it is a part of.
    """

    def __init__(self, padded, whole):
        super().__init__(padded, sr=whole.sr, n_fft=whole.n_fft, hop_length=whole.hop_length)
        self.double = whole.double  # however short the part is
        self.padded = padded


def _write_magnitude(spectrum, out):
    np.abs(spectrum.astype(np.complex64), out=out)


def _write_power(spectrum, out):
    parts = spectrum.view(out.dtype).reshape(*spectrum.shape, 2)  # complex -> (..., real and imaginary part)
    np.multiply(parts, parts, out=parts)
    np.add(parts[..., 0], parts[..., 1], out=out)


def like(constant, reference):
    """Bring a numpy constant (a filter bank, a window) to where the reference array lies."""
    if is_numpy_array(reference):
        return constant
    return array_namespace(reference).asarray(constant, device=reference.device)


@lru_cache(maxsize=16)
def hann(n_fft, dtype):
    """Return the periodic Hann window: (n_fft,)."""
    return scipy.signal.get_window("hann", n_fft, fftbins=True).astype(dtype)


def pad(y, before, after):
    """Put zeros at both ends."""
    if is_numpy_array(y):
        padded = np.zeros(before + len(y) + after, dtype=y.dtype)  # np.pad takes ten times as long
        padded[before : before + len(y)] = y
        return padded
    import torch

    return torch.nn.functional.pad(y, (before, after))


def frame(y, frame_length, hop_length):
    """Return a view of the frames wholly inside `y`: (n_frames, frame_length). A tail that fills none is left out."""
    if is_numpy_array(y):
        return np.lib.stride_tricks.sliding_window_view(y, frame_length)[::hop_length]
    return y.unfold(-1, frame_length, hop_length)


def power_to_db(power, *, ref=1.0, amin=1e-10, top_db=80.0):
    """Return decibels re `ref`, no more than `top_db` below the loudest value of the clip, as librosa.power_to_db.

    Parameters
    ----------
    power : array of shape (..., n_frames, n_dims)
        What decibels are taken of.
    ref : float or "max", default=1.0
        Power of 0 dB; "max" is the loudest value of the clip.
    amin : float, default=1e-10
        Power below which all is equally quiet.
    top_db : float or None, default=80.0
        Decibels below the loudest value of the clip that values are raised to; None raises none.
    """
    xp = array_namespace(power)
    decibel = xp.log10(power.clip(min=float(amin)))  # xp.clip takes longer to call than to compute
    decibel *= 10.0
    if ref != "max" and ref != 1:
        decibel = decibel - 10.0 * log10(max(amin, ref))
    if ref != "max" and top_db is None:
        return decibel
    loudest = xp.max(decibel, axis=(-2, -1), keepdims=True)
    if ref == "max":
        decibel, loudest = decibel - loudest, 0.0 * loudest
    return decibel if top_db is None else xp.maximum(decibel, loudest - top_db)


def in_unit(magnitude, unit, ref, amin, top_db):
    """Return a magnitude spectrum as "amplitude", as "power" or in "db": the same shape."""
    if unit == "amplitude":
        return magnitude
    return magnitude**2 if unit == "power" else power_to_db(magnitude**2, ref=ref, amin=amin, top_db=top_db)


DB_CONSTRAINTS = {
    "ref": [Interval(Real, 0, None, closed="neither"), StrOptions({"max"})],
    "amin": [Interval(Real, 0, None, closed="neither")],
    "top_db": [Interval(Real, 0, None, closed="left"), None],
}
