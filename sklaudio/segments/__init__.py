"""Segments and votes: a classifier of whole clips that learns from windows of their frames."""

from ._voting import SegmentVotingClassifier, cut_segments, last_step

__all__ = ["SegmentVotingClassifier", "cut_segments", "last_step"]
