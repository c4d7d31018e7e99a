"""Values of parameters on the axes of a plot: where they are, and how they are written."""

import textwrap

import numpy as np

from ._display import drawable_text
from ._search_scores import is_number

MAX_TICKS = 10  # values of a parameter that are written one by one on an axis of numbers


def short_names(names):
    """Return what comes after the last ``__``, where that distinguishes them."""
    short = [name.split("__")[-1] for name in names]
    return short if len(set(short)) == len(short) else list(names)


def positions(values):
    """Return where values are on the axis, and whether it is one of factors; what is not a number is counted."""
    if not all(map(is_number, values)):
        return np.arange(len(values), dtype=float), False
    place = np.array(values, dtype=float)
    return place, bool(_grows_by_factors(np.sort(place)))


def _grows_by_factors(place):
    """Return whether the steps between values are more even as factors than as differences."""
    if len(place) < 2 or place[0] <= 0 or place[-1] / place[0] < 4:
        return False
    if len(place) == 2:
        return place[-1] / place[0] >= 10
    steps, factors = np.diff(place), np.diff(np.log(place))
    return factors.std() / factors.mean() < steps.std() / steps.mean()


def shifted(place, number, is_log):
    """Move values a little apart, so that the bars of several lines can be distinguished."""
    if len(place) < 2:
        return place + 0.02 * number
    scale = np.log(place) if is_log else place
    shifted = scale + 0.06 * number * np.diff(np.sort(scale)).min()
    return np.exp(shifted) if is_log else shifted


def wrapped(value, width=13):
    return textwrap.fill(text_of(value), width)


def text_of(value):
    if is_number(value):
        return f"{value:g}"
    return drawable_text(type(value).__name__ if hasattr(value, "get_params") else value, 40)
