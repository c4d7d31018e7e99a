"""Frames: the features of clips, time first. What they may be, for every estimator that makes or takes them.

Frames are one array ``(n_clips, n_frames, n_dims)`` where all clips have equally many, and a 1-D object array of
``(n_frames_i, n_dims)`` where they do not. A 2-D array ``(n_clips, n_dims)`` is read as clips of a single frame. A clip
that could not be read has no frames, ``(0, n_dims)``, where ``on_error="warn"`` let it through.
"""

import numpy as np
from sklearn.base import TransformerMixin
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_n_features, check_array, validate_data

from .out_of_core import as_stored, is_stored

CONSTANT = 10 * float(np.finfo(np.float32).eps)  # a std below this fraction of the mean is rounding error


class NamedFrames(np.ndarray):
    """Frames that carry the names of their dims, and the index of what they were made of, to a step that makes a table.

    A selection of clips selects from the index. Whatever else makes another array drops it: numpy does not tell an
    operation that keeps the order of the clips from one that changes it.
    """

    dim_names = None
    index = None

    def __array_finalize__(self, source):
        self.dim_names = getattr(source, "dim_names", None)

    def __getitem__(self, key):
        """Select clips with their part of the index."""
        selected = super().__getitem__(key)
        if self.index is not None and isinstance(selected, NamedFrames):
            rows, *others = key if isinstance(key, tuple) and key else (key,)
            keeps_axes = all(isinstance(other, slice) for other in others)
            if keeps_axes and (isinstance(rows, slice) or (rows is not Ellipsis and np.ndim(rows) == 1)):
                selected.index = self.index[rows if isinstance(rows, slice) else np.asarray(rows)]
        return selected

    def __reduce__(self):
        """Pickle names and index as well, such as for the cache of a Pipeline."""
        rebuild, arguments, state = super().__reduce__()
        return rebuild, arguments, (state, self.dim_names, self.index)

    def __setstate__(self, state):
        """Unpickle; arrays of earlier versions have the state of any array."""
        if len(state) == 3:
            state, self.dim_names, self.index = state
        super().__setstate__(state)

    def to_pandas(self):
        """Make a table of frames ``(n_clips, n_dims)``, and of any others a Series of one array a clip."""
        import pandas as pd  # whoever passes an index has it loaded

        if self.ndim == 2:
            return pd.DataFrame(np.asarray(self), index=self.index, columns=self.dim_names)
        clips = [clip.view(NamedFrames) for clip in self]
        for clip in clips:
            clip.dim_names = self.dim_names
        return pd.Series(as_object_array(clips), index=self.index)


def index_of(X):
    """Return the index of a Series, a DataFrame or frames that carry one; None for anything else."""
    return X.index if hasattr(X, "iloc") or isinstance(X, NamedFrames) else None


def with_index(estimator, rows, X):
    """Return the rows of a table, with the index of the frames `X` that they were made of if pandas output is set.

    Parameters
    ----------
    estimator : transformer
        Whose output they are; scikit-learn names the columns afterwards.
    rows : ndarray of shape (n_clips, n_columns)
        The rows.
    X : object
        What they were made of.

    Returns
    -------
    ndarray or pandas.DataFrame of shape (n_clips, n_columns)
        The rows.
    """
    index = index_of(X)
    if index is None or _get_output_config("transform", estimator)["dense"] != "pandas":
        return rows
    import pandas as pd

    return pd.DataFrame(rows, index=index)


class FramesOutMixin(TransformerMixin):
    """For transformers whose output is frames, which carry what a later table needs.

    That is the index of `X`, and where tables are asked for the names of the dims, so that FrameSummary can name its
    columns.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(auto_wrap_output_keys=None, **kwargs)

    def set_output(self, *, transform=None):
        """Set what later steps make; ``Pipeline.set_output`` calls this.

        Frames have three axes and no table form. They stay arrays, which know the names of their dims if tables are
        asked for, with one exception: "pandas" makes a Series of an `X` that is a Series or a DataFrame, with its index
        and the frames of a clip in each row.

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

    def _label(self, frames, X):
        """Let frames carry the index of `X`, and names if this transformer or scikit-learn's configuration asks."""
        output, index = _get_output_config("transform", self)["dense"], index_of(X)
        if output == "default" and index is None:
            return frames
        frames = frames.view(NamedFrames)
        frames.index = index
        if output != "default":
            frames.dim_names = self.get_feature_names_out()
        return frames.to_pandas() if output == "pandas" and index is not None else frames


def stack_frames(clips, n_clips=None):
    """Return one array ``(n_clips, n_frames, n_dims)`` where all clips have equally many frames, else an object array.

    Clips that could not be read are an object array, though all have equally many: none.

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
    if len(first) == 0:
        return as_object_array([first, *clips])
    stacked = np.empty((n_clips, *first.shape), dtype=first.dtype)
    stacked[0] = first
    for index, frames in enumerate(clips, start=1):
        if len(frames) != len(first):
            copies = [clip.copy() for clip in stacked[:index]]
            del stacked
            return as_object_array([*copies, frames, *clips])
        stacked[index] = frames
    return stacked


def as_object_array(items):
    """Return a 1-D object array of `items`, whatever their shapes."""
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
    """Return for each clip whether it has any frames: bool, (n_clips,)."""
    if frames.dtype != object:
        return np.ones(len(frames), dtype=bool)
    return np.array([len(clip) > 0 for clip in frames])


def check_frames(estimator, X, *, reset, allow_empty=False, stored=False):
    """Check frames on their way into an estimator, as scikit-learn's ``validate_data`` does for tables.

    Parameters
    ----------
    estimator : estimator
        Who asks. Its `n_features_in_` is set to the number of dims if `reset`, else compared with it.
    X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list, object array or Series of arrays \
            (n_frames_i, n_dims)
        The frames.
    reset : bool
        Whether this is a fit.
    allow_empty : bool, default=False
        Whether clips may have no frames: in a fit some, but not all of them.
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
    X = _without_index(X)
    if _is_ragged(X):
        clips = [_check_one(frames, index, allow_empty) for index, frames in enumerate(X)]
        if reset and not any(map(len, clips)):
            raise ValueError("X holds no frames: none of its clips could be read. See the warnings before.")
        n_dims = {frames.shape[1] for frames in clips}
        if len(n_dims) > 1:
            raise ValueError(f"X holds clips of unequal n_dims: {sorted(n_dims)}. Extract the same features for all.")
        _check_n_dims(estimator, clips[0], X if hasattr(X, "dim_names") else X[0], reset=reset)
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
    """Return the number of axes of frames: 3 for a list of clips of unequal length, too."""
    X = _without_index(X)
    if _is_ragged(X):
        return 3
    return X.ndim if hasattr(X, "ndim") else np.asarray(X).ndim


def _without_index(X):
    """Return the array of a Series of frames; anything else as it is."""
    return X.to_numpy() if getattr(X, "ndim", 0) == 1 and hasattr(X, "iloc") else X


def _is_ragged(X):
    """Return whether `X` lists one 2-D array per clip."""
    if isinstance(X, np.ndarray):
        return X.dtype == object and X.ndim == 1 and len(X) > 0 and np.ndim(X[0]) == 2
    return isinstance(X, (list, tuple)) and len(X) > 0 and getattr(X[0], "ndim", None) == 2


def _check_one(frames, index, allow_empty):
    if len(frames) == 0 and not allow_empty:
        raise ValueError(
            f"X[{index}] holds no frames: its file could not be read. Take the clip out. (FrameSummary and predictions "
            "of nets and votes do without frames; embeddings do not.)"
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


def scale_of(std, mean):
    """Return the divisor for a standard deviation: 1 where it is rounding error, so that constants become zero."""
    is_constant = std <= CONSTANT * np.abs(mean)
    return np.where(is_constant, 1.0, std)
