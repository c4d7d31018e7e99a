"""Windows of equally many frames, cut from the frames of clips."""

import numpy as np

from .._frames.out_of_core import StoredFrames, StoredSegments
from .._frames.validation import as_object_array, has_frames, stack_frames

# Segments in a clip up to which segment_length="auto" leaves it whole: of 5 s of music, two segments of 3 s had no more
# right than the whole (0.704 and 0.700), and of a clip with one short event some segments have none of it.
MAX_WHOLE = 2.0


def cut_segments(frames, segment_length, hop_length=None):
    """Cut each clip into windows of equally many frames.

    Parameters
    ----------
    frames : ndarray of shape (n_clips, n_frames, n_dims), object array of (n_frames_i, n_dims), or StoredFrames
        The frames of each clip; of those that lie on a disk nothing is read.
    segment_length : int or None
        Frames in a segment; None makes each clip one segment.
    hop_length : int or None, default=None
        Frames from the start of one segment to the next; None is `segment_length`, so that they do not overlap.

    Returns
    -------
    segments : ndarray of shape (n_segments, segment_length, n_dims), object array of arrays, or StoredSegments
        The segments of all clips in order. Frames at the end of a clip that fill no segment are left out; a clip of
        fewer frames than a segment is one segment as it is, and one without frames is none.
    clip : ndarray of shape (n_segments,), int
        Index of the clip that each was cut from.

    Examples
    --------
    >>> segments, clip = cut_segments(np.zeros((2, 300, 13)), 130)
    >>> segments.shape, clip.tolist()
    ((4, 130, 13), [0, 0, 1, 1])
    """
    if segment_length is None:
        if isinstance(frames, StoredFrames) or has_frames(frames).all():
            return frames, np.arange(len(frames))
        segment_length, hop_length = max(1, *map(len, frames)), None  # no clip is longer
    hop_length = segment_length if hop_length is None else hop_length
    if isinstance(frames, StoredFrames):
        return _segments_of_stored(frames, segment_length, hop_length)
    segments, clip = [], []
    for index, clip_frames in enumerate(frames):
        starts = segment_starts(len(clip_frames), segment_length, hop_length)
        segments += [clip_frames[start : start + segment_length] for start in starts]
        clip += [index] * len(starts)
    return stack_frames(segments) if segments else as_object_array([]), np.array(clip, dtype=int)


def segment_starts(n_frames, segment_length, hop_length):
    """Return the first frame of each segment of a clip; none of one without frames."""
    return range(0, max(1, n_frames - segment_length + 1), hop_length) if n_frames else ()


def _segments_of_stored(frames, segment_length, hop_length):
    n_clips, n_frames, _ = frames.shape
    starts = segment_starts(n_frames, segment_length, hop_length)
    clip = np.repeat(np.arange(n_clips), len(starts))
    segments = StoredSegments(frames.source, frames.rows[clip], np.tile(starts, n_clips), min(segment_length, n_frames))
    return segments, clip


def segment_sizes(vote):
    """Return the frames in a segment, and from one to the next, that a fitted estimator cuts clips by.

    Parameters
    ----------
    vote : SegmentVotingClassifier or SegmentMeanRegressor
        The estimator. Only with ``segment_length="auto"`` it has to be fitted.

    Returns
    -------
    segment_length, hop_length : int or None
        Both are None where clips are whole.
    """
    length = vote.segment_length_ if vote.segment_length == "auto" else vote.segment_length
    if length is None:
        return None, None
    if vote.hop_length == "auto":
        return length, max(1, length // 2)
    return length, length if vote.hop_length is None else vote.hop_length


def pool_by_clip(rows, clip, n_clips, without=np.nan, *, takes_largest=False):
    """Average the rows of the segments of each clip, or take the largest number of each column.

    Parameters
    ----------
    rows : ndarray of shape (n_segments,) or (n_segments, n_columns)
        A row of each segment.
    clip : ndarray of shape (n_segments,), int
        The clip that each is of.
    n_clips : int
        Number of clips.
    without : float or ndarray of shape (n_columns,), default=nan
        The row of a clip that has no segments.
    takes_largest : bool, default=False
        Whether to take the largest, not the mean.

    Returns
    -------
    ndarray of shape (n_clips,) or (n_clips, n_columns), float64
        A row of each clip.
    """
    counts = np.bincount(clip, minlength=n_clips).reshape(-1, *[1] * (rows.ndim - 1))
    if takes_largest:
        pooled = np.full((n_clips, *rows.shape[1:]), -np.inf)
        np.maximum.at(pooled, clip, rows)
    else:
        pooled = np.zeros((n_clips, *rows.shape[1:]))
        np.add.at(pooled, clip, rows)
        pooled /= np.maximum(counts, 1)
    return np.where(counts > 0, pooled, without)
