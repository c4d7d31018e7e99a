"""What commands are given: files, folders, patterns, lists of files, and standard input."""

import argparse
import codecs
import os
import sys

from ._command import WrongUseError, argument

STDIN = "-"


def list_of_files(text):
    """Parse an argument: a file that is there, or ``-`` for standard input."""
    if text != STDIN and not os.path.exists(text):
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    if os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; give it as FILE, without --files-from")
    return text


def files_argument(also="", **options):
    """Make the argument of files; `also` is what else its help says."""
    return argument(
        "files",
        nargs="+",
        metavar="FILE",
        complete="audio",
        help="audio file, folder (audio files at any depth) or quoted pattern" + also,
        **options,
    )


LIST = (
    argument(
        "--files-from",
        type=list_of_files,
        metavar="LIST",
        complete="file",
        help="file with a path in each line, or - for standard input; blank lines are skipped",
    ),
    argument(
        "--null", "-0", action="store_true", help="paths of the list end with a null, as find -print0 writes them"
    ),
)


def clips_meant(files, files_from=None, null=False):
    """List the clips that the arguments of a command mean.

    Parameters
    ----------
    files : list of str or None
        Files, folders, patterns, and ``-``, which is a recording from standard input.
    files_from : str or None, default=None
        A file with a path in each line, or ``-``. What stands there is taken as it is, for no pattern.
    null : bool, default=False
        Whether its paths end with a null.

    Returns
    -------
    dict of str to clip
        What each is called, and what is to be read; each once.

    Raises
    ------
    WrongUseError
        If the arguments do not go together.
    ValueError, FileNotFoundError
        If a list is empty, a folder holds no audio, or a pattern matches nothing.
    """
    if files is None and files_from is None:
        raise WrongUseError("give a FILE, or a list with --files-from")
    if null and files_from is None:
        raise WrongUseError("--null is about a list: give it with --files-from")
    if files_from == STDIN and STDIN in (files or []):
        raise WrongUseError("standard input is a list (--files-from -) or a recording (-), not both")
    clips = {}
    if files:
        from ..audio._patterns import audio_files
        from ..audio._sources import name_of

        entries = [
            {"bytes": _standard_input(), "path": STDIN} if name == STDIN else name for name in dict.fromkeys(files)
        ]
        clips = {name_of(clip, STDIN): clip for clip in audio_files(entries)}
    if files_from is not None:
        clips |= {path: path for path in _listed(files_from, null)}
    return clips


def _standard_input():
    if sys.stdin.isatty():
        raise WrongUseError("- reads a recording from standard input: pipe one in, such as by cat FILE |")
    return sys.stdin.buffer.read()


def _listed(files_from, null):
    """Return the paths of a list, each once."""
    if files_from == STDIN:
        data = sys.stdin.buffer.read()
    else:
        with open(files_from, "rb") as file:
            data = file.read()
    lines = data.split(b"\0") if null else data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").split(b"\n")
    paths = list(dict.fromkeys(os.fsdecode(line) for line in lines if line.strip()))
    if not paths:
        name = "standard input" if files_from == STDIN else files_from
        raise ValueError(f"{name}: there is no path in it. Give a list with a path in each line.")
    if not null and any("\0" in path for path in paths):
        raise ValueError(f"{files_from}: its paths end with a null, not with a line. Add --null.")
    return paths
