"""StreamPredictor: what a model predicts of live sound, block by block."""

from ._predictor import StreamPredictor

__all__ = ["StreamPredictor"]
