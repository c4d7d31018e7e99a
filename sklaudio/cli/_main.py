"""The ``sklaudio`` command: arguments in, one call, text out. Each command is a file beside this one.

Exit codes: 0, done and nothing found; 1, faults found, or the command failed; 2, wrong use; 130, interrupted.
"""

import argparse
import inspect
import os
import sys
import traceback
import warnings

from .. import __version__
from .._utils.near_names import did_you_mean
from .._utils.progress import wipe
from .._utils.terminal import one_line
from ._command import COMMANDS, WrongUseError, argument, command
from ._completion import PrintCompletion
from ._streams import warnings_in_one_line

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
    with warnings.catch_warnings():
        code, message = _run(arguments)
    if message is not None:
        wipe()
        print(one_line(message), file=sys.stderr)
    return code


def _run(arguments):
    """Return the exit code, and a line to print to stderr or None."""
    name, debug = "sklaudio", False
    try:
        parser = _parser()
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            parser.exit(2, one_line(_about_unknown(options.command, unknown)) + "\n")
        options = vars(options)
        function, debug = COMMANDS[options["command"]][0], options.pop("debug", False)
        name = f"sklaudio {options['command']}"
        with warnings_in_one_line(options.pop("command")):
            code = function(**options) or 0
        sys.stdout.flush()
        return code, None
    except KeyboardInterrupt:
        warnings.simplefilter("ignore")  # until main is left: joblib has something to say of jobs that are not done
        return 130, f"{name}: interrupted"
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1, None
    except WrongUseError as error:
        return 2, f"{name}: {error} (see {name} --help)"
    except Exception as error:
        if debug:
            traceback.print_exc()
        hint = "" if debug else " (--debug shows where)"
        return 1, f"{name}: {error or type(error).__name__}{hint}"


def _about_unknown(command, unknown):
    """Return what to say of arguments that a command has not: of files that a pattern became, quotes are what lacks."""
    counsel = ""
    if all(map(os.path.exists, unknown)):
        counsel = ". It takes one; put a pattern in quotes, such as 'labels/*.txt', or the shell makes several of it"
    elif options := [one for one in unknown if one.startswith("--")]:
        pairs = [pair for one in COMMANDS[command][1] for pair in (one if isinstance(one, list) else [one])]
        known = [name for names, _ in pairs for name in names if name.startswith("--")]
        counsel = did_you_mean(options[0].split("=")[0], known, after=".")
    return f"sklaudio {command}: unrecognized arguments: {' '.join(unknown)}{counsel} (see sklaudio {command} --help)"


class _Parser(argparse.ArgumentParser):
    def _check_value(self, action, value):
        """Refuse what is none of the choices, commands among them, and say which is like it."""
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            error.message += did_you_mean(value, action.choices, after=".")
            raise

    def error(self, message):
        """Exit with one line, where argparse prints the usage as well."""
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
        subparser = commands.add_parser(
            name,
            help=words.split("\n")[0],
            description=words,
            epilog=EXIT_CODES,
            parents=[everywhere],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        for one in arguments:
            parent = subparser.add_mutually_exclusive_group() if isinstance(one, list) else subparser
            for names, options in one if isinstance(one, list) else [one]:
                options = dict(options)
                complete, is_optional = options.pop("complete", None), options.pop("optional", False)
                action = parent.add_argument(*names, **options)
                action.complete, action.required = complete, action.required and not is_optional
        subparser._has_negative_number_optionals.clear()  # else -0 makes an option of the -1 in --jobs -1
    return parser
