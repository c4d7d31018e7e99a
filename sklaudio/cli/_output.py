"""Where commands write: a file, whole or not at all, or standard output."""

import contextlib
import sys

from ._command import WrongUseError, argument, new_file
from ._streams import NAMES, names_as_they_are

OUT = argument(
    "--out", "-o", type=new_file, metavar="FILE", complete="file", help="write to a file, whole or not at all"
)


@contextlib.contextmanager
def text_output(out, *, is_for_programs=False):
    """Open what text is written to.

    Parameters
    ----------
    out : str or None
        A file; None is standard output, to which each piece goes at once.
    is_for_programs : bool, default=False
        Whether names of files are written as they are, so that they can be found again; in a file they always are.

    Yields
    ------
    callable
        Writes a piece of text.
    """
    if out is not None:
        from .._utils.atomic_write import atomic_write

        with atomic_write(out, "output.txt") as file:
            yield lambda text: file.write(text.encode("utf-8", NAMES))
        return
    with names_as_they_are() if is_for_programs else contextlib.nullcontext():
        yield _print


def _print(text):
    sys.stdout.write(text)
    sys.stdout.flush()


@contextlib.contextmanager
def binary_output(out):
    """Open what bytes are written to: a file, whole or not at all, or standard output where `out` is None."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from .._utils.atomic_write import atomic_write

    with atomic_write(out, "output") as file:
        yield file


def check_binary(form, out):
    """Raise an error if bytes would go to a terminal, or nothing is here that writes them; before any work is done."""
    if out is None and sys.stdout.isatty():
        raise WrongUseError(f"--{form} is nothing to read on a terminal: add -o FILE")
    if form == "parquet":
        from importlib.util import find_spec

        if find_spec("pyarrow") is None and find_spec("fastparquet") is None:
            raise ImportError(
                "--parquet takes pyarrow, which is not installed: pip install 'sklaudio[parquet]'. Or write --csv."
            )
