"""The ``sklaudio`` command: arguments in, one call, text out. The commands themselves are in ``_commands``.

Exit codes: 0, done and nothing found; 1, faults found, or the command failed; 2, wrong use; 130, interrupted.
"""

import argparse
import inspect
import os
import sys
import traceback

from . import __version__, _commands  # noqa: F401  to import them is to have them listed
from ._commands._command import COMMANDS, WrongUseError, argument, command
from ._commands._completion import PrintCompletion
from ._commands._output import warnings_in_one_line
from ._text import one_line

__all__ = ["COMMANDS", "argument", "command", "main"]

EXIT_CODES = "Exit codes: 0 done, nothing found; 1 faults found, or failed; 2 wrong use; 130 interrupted."
EPILOG = f"""{EXIT_CODES}

Such as:
  sklaudio train recordings/ --out model.skops
  sklaudio predict model.skops new/*.wav
  sklaudio COMMAND --help"""


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
    name, debug = "", False
    try:
        options = vars(_parser().parse_args(arguments))
        name, debug = options.pop("command"), options.pop("debug", False)
        with warnings_in_one_line(name):
            code = COMMANDS[name][0](**options) or 0
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print(f"{f'sklaudio {name}'.rstrip()}: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except WrongUseError as error:
        print(one_line(f"sklaudio {name}: {error} (see sklaudio {name} --help)"), file=sys.stderr)
        return 2
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = "" if debug else " (--debug shows where)"
        print(one_line(f"sklaudio {name}: {error or type(error).__name__}{hint}"), file=sys.stderr)
        return 1


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One line, where argparse prints the usage as well."""
        self.exit(2, one_line(f"{self.prog}: {message} (see {self.prog} --help)") + "\n")


def _parser():
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    everywhere.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = _Parser(prog="sklaudio", description="scikit-learn for sound.", epilog=EPILOG, parents=[everywhere])
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--version", action="version", version=f"sklaudio {__version__}")
    parser.add_argument("--print-completion", action=PrintCompletion)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (function, arguments) in COMMANDS.items():
        words = inspect.getdoc(function)
        own = commands.add_parser(
            name,
            help=words.split("\n")[0],
            description=words,
            epilog=EXIT_CODES,
            parents=[everywhere],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for one in arguments:
            parent = own.add_mutually_exclusive_group() if isinstance(one, list) else own
            for names, options in one if isinstance(one, list) else [one]:
                options = dict(options)
                complete = options.pop("complete", None)
                parent.add_argument(*names, **options).complete = complete
    return parser
