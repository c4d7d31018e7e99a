"""Segments: estimators of whole clips that learn from windows of their frames, and vote or take the mean."""

from ._cut import cut_segments
from ._mean import SegmentMeanRegressor
from ._voting import SegmentVotingClassifier, last_step

__all__ = ["SegmentMeanRegressor", "SegmentVotingClassifier", "cut_segments", "last_step"]
