"""The ``sklaudio`` command: arguments in, one call, text out. Each command is a file of its name."""

from ._main import COMMANDS, argument, command, main

# isort: split
# Importing a command registers it in COMMANDS; the help lists them in this order.
from . import cache as cache
from . import check as check
from . import compare as compare
from . import embed as embed
from . import evaluate as evaluate
from . import export as export
from . import listen as listen
from . import models as models
from . import page as page
from . import plot as plot
from . import predict as predict
from . import report as report
from . import timeline as timeline
from . import train as train

__all__ = ["COMMANDS", "argument", "command", "main"]
