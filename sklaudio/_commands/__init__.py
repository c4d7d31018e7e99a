"""The commands, a file each: to import one is to have it in ``COMMANDS``; they are listed in this order."""

from . import check, predict, report

__all__ = ["check", "predict", "report"]
