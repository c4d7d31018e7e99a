"""What commands do to the streams that they print to."""

import codecs
import contextlib
import os
import sys
import warnings

from .._utils.progress import wipe
from .._utils.terminal import one_line

NAMES = "sklaudio.names"  # how letters are written that have no place in an encoding


@contextlib.contextmanager
def warnings_in_one_line(name):
    """Print each warning once, in a separate line, without the place in the code that it is from."""
    printed = set()

    def print_once(message, *_, **__):
        line = one_line(f"sklaudio {name}: {message}")
        if line not in printed:
            printed.add(line)
            print(line, file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = print_once
        yield


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
            wipe()  # while there is what they were drawn on
            os.dup2(sys.stderr.fileno(), descriptor)
            sys.stderr = whole


def _write_name(error):
    """Encode bytes of names that are no UTF-8 as they are in the folder, and as escapes for what the encoding lacks."""
    letter = error.object[error.start]
    is_byte = "\udc80" <= letter <= "\udcff"
    return letter.encode("ascii", "surrogateescape") if is_byte else ascii(letter)[1:-1], error.start + 1


codecs.register_error(NAMES, _write_name)


@contextlib.contextmanager
def names_as_they_are():
    """Write names of files to stdout so that they can be found again, for programs."""
    if not hasattr(sys.stdout, "reconfigure"):
        yield
        return
    before = sys.stdout.errors
    sys.stdout.reconfigure(errors=NAMES)
    try:
        yield
    finally:
        sys.stdout.reconfigure(errors=before)
