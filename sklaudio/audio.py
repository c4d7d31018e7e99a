"""Audio in: one file to one waveform, and the forms that ``X`` may have.

The forms of ``X``: a list, 1-D array or pandas Series of paths; a list of 1-D waveforms; a 2-D array of waveforms.
"""

import os
from math import ceil

import numpy as np

from ._decode import check_amount, decode, decode_blocks

__all__ = ["as_clips", "holds_clips", "iter_audio", "load_audio"]

MOST_TIMES = 256  # between two sampling rates; from 4 kHz to 192 kHz it is 48 times
UNKNOWN = 2**62  # samples: headers that do not say how many there are say more than this
INTEGER_SAMPLES = (np.dtype(np.int16), np.dtype(np.int32))  # as in files; other integers are taken as they are


def load_audio(path, sr=22050, *, offset=0.0, duration=None):
    """Decode an audio file to one channel at one sampling rate.

    Only the part asked for is decoded: the file is sought to `offset`, and `duration` seconds are read.

    Parameters
    ----------
    path : str, bytes or path-like
        A wav, au, flac, ogg (Vorbis or Opus), mp3 or any other file that libsndfile decodes.
    sr : int or None, default=22050
        Sampling rate of the result in hertz; None keeps that of the file.
    offset : float, default=0.0
        Where to begin, in seconds from the start of the file.
    duration : float or None, default=None
        How many seconds to read at most; None reads to the end. A shorter file gives what it has.

    Returns
    -------
    y : ndarray of shape (n_samples,), float32
        The waveform, mean of all channels, in [-1, 1] for files of integers.
    sr : int
        Its sampling rate in hertz.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    IsADirectoryError
        If `path` is a folder.
    PermissionError
        If it may not be read.
    ValueError
        If the file is empty, a pipe or a device, is not audio, holds no samples, NaN, infinity or samples whose power
        overflows, if its rate is more than 256 times `sr` or less than a 256th of it, if `offset` is past its end, or
        if it would give more than ``2**28`` samples (1 GiB) that are more than 100 for each of its bytes.

    Notes
    -----
    As :func:`librosa.load`, with soundfile for decoding and soxr ("HQ") for the rate, and without its fallbacks. What
    the file holds decides how it is read, not its name. A header may promise any length: memory follows what can be
    decoded. A file that ends before its time gives what it has, or an error where its decoder stops with one (FLAC).

    Examples
    --------
    >>> import numpy as np, soundfile, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "tone.wav")
    >>> soundfile.write(path, np.sin(np.arange(16000) * 0.1), 16000)
    >>> y, sr = load_audio(path, sr=8000, offset=0.25, duration=0.5)
    >>> y.shape, y.dtype, sr
    ((4000,), dtype('float32'), 8000)
    """
    if sr is not None and not sr > 0:
        raise ValueError(f"sr={sr} must be more than 0 Hz. Use None to keep the sampling rate of the file.")
    if not 0 <= offset < float("inf"):
        raise ValueError(f"offset={offset} must be 0 or more. Give the seconds to skip from the start of the file.")
    if duration is not None and not duration > 0:
        raise ValueError(f"duration={duration} must be more than 0 seconds. Use None to read to the end.")
    path = os.fsdecode(path)
    y, native_sr, _ = decode(path, offset=offset, duration=duration)
    check_finite(y, path)
    if sr is None or sr == native_sr:
        return y, native_sr
    return resample(y, native_sr, sr, path), sr


def iter_audio(path, sr=22050):
    """Decode an audio file block by block: what :func:`load_audio` gives at once, in memory that does not grow.

    Parameters
    ----------
    path : str, bytes or path-like
        The file.
    sr : int, default=22050
        Sampling rate of the result in hertz.

    Yields
    ------
    y : ndarray of shape (n_samples,), float32
        The next samples, at most 24 s of a file of 44100 Hz at a time; some blocks may be empty. Resampling goes on
        from block to block.
    seconds : float
        How long the header says that the whole file is; infinity where it does not say.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        As :func:`load_audio`, when reading comes to what is wrong; a file may give any number of samples.

    Examples
    --------
    >>> import numpy as np, soundfile, tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "tone.wav")
    >>> soundfile.write(path, np.sin(np.arange(16000) * 0.1), 16000)
    >>> sum(len(y) for y, seconds in iter_audio(path, sr=8000))
    8000
    """
    import soxr

    path = os.fsdecode(path)
    stream, n_in, n_out = None, 0, 0
    for y, native_sr, n_promised in decode_blocks(path):
        check_finite(y, f"{path}, the {len(y) / native_sr:.3g} s from {n_in / native_sr:.1f} s on")
        n_in += len(y)
        seconds = n_promised / native_sr if n_promised < UNKNOWN else float("inf")
        if native_sr != sr:
            if stream is None:
                check_rates(native_sr, sr, path)
                stream = soxr.ResampleStream(native_sr, sr, 1, dtype="float32", quality="HQ")
            y = stream.resample_chunk(np.ascontiguousarray(y))
            n_out += len(y)
        yield y, seconds
    if stream is not None:
        rest = stream.resample_chunk(np.zeros(0, dtype=np.float32), last=True)
        yield fix_length(rest, max(0, ceil(n_in * sr / native_sr) - n_out)), seconds


def check_finite(y, name):
    """Raise an error that names the clip if its waveform holds NaN, infinity, or samples whose power overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.dot(y, y)):
            return
    n_bad = int((~np.isfinite(y)).sum())
    what = f"{n_bad} of {y.size} samples are NaN or infinity" if n_bad else f"samples reach {abs(y).max():.3g}"
    raise ValueError(f"{name}: {what}. Repair the clip or take it out.")


def resample(y, native_sr, sr, path):
    """As librosa.resample: soxr, and a length of exactly ceil(n * sr / native_sr)."""
    import soxr

    check_rates(native_sr, sr, path)
    n_samples = ceil(len(y) * sr / native_sr)
    check_amount(n_samples, len(y), path, unit="samples")
    return fix_length(soxr.resample(y, native_sr, sr, quality="HQ"), n_samples)


def check_rates(native_sr, sr, path):
    """Raise an error that names the file if its rate cannot be resampled to `sr`."""
    if not 1 / MOST_TIMES <= sr / native_sr <= MOST_TIMES:
        raise ValueError(
            f"{path}: its header says {native_sr} Hz, which is too far from sr={sr} Hz to resample ({MOST_TIMES} times "
            "at most). Mend the header, or take the file out of the list; sr=None keeps its own rate."
        )


def fix_length(y, n_samples):
    """Cut or pad with zeros at the end to exactly `n_samples`."""
    return np.pad(y[:n_samples], (0, max(0, n_samples - len(y))))


def skip_seconds(y, offset, sr):
    """Samples of a waveform from `offset` seconds on, counted as :func:`load_audio` counts."""
    if int(offset * sr) >= len(y):
        raise ValueError(
            f"offset={offset} s is past the end of a clip of {len(y)} samples at sr={sr}. Use a smaller offset."
        )
    return y[int(offset * sr) :]


def scale_integers(y):
    """Samples of 16 or 32 bits to [-1, 1), as they are in a decoded file."""
    return (y / -float(np.iinfo(y.dtype).min)).astype(np.float32)


def holds_clips(X):
    """Tell whether `X` lists paths or waveforms of any length, as against a 2-D table of fixed width.

    Parameters
    ----------
    X : object
        What was passed as `X` to an estimator.

    Returns
    -------
    bool
        False for 2-D arrays, data frames, lists of lists of equal length and whatever else scikit-learn's own
        validation has to judge.
    """
    if isinstance(X, (str, bytes, os.PathLike)):
        return True
    if isinstance(X, (list, tuple)):
        if len(X) == 0:
            return False
        if isinstance(X[0], (list, tuple)):
            return len({len(row) if isinstance(row, (list, tuple)) else None for row in X}) > 1
        return isinstance(X[0], (str, bytes, os.PathLike)) or getattr(X[0], "ndim", 0) >= 1
    is_column = getattr(X, "ndim", None) == 1 and hasattr(X, "dtype")
    return is_column and (getattr(X.dtype, "kind", "O") in "USOT")


def as_clips(X):
    """List the clips of `X`: paths as str, waveforms as 1-D float32 arrays.

    Parameters
    ----------
    X : list, 1-D array or pandas Series of str or path-like, list of 1-D arrays, or 2-D array
        The clips.

    Returns
    -------
    list of str or ndarray of shape (n_samples_i,)
        One entry a clip, in order; samples of type int16 and int32 are scaled to [-1, 1), as those of files are.

    Raises
    ------
    ValueError
        If `X` is one single path, holds no clip, an empty waveform, NaN or infinity.
    TypeError
        If an entry is neither a path nor a 1-D waveform.
    """
    if isinstance(X, (str, bytes, os.PathLike)):
        raise ValueError(f"X={X!r} is one path, and X is a list of clips. Pass [{str(X)!r}].")
    if len(X) == 0:
        raise ValueError("X holds no clip. Pass at least one path or waveform.")
    return [as_clip(clip, f"X[{index}]") for index, clip in enumerate(X)]


def as_clip(clip, name, *, check=True):
    """One entry of `as_clips`; `check` says whether NaN and infinity are errors."""
    if isinstance(clip, (str, bytes, os.PathLike)):
        return os.fsdecode(clip)
    try:
        y = np.asarray(clip)
        y = (scale_integers(y) if y.dtype in INTEGER_SAMPLES else y).astype(np.float32, copy=False)
    except (TypeError, ValueError):
        y = None
    if y is None or y.ndim != 1:
        kind = type(clip).__name__ if y is None or y.ndim == 0 else f"an array of shape {y.shape}"
        raise TypeError(
            f"{name} is {kind}; a clip is a path (str or pathlib.Path) or a 1-D array of samples. "
            "Mix several channels down before."
        )
    if len(y) == 0:
        raise ValueError(f"{name} holds no samples. Take it out, or record it again.")
    if check:
        check_finite(y, name)
    return y
