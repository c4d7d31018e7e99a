"""The ``sklaudio`` command: arguments in, one call, text out.

A command is a function: its arguments are listed in :func:`command`, its docstring is its help, and what it returns is
the exit code, 0 where that is None. Packages are imported in it, or ``sklaudio --help`` would wait for all of them.

Exit codes: 0, done and nothing found; 1, faults found, or the command failed; 2, wrong use; 130, interrupted.
"""

import argparse
import contextlib
import inspect
import os
import sys
import traceback

from . import __version__

COMMANDS = {}
EXIT_CODES = "Exit codes: 0 done, nothing found; 1 faults found, or failed; 2 wrong use; 130 interrupted."


def argument(*names, **options):
    """Name or flags and options of an argument, as :meth:`argparse.ArgumentParser.add_argument` takes them."""
    return names, options


def seconds(text):
    """Type of an argument: a number that is not negative."""
    number = float(text)
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} must be 0 or more")
    return number


def command(*arguments):
    """Make a function a command of its own name, called with its arguments by keyword."""

    def register(function):
        COMMANDS[function.__name__] = function, arguments
        return function

    return register


def folder(text):
    """Type of an argument: a folder that is there."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return text


@command(
    argument("folder", type=folder, metavar="FOLDER", help="a folder per class, with audio files at any depth"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    argument("--min-duration", type=seconds, default=0.1, metavar="S", help="shorter clips are faults (%(default)s)"),
    argument("--no-near", action="store_false", dest="near", help="look for exact duplicates only"),
    argument("--jobs", type=int, default=-1, metavar="N", help="threads (%(default)s: one for each processor)"),
)
def check(folder, *, as_json, min_duration, near, jobs):
    """List files that would fail, duplicates, and clipped, silent, short or otherwise odd clips."""
    from .check import check_folder

    with _without_notes_of_decoders():
        findings = check_folder(folder, min_duration=min_duration, near=near, n_jobs=jobs)
    n_clips = findings.attrs["n_clips"]
    if as_json:
        import json

        print(json.dumps({"n_clips": n_clips, "findings": findings.to_dict("records")}, indent=1))
    else:
        for fault, rows in findings.groupby("fault", sort=False):
            print(f"{fault} ({len(rows)})")
            for path, detail in zip(rows["path"], rows["detail"], strict=True):
                print(_one_line(f"  {path}: {detail.removeprefix(f'{path}: ')}"))
        counts = findings["fault"].value_counts()
        listed = ": " + ", ".join(f"{n} {fault}" for fault, n in counts.items()) if len(findings) else ""
        print(f"{len(findings)} findings in {n_clips} clips{listed}")
    return int(len(findings) > 0)


def main(arguments=None):
    """Run one command.

    Parameters
    ----------
    arguments : list of str or None, default=None
        What stands behind ``sklaudio`` on the command line; None takes it from there.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    SystemExit
        With code 2 after wrong arguments, 0 after ``--help``.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # names of files may hold what the terminal cannot show
            stream.reconfigure(errors="backslashreplace")
    options = vars(_parser().parse_args(arguments))
    name, debug = options.pop("command"), options.pop("debug", False)
    try:
        code = COMMANDS[name][0](**options) or 0
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print(f"sklaudio {name}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = "" if debug else " (--debug shows where)"
        print(_one_line(f"sklaudio {name}: {error or type(error).__name__}{hint}"), file=sys.stderr)
        return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, where argparse prints the usage as well."""
        self.exit(2, _one_line(f"{self.prog}: {message} (see {self.prog} --help)") + "\n")


def _parser():
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = _Parser(prog="sklaudio", description="scikit-learn for sound.", epilog=EXIT_CODES, parents=[everywhere])
    parser.add_argument("--version", action="version", version=f"sklaudio {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (function, arguments) in COMMANDS.items():
        words = inspect.getdoc(function)
        own = commands.add_parser(
            name, help=words.split("\n")[0], description=words, epilog=EXIT_CODES, parents=[everywhere]
        )
        for names, options in arguments:
            own.add_argument(*names, **options)
    return parser


def _one_line(text):
    """What can be printed as it is, and escapes for the rest: line ends and control characters in names of files."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


@contextlib.contextmanager
def _without_notes_of_decoders():
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
            os.dup2(sys.stderr.fileno(), descriptor)
            sys.stderr = whole
