"""report: one page about one model on one set of clips, to look at and to listen to."""

from ._player import Player
from ._report import report
from ._written import EventReport, LabelReport, RegressionReport, Report

__all__ = ["EventReport", "LabelReport", "Player", "RegressionReport", "Report", "report"]
