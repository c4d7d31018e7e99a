"""Models for other languages and devices: a whole Pipeline as one ONNX graph, or as a page that runs it."""

from ._export import export_onnx
from ._page import export_page

__all__ = ["export_onnx", "export_page"]
