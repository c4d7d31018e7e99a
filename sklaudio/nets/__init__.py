"""Nets as classifiers of frames."""

from ._base import NetClassifier
from ._rnn import BLSTMClassifier, GRUClassifier, LSTMClassifier, RNNClassifier

__all__ = ["BLSTMClassifier", "GRUClassifier", "LSTMClassifier", "NetClassifier", "RNNClassifier"]
