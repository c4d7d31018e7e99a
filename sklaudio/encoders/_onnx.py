"""ONNX files as encoders, by ONNX Runtime."""

import os
from functools import lru_cache

import numpy as np

from .._utils.file_hash import sha256_of
from ._encoder import Measured, as_frames, hash_of

HOW_TO_GET = "ONNX files are run by onnxruntime, which is not installed: pip install 'sklaudio[onnx]'."


@lru_cache(maxsize=4)
def session_of(path, mtime_ns):
    """Open the network of a file, on the CPU."""
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(HOW_TO_GET) from error
    try:
        return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has another kind for each reason
        raise ValueError(f"{path} is no ONNX network that onnxruntime can run: {str(error).splitlines()[0]}") from error


def open_session(path):
    """Return the network of a file as it is now: sessions are kept by path and time."""
    path = os.path.abspath(path)
    return session_of(path, os.stat(path).st_mtime_ns)


def run_session(session, batch):
    """Compute the first output of a network for a batch."""
    return session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: batch})[0]


class OnnxEncoder(Measured):
    """An ONNX file that takes samples ``(batch, n_samples)``.

    Parameters
    ----------
    path : str
        The file. Its first input takes float32 samples; its first output is ``(batch, n_dims)`` or
        ``(batch, n_frames, n_dims)``.
    sr : int or None
        Sampling rate in hertz; None reads `sr` of the metadata of the file, which may say `hop_length`, `frame_length`
        and `licence` as well.

    Attributes
    ----------
    takes_one_window : bool
        Whether the network takes one window at a time.
    makes_frames : bool
        Whether its output is ``(batch, n_frames, n_dims)``.
    """

    takes_device = False

    def __init__(self, path, sr=None):
        self._session = open_session(path)
        self.path = path
        metadata = self._session.get_modelmeta().custom_metadata_map
        if sr is None and not metadata.get("sr", "").isdigit():
            raise ValueError(f"{path} does not say its sampling rate. Pass sr=, in hertz.")
        self.sr = int(metadata["sr"]) if sr is None else sr
        self.licence = metadata.get("licence")
        self.content_hash = hash_of("onnx", sha256_of(path), self.sr)
        takes = self._check_input()
        said = {name: int(metadata.get(name, 0)) or None for name in ("hop_length", "frame_length")}
        self._measure(path, window=takes if isinstance(takes, int) else None, **said)
        example = np.zeros((1, self.window if self.is_fixed else self.sr), dtype=np.float32)
        self.makes_frames = run_session(self._session, example).ndim == 3

    def run(self, batch, device):
        """Return the frames of windows; on the CPU, whatever the device."""
        if self.takes_one_window:
            return np.concatenate([as_frames(run_session(self._session, row[None]), self.path) for row in batch])
        return as_frames(run_session(self._session, batch), self.path)

    def _check_input(self):
        """Return the number of samples that the network takes; a name, or None, where it takes any number."""
        first, *others = self._session.get_inputs()
        if others or first.type != "tensor(float)" or len(first.shape) != 2:
            kinds = [(item.name, item.type, item.shape) for item in self._session.get_inputs()]
            raise ValueError(f"{self.path} takes {kinds}. It must take one float32 input (batch, n_samples).")
        self.takes_one_window = first.shape[0] == 1
        return first.shape[1]
