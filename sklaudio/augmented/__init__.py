"""Training on clips and on copies whose sound was changed, for any Pipeline of clips."""

from ._augmented import AugmentedClassifier, AugmentedRegressor

__all__ = ["AugmentedClassifier", "AugmentedRegressor"]
