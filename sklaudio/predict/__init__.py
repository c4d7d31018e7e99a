"""Predictions of many files, in memory that does not grow with their number.

Names are loaded on first use: a graph of ONNX predicts without waiting for scikit-learn.
"""

from .._utils import lazy as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, __file__)
