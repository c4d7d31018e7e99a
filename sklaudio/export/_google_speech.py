"""Google's speech embedding in graphs: its mel spectra in operations of torch, its network as the file has it."""

import numpy as np
import scipy.signal
import torch
from torch import nn

from ..encoders._google_speech_encoder import EMBEDDING_HOP, EMBEDDING_LENGTH, MEL_HOP, MEL_LENGTH, N_MELS
from ._inserted import OPSET, Inserted
from ._onnx_network import OnnxGraph, read_graph

N_BINS = MEL_LENGTH // 2 + 1
WINDOW = 400  # samples of a Hann window, in the middle of a spectrum's
BANK = "1.melW"  # what the file calls its filter bank
DYNAMIC_RANGE = 80.0  # dB below the loudest band of a window, at which its spectra are cut
LEAST = 1e-10  # of the power


GRAPH = f"""
    <ir_version: 8, opset_import: ["": {OPSET}]>
    spectrum (float[n_windows, 1, n_samples] samples) => (float[n_windows, {2 * N_BINS}, n_spectra] parts)
    <int64 zero = {{0}}, int64 one = {{1}}, int64 n_bins = {{{N_BINS}}}, int64 length = {{{MEL_LENGTH}}},
     int64[1] axis = {{1}}, int64[3] shape = {{{2 * N_BINS}, 1, {MEL_LENGTH}}}>
    {{
        bins = Range(zero, n_bins, one)
        column = Unsqueeze(bins, axis)
        times = Range(zero, length, one)
        turns = Mul(column, times)
        within = Mod(turns, length)
        phased = Gather <axis = 1> (waves, within)
        windowed = Mul(phased, window)
        single = Cast <to = 1> (windowed)
        filters = Reshape(single, shape)
        parts = Conv <strides = [{MEL_HOP}]> (samples, filters)
    }}
"""


class Spectrum(Inserted):
    """Cosine and sine parts of spectra; the filters, 1 MB in the file, are made of one wave when the graph is loaded.

    They equal those of the file but for rounding, 3e-8.
    """

    def __init__(self):
        super().__init__()
        from onnx import numpy_helper, parser

        angles = 2 * np.pi * np.arange(MEL_LENGTH) / MEL_LENGTH
        window = np.pad(scipy.signal.windows.hann(WINDOW, sym=False), (MEL_LENGTH - WINDOW) // 2)
        waves = np.stack([np.cos(angles), -np.sin(angles)])
        self.graph = parser.parse_model(GRAPH)
        stored = {"waves": waves, "window": window}
        self.graph.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in stored.items())
        turns = np.arange(N_BINS)[:, None] * np.arange(MEL_LENGTH) % MEL_LENGTH
        filters = (waves[:, turns] * window).reshape(2 * N_BINS, 1, MEL_LENGTH)
        self.filters = [torch.from_numpy(filters.astype(np.float32))]  # no buffer, which the graph would store

    def forward(self, y):
        """Map (n_windows, 1, n_samples) -> (n_windows, 2 * n_bins, n_spectra), first the cosines."""
        if not torch.compiler.is_exporting():
            return nn.functional.conv1d(y, self.filters[0], stride=MEL_HOP)
        n_spectra = (y.shape[2] - MEL_LENGTH) // MEL_HOP + 1
        return self.symbol(y, (y.shape[0], 2 * N_BINS, n_spectra))


class GoogleSpeechNetwork(nn.Module):
    """The two networks in a chain, as :meth:`GoogleSpeech.run`; windows of one batch do not see each other.

    Parameters
    ----------
    encoder : GoogleSpeech
        Whose files are read.
    """

    def __init__(self, encoder):
        super().__init__()
        from onnx import numpy_helper

        mel, embedding = encoder.files
        (bank,) = [each for each in read_graph(mel).graph.initializer if each.name == BANK]
        self.register_buffer("bank", torch.from_numpy(numpy_helper.to_array(bank).copy()))  # (n_bins, n_mels)
        self.spectrum = Spectrum()
        self.embedding = OnnxGraph(embedding)
        self.n_dims = len(encoder.dim_names)

    def forward(self, windows):
        """Map (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        mel = self._mel(windows[:, None])  # (n_windows, n_spectra, n_mels)
        n_frames = (mel.shape[1] - EMBEDDING_LENGTH) // EMBEDDING_HOP + 1
        index = EMBEDDING_HOP * torch.arange(n_frames)[:, None] + torch.arange(EMBEDDING_LENGTH)
        spectra = mel[:, index].reshape(-1, EMBEDDING_LENGTH, N_MELS, 1)
        found = self.embedding(spectra, (spectra.shape[0], 1, 1, self.n_dims))
        return found.reshape(windows.shape[0], n_frames, self.n_dims)

    def _mel(self, y):
        real, imaginary = self.spectrum(y).chunk(2, dim=1)  # (n_windows, n_bins, n_spectra)
        power = (real**2 + imaginary**2).transpose(1, 2) @ self.bank
        decibels = 10 * power.clamp(min=LEAST).log() / 2.3025851
        loudest = decibels.amax(dim=(1, 2), keepdim=True)
        return torch.maximum(decibels, loudest - DYNAMIC_RANGE) / 10 + 2
