"""Trainings of models on files, with a score on clips that training has not had, or watched on clips of their own."""

from ..segments._fit_with_validation import fit_with_validation
from ._files import HeldOut, Training, train_on_files
from ._labels import HeldOutLabels

__all__ = ["HeldOut", "HeldOutLabels", "Training", "fit_with_validation", "train_on_files"]
