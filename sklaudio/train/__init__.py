"""Trainings of models on files, with a score on clips that training has not had, or watched on other clips."""

from ..segments._fit_with_validation import fit_with_validation
from ._classes import HeldOut
from ._events import HeldOutEvents
from ._files import Training, train_on_files
from ._labels import HeldOutLabels
from ._numbers import HeldOutNumbers

__all__ = [
    "HeldOut",
    "HeldOutEvents",
    "HeldOutLabels",
    "HeldOutNumbers",
    "Training",
    "fit_with_validation",
    "train_on_files",
]
