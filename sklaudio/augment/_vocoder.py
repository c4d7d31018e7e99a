"""Phase vocoder: waveforms faster or slower at the same pitch."""

from math import ceil, pi

import torch


def stretch(y, rate, n_fft):
    """`rate` times as fast: (batch, n_samples) -> (batch, about n_samples / rate), of a window at least."""
    y = fit_samples(y, max(y.shape[1], ceil(n_fft * max(1, rate))))  # windows are mirrored at the ends of the clip
    hop_length = n_fft // 4
    window = torch.hann_window(n_fft, device=y.device)
    spectrum = torch.stft(y, n_fft, hop_length, window=window, return_complex=True)  # (batch, n_bins, n_steps)
    spectrum = torch.nn.functional.pad(spectrum, (0, 2))
    position = torch.arange(0, spectrum.shape[2] - 2, rate, device=y.device)
    before = position.long()
    fraction = position - before
    here, after = spectrum[:, :, before], spectrum[:, :, before + 1]
    magnitude = here.abs() * (1 - fraction) + after.abs() * fraction
    # How far the phase turns in a step beyond what the frequency of the bin explains, brought into [-pi, pi).
    expected = 2 * pi * hop_length / n_fft * torch.arange(spectrum.shape[1], device=y.device)[:, None]
    turn = after.angle() - here.angle() - expected
    turn = expected + turn - 2 * pi * torch.round(turn / (2 * pi))
    phase = here[:, :, :1].angle() + torch.cumsum(turn, dim=2) - turn
    return torch.istft(torch.polar(magnitude, phase), n_fft, hop_length, window=window)


def fit_samples(y, n_samples):
    """Cut or pad with zeros at the end: (batch, n) -> (batch, n_samples)."""
    return torch.nn.functional.pad(y[:, :n_samples], (0, max(0, n_samples - y.shape[1])))
