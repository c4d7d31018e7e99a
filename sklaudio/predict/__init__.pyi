from ._files import predict_files as predict_files
from ._onnx import OnnxModel as OnnxModel
from ._onnx import load_onnx as load_onnx
from ._predicted import FileLabels as FileLabels
from ._predicted import FileNumbers as FileNumbers
from ._predicted import FilePrediction as FilePrediction
from ._predicted import FileTimeline as FileTimeline
