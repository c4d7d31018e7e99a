"""Errors of functions that commands call, in the words of their options."""

import re
from contextlib import contextmanager

OPTIONS = {"target": "label", "groups": "group", "label_sep": "sep"}  # others are called as the parameter
PARAMETER = re.compile(r"\b(path|target|groups|fold|root|start|end|label_sep)=(?=(\S?))")


@contextmanager
def parameters_as_options():
    """Raise errors of load_table and load_annotations with the options of commands in place of parameters."""
    try:
        yield
    except (FileNotFoundError, ValueError) as error:
        raise ValueError(PARAMETER.sub(_option, str(error))) from error


def _option(match):
    """Write ``root='audio'`` as ``--root 'audio'``, and ``root=`` as ``--root``."""
    name, value = match.groups()
    return f"--{OPTIONS.get(name, name)}" + " " * (value not in ("", ".", ","))
