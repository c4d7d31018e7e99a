"""Additions and multiplications that a piece of work takes, counted."""

import warnings

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from sklaudio.features._mel import mel_bank


def of_spectra(n_frames, n_fft):
    """Count operations for window, transform and power of real frames: 2.5 N log2 N for the transform."""
    return n_frames * (n_fft + 2.5 * n_fft * np.log2(n_fft) + 3 * (1 + n_fft // 2))


def of_mel(n_frames, n_fft, n_mels, sr):
    """Count operations for a mel spectrogram: those of the spectra, and two for each weight that is not zero."""
    return of_spectra(n_frames, n_fft) + n_frames * 2 * np.count_nonzero(mel_bank(sr, n_fft, n_mels, 0.0, None))


def of_mfcc(n_samples, *, sr, n_fft=2048, hop_length=512, n_mels=128):
    """Count operations for MFCCs of a clip; the cosine transform has 2.5 N log2 N."""
    n_frames = 1 + n_samples // hop_length
    return of_mel(n_frames, n_fft, n_mels, sr) + n_frames * 2.5 * n_mels * np.log2(n_mels)


def of_training(module, inputs, target, loss=torch.nn.functional.cross_entropy):
    """Count forward and backward products of a batch, as torch does: convolutions and products of matrices."""
    module.train()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="TF32 acceleration")  # of the flags, on any processor
        with (
            torch.backends.mkldnn.flags(enabled=False),
            FlopCounterMode(display=False) as counter,
        ):  # its LSTM is unseen
            loss(module(*inputs), target).backward()
    return counter.get_total_flops()
