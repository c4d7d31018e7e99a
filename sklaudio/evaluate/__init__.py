"""How well predictions agree with what clips are: evaluate_files, and what it finds of classes, labels and numbers."""

from ..metrics._tables import UNREADABLE
from ._evaluation import Evaluation
from ._files import evaluate_files
from ._labels import LabelEvaluation
from ._regression import RegressionEvaluation

__all__ = ["UNREADABLE", "Evaluation", "LabelEvaluation", "RegressionEvaluation", "evaluate_files"]
