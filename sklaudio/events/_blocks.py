"""Long clips in blocks: always at the same places, so that a file that is read block by block gives the same curves."""

from itertools import islice

import numpy as np

from .._frames.validation import as_object_array, stack_frames

CORE = 1024  # frames that a block is for, 24 s at a hop of 512 samples; a multiple of the frames of any net's steps
CONTEXT = 256  # frames that it sees before these and after these
BLOCKS_AT_ONCE = 64


def is_last(block, n_frames):
    """Return whether a block goes on to the end of a clip: what is left after it would be no more than its context."""
    return n_frames <= (block + 1) * CORE + CONTEXT


def bounds_of(block, n_frames):
    """Return what a block sees, and what it is for: (first, stop), (first, stop), in frames of the clip."""
    begin = block * CORE
    seen = max(0, begin - CONTEXT)
    if is_last(block, n_frames):
        return (seen, n_frames), (begin, n_frames)
    return (seen, begin + CORE + CONTEXT), (begin, begin + CORE)


def blocks_of(n_frames):
    """Iterate over the blocks of a clip: numbers from 0 on; none of a clip without frames."""
    block = 0
    while n_frames:
        yield block
        if is_last(block, n_frames):
            return
        block += 1


def predict_in_blocks(predict, frames, n_labels):
    """Predict the curves of clips, of long ones block by block.

    Parameters
    ----------
    predict : callable
        List of frames (n_frames_i, n_dims) -> their curves (n_frames_i, n_labels), one for each.
    frames : array of shape (n_clips, n_frames, n_dims), or object array of (n_frames_i, n_dims)
        The clips.
    n_labels : int
        Number of labels.

    Returns
    -------
    ndarray of shape (n_clips, n_frames, n_labels), or object array of (n_frames_i, n_labels), float32
    """
    curves = [np.zeros((len(clip), n_labels), dtype=np.float32) for clip in frames]
    blocks = (
        (clip, *bounds_of(block, len(curve))) for clip, curve in enumerate(curves) for block in blocks_of(len(curve))
    )
    while some := list(islice(blocks, BLOCKS_AT_ONCE)):
        predicted = predict(as_object_array([frames[clip][first:stop] for clip, (first, stop), _ in some]))
        for (clip, (seen, _), (first, stop)), curve in zip(some, predicted, strict=True):
            curves[clip][first:stop] = curve[first - seen : stop - seen]
    return stack_frames(curves)
