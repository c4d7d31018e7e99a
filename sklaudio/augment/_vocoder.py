"""Phase vocoder: waveforms faster or slower at the same pitch."""

from math import ceil, pi

import torch


def stretch(y, rate, n_fft):
    """Stretch to `rate` times the speed at the same power: (batch, n_samples) -> (batch, about n_samples / rate)."""
    y = fit_samples(y, max(y.shape[1], ceil(n_fft * max(1, rate))))
    hop_length = n_fft // 4
    window = torch.hann_window(n_fft, device=y.device)
    # (batch, n_bins, n_steps). Zeros before the clip: mirrored, a tone would begin with phases that cancel each other.
    spectrum = torch.stft(y, n_fft, hop_length, window=window, pad_mode="constant", return_complex=True)
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
    stretched = torch.istft(torch.polar(magnitude, phase), n_fft, hop_length, window=window)
    # Bins of one sound that lose each other's phase cancel in part: of noise, half of the power would be lost.
    power, left = y.square().mean(dim=1, keepdim=True), stretched.square().mean(dim=1, keepdim=True)
    return stretched * torch.where(left > 0, (power / left).sqrt(), 1.0)


def fit_samples(y, n_samples):
    """Cut or pad with zeros at the end: (batch, n) -> (batch, n_samples)."""
    return torch.nn.functional.pad(y[:, :n_samples], (0, max(0, n_samples - y.shape[1])))
