"""Encoders as torch modules that can be traced: what each kind does to clips, and its network."""

import copy

import torch
from torch import nn

from ..encoders._encoder import Encoder
from ..encoders._google_speech_encoder import FULL_SCALE, PEAK, GoogleSpeech
from ..encoders._huggingface import HuggingFaceEncoder, WaveformEncoder
from ..encoders._onnx import OnnxEncoder
from ..encoders._torch import TorchEncoder
from ..encoders._trained import TrainedEncoder
from ..features import FrameScaler
from ._encoders import EncoderFrames
from ._features import Features
from ._google_speech import GoogleSpeechNetwork
from ._nets import Embedding, Scale
from ._onnx_network import OnnxNetwork


def encoder_frames(encoder, window=None, hop=None, *, network=None, block=None):
    """Return an encoder as a module: (batch, n_samples) -> (batch, n_frames, n_dims).

    Parameters
    ----------
    encoder : Encoder
        The encoder.
    window, hop, block
        As of :class:`EncoderFrames`.
    network : nn.Module or None, default=None
        A copy of its network that was trained further; None is the network as published.

    Raises
    ------
    ValueError
        If it cannot be in a graph. The message says why, in words that follow the kind of the step.
    """
    network = network_of(encoder) if network is None else traceable(encoder, network)
    return EncoderFrames(encoder, _preparation_of(encoder), network, window, hop, block=block)


def network_of(encoder):
    """Return the network of an encoder as a module: (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
    if isinstance(encoder, GoogleSpeech):
        return GoogleSpeechNetwork(encoder)
    if isinstance(encoder, OnnxEncoder):
        return OnnxNetwork(encoder)
    if isinstance(encoder, TrainedEncoder):
        return _trained_network(encoder)
    if isinstance(encoder, TorchEncoder):
        is_program = isinstance(encoder._given, torch.export.ExportedProgram)  # which has one mode
        return AsFrames(encoder._module if is_program else copy.deepcopy(encoder._module).cpu().eval())
    if type(encoder).network is Encoder.network:
        raise ValueError(f" of {type(encoder).__name__}, which has no network() of torch")
    return traceable(encoder, encoder.network()[0].cpu())


def traceable(encoder, network):
    """Return the network of an encoder that can be trained, as a module that can be traced."""
    if not isinstance(encoder, HuggingFaceEncoder):
        return AsFrames(network.eval())
    if not isinstance(encoder, WaveformEncoder):
        kinds = ", ".join(WaveformEncoder.kinds)
        raise ValueError(
            f" of a model of type {encoder._config.model_type!r}, whose spectra transformers makes outside of torch; "
            f"those that take samples, {kinds}, can be exported"
        )
    return TransformersNetwork(encoder, network.model.eval())


class AsFrames(nn.Module):
    """A network of torch in evaluation mode, in which it stays; its vectors of windows are one frame each."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def train(self, mode=True):
        """Leave the mode as it is, which exported programs cannot change."""
        return self

    def forward(self, windows):
        """Map (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        found = self.network(windows).float()
        return found[:, None] if found.ndim == 2 else found


class TransformersNetwork(nn.Module):
    """A model of transformers that takes samples, and the layers that are taken of it."""

    def __init__(self, encoder, model):
        super().__init__()
        self.encoder, self.model = encoder, model

    def forward(self, windows):
        """Map (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        return self.encoder.chosen_of(self.model, windows, "cpu").float()


def _trained_network(encoder):
    """Return features, scaler and net of a model of ours; one vector of each window."""
    if not all(type(step) is FrameScaler for step in encoder._between):
        raise ValueError(" of a model with other steps than a FrameScaler between features and net")
    scales = [Scale(step) for step in encoder._between]
    return AsFrames(nn.Sequential(Features(encoder._features), *scales, Embedding(encoder._net)).eval())


def _preparation_of(encoder):
    """Return what an encoder does to clips before they are padded: (batch, n_samples) -> the same."""
    prepare = type(encoder).prepare
    if prepare is GoogleSpeech.prepare:
        return _to_peak
    if prepare is WaveformEncoder.prepare:
        return _standardized if getattr(encoder._extractor, "do_normalize", False) else _as_it_is
    if prepare is not Encoder.prepare:
        raise ValueError(f" of {type(encoder).__name__}, whose prepare() is Python")
    return _as_it_is


def _as_it_is(y):
    return y


def _to_peak(y):
    """Scale as :meth:`GoogleSpeech.prepare`."""
    peak = y.abs().amax(dim=1, keepdim=True)
    return torch.where(peak > 0, y * (PEAK * FULL_SCALE / peak), y)


def _standardized(y):
    """Standardize as :meth:`WaveformEncoder.prepare`."""
    mean = y.mean(dim=1, keepdim=True)
    variance = ((y - mean) ** 2).mean(dim=1, keepdim=True)
    return (y - mean) / (variance + 1e-7).sqrt()
