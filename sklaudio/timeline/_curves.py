"""Curves of a recording of any length: what a model predicts for every frame, in memory that does not grow."""

from math import ceil, isfinite

import numpy as np

from .._inference import reading_whole_clips, sampling_rate
from .._introspect import features_of, stages_of
from .._utils.progress import progress
from ..audio import iter_audio
from ..events._blocks import CONTEXT, CORE, bounds_of, is_last

MARGIN = 1.0  # seconds of sound before and after a block, so that no frame of it meets the end of what was read
MAX_OFF = 2.0  # seconds that so many frames may last longer or shorter than what they are of


def curves_of(model, clip, hop, predict, n_columns):
    """Predict every frame of a recording, block by block.

    Parameters
    ----------
    model : fitted Pipeline
        One that begins with features of clips (see :func:`prediction_kind`), or a search over such. Its last step is
        what predicts.
    clip : str, Clip, EncodedSound or SampledSound
        The recording, or a span of one, as :func:`~._recording.as_recording` returns it.
    hop : float
        Seconds of a frame.
    predict : callable
        List of frames (n_frames_i, n_dims) -> their curves (n_frames_i, n_columns), one for each.
    n_columns : int
        Number of columns.

    Returns
    -------
    curves : ndarray of shape (n_frames, n_columns)
        Frame i is from ``i * hop`` to ``(i + 1) * hop`` seconds of the clip.
    sr : int
        Sampling rate of the features, in hertz.

    Raises
    ------
    ValueError
        If a frame is no whole number of samples, or the features have another hop.
    """
    *front, _ = stages_of(reading_whole_clips(model))
    sr = sampling_rate(features_of(model))

    def frames_of(y):
        clips = [y]
        for _, step in front:
            clips = step.transform(clips)
        _check_hop(len(clips[0]), len(y), hop, sr)
        return clips[0]

    blocks = _blocks(clip, sr, _hop_length(hop, sr))
    return np.concatenate(list(_curves(predict, n_columns, frames_of, blocks))), sr


def _hop_length(hop, sr):
    """Return the samples from one frame to the next."""
    hop_length = round(hop * sr)
    if hop_length < 1 or abs(hop * sr - hop_length) > 1e-3:
        raise ValueError(
            f"hop={hop:.6g} s is {hop * sr:.6g} samples at sr={sr} Hz, and blocks of a file begin at "
            "whole ones. Train it with hop = hop_length / sr."
        )
    return hop_length


def _check_hop(n_frames, n_samples, hop, sr):
    if abs(n_frames * hop - n_samples / sr) > MAX_OFF:
        raise ValueError(
            f"the features make {n_frames} frames of {n_samples / sr:.4g} s, and with hop={hop:.6g} s "
            "these would be another time. Train it with hop = hop_length / sr."
        )


def _curves(predict, n_columns, frames_of, blocks):
    """Iterate over the curves of each block, without its context."""
    for block, begin, y, is_end in blocks:
        frames = frames_of(y)
        n_frames = begin + len(frames) if is_end else max(begin + len(frames), (block + 1) * CORE + CONTEXT + 1)
        (seen, stop), (first, last) = bounds_of(block, n_frames)
        if stop == seen:
            yield np.zeros((0, n_columns), dtype=np.float32)
        else:
            curve = predict([frames[seen - begin : stop - begin]])[0]
            yield curve[first - seen : last - seen]
        if is_end and is_last(block, n_frames):
            return


def _blocks(clip, sr, hop_length):
    """Iterate over the blocks of a clip.

    Yields
    ------
    block : int
        Its number.
    begin : int
        The first frame that its samples have.
    y : ndarray of shape (n_samples,)
        What it sees, and `MARGIN` before and after.
    is_end : bool
        Whether the file ends with it.
    """
    stream = iter_audio(clip, sr)
    first, seconds = next(stream)
    margin = ceil(MARGIN * sr / hop_length)
    held, offset, has_ended = first, 0, False
    n_blocks = ceil(max(1, seconds * sr / hop_length / CORE)) if isfinite(seconds) else None
    for block in progress(range(2**40), total=n_blocks, unit="block", desc="timeline"):
        begin = max(0, block * CORE - CONTEXT - margin)
        stop = ((block + 1) * CORE + CONTEXT + margin) * hop_length
        parts = [held[begin * hop_length - offset :]]
        offset, n_held = begin * hop_length, len(parts[0])
        while not has_ended and offset + n_held < stop:
            y, _ = next(stream, (None, 0))
            has_ended = y is None
            parts += [] if has_ended else [y]
            n_held += 0 if has_ended else len(y)
        held = np.concatenate(parts)
        yield block, begin, held[: stop - offset], has_ended and offset + n_held <= stop
