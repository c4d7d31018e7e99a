"""Files of noise and of impulse responses: which there are, and parts of them at the rate of a clip."""

import os
from functools import lru_cache

import numpy as np

from ..._utils.terminal import shortened
from ...audio import Clip, UnreadableClipError, load_audio
from ...audio._folders import normal_extensions, visible_files
from ...audio._load import read_part
from ...audio._opening import UNKNOWN
from ...features._cache import identity

SILENT = 1e-5  # rms; -100 dB of full scale, below what 16 bits hold


def list_files(files_or_folder):
    """List the files of sound that a step was given: of a folder all in it and below, by name.

    Parameters
    ----------
    files_or_folder : str, path-like or Clip, or sequence of these
        A folder, a file, or several files.

    Returns
    -------
    list of str or Clip

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no file of sound in the folder.
    TypeError
        If it is of another kind.
    """
    given = files_or_folder
    if isinstance(given, (str, os.PathLike)) and os.path.isdir(given):
        root = os.path.abspath(os.fspath(given))
        files = [str(file) for file in visible_files(root, root) if file.suffix.lower() in normal_extensions(None)]
        if not files:
            raise FileNotFoundError(f"files_or_folder={shortened(given)} has no files of sound in it, such as .wav.")
        return files
    files = [given] if isinstance(given, (str, os.PathLike, Clip)) else given
    is_list = hasattr(files, "__len__") and all(isinstance(file, (str, os.PathLike, Clip)) for file in files)
    if not is_list or len(files) == 0:
        raise TypeError(f"files_or_folder={shortened(given)} must be a folder, a file, or a list of one file or more.")
    files = [file if isinstance(file, Clip) else os.fspath(file) for file in files]
    lost = [path for path in map(_path_of, files) if not os.path.isfile(path)]
    if lost:
        raise FileNotFoundError(f"files_or_folder: there is no file {shortened(lost[0])}. Check the path.")
    return files


def content_of(files_or_folder):
    """Return what the files hold, as hashes, with the times of what is a part of one."""
    files = list_files(files_or_folder)
    return [(identity(_path_of(file)), file.span if isinstance(file, Clip) else "") for file in files]


def read_at(file, sr, offset=0.0, duration=None):
    """Read a file, or a part of it, at a rate: (n_samples,), float32; its errors are not taken for those of a clip."""
    try:
        return load_audio(file, sr, offset=offset, duration=duration)[0]
    except UnreadableClipError as error:
        raise ValueError(f"files_or_folder: {error}") from error


def draw_part(files, n_samples, sr, rng, sound):
    """Draw a part of one of the files, which is not silent where a clip sounds.

    A file that is shorter is repeated, from any place in it.

    Parameters
    ----------
    files : list of str or Clip
        As :func:`list_files` returns them.
    n_samples, sr : int
        Length and rate of the part.
    rng : RandomState
        What is drawn from.
    sound : slice
        Where the clip sounds.

    Returns
    -------
    ndarray of shape (n_samples,), float32

    Raises
    ------
    ValueError
        If all files are silent.
    """
    for number in rng.permutation(len(files)):
        part = _any_part(files[number], n_samples, sr, rng)
        if _rms(part[sound]) <= SILENT:
            part = _sounding_part(files[number], n_samples, sr, rng, sound)
        if part is not None:
            return part
    raise ValueError(f"files_or_folder: all files are silent, such as {_path_of(files[0])}. Pass others.")


def _any_part(file, n_samples, sr, rng):
    seconds, needed = _seconds_of(file), n_samples / sr
    if seconds is not None and seconds > needed:
        start = rng.uniform(0, seconds - needed)
        return _repeated(read_at(file, sr, start, needed + 1 / sr), n_samples)
    y = read_at(file, sr)
    return _repeated(np.roll(y, -rng.randint(len(y))), n_samples)


def _sounding_part(file, n_samples, sr, rng, sound):
    """Return a part with a sample that is not silent in the middle of where the clip sounds; None if there is none."""
    y = read_at(file, sr)
    sounding = np.flatnonzero(np.abs(y) > SILENT)
    if not len(sounding):
        return None
    start = int(sounding[rng.randint(len(sounding))]) - (sound.start + sound.stop) // 2
    return _repeated(np.roll(y, -start), n_samples)


def _repeated(y, n_samples):
    return np.resize(y, n_samples)


def _rms(y):
    return np.sqrt(np.mean(np.square(y, dtype=np.float64))) if len(y) else 0.0


def _seconds_of(file):
    """Return the length of a file as its header has it; None where it does not say."""
    if isinstance(file, Clip):
        return file.duration
    status = os.stat(file)
    return _seconds_of_header(file, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2**16)
def _seconds_of_header(path, *_):
    try:
        decoded = read_part(path, offset=0.0, duration=0.01)
    except UnreadableClipError as error:
        raise ValueError(f"files_or_folder: {error}") from error
    return decoded.n_promised / decoded.sr if decoded.n_promised < UNKNOWN else None


def _path_of(file):
    return file.path if isinstance(file, Clip) else file
