"""Models for other languages and devices: a whole Pipeline as one ONNX graph."""

from ._export import export_onnx

__all__ = ["export_onnx"]
