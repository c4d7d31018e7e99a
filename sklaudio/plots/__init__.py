"""Plots, after scikit-learn's Displays: of features, trainings, searches, numbers, scores in noise, long recordings.

Predictions of classifiers are drawn by scikit-learn's ``ConfusionMatrixDisplay``, ``RocCurveDisplay`` and
``CalibrationDisplay``, which take the estimators here as they are. matplotlib is imported when something is drawn:
``pip install 'sklaudio[plots]'``.

Figures are made without pyplot, whose state stays as it was: notebooks show a Display that is the value of a cell, and
``display.figure_.savefig(path)`` writes it. For ``plt.show()``, pass axes of pyplot's: ``ax=plt.gca()``.
"""

from ._embedding_display import EmbeddingDisplay
from ._explanation_display import ExplanationDisplay
from ._feature_display import FeatureDisplay
from ._operating_curve_display import EventOperatingCurveDisplay
from ._regression_display import RegressionDisplay
from ._robustness_display import RobustnessDisplay
from ._study_display import StudyDisplay
from ._timeline_display import TimelineDisplay
from ._training_display import TrainingDisplay

__all__ = [
    "EmbeddingDisplay",
    "EventOperatingCurveDisplay",
    "ExplanationDisplay",
    "FeatureDisplay",
    "RegressionDisplay",
    "RobustnessDisplay",
    "StudyDisplay",
    "TimelineDisplay",
    "TrainingDisplay",
]
