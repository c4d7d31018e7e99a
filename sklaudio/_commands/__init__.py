"""The commands, a file each: to import one is to have it in ``COMMANDS``; they are listed in this order."""

from . import cache, check, evaluate, export, models, plot, predict, report, timeline, train

__all__ = ["cache", "check", "evaluate", "export", "models", "plot", "predict", "report", "timeline", "train"]
