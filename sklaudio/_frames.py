"""Frames: the features of clips, time first. What they may be, for every estimator that makes or takes them.

Frames are one array ``(n_clips, n_frames, n_dims)`` where all clips have equally many, and a 1-D object array of
``(n_frames_i, n_dims)`` where they do not. A 2-D array ``(n_clips, n_dims)`` is read as clips of a single frame. A clip
that could not be read has no frames, ``(0, n_dims)``, where ``on_error="warn"`` let it through.
"""

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_n_features, check_array, validate_data

from ._stored import as_stored, is_stored

CONSTANT = 10 * float(np.finfo(np.float32).eps)  # deviations below this share of the mean are rounding error


class NamedFrames(np.ndarray):
    """Frames that know the names of their dims, for a later step that makes a table of them."""

    dim_names = None

    def __array_finalize__(self, source):
        self.dim_names = getattr(source, "dim_names", None)


class FramesOutMixin(TransformerMixin):
    """For transformers whose output is frames, which have no table form: ``set_output`` leaves them arrays.

    Where tables are asked for, the arrays carry the names of their dims, so that FrameSummary can name its columns.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def set_output(self, *, transform=None):
        """Leave frames arrays, which know the names of their dims if tables are asked for.

        So ``Pipeline.set_output`` reaches the steps that make tables, and these know what to call their columns.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None, default=None
            What later steps shall make.

        Returns
        -------
        self : object
            The transformer itself.
        """
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _name_dims(self, frames):
        """Let frames carry their names if this transformer, or scikit-learn's configuration, asks for tables."""
        if _get_output_config("transform", self)["dense"] == "default":
            return frames
        frames = frames.view(NamedFrames)
        frames.dim_names = self.get_feature_names_out()
        return frames


def stack_frames(clips, n_clips=None):
    """One array ``(n_clips, n_frames, n_dims)`` where all clips have equally many frames, else an object array.

    Parameters
    ----------
    clips : iterable of ndarray of shape (n_frames_i, n_dims)
        The frames of each clip, such as a generator makes them: each is copied into the result when it comes.
    n_clips : int or None, default=None
        How many there are; None asks ``len(clips)``.

    Returns
    -------
    ndarray of shape (n_clips, n_frames, n_dims), or object array of (n_frames_i, n_dims)
        The frames.
    """
    n_clips = len(clips) if n_clips is None else n_clips
    clips = iter(clips)
    first = next(clips)
    stacked = np.empty((n_clips, *first.shape), dtype=first.dtype)
    stacked[0] = first
    for index, frames in enumerate(clips, start=1):
        if len(frames) != len(first):
            copies = [own.copy() for own in stacked[:index]]
            del stacked
            return as_object_array([*copies, frames, *clips])
        stacked[index] = frames
    return stacked


def as_object_array(items):
    """1-D object array of `items`, whatever their shapes."""
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):  # array[:] = items would broadcast equal shapes
        array[index] = item
    return array


def map_frames(function, frames):
    """Apply ``function``, which keeps shapes, to all clips at once where they are one array, else clip by clip."""
    if frames.dtype == object:
        return as_object_array([function(clip[np.newaxis])[0] if len(clip) else clip for clip in frames])
    return function(frames)


def has_frames(frames):
    """Tell for each clip whether it has any frames: bool, (n_clips,)."""
    if frames.dtype != object:
        return np.ones(len(frames), dtype=bool)
    return np.array([len(clip) > 0 for clip in frames])


def check_frames(estimator, X, *, reset, allow_empty=False, stored=False):
    """Check frames on their way into an estimator, as scikit-learn's ``validate_data`` does for tables.

    Parameters
    ----------
    estimator : estimator
        Who asks. Its `n_features_in_` is set to the number of dims if `reset`, else compared with it.
    X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of (n_frames_i, n_dims)
        The frames.
    reset : bool
        Whether this is a fit.
    allow_empty : bool, default=False
        Whether some, but not all, clips may have no frames.
    stored : bool, default=False
        Whether frames that lie on a disk stay there: the caller takes :class:`StoredFrames` as well.

    Returns
    -------
    ndarray of shape (n_clips, n_frames, n_dims), float32, object array of such (n_frames_i, n_dims), or StoredFrames
        The frames, contiguous.

    Raises
    ------
    ValueError
        If there are no clips or no frames, NaN or infinity, or another number of dims than in `fit`.
    """
    if _is_ragged(X):
        clips = [_check_one(frames, index, allow_empty) for index, frames in enumerate(X)]
        if not any(map(len, clips)):
            raise ValueError("X holds no frames: none of its clips could be read. See the warnings before.")
        n_dims = {frames.shape[1] for frames in clips}
        if len(n_dims) > 1:
            raise ValueError(f"X holds clips of unequal n_dims: {sorted(n_dims)}. Extract the same features for all.")
        _check_n_dims(estimator, clips[0], X, reset=reset)
        return stack_frames(clips)
    if stored and is_stored(X) and 0 not in X.shape:
        frames = as_stored(X)
        for block in frames.blocks():
            check_array(block, allow_nd=True, estimator=estimator)
        _check_n_dims(estimator, frames[0], X, reset=reset)
        return frames
    if n_axes(X) == 3:
        given = X
        X = check_array(X, dtype=np.float32, order="C", allow_nd=True, estimator=estimator)
        if 0 in X.shape:
            raise ValueError(f"X of shape {X.shape} holds no frames. Pass at least one frame of one dim per clip.")
        _check_n_dims(estimator, X[0], given, reset=reset)
        return X
    X = validate_data(estimator, X, dtype=np.float32, order="C", reset=reset)
    return X[:, np.newaxis, :]  # (n_clips, n_dims) -> (n_clips, 1, n_dims)


def _check_n_dims(estimator, frames, X, *, reset):
    """Set or compare the number of dims; learn their names where the frames have them."""
    _check_n_features(estimator, frames, reset=reset)
    if reset:
        vars(estimator).pop("feature_names_in_", None)
        if getattr(X, "dim_names", None) is not None and len(X.dim_names) == frames.shape[1]:
            estimator.feature_names_in_ = X.dim_names


def n_axes(X):
    """Number of axes of frames: 3 for a list of clips of unequal length, too."""
    if _is_ragged(X):
        return 3
    return X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim


def _is_ragged(X):
    """Tell whether `X` lists one 2-D array per clip."""
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1 and len(X) > 0 and np.ndim(X[0]) == 2
    return isinstance(X, (list, tuple)) and len(X) > 0 and getattr(X[0], "ndim", None) == 2


def _check_one(frames, index, allow_empty):
    if len(frames) == 0 and not allow_empty:
        raise ValueError(
            f"X[{index}] holds no frames: its file could not be read. Take the clip out, or put a "
            "SegmentVotingClassifier around what cannot do without frames."
        )
    try:
        return check_array(frames, dtype=np.float32, order="C", ensure_min_samples=0)
    except ValueError as error:
        raise ValueError(f"X[{index}]: {error}") from error


def merge_moments(moments, frames, weight=1):
    """Merge the frames of one more clip into count, mean and sum of squared deviations of each dim.

    Parameters
    ----------
    moments : tuple of (float, ndarray of shape (n_dims,), ndarray of shape (n_dims,)) or None
        Those so far; None for none.
    frames : ndarray of shape (n_frames, n_dims)
        The frames of one clip.
    weight : float, default=1
        How many times the clip counts.

    Returns
    -------
    tuple of (float, ndarray, ndarray)
        Those of all (Chan, Golub and LeVeque 1983, eq. 2.1), in double precision.
    """
    if len(frames) == 0:
        return moments
    n_new = weight * len(frames)
    mean = frames.mean(axis=0, dtype=np.float64)
    squares = weight * ((frames - mean) ** 2).sum(axis=0)
    if moments is None:
        return n_new, mean, squares
    n_seen, mean_seen, squares_seen = moments
    n_all = n_seen + n_new
    step = mean - mean_seen
    return n_all, mean_seen + step * n_new / n_all, squares_seen + squares + step**2 * n_seen * n_new / n_all


def scale_of(deviation, mean):
    """The divisor for a standard deviation: 1 where it is rounding error alone, so that constants scale to zero."""
    is_constant = deviation <= CONSTANT * np.abs(mean)
    return np.where(is_constant, 1.0, deviation)
