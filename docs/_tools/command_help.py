"""The directive ``command-help``: what each command of sklaudio says of itself, so that no page has to repeat it."""

import argparse
import os
from unittest import mock

from docutils import nodes
from docutils.parsers.rst import Directive

COLUMNS = "80"


class CommandHelp(Directive):
    """One section for each command, with its name as title and its help below."""

    def run(self):
        """List the sections."""
        return [_section(name, text) for name, text in helps().items()]


def helps():
    """Return the help of each command by its name, in the order of ``sklaudio --help``."""
    from sklaudio.cli import COMMANDS
    from sklaudio.cli._main import _parser

    with mock.patch.dict(os.environ, COLUMNS=COLUMNS):
        (commands,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
        return {name: commands.choices[name].format_help() for name in COMMANDS}


def _section(name, text):
    section = nodes.section(ids=[f"command-{name}"], names=[f"sklaudio {name}"])
    section += nodes.title(text=f"sklaudio {name}")
    section += nodes.literal_block(text, text, language="text")
    return section


def setup(app):
    """Register the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True}
