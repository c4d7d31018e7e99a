"""Progress bars: on a terminal only, and only for what takes longer than two seconds."""

from tqdm.auto import tqdm


def progress(iterable, *, total, unit, desc):
    """Pass `iterable` through; draw a bar while it takes more than two seconds and somebody is watching."""
    return tqdm(iterable, total=total, unit=unit, desc=desc, delay=2, disable=None, leave=False, dynamic_ncols=True)
