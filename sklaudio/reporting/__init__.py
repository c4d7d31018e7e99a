"""report: one page about one model on one set of clips, to look at and to listen to."""

from ._player import Player
from ._report import Report, report

__all__ = ["Player", "Report", "report"]
