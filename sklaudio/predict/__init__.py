"""Predictions of many files, in memory that does not grow with their number."""

from ._files import predict_files
from ._predicted import FileLabels, FileNumbers, FilePrediction, FileTimeline

__all__ = ["FileLabels", "FileNumbers", "FilePrediction", "FileTimeline", "predict_files"]
