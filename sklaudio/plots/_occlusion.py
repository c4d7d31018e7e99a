"""Occlusion: how much a number of the predictions changes without a part of the sound, in time and frequency."""

from itertools import chain, islice

import numpy as np
import scipy.fft

from ._attribution import Attribution

SAMPLES_AT_ONCE = 2**22  # of waveforms that are predicted together
FADE = 0.25  # of a cell, over which sound is faded out and in
QUIET = 0.1  # fraction of the time and frequency bins of a band that are its background
N_FFT = 1024  # samples of a frame, where the background is measured


def occlusion(output, y, sr, n_times, n_bands, fill):
    """Replace parts of a sound, one after the other, and note how a number of the predictions falls.

    A part is two cells of a grid long and high; parts overlap by one cell in both directions, and a cell gets the mean
    of those, up to four, that cover it. Bands are filtered out of the whole clip without a shift of phase, and the fill
    is faded in and out.

    Parameters
    ----------
    output : callable
        Waveforms -> a number of each: (n_waveforms,).
    y : ndarray of shape (n_samples,), float32
        The sound.
    sr : int
        Its sampling rate in hertz.
    n_times, n_bands : int
        Cells in time, and in frequency, where they are even in mel.
    fill : {"background", "silence"}
        What is there instead: noise of the level that the band has at its quietest, or nothing.

    Returns
    -------
    Attribution
        By how much the number is smaller without each part; below 0 where it is larger.
    """
    import librosa

    n_times = min(n_times, len(y))
    whole = output([y])[0]
    added = _background(y, sr, n_bands) if fill == "background" else np.zeros_like(y)
    changes = chain([y - added], _bands(y - added, sr, n_bands))
    numbers = np.array([_of_all(output, _without(y, change, n_times), len(y)) for change in changes])
    falls = whole - numbers.T  # (times, bands), the first of both without all of it
    # Cells at the edges are in one part alone, and so is the only one where there is no other.
    by_time, by_band, of_parts = (np.pad(part, 1, mode="edge") for part in (falls[1:, 0], falls[0, 1:], falls[1:, 1:]))
    cells = (of_parts[:-1, :-1] + of_parts[1:, :-1] + of_parts[:-1, 1:] + of_parts[1:, 1:]) / 4
    return Attribution(
        cells[:n_times, :n_bands],
        (by_time[:-1] + by_time[1:])[:n_times] / 2,
        (by_band[:-1] + by_band[1:])[:n_bands] / 2,
        np.linspace(0, len(y) / sr, n_times + 1),
        librosa.mel_to_hz(np.linspace(0, librosa.hz_to_mel(sr / 2), n_bands + 1)),
    )


def _background(y, sr, n_bands):
    """Draw noise that is as loud as each band at its quietest: the same for the same sound."""
    padded = np.pad(y, N_FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[:: N_FFT // 2] * np.hanning(N_FFT)
    power = np.abs(scipy.fft.rfft(frames)) ** 2 / np.square(np.hanning(N_FFT)).sum()
    # Bins of noise are distributed exponentially, so that a quantile tells their mean.
    place = _places(np.fft.rfftfreq(N_FFT, 1 / sr), sr, n_bands)
    offs = [np.abs(place - cell - 0.5) for cell in range(n_bands)]
    levels = [np.quantile(power[:, off <= max(1, off.min())], QUIET) for off in offs]  # narrow cells: the nearest bin
    levels = np.sqrt(np.array(levels) / -np.log(1 - QUIET))
    noise = np.random.default_rng(0).normal(size=len(y)).astype(np.float32)
    n = _padded_length(y)
    gains = np.interp(_places(np.arange(n // 2 + 1) * sr / n, sr, n_bands), np.arange(n_bands) + 0.5, levels)
    return scipy.fft.irfft(scipy.fft.rfft(noise, n) * gains.astype(np.float32), n)[: len(y)]


def _bands(y, sr, n_bands):
    """Iterate over the sound in each two neighbouring bands: n_bands - 1 arrays of (n_samples,), at least one."""
    n = _padded_length(y)
    spectrum = scipy.fft.rfft(y, n)
    place = _places(np.arange(len(spectrum)) * sr / n, sr, n_bands)
    for band in range(1, max(2, n_bands)):
        yield scipy.fft.irfft(spectrum * _window(place, band), n)[: len(y)]


def _padded_length(y):
    """Return a length with as much silence behind the sound as it is long, so that no filter wraps around; even."""
    return 2 * scipy.fft.next_fast_len(len(y), real=True)


def _places(hertz, sr, n_bands):
    """Place frequencies in units of cells, which are even in mel."""
    import librosa

    return (librosa.hz_to_mel(hertz) * n_bands / librosa.hz_to_mel(sr / 2)).astype(np.float32)


def _without(y, change, n_times):
    """Iterate over the sound without a change in all its length, and without it in each two neighbouring times."""
    yield y - change
    place = (np.arange(len(y), dtype=np.float32) + 0.5) * n_times / len(y)
    for time in range(1, max(2, n_times)):
        yield y - change * _window(place, time)


def _of_all(output, waveforms, n_samples):
    """Compute the number of each waveform, of which few are in memory at a time."""
    size = max(1, SAMPLES_AT_ONCE // n_samples)
    return np.concatenate([output(some) for some in iter(lambda: list(islice(waveforms, size)), [])])


def _window(place, edge):
    """Compute a window, 1 from one cell before an edge to one behind it, with flanks of a cosine, in units of cells."""
    beyond = np.clip((np.abs(place - edge) - 1) / FADE, 0, 1)
    return 0.5 + 0.5 * np.cos(np.pi * beyond)
