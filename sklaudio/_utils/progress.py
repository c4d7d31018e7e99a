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
    """Make a bar that is moved by hand; its ``disable`` is True where nobody is watching.

    In a notebook its last state stays below the cell.
    """
    from tqdm.auto import tqdm

    settings = SETTINGS | {"leave": in_notebook()}
    drawn = tqdm(total=total, unit=unit, desc=desc, bar_format=bar_format, **settings)
    DRAWN.add(drawn)
    return drawn


def in_notebook():
    """Return whether what is written goes below a cell of a Jupyter notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return type(shell).__name__ == "ZMQInteractiveShell"


def print_above(text):
    """Print a line to stderr, above the bars that are drawn."""
    for drawn in list(DRAWN):
        drawn.clear()
    print(text, file=sys.stderr, flush=True)


def wipe():
    """Wipe the bars that what drew them has left behind, before a line is written where they are."""
    for drawn in list(DRAWN):
        drawn.close()
