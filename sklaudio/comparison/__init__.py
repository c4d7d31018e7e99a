"""compare: which model for these recordings, measured under folds that keep groups."""

from ._candidates import candidates
from ._compare import compare
from ._result import Comparison, corrected_t_test

__all__ = ["Comparison", "candidates", "compare", "corrected_t_test"]
