"""What a command is: a function, its arguments, and the types that these have.

A command's docstring is its help, it is called with its arguments by keyword, and what it returns is the exit code, 0
where that is None. Packages are imported in it, or ``sklaudio --help`` would wait for all of them.
"""

import argparse
import os
import re
from functools import partial

from .._utils.near_names import did_you_mean

COMMANDS = {}


class WrongUseError(Exception):
    """Arguments that are each right, and wrong together: exit code 2."""


def argument(*names, **options):
    """Return name or flags and options of an argument, as :meth:`argparse.ArgumentParser.add_argument` takes them.

    With ``complete="file"``, "folder", "model", "audio" or "model or audio", or a tuple of words, shells complete it.
    With ``optional=True`` a list of files may be left out, and is None then; ``nargs="*"`` would take no files that
    stand behind an option.
    """
    return names, options


def command(*arguments):
    """Make a function a command of the same name, called with its arguments by keyword.

    Where a list of arguments stands for one, only one of them may be given.
    """

    def register(function):
        COMMANDS[function.__name__] = function, arguments
        return function

    return register


def seconds(text):
    """Parse an argument: a number that is not negative."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be 0 or more")
    return number


def positive_seconds(text):
    """Parse an argument: a number above 0."""
    number = seconds(text)
    if number == 0:
        raise argparse.ArgumentTypeError(f"{text} must be more than 0")
    return number


def pattern(text):
    """Parse an argument: a regular expression."""
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression ({error})") from None
    return text


def new_file(text):
    """Parse an argument: a file to write, in a folder that is there."""
    if os.path.isdir(text) or not os.path.basename(text):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; give the name of a file in it")
    if os.path.exists(text) and not os.path.isfile(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no file; give the name of one, or leave it out")
    parent = os.path.dirname(text) or "."
    if not os.path.isdir(parent):
        raise argparse.ArgumentTypeError(f"there is no folder {parent!r}; make it first")
    if not os.access(parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"nothing may be written to the folder {parent!r}")
    return text


def count(text):
    """Parse an argument: 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} must be 1 or more")
    return number


def threads(text):
    """Parse an argument: how many threads, as joblib counts them."""
    number = int(text)
    if number == 0:
        raise argparse.ArgumentTypeError("0 must be 1 or more, or -1 for one for each processor")
    return number


def folder(text):
    """Parse an argument: a folder that is there."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return text


def near_file(text):
    """Say which file or folder, beside one that is not there, may be meant: as :func:`did_you_mean`."""
    parent, name = os.path.split(text.rstrip(os.sep))
    try:
        there = os.listdir(parent or ".")
    except OSError:
        return ""
    return did_you_mean(name, there, after=".")


def model(text):
    """Parse an argument: a file of a model, or the name of a pretrained one; as a function that loads it."""
    import sklaudio

    if os.path.isfile(text):
        return partial(sklaudio.load_onnx if text.endswith(".onnx") else sklaudio.load, text)
    names = sklaudio.pretrained_names()
    if text in names:
        return partial(sklaudio.load_pretrained, text)
    if os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; give the file of a model")
    if os.path.basename(text) != text or os.path.splitext(text)[1]:
        raise argparse.ArgumentTypeError(f"there is no file {text!r}{near_file(text)}")
    named = f" ({', '.join(names)})" if names else " (there are none)"
    near = did_you_mean(text, names, after=".")
    raise argparse.ArgumentTypeError(f"{text!r} is neither a file nor a pretrained model{named}{near}")


MODEL = argument(
    "load", type=model, metavar="MODEL", complete="model", help="file of a saved model, or name of a pretrained one"
)
GROUP_BY = argument(
    "--group-by",
    type=pattern,
    metavar="REGEX",
    help="what in a path, below the folder or in the table, names the speaker, artist or recording (its first group, "
    "or all it matches)",
)
JOBS = argument("--jobs", type=threads, default=-1, metavar="N", help="threads (%(default)s: one for each processor)")
