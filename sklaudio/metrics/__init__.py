"""Tables and scores of predictions: by class, by pair of classes, by events in time, how sure, how far calibrated.

A clip without a prediction, such as a file that cannot be read, has None for its class, and counts as wrong. What is
undefined is NaN: the precision of a class that is never predicted, the recall of a class without clips.
"""

from ._calibration import calibration_table, expected_calibration_error
from ._concordance import concordance_correlation
from ._event_scores import event_scores
from ._interval import accuracy_interval
from ._label_table import label_table
from ._operating_curve import event_operating_curve
from ._regression_table import regression_table
from ._segment_scores import segment_scores
from ._tables import class_table, confusion_table
from ._thresholds import best_thresholds

__all__ = [
    "accuracy_interval",
    "best_thresholds",
    "calibration_table",
    "class_table",
    "concordance_correlation",
    "confusion_table",
    "event_operating_curve",
    "event_scores",
    "expected_calibration_error",
    "label_table",
    "regression_table",
    "segment_scores",
]
