"""Predictions of many files, in memory that does not grow with their number.

Names are loaded on first use: a graph of ONNX predicts without waiting for scikit-learn.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_files": ["predict_files"],
        "_onnx": ["OnnxModel", "load_onnx"],
        "_predicted": ["FileLabels", "FileNumbers", "FilePrediction", "FileTimeline"],
    },
)
