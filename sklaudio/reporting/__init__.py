"""report: a page about one model on one set of clips, to look at and to listen to; card: what goes with its file."""

from ._card import card
from ._player import Player
from ._report import report
from ._written import EventReport, LabelReport, RegressionReport, Report

__all__ = ["EventReport", "LabelReport", "Player", "RegressionReport", "Report", "card", "report"]
