"""Progress bars: on a terminal or in a notebook only, and only for what takes longer than two seconds."""

import sys
from weakref import WeakSet

SETTINGS = {"delay": 2, "disable": None, "leave": False, "dynamic_ncols": True}
DRAWN = WeakSet()


def progress(iterable, *, total, unit, desc):
    """Pass `iterable` through; draw a bar while it takes more than two seconds and somebody is watching."""
    from tqdm.auto import tqdm  # slow to import, and often not needed

    drawn = tqdm(iterable, total=total, unit=unit, desc=desc, **SETTINGS)
    DRAWN.add(drawn)
    return drawn


def bar(*, total, unit, desc, bar_format):
    """A bar that is moved by hand; its ``disable`` is True where nobody is watching."""
    from tqdm.auto import tqdm

    drawn = tqdm(total=total, unit=unit, desc=desc, bar_format=bar_format, **SETTINGS)
    DRAWN.add(drawn)
    return drawn


def print_above(text):
    """Print a line to stderr, above the bars that are drawn."""
    for drawn in list(DRAWN):
        drawn.clear()
    print(text, file=sys.stderr, flush=True)


def wipe():
    """Wipe the bars that what drew them has left behind, before a line is written where they are."""
    for drawn in list(DRAWN):
        drawn.close()
