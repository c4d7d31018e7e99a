"""What `X` may be, for everything that takes clips.

A list or other sequence, 1-D array, array of one column or frame of one column, of paths, spans (`Clip`), waveforms,
or sound in memory; or a 2-D table of waveforms of one length.
"""

import array
import glob
import os
from collections.abc import Iterable, Mapping, Sequence, Sized
from numbers import Number

import numpy as np

from .._utils.terminal import abbreviated, shortened
from ._clip import Clip
from ._errors import UnreadableClipError
from ._in_memory import KEYS, as_source, as_waveform, is_content, is_open_file, is_source
from ._samples import as_array, as_table, check_finite, to_full_scale

__all__ = ["as_clips", "holds_clips"]

BUFFERS = array.array, memoryview  # sequences that are samples
ARRAYS = "shape", "dtype", "columns", "__array__", "__array_interface__", "__dlpack__"  # what these have


def validate_clips(estimator, X, *, reset):
    """List the clips of an estimator's `X`, as scikit-learn's ``validate_data`` does for tables.

    Parameters
    ----------
    estimator : estimator
        Who asks. A table sets its `n_features_in_`, and `feature_names_in_` where it has names, if `reset`, and is
        compared with them else.
    X : sequence, array or column of clips, or array of shape (n_clips, n_samples)
        The clips.
    reset : bool
        Whether this is a fit.

    Returns
    -------
    list
        As :func:`as_clips`.

    Raises
    ------
    UnreadableClipError
        If a waveform holds no samples, NaN or infinity.
    TypeError, ValueError
        If `X` is of no form that it may have, or a table of another width than in `fit`.
    """
    X = as_column(X)
    if holds_clips(X):
        if reset:
            for name in ("n_features_in_", "feature_names_in_"):
                vars(estimator).pop(name, None)
        return as_clips(X)
    from sklearn.utils.validation import _check_feature_names, _check_n_features, check_array

    X, dtype = as_table(X)
    _check_feature_names(estimator, X, reset=reset)
    table = check_array(X, dtype=np.float32, order="C", estimator=estimator, input_name="X")
    try:
        _check_n_features(estimator, table, reset=reset)
    except ValueError as error:
        advice = "A 2-D array is data of fixed width; pass a list of 1-D arrays for clips of any length."
        raise ValueError(f"{error}. {advice}") from error
    return list(to_full_scale(table, dtype))


def holds_clips(X):
    """Return whether `X` lists paths or waveforms of any length, not a 2-D table of fixed width.

    Parameters
    ----------
    X : object
        What was passed as `X` to an estimator.

    Returns
    -------
    bool
        False for 2-D arrays, data frames, lists of lists of equal length and whatever else scikit-learn's
        validation has to judge.
    """
    if isinstance(X, (str, bytes, os.PathLike, Clip)):
        return True
    X = as_column(X)
    if isinstance(X, (list, tuple)):
        if len(X) == 0:
            return False
        if isinstance(X[0], (list, tuple)):
            return len({len(row) if isinstance(row, (list, tuple)) else None for row in X}) > 1
        is_clip = is_source(X[0]) or isinstance(X[0], (bytearray, array.array))
        return is_clip or len(getattr(X[0], "shape", ())) >= 1
    is_column = len(getattr(X, "shape", ())) == 1 and hasattr(X, "dtype")
    return is_column and (getattr(X.dtype, "kind", "O") in "USOT")


def as_column(X):
    """Return the column of clips that `X` has as its only one, or the list of another sequence; else `X` itself.

    Raises
    ------
    ValueError
        If `X` is one clip.
    TypeError
        If it is a set, an iterator, a dict of columns, or a table that is no data frame, of several columns.
    """
    _check_is_list(X)
    if hasattr(X, "to_pylist"):  # arrays of Arrow
        return X.to_pylist()
    if not isinstance(X, (list, tuple)) and _is_sequence(X):
        return list(X)
    if isinstance(X, (list, tuple)):
        is_column = len(X) > 0 and all(isinstance(row, (list, tuple)) and len(row) == 1 for row in X)
        return [row[0] for row in X] if is_column and not _is_number(X[0][0]) else X
    column = _only_column(X)
    if column is None or getattr(column.dtype, "kind", "O") not in "USOT" or _is_number(next(iter(column), None)):
        return X
    return column


def _is_sequence(X):
    """Return whether `X` is a list of another kind, such as a column of a dataset, and no array or frame."""
    if isinstance(X, BUFFERS) or any(hasattr(X, name) for name in ARRAYS):
        return False
    return isinstance(X, Sequence) or (isinstance(X, Sized) and hasattr(X, "__getitem__"))


def _only_column(X):
    """Return the column of an array of shape (n, 1) or of a frame of pandas or polars with one column; else None."""
    if not (isinstance(X, np.ndarray) or hasattr(X, "columns")) or np.shape(X)[1:] != (1,):
        return None
    return X.iloc[:, 0] if hasattr(X, "iloc") else X[:, 0]


def _is_number(value):
    return value is None or (isinstance(value, (Number, np.generic)) and not isinstance(value, (str, bytes)))


def _instead_of_path(X):
    """Return what to pass in place of one path: the files of a folder, those of a pattern, or a list of it."""
    name = shortened(str(os.fsdecode(X)))
    if os.path.isdir(X):
        return f"List its files: X, y = sklaudio.datasets.load_folder({name}, return_X_y=True) of a folder per class."
    if glob.has_magic(os.fspath(X)):
        return f"List the files: sorted(glob.glob({name}))."
    return f"Pass [{name}]."


def _check_is_list(X):
    """Raise an error that says what `X` is and what to pass, if it is one clip or cannot be a list of them."""
    kind = type(X).__name__
    if hasattr(X, "column_names"):  # datasets of Hugging Face, tables of Arrow
        names = abbreviated(", ".join(map(str, X.column_names or ())), 80)
        raise TypeError(f"X is a {kind} with the columns {names}. Pass the column of the clips, such as X['audio'].")
    if hasattr(X, "shape") and not isinstance(
        X, (str, bytes)
    ):  # some sparse matrices are dicts; X[0] is a str_ of numpy
        return
    if isinstance(X, bytes) and is_content(X):
        raise ValueError(f"X is the content of one file ({len(X)} bytes), and X is a list of clips. Pass [X].")
    if isinstance(X, (str, bytes, os.PathLike)):
        shown = shortened(str(X) if isinstance(X, str) else X)  # a str_ of numpy shows as a path
        raise ValueError(f"X={shown} is one path, and X is a list of clips. {_instead_of_path(X)}")
    if isinstance(X, Clip) or is_open_file(X) or (isinstance(X, Mapping) and {*X} <= {*KEYS} and len(X)):
        raise ValueError(f"X={shortened(X)} is one clip, and X is a list of clips. Pass [X].")
    if isinstance(X, Mapping):
        names = abbreviated(", ".join(map(str, X)), 80)
        raise TypeError(f"X is a {kind} with the keys {names}. Pass a list of clips, such as X['path'].")
    if isinstance(X, Iterable) and not (isinstance(X, Sized) and hasattr(X, "__getitem__")):
        why = "has no order" if isinstance(X, Sized) else "can be read once only"
        raise TypeError(f"X is a {kind}, which {why}. Pass a list of clips: list(X) makes one.")


def as_clips(X):
    """List the clips of `X`: paths as str, waveforms as 1-D float32 arrays, others as what the readers here take.

    Parameters
    ----------
    X : sequence, 1-D array, array of shape (n_clips, 1), column or frame of one column, or 2-D array
        The clips. Each is a path (str or path-like), a :class:`~sklaudio.Clip`, a 1-D waveform, bytes or an open binary
        file of sound, or a dict ``{"path": …}``, ``{"bytes": …}`` or ``{"array": …, "sampling_rate": …}``.

    Returns
    -------
    list of str, Clip, ndarray of shape (n_samples_i,), or sound in memory
        One entry a clip, in order; integers of 8, 16 and 32 bits are scaled to [-1, 1), as those of files are, and
        unsigned ones have their zero in the middle.

    Raises
    ------
    UnreadableClipError
        If a waveform is empty, or holds NaN or infinity; this is a ValueError.
    ValueError
        If `X` is one single clip, holds no clip, or samples of another type, such as integers of 64 bits.
    TypeError
        If `X` is no list, such as a set, or an entry is no clip.
    """
    return [as_clip(clip, f"X[{index}]", index=index) for index, clip in enumerate(list_clips(X))]


def list_clips(X):
    """List the clips of `X` as they are: its items, or the rows of a 2-D container of samples."""
    X = as_column(X)
    if not hasattr(X, "__len__"):
        raise TypeError(f"X={shortened(X)} is {type(X).__name__}, and X is a list of clips. Pass a list.")
    if len(X) == 0:
        raise ValueError("X holds no clip. Pass at least one path or waveform.")
    is_list = isinstance(X, (list, tuple)) and not isinstance(X[0], (list, tuple))
    if is_list or holds_clips(X):
        if getattr(getattr(X, "dtype", None), "kind", None) == "S" and any(map(is_content, X)):
            raise ValueError(f"X holds sound as {X.dtype}, which drops zeros at the end. Pass a list, or dtype=object.")
        return list(X)
    return list(as_array(as_table(X)[0]))


def as_clip(clip, name, *, index=None, check=True):
    """Return one entry of `as_clips`; errors give its row or name. `check` says whether NaN and infinity are errors."""
    try:
        source = as_source(clip, name)
    except UnreadableClipError as error:  # of the array in a dict
        error.index = index
        raise
    if source is not None:
        return source
    which = {"name": name} if index is None else {"index": index}
    y = as_waveform(clip, name, **which)
    if check:
        check_finite(y, **which)
    return y
