"""Text that anything may be in, for a terminal and for messages."""

import csv
import io
import re

MAX_SHOWN = 100  # characters of what was passed, in a message
MAX_NAME = 200  # of what may be the name of a file


def one_line(text):
    """Escape what cannot be printed as it is: line ends and control characters in names of files."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def shortened(value, n=MAX_SHOWN):
    """Return ``repr(value)``, cut in its middle to `n` characters where it is long, for messages about it."""
    text = repr(value[:MAX_SHOWN] + value[-MAX_SHOWN:] if _is_long(value) else value)
    text = re.sub(r"\s*\n\s*", " ", text)  # of arrays and tables
    return text if len(text) <= n else f"{text[: n - 40]}…{text[-39:]}"


def abbreviated(text, n=MAX_NAME):
    """Cut text in its middle where it is longer than names are: a file's content that was passed as its name."""
    return text if len(text) <= n else f"{text[: n // 2]}…{text[-n // 2 + 1 :]}"


def _is_long(value):
    return isinstance(value, (str, bytes, bytearray)) and len(value) > 2 * MAX_SHOWN


def csv_row(cells):
    """Format a row of CSV with its end; None is an empty cell, and what holds line ends of any kind is in quotes."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue().removesuffix("\r\n") + "\n"
