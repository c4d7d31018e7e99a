"""Google's speech embedding in graphs: its mel spectra in operations of torch, its network as the file has it."""

import torch
from torch import nn

from ..encoders._google_speech_encoder import EMBEDDING_HOP, EMBEDDING_LENGTH, MEL_HOP, N_MELS
from ._onnx_network import OnnxGraph, read_graph

DYNAMIC_RANGE = 80.0  # dB below the loudest band of a window, at which its spectra are cut
LEAST = 1e-10  # of the power


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
        weights = {each.name: numpy_helper.to_array(each) for each in read_graph(mel).graph.initializer}
        for name, stored in (("cosines", "0.stft.conv_real.weight"), ("sines", "0.stft.conv_imag.weight")):
            self.register_buffer(name, torch.from_numpy(weights[stored].copy()))  # (n_bins, 1, n_fft)
        self.register_buffer("bank", torch.from_numpy(weights["1.melW"].copy()))  # (n_bins, n_mels)
        self.embedding = OnnxGraph(embedding)
        self.n_dims = len(encoder.dim_names)

    def forward(self, windows):
        """(n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        mel = self._mel(windows[:, None])  # (n_windows, n_spectra, n_mels)
        n_frames = (mel.shape[1] - EMBEDDING_LENGTH) // EMBEDDING_HOP + 1
        index = EMBEDDING_HOP * torch.arange(n_frames)[:, None] + torch.arange(EMBEDDING_LENGTH)
        spectra = mel[:, index].reshape(-1, EMBEDDING_LENGTH, N_MELS, 1)
        found = self.embedding(spectra, (spectra.shape[0], 1, 1, self.n_dims))
        return found.reshape(windows.shape[0], n_frames, self.n_dims)

    def _mel(self, y):
        real, imaginary = (nn.functional.conv1d(y, weight, stride=MEL_HOP) for weight in (self.cosines, self.sines))
        power = (real**2 + imaginary**2).transpose(1, 2) @ self.bank
        decibels = 10 * power.clamp(min=LEAST).log() / 2.3025851
        loudest = decibels.amax(dim=(1, 2), keepdim=True)
        return torch.maximum(decibels, loudest - DYNAMIC_RANGE) / 10 + 2
