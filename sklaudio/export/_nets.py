"""Nets as torch modules, and the scaling of frames before them."""

import copy

import numpy as np
import torch
from torch import nn

from ..nets import NetRegressor
from ..nets._callbacks import unwrap
from ._classical import scale_of
from ._encoders import EncoderFrames
from ._inserted import Inserted
from ._recurrent import exchange


class Scale(nn.Module):
    """What a fitted FrameScaler does, in double precision as there."""

    def __init__(self, scaler):
        super().__init__()
        self.per = scaler.per
        if self.per == "dim":
            self.register_buffer("mean", torch.from_numpy(scaler.mean_))
            self.register_buffer("scale", torch.from_numpy(scaler.scale_))

    def forward(self, frames):
        """Map (batch, n_frames, n_dims) -> the same."""
        frames = frames.double()
        if self.per == "dim":
            return ((frames - self.mean) / self.scale).float()
        axis = (1, 2) if self.per == "clip" else (1,)
        mean = frames.mean(dim=axis, keepdim=True)
        scale = ((frames - mean) ** 2).mean(dim=axis, keepdim=True).sqrt()
        return ((frames - mean) / scale_of(scale, mean)).float()


class Net(nn.Module):
    """Standardization, and a fitted net: softmax or sigmoid of a classifier, the unit of the targets of a regressor.

    Parameters
    ----------
    net : NetClassifier or NetRegressor
        The fitted net.
    module : nn.Module or None, default=None
        What makes logits of frames and their lengths; None is a copy of that of the net.
    """

    def __init__(self, net, module=None):
        super().__init__()
        self.module = exchange(module_of(net) if module is None else module)
        self.activation = net._target.activation
        self.is_standardized, self.has_unit = hasattr(net, "mean_"), isinstance(net, NetRegressor)
        if self.is_standardized:
            self._register("mean", net.mean_)
            self._register("scale", net.scale_)
        if self.has_unit:
            self._register("target_mean", net.target_mean_)
            self._register("target_scale", net.target_scale_)

    def _register(self, name, values):
        self.register_buffer(name, torch.from_numpy(np.atleast_1d(values).astype(np.float32)))

    def forward(self, frames):
        """Map (batch, n_frames, n_dims) -> (batch, n_outputs), or (batch, n_frames, n_outputs) of a net of frames."""
        outputs = self.activation(self.module(*self._scaled(frames)))
        return outputs * self.target_scale + self.target_mean if self.has_unit else outputs

    def _scaled(self, frames):
        """Return frames as the module takes them, and how many each clip has."""
        if frames.ndim == 2:  # rows are frames of one step
            frames = frames[:, None]
        if self.is_standardized:
            frames = (frames - self.mean) / self.scale
        return frames, torch.full((frames.shape[0],), frames.shape[1])


class Embedding(Net):
    """A fitted net before its output layer."""

    def forward(self, frames):
        """Map (batch, n_frames, n_dims) -> (batch, n_embedding)."""
        return self.module.embed(*self._scaled(frames))


class FineTunedHead(nn.Module):
    """What stands behind the network of an EncoderClassifier that trained it.

    Parameters
    ----------
    module : FineTunedEncoder
        Whose parts are taken.
    """

    def __init__(self, module):
        super().__init__()
        self.norm, self.pooling, self.output = module.norm, module.pooling, module.output

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        if self.norm is not None:
            norm = self.norm
            frames = (frames - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        return self.output(self.pooling(frames, lengths))


class LabelRegressions(nn.Module):
    """The regressions of several labels that a GroupedLogisticRegression has, in double precision as there."""

    def __init__(self, classifier):
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(classifier.coef_.T.copy()).double())
        self.register_buffer("bias", torch.from_numpy(classifier.intercept_).double())

    def forward(self, rows):
        """Map (batch, n_dims) -> (batch, n_labels)."""
        return (rows.double() @ self.weight + self.bias).sigmoid().float()


def module_of(net):
    """Copy the torch module of a fitted net to the CPU."""
    return copy.deepcopy(unwrap(net.net_.module_)).cpu()


def layers_of_nets(module):
    """Return the names of the parts of a module whose weights int8 may store.

    Parameters
    ----------
    module : nn.Module
        That of a model.

    Returns
    -------
    nets, layers : list of str
        The nets, and the layers of encoders; what an encoder computes besides, such as spectra, is not in these.
    """
    parts, layers = dict(module.named_modules()), []
    for outer, part in parts.items():
        if isinstance(part, EncoderFrames):
            inside = [inner for inner, layer in part.network.named_modules() if _is_layer(layer)]
            layers += [f"{outer}.network.{inner}".rstrip(".") for inner in inside]
    nets = [name for name, part in parts.items() if isinstance(part, Net) and name not in layers]
    return nets, layers


def _is_layer(part):
    has_weights = any(True for _ in part.parameters(recurse=False))
    return isinstance(part, (Inserted, Net)) or (has_weights and type(part).__module__.startswith("torch.nn."))
