"""report: one page about one model on one set of clips, to look at and to listen to."""

from ._report import Report, report

__all__ = ["Report", "report"]
