"""Samples of any type as float32 in [-1, 1): one rule for every container and every way into the package.

Signed integers of 8, 16 and 32 bits are divided by the largest magnitude that they can hold; unsigned ones have their
zero in the middle, at 128 in 8 bits, as in 8-bit wav files. Floats are taken as they are. Integers of 64 bits, which
those of Python become, have no full scale, and are refused.
"""

import os

import numpy as np

from .._utils.terminal import abbreviated, shortened
from ._clip import Clip
from ._errors import ClipValueError

MAX_BYTES = 4  # of integers that files hold; 24 bits are the upper part of 32
MIN_SAMPLES = 16  # of sound: 1 ms at 16 kHz
SMALL = 128  # scikit-learn's checks pass tables of fewer columns and smaller numbers, of 64 bits


def as_array(samples):
    """Return a numpy array of what holds samples: an array, tensor, buffer, Series, data frame, or list of numbers."""
    array = np.asarray(samples)
    if array.dtype != object:
        return array
    nullable = {getattr(dtype, "numpy_dtype", None) for dtype in _types_of_columns(samples)}
    if len(nullable) == 1 and None not in nullable:  # pandas' Int16 and the like, which it makes objects
        return array.astype(nullable.pop())
    return np.asarray(array.tolist())


def as_table(X):
    """Return a 2-D container of samples for scikit-learn's validation, and the numpy type of its numbers.

    Raises
    ------
    ValueError
        If it has one dimension, columns of several types, text, or numbers of a type that has no full scale.
    """
    types = {getattr(dtype, "numpy_dtype", dtype) for dtype in _types_of_columns(X)}
    names = sorted(str(dtype).lower() for dtype in types)
    is_all_numbers = all(name.startswith(("int", "uint", "float", "bool")) for name in names)
    if len(names) > 1 and is_all_numbers and not all(name.startswith("float") for name in names):
        raise ValueError(f"X has columns of several types: {', '.join(names)}. Pass the columns of the samples alone.")
    array = as_array(X)
    _check_no_text(array, X)
    if array.dtype.kind in "biufc":
        if array.ndim == 1 and array.size:
            raise ValueError(
                f"X is one array of shape {array.shape}, and X is a list of clips. Reshape your data: pass [X]."
            )
        if not _is_small_table(array):
            check_type(array.dtype, "X")
    return (array if isinstance(X, (list, tuple, memoryview)) else X), array.dtype


def check_type(dtype, name):
    """Raise an error that says what to pass unless samples of numpy type `dtype` have a full scale."""
    if dtype.kind == "f" or (dtype.kind in "iu" and dtype.itemsize <= MAX_BYTES):
        return
    if dtype.kind in "iu":
        raise ValueError(
            f"{name} holds integers of 64 bits ({dtype.name}, which those of Python become), and these have no full "
            "scale. Pass them in the type that the file has, such as .astype(np.int16), or as floats in [-1, 1]."
        )
    if dtype.kind == "c":
        raise ValueError(f"{name} is of type {dtype.name}. Complex data not supported: pass the waveform itself.")
    raise ValueError(f"{name} is of type {dtype.name}. Samples are floats in [-1, 1], or integers of 8, 16 or 32 bits.")


def check_finite(y, **clip):
    """Raise an error that names the clip if its waveform holds NaN, infinity, or samples whose power overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(np.dot(y, y)):
            return
    n_bad = int((~np.isfinite(y)).sum())
    what = f"{n_bad} of {y.size} samples are NaN or infinity" if n_bad else f"samples reach {abs(y).max():.3g}"
    raise ClipValueError(f"{what}. Repair the clip or take it out.", **clip)


def to_full_scale(y, dtype):
    """Scale samples to [-1, 1): numbers that are float32 by now and were of numpy type `dtype`; floats stay."""
    if dtype.kind not in "iu" or dtype.itemsize > MAX_BYTES:
        return y
    full = np.float32(2.0 ** (8 * dtype.itemsize - 1))
    return (y - full if dtype.kind == "u" else y) / full


def _check_no_text(array, X):
    """Raise an error for a table of paths or other text; numbers that are spelled out are numbers."""
    if array.dtype.kind in "biufc":
        return
    try:
        array.astype(np.float32)
    except (TypeError, ValueError):
        text = next((value for value in array.flat if isinstance(value, (str, bytes, os.PathLike, Clip))), None)
        if text is not None:
            text = text.item() if isinstance(text, np.generic) else text
            names = ", ".join(map(str, getattr(X, "columns", ())))
            what = f"columns {abbreviated(names, 80)}" if names else f"shape {array.shape}"
            raise ValueError(
                f"X is a table of text, such as {shortened(text, 80)} ({type(X).__name__}, {what}). Pass the column of "
                "the paths, such as X['path'], not the table."
            ) from None


def _is_small_table(array):
    """Return whether these are a few small numbers of 64 bits, such as scikit-learn's checks pass, and no sound."""
    is_narrow = array.dtype.kind in "iu" and array.ndim == 2 and 0 < array.shape[1] < MIN_SAMPLES
    return is_narrow and array.dtype.itemsize > MAX_BYTES and bool((abs(array) < SMALL).all())


def _types_of_columns(X):
    """Return the types of the columns of a data frame of pandas or polars; of nothing else."""
    return set(X.dtypes) if hasattr(X, "columns") and hasattr(X, "dtypes") else set()
