"""What a timeline may be of: a file, a span of one, its content, or samples with their rate."""

from .._utils.terminal import shortened
from ..audio._in_memory import as_source, sampled_sound

TAKES = "Pass the path of one file, a Clip, the bytes of a file, or samples with sr=."


def as_recording(recording, sr=None):
    """Make what :func:`~sklaudio.audio.iter_audio` reads of a recording, which may be samples.

    Parameters
    ----------
    recording : str, path-like, Clip, bytes, binary file, dict or array of shape (n_samples,)
        The recording.
    sr : float or None, default=None
        Sampling rate of samples, in hertz.

    Returns
    -------
    str, Clip, EncodedSound or SampledSound
        The recording.

    Raises
    ------
    TypeError
        If it is none of these, or samples without `sr`.
    ValueError
        If there is `sr` with anything else.
    """
    source = as_source(recording, "path")
    if source is not None:
        if sr is not None:
            raise ValueError(f"sr={sr} goes with samples, and path={shortened(recording)} has its rate. Leave it out.")
        return source
    if not hasattr(recording, "__array__"):
        raise TypeError(f"path is {type(recording).__name__}. {TAKES}")
    if sr is None:
        raise TypeError("path is an array of samples, which have no sampling rate. Add sr=, in hertz.")
    return sampled_sound(recording, sr, None, "path")


def start_of(recording):
    """Return the seconds from the start of a file to that of a Clip of it; 0 for anything else."""
    return getattr(recording, "start", None) or 0.0
