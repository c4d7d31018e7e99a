"""Numbers to predict: what `y` of a regressor may be."""

import numpy as np
from sklearn.utils import check_array

from .terminal import shortened

ADVICE = "Give each clip a number, or each a row of as many numbers."


def check_numbers(y, name, *, advice=ADVICE, n_axes=(1, 2), **settings):
    """Make an array of numbers, or raise an error that names the parameter and the first value that is none.

    Parameters
    ----------
    y : array-like, Series or DataFrame
        The numbers.
    name : str
        What the parameter is called.
    advice : str, default=ADVICE
        What the errors say to do.
    n_axes : tuple of int, default=(1, 2)
        How many axes it may have.
    **settings
        What else :func:`sklearn.utils.check_array` takes.

    Returns
    -------
    ndarray, float64

    Raises
    ------
    ValueError
        If a value is missing, not finite, text or a date, or the shape is another.
    """
    values = _as_array(y, name, advice)
    if values.ndim not in n_axes:
        raise ValueError(f"{name} is of shape {values.shape}. {advice}")
    text = next((value for value in values.flat if isinstance(value, (str, bytes))), None)
    if values.dtype.kind in "mM" or text is not None:
        found = "dates" if text is None else f"text ({shortened(getattr(text, 'item', lambda: text)())})"
        raise ValueError(f"{name} holds {found}, not numbers. Convert it before. {advice}")
    try:
        return check_array(values, dtype=np.float64, ensure_2d=False, allow_nd=True, input_name=name, **settings)
    except (TypeError, ValueError) as error:
        text = " ".join(str(error).split())
        named = text if f" {name} " in text else f"{name}: {text}"
        raise ValueError(f"{named}{_where(values, name)} {advice}") from error


def _as_array(y, name, advice):
    try:
        return y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    except ValueError:
        raise ValueError(f"{name} has rows of unequal length. {advice}") from None


def _where(values, name):
    """Return the place of the first number that is not finite, if that is what is wrong."""
    if values.dtype.kind not in "fO":
        return ""
    try:
        wrong = np.argwhere(~np.isfinite(values.astype(np.float64)))
    except (TypeError, ValueError):
        return ""
    return f" The first is {name}[{', '.join(map(str, wrong[0]))}]." if len(wrong) else ""
