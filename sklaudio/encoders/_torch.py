"""Torch modules and exported programs as encoders."""

import copy
from weakref import WeakKeyDictionary

import numpy as np
import torch

from ._content import content_of
from ._encoder import Measured, as_frames, hash_of

_MEASURED = WeakKeyDictionary()  # module -> sizes, which take a dozen runs to find out


def open_module(module, sr=None):
    """Wrap a torch module or exported program as an encoder."""
    if not isinstance(module, (torch.nn.Module, torch.export.ExportedProgram)):
        raise TypeError(
            f"encoder={module!r} is {type(module).__name__}. Pass a name of sklaudio.encoders.names(), an .onnx file, "
            "a folder, a torch.nn.Module, a torch.export.ExportedProgram, or an Encoder."
        )
    return TorchEncoder(module, sr)


class TorchEncoder(Measured):
    """A torch module that takes samples ``(batch, n_samples)``.

    Parameters
    ----------
    module : torch.nn.Module or torch.export.ExportedProgram
        It makes ``(batch, n_dims)`` or ``(batch, n_frames, n_dims)``. What it says as attributes `sr`, `hop_length`,
        `frame_length`, `window` (of windows that all must be as long) and `licence` is taken; the rest is measured.
    sr : int or None
        Sampling rate in hertz.
    """

    def __init__(self, module, sr=None):
        said = {name: getattr(module, name, None) for name in ("sr", "hop_length", "frame_length", "window", "licence")}
        if sr is None and said["sr"] is None:
            raise ValueError(f"encoder {type(module).__name__} does not say its sampling rate. Pass sr=, in hertz.")
        self.sr = said["sr"] if sr is None else sr
        self.licence = said["licence"]
        self._module = module.module() if isinstance(module, torch.export.ExportedProgram) else module
        self._given = module
        sizes = {name: said[name] for name in ("hop_length", "frame_length")}
        measured = _MEASURED.get(module, {})
        state = _structure(module), self.sr, *said.values()
        if measured.get("state") == state:
            vars(self).update(measured["sizes"])
            return
        before = set(vars(self))
        self._measure(type(module).__name__, window=said["window"] or _length_of(module), **sizes)
        sizes = {name: value for name, value in vars(self).items() if name not in before}
        _MEASURED[module] = {"state": state, "sizes": sizes}

    @property
    def content_hash(self):
        """Hash of weights, architecture and code as they are now; None where they cannot be hashed."""
        content, self.unknown = content_of(self._given)
        return content and hash_of("torch", content, self.sr)

    def run(self, batch, device):
        """Compute frames of windows in evaluation mode; leave the module in the mode and on the device that it was."""
        if isinstance(self._given, torch.export.ExportedProgram):  # which has one mode
            return self._run(batch, device)
        modes = [(part, part.training) for part in self._module.modules()]
        self._module.eval()
        try:
            return self._run(batch, device)
        finally:
            for part, mode in modes:
                part.training = mode

    def network(self):
        """Return a copy of the module, and its children as blocks."""
        if isinstance(self._given, torch.export.ExportedProgram):
            return super().network()
        module = copy.deepcopy(self._module)
        return module, list(module.children()) or [module]

    def _run(self, batch, device):
        home = next((weights.device for weights in self._module.parameters()), torch.device(device))
        try:
            self._module.to(device)
            with torch.inference_mode():
                output = self._module(torch.from_numpy(np.ascontiguousarray(batch)).to(device))
            if not isinstance(output, torch.Tensor):
                raise TypeError(f"encoder: {type(self._module).__name__} makes {type(output).__name__}, not a tensor.")
            return as_frames(output.to("cpu", torch.float32).numpy(), type(self._module).__name__)
        finally:
            self._module.to(home)


def _structure(module):
    """Describe as text what the sizes of its output depend on: layers, shapes, attributes of numbers or text."""
    if isinstance(module, torch.export.ExportedProgram):
        return str(module.graph_signature)
    attributes = [
        {name: value for name, value in vars(part).items() if isinstance(value, (bool, int, float, str, tuple))}
        for part in module.modules()
    ]
    return repr((repr(module), attributes, [tuple(weights.shape) for weights in module.state_dict().values()]))


def _length_of(program):
    """Return the number of samples that an exported program takes; None where it takes any number, and of modules."""
    if not isinstance(program, torch.export.ExportedProgram):
        return None
    (takes,) = program.graph_signature.user_inputs
    shape = next(node.meta["val"].shape for node in program.graph.nodes if node.name == takes)
    return shape[1] if isinstance(shape[1], int) else None
