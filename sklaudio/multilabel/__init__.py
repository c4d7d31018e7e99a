"""Several labels for each clip: from which probability on a clip has one."""

from ._thresholds import LabelThresholdClassifier

__all__ = ["LabelThresholdClassifier"]
