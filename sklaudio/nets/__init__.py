"""Nets as classifiers of frames."""

from ._base import NetClassifier
from ._cnn import CNNClassifier
from ._crnn import CRNNClassifier, ParallelCNNLSTMClassifier
from ._dense import DenseClassifier
from ._rnn import BLSTMClassifier, GRUClassifier, LSTMClassifier, RNNClassifier

__all__ = [
    "BLSTMClassifier",
    "CNNClassifier",
    "CRNNClassifier",
    "DenseClassifier",
    "GRUClassifier",
    "LSTMClassifier",
    "NetClassifier",
    "ParallelCNNLSTMClassifier",
    "RNNClassifier",
]
