"""Rows of tables in graphs: the summary of a clip's frames, and what scikit-learn makes of it."""

import warnings

import numpy as np
import torch
from sklearn.base import is_classifier, is_regressor
from sklearn.pipeline import make_pipeline
from torch import nn

from .._frames.validation import CONSTANT
from ._inserted import OPSET, OPSET_ML, Inserted


class Summary(nn.Module):
    """What a FrameSummary computes, in double precision as there."""

    def __init__(self, summary):
        super().__init__()
        self.statistics = tuple(summary.statistics)

    def forward(self, frames):
        """Map (batch, n_frames, n_dims) -> (batch, n_statistics * n_dims)."""
        frames = frames.double()
        return torch.cat([STATISTICS[name](frames) for name in self.statistics], dim=1).float()


def _median(frames):
    ordered, n_frames = frames.sort(dim=1).values, frames.shape[1]
    middle = torch.arange(n_frames)[(n_frames - 1) // 2 : n_frames // 2 + 1]  # one frame, or two
    return ordered[:, middle].mean(dim=1)


def _std(frames):
    return ((frames - frames.mean(dim=1, keepdim=True)) ** 2).mean(dim=1).sqrt()


def _skew(frames):
    mean = frames.mean(dim=1, keepdim=True)
    return (((frames - mean) / scale_of(_std(frames)[:, None], mean)) ** 3).mean(dim=1)


def scale_of(std, mean):
    """Return what to divide by, 1 for what does not vary, as :func:`sklaudio._frames.validation.scale_of`."""
    return torch.where(std <= CONSTANT * mean.abs(), torch.ones_like(std), std)


STATISTICS = {
    "mean": lambda frames: frames.mean(dim=1),
    "std": _std,
    "min": lambda frames: frames.amin(dim=1),
    "max": lambda frames: frames.amax(dim=1),
    "median": _median,
    "skew": _skew,
}


class Classical(Inserted):
    """Fitted estimators of scikit-learn, one after another, as skl2onnx has them.

    Parameters
    ----------
    stages : list of estimators
        Of these the last is a transformer, a classifier or a regressor.
    scores : bool, default=False
        Whether a classifier gives what its `decision_function` does, rather than probabilities.

    Attributes
    ----------
    graph : onnx.ModelProto
        "rows", (n, n_dims), to one output.
    """

    def __init__(self, stages, *, scores=False):
        super().__init__()
        self.estimator = stages[0] if len(stages) == 1 else make_pipeline(*stages)
        last = stages[-1]
        self.method = "transform"
        if is_classifier(last):
            self.method = "decision_function" if scores else "predict_proba"
        elif is_regressor(last):
            self.method = "predict"
        zeros = np.zeros((2, stages[0].n_features_in_), dtype=np.float32)
        self.width = self._ask(zeros).shape[1]
        if self.method == "decision_function" and self.width not in (1, len(last.classes_)):
            raise ValueError("there are scores of pairs of classes")
        self.graph = self._convert(last)

    def _ask(self, rows):
        """Return what the estimators make of rows: (n, width), float32."""
        found = getattr(self.estimator, self.method)(rows)
        if isinstance(found, list):
            raise ValueError("there are probabilities of each output apart")
        return np.asarray(found, dtype=np.float32).reshape(len(rows), -1)

    def _convert(self, last):
        convert_sklearn, tensor = _skl2onnx()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # skl2onnx asks for attributes that will be removed
            graph = convert_sklearn(
                self.estimator,
                initial_types=[("rows", tensor([None, self.estimator.n_features_in_]))],
                options={id(last): {"raw_scores": True}} if self.method == "decision_function" else None,
                target_opset={"": OPSET, "ai.onnx.ml": OPSET_ML},
            )
        output = graph.graph.output[-1].name  # behind the classes, of a classifier
        maker = next(node for node in graph.graph.node if output in node.output)
        if maker.op_type == "ZipMap":  # probabilities as dictionaries
            output = maker.input[0]
            graph.graph.output[-1].CopyFrom(_tensor_of_floats(output))
        from onnx.utils import Extractor

        return Extractor(graph).extract_model(["rows"], [output])

    def forward(self, rows):
        """Map (batch, n_dims) -> (batch, width)."""
        if not torch.compiler.is_exporting():  # the operation stands for a result, and computes none
            return torch.from_numpy(self._ask(rows.numpy()))
        is_binary = self.method == "decision_function" and self.width == 1  # of which ONNX has both columns
        found = self.symbol(rows, (rows.shape[0], 2 if is_binary else self.width))
        return found[:, 1:] if is_binary else found


def _tensor_of_floats(name):
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, None])


def _skl2onnx():
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError as error:
        raise ImportError(
            "export_onnx needs skl2onnx for estimators of scikit-learn, which is not installed. "
            "Run: pip install 'sklaudio[onnx]'"
        ) from error
    return convert_sklearn, FloatTensorType
