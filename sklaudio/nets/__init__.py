"""Nets as classifiers of frames."""

from ._base import NetClassifier
from ._cnn import CNNClassifier
from ._crnn import CRNNClassifier
from ._dense import DenseClassifier
from ._parallel import ParallelCNNLSTMClassifier
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
