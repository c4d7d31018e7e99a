"""ONNX files of encoders in graphs, whatever opset they are of."""

import torch

from ..encoders._onnx import open_session, run_session
from ._inserted import OPSET, Inserted, input_of


class OnnxGraph(Inserted):
    """The graph of an ONNX file of one input, of which the first output is taken.

    Parameters
    ----------
    path : path-like
        The file.
    is_row_by_row : bool, default=False
        Whether it takes one row at a time.
    """

    def __init__(self, path, *, is_row_by_row=False):
        super().__init__()
        self.path, self.is_row_by_row = path, is_row_by_row
        self.graph = read_graph(path)

    def forward(self, x, shape):
        """Map the input, and the shape of the output -> the output."""
        if torch.compiler.is_exporting():
            return self.symbol(x, shape)
        rows = x.split(1) if self.is_row_by_row else [x]
        session = open_session(self.path)
        return torch.cat([torch.from_numpy(run_session(session, each.numpy())) for each in rows])


class OnnxNetwork(OnnxGraph):
    """The network of an encoder that is an ONNX file of anybody's.

    Parameters
    ----------
    encoder : OnnxEncoder
        The encoder.
    """

    def __init__(self, encoder):
        super().__init__(encoder.path, is_row_by_row=encoder.takes_one_window)
        self.encoder = encoder
        self.has_frames = encoder.makes_frames

    def forward(self, windows):
        """Map (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        n_windows, n_dims = windows.shape[0], len(self.encoder.dim_names)
        if not self.has_frames:
            return super().forward(windows, (n_windows, n_dims))[:, None]
        return super().forward(windows, (n_windows, self._n_frames(windows.shape[1]), n_dims))

    def _n_frames(self, n_samples):
        encoder = self.encoder
        if encoder.hop_length is None:
            return 1
        return (n_samples - encoder.frame_length) // encoder.hop_length + 1


def read_graph(path):
    """Read an ONNX file, of whatever opset, as one of `OPSET`.

    Raises
    ------
    ValueError
        If it uses operations that cannot be brought to this opset. The message says so in words that follow its name.
    """
    import onnx
    from onnx import inliner, version_converter

    model = inliner.inline_local_functions(onnx.load(path))
    input_of(model.graph)
    default = next(each for each in model.opset_import if each.domain in ("", "ai.onnx"))
    if default.version < OPSET:
        try:
            return version_converter.convert_version(model, OPSET)
        except Exception as error:  # of many kinds
            raise ValueError(
                f" of {path}, which is of opset {default.version} and cannot be brought to {OPSET}: "
                f"{next(iter(str(error).splitlines()), '')}. Write the file with opset {OPSET}"
            ) from error
    default.version = OPSET  # operations that are newer fail when the whole graph is checked
    return model
