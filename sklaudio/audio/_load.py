"""One file to one waveform: decoded, mixed down, resampled."""

import warnings

import numpy as np

from .._utils.terminal import shortened
from ._errors import ClipValueError
from ._in_memory import as_source
from ._resample import BlockResampler, check_rates, resample
from ._samples import check_finite
from ._sources import errors_name, name_of, path_of, read, read_blocks

__all__ = ["iter_audio", "load_audio"]

IN_MEMORY = "a clip in memory"  # what one without a name is called
UNKNOWN = 2**62  # samples: headers that do not say how many there are say more than this


def load_audio(path, sr=22050, *, offset=0.0, duration=None) -> tuple[np.ndarray, int]:
    """Decode an audio file, or a span of one, to one channel at one sampling rate.

    Only the part asked for is decoded: the file is sought to `offset`, and `duration` seconds are read.

    Parameters
    ----------
    path : str, path-like, Clip, bytes, binary file or dict
        A file, a :class:`Clip` of one, its content as bytes or as an open file, or one of the dicts that `X` may hold:
        ``{"path": …}``, ``{"bytes": …}``, ``{"array": …, "sampling_rate": …}``. Files are wav, au, flac, ogg (Vorbis or
        Opus), mp3 or any other that libsndfile decodes; m4a, aac, wma, webm, 3gp, the sound of an mp4 and the like
        where PyAV (``pip install 'sklaudio[formats]'``) or ffmpeg is installed.
    sr : int or None, default=22050
        Sampling rate of the result in hertz; None keeps that of the file.
    offset : float, default=0.0
        Where to begin, in seconds from the start of the file or Clip.
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
    UnreadableClipError
        In all cases below, with the `path` and the `reason`; as a
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
    One that holds more than its header says is read to the end of what is there: an mp3 of variable bit rate without
    Xing header, files of one rate that were joined, chained Ogg, a wav whose recorder crashed before it wrote the size.
    Where that cannot be had, such as behind a change of the rate, there is a warning.

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
    clip = _source_of(path)
    decoded = read_part(clip, offset=offset, duration=duration)
    with errors_name(clip):
        return at_rate(decoded, sr, path_of(clip))


def read_part(clip, *, offset, duration):
    """Read a part of a path, Clip or sound in memory at its native rate, as Decoded; check and warn as `load_audio`.

    Only what :func:`at_rate` does is left then.
    """
    decoded = read(clip, offset=offset, duration=duration)
    with errors_name(clip):
        check_finite(decoded.y, path=path_of(clip))
    warn_of_rest(name_of(clip, IN_MEMORY), decoded.rest, stacklevel=4)
    return decoded


def at_rate(decoded, sr, path=None):
    """Return samples and rate of what was decoded, resampled to `sr` unless it is None."""
    if sr is None or sr == decoded.sr:
        return decoded.y, decoded.sr
    return resample(decoded.y, decoded.sr, sr, path), sr


def iter_audio(path, sr=22050):
    """Decode an audio file, or a span of one, block by block: as :func:`load_audio`, in memory that does not grow.

    Parameters
    ----------
    path : str, path-like, Clip, bytes, binary file or dict
        The file, or what else :func:`load_audio` takes.
    sr : int, default=22050
        Sampling rate of the result in hertz.

    Yields
    ------
    y : ndarray of shape (n_samples,), float32
        The next samples, at most 24 s of a file of 44100 Hz at a time; some blocks may be empty. Resampling goes on
        from block to block.
    seconds : float
        How long the whole is by the header of the file; infinity where it does not say.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        As :func:`load_audio`, when reading comes to what is wrong; a file may give any number of samples.

    Examples
    --------
    >>> import numpy as np, soundfile, tempfile, os
    >>> from sklaudio import Clip
    >>> path = os.path.join(tempfile.mkdtemp(), "tone.wav")
    >>> soundfile.write(path, np.sin(np.arange(16000) * 0.1), 16000)
    >>> sum(len(y) for y, seconds in iter_audio(path, sr=8000))
    8000
    >>> sum(len(y) for y, seconds in iter_audio(Clip(path, 0.25, 0.5), sr=8000))
    2000
    """
    clip = _source_of(path)
    resampler, n_in, start = None, 0, getattr(clip, "start", None) or 0.0
    for decoded in read_blocks(clip):
        y, native_sr, n_promised = decoded.y, decoded.sr, decoded.n_promised
        where = f"the {len(y) / native_sr:.3g} s from {start + n_in / native_sr:.1f} s on"
        check_finite(y, path=path_of(clip), name=f"{path_of(clip) or IN_MEMORY}, {where}")
        n_in += len(y)
        seconds = n_promised / native_sr if n_promised < UNKNOWN else float("inf")
        if resampler is None:
            check_rates(native_sr, sr, path_of(clip))
            resampler = BlockResampler(native_sr, sr)
        yield resampler.push(y), seconds
    warn_of_rest(name_of(clip, IN_MEMORY), decoded.rest)
    if native_sr != sr:
        yield resampler.finish(), seconds


def _source_of(path):
    """Return what can be read of what a caller calls a path; raise an error if nothing can."""
    clip = as_source(path, "path")
    if clip is None:
        raise TypeError(
            f"path={shortened(path)} is {type(path).__name__}. Pass a path, a Clip, or bytes or a binary file of sound."
        )
    return clip


def warn_of_rest(name, rest, stacklevel=3):
    """Warn where a file holds more sound than was read of it; `rest` says why, or is None."""
    if rest is not None:
        warnings.warn(
            f"{name}: the file is not read to its end, {rest}. Split it, or convert it to one wav or flac.",
            stacklevel=stacklevel,
        )


def skip_seconds(y, offset, sr):
    """Drop the samples of a waveform before `offset` seconds, counted as :func:`load_audio` counts."""
    if int(offset * sr) >= len(y):
        raise ClipValueError(
            f"offset={offset} s is past the end of a clip of {len(y)} samples at sr={sr}. Use a smaller offset."
        )
    return y[int(offset * sr) :]
