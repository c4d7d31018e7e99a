"""Progress bars: on a terminal or in a notebook only, and only for what takes longer than two seconds."""

from tqdm.auto import tqdm

SETTINGS = {"delay": 2, "disable": None, "leave": False, "dynamic_ncols": True}


def progress(iterable, *, total, unit, desc):
    """Pass `iterable` through; draw a bar while it takes more than two seconds and somebody is watching."""
    return tqdm(iterable, total=total, unit=unit, desc=desc, **SETTINGS)


def bar(*, total, unit, desc, bar_format):
    """A bar that is moved by hand; its ``disable`` is True where nobody is watching."""
    return tqdm(total=total, unit=unit, desc=desc, bar_format=bar_format, **SETTINGS)
