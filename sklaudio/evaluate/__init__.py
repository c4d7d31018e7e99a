"""How well predictions agree with what clips are: of files, with all that is found of them, and in noise."""

from ..metrics._tables import UNREADABLE
from ._evaluation import Evaluation
from ._events import EventEvaluation
from ._files import evaluate_files
from ._labels import LabelEvaluation
from ._regression import RegressionEvaluation
from ._robustness import robustness_curve

__all__ = [
    "UNREADABLE",
    "Evaluation",
    "EventEvaluation",
    "LabelEvaluation",
    "RegressionEvaluation",
    "evaluate_files",
    "robustness_curve",
]
