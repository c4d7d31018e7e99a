"""What commands do to the streams that they print to."""

import contextlib
import os
import sys
import warnings

from .._text import one_line


@contextlib.contextmanager
def warnings_in_one_line(name):
    """Print each warning once, in a line of its own, without the place in the code that it is from."""
    told = set()

    def tell(message, *_, **__):
        line = one_line(f"sklaudio {name}: {message}")
        if line not in told:
            told.add(line)
            print(line, file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = tell
        yield


def wipe_bars():
    """Wipe progress bars that an interrupt or an error has left, if any were drawn."""
    if "sklaudio._progress" in sys.modules:  # else there are none, and it is slow to import
        sys.modules["sklaudio._progress"].wipe()


@contextlib.contextmanager
def without_notes_of_decoders():
    """Let Python alone write to stderr: mpg123 writes what it thinks of damaged files to the descriptor itself."""
    try:
        descriptor = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # a stderr that is no file keeps what C writes out anyway
        yield
        return
    sys.stderr.flush()
    whole, encoding = sys.stderr, sys.stderr.encoding
    with open(os.dup(descriptor), "w", encoding=encoding, errors="backslashreplace") as sys.stderr:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, descriptor)
        os.close(nothing)
        try:
            yield
        finally:
            wipe_bars()  # while there is what they were drawn on
            os.dup2(sys.stderr.fileno(), descriptor)
            sys.stderr = whole
