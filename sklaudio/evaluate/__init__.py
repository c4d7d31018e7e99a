"""How well predictions agree with what clips are: evaluate_files, and what it finds of each kind of task."""

from ..metrics._tables import UNREADABLE
from ._evaluation import Evaluation
from ._events import EventEvaluation
from ._files import evaluate_files
from ._labels import LabelEvaluation
from ._regression import RegressionEvaluation

__all__ = ["UNREADABLE", "Evaluation", "EventEvaluation", "LabelEvaluation", "RegressionEvaluation", "evaluate_files"]
