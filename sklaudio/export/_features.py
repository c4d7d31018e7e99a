"""Features as torch modules: equally long waveforms in, frames out, of any number and length."""

from functools import cached_property
from types import MappingProxyType

import numpy as np
import scipy.signal
import torch
from torch import nn

from ..features import (
    ChromaTransformer,
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralFlatnessTransformer,
    SpectrogramTransformer,
    TempogramTransformer,
    TempoTransformer,
    TonnetzTransformer,
    WaveformTransformer,
)
from ..features._mel import mel_of
from ..features._mfcc import DELTA_WIDTH, dct
from ..features._signal import Signal
from ..features._union import frames_by_name, shared_signals

FEATURES = "features"  # what a transformer that is no union is called
EXPORTED = (
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    SpectrogramTransformer,
    ChromaTransformer,
    TonnetzTransformer,
    TempogramTransformer,
    TempoTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralFlatnessTransformer,
    WaveformTransformer,
)


def obstacle_of(transformer):
    """Return which parameter of one of `EXPORTED` a graph cannot have, and what it can; None if there is none."""
    if getattr(transformer, "chroma", "stft") != "stft":
        return f'chroma={transformer.chroma!r}, where chroma="stft" can be exported'
    if isinstance(transformer, (ChromaTransformer, TonnetzTransformer)) and transformer.tuning is None:
        return "tuning=None, where a number such as tuning=0.0 can be exported"
    return None


class GraphSignal(Signal):
    """A Signal whose spectra are of operations that ONNX has; the transform is in double precision."""

    @cached_property
    def power(self):
        """Power spectrum: (batch, n_frames, 1 + n_fft // 2), float32."""
        spectrum = torch.view_as_real(self._spectrum())
        return (spectrum[..., 0] ** 2 + spectrum[..., 1] ** 2).float()

    @cached_property
    def magnitude(self):
        """Magnitude spectrum, of the same shape."""
        return torch.sqrt(self.power)


class Features(nn.Module):
    """The frames of a feature transformer: (batch, n_samples) -> (batch, n_frames, n_dims), float32.

    Parameters
    ----------
    transformer : FrameTransformer
        One of `EXPORTED` that has no :func:`obstacle_of`, an EncoderTransformer, or a FrameUnion of them.
    encoders : dict of str to nn.Module, default={}
        What makes frames of waveforms for each member that is an EncoderTransformer, by :func:`members_of` its name.
    """

    def __init__(self, transformer, encoders=MappingProxyType({})):
        super().__init__()
        self.transformer = transformer
        self.members = members_of(transformer)
        self.encoders = nn.ModuleDict(encoders)
        sr, duration, offset = transformer.sr, transformer.duration, transformer.offset
        self.first = int(offset * sr)
        self.n_samples = None if duration is None else max(1, round(duration * sr))
        # Filter banks are made now: librosa cannot be imported while a graph is traced.
        self(torch.zeros(1, self.first + max([1, *(part.window for part in self.encoders.values())])))

    def extent(self):
        """Return the samples that are skipped, of the longest frame, and of the longest step."""
        signals = shared_signals(self.members, lambda member: member._signal(None)).values()
        return self.first, max(signal.n_fft for signal in signals), max(signal.hop_length for signal in signals)

    def forward(self, y):
        """Map (batch, n_samples) -> (batch, n_frames, n_dims)."""
        y = y[:, self.first :]
        if self.n_samples is not None:
            y = nn.functional.pad(y, (0, self.n_samples))[:, : self.n_samples]
        members = [(name, member) for name, member in self.members if name not in self.encoders]
        signals = shared_signals(members, lambda member: _graph_signal(member, y))
        parts = frames_by_name(members, signals, _frames) | {name: part(y) for name, part in self.encoders.items()}
        return torch.cat([parts[name].float() for name, _ in self.members], dim=-1)


def members_of(transformer):
    """List the features of which a transformer has frames, by name: of a FrameUnion its members, else itself."""
    return transformer._members() if isinstance(transformer, FrameUnion) else [(FEATURES, transformer)]


def _graph_signal(member, y):
    like = member._signal(None)
    signal = GraphSignal(None, sr=like.sr, n_fft=like.n_fft, hop_length=like.hop_length)
    signal.y = y  # a signal that is given one asks how long it is, which a graph cannot
    return signal


def _frames(member, signal):
    if isinstance(member, MFCCTransformer):
        mfcc = dct(mel_of(member, signal), member.n_mfcc)
        return torch.cat([mfcc, *(delta(mfcc, order) for order in range(1, member.delta + 1))], dim=-1)
    if isinstance(member, WaveformTransformer):
        return framed(signal.y, member.frame_length, signal.hop_length)
    return member._frames(signal)


def framed(y, frame_length, hop_length):
    """Cut frames inside `y`, with zeros behind it if it is shorter than one: (batch, n_frames, frame_length)."""
    padded = nn.functional.pad(y, (0, frame_length))  # how much is missing, if any, shows when the graph is run
    n_frames = torch.sym_max(y.shape[1] - frame_length, 0) // hop_length + 1
    starts = hop_length * torch.arange(n_frames)
    return padded[:, starts[:, None] + torch.arange(frame_length)]


def delta(frames, order):
    """Compute slopes as :func:`sklaudio.features._mfcc.delta`, for a number of frames that shows when the graph is run.

    Where there are nine frames, a polynomial is fitted to the nine that are nearest; else to those around, the first
    and the last one repeated.
    """
    half = DELTA_WIDTH // 2
    weights = np.stack(
        [scipy.signal.savgol_coeffs(DELTA_WIDTH, order, deriv=order, pos=at, use="dot") for at in range(DELTA_WIDTH)]
    )
    at = torch.arange(frames.shape[1])
    last = at[-1:]
    is_long = last >= DELTA_WIDTH - 1
    centred = at - half
    start = torch.where(is_long, torch.minimum(centred.clamp(min=0), last - (DELTA_WIDTH - 1)), centred)
    index = torch.minimum((start[:, None] + torch.arange(DELTA_WIDTH)).clamp(min=0), last)
    weight = torch.from_numpy(weights.astype(np.float32))[at - start]  # (n_frames, 9)
    return (frames[:, index] * weight[:, :, None]).sum(dim=2)
