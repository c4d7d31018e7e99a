"""Occlusion: what is taken away is what is meant to be, and parts together are the sound."""

import numpy as np
import pytest

from sklaudio.plots._occlusion import _background, _bands, occlusion

from .sounds import SR, tone_in_noise


def energy_at(hertz, half=150):
    """Function of waveforms: energy around a frequency."""

    def energies(waveforms):
        spectra = np.abs(np.fft.rfft(waveforms, axis=1)) ** 2
        frequencies = np.fft.rfftfreq(len(waveforms[0]), 1 / SR)
        return spectra[:, np.abs(frequencies - hertz) < half].sum(axis=1)

    return energies


def energy_from(first, last):
    return lambda waveforms: np.square(waveforms)[:, round(first * SR) : round(last * SR)].sum(axis=1)


@pytest.mark.parametrize("fill", ["background", "silence"])
def test_energy_of_a_tone_is_in_its_band_and_time(fill):
    found = occlusion(energy_at(2000), tone_in_noise(2000), SR, 8, 12, fill)
    edges, band = found.frequency_edges, found.by_frequency.argmax()
    assert edges[band] <= 2000 <= edges[band + 1] or abs(found.by_frequency[band] / found.by_frequency.max() - 1) < 0.01
    whole = energy_at(2000)([tone_in_noise(2000)])[0]
    assert found.by_frequency.max() == pytest.approx(whole, rel=0.02)  # all of it is gone with its band
    during = (found.time_edges[1:] > 0.25) & (found.time_edges[:-1] < 0.55)
    assert found.cells[during][:, band].min() > 5 * np.abs(np.delete(found.cells, [band - 1, band, band + 1], 1)).max()


def test_time_is_found_to_a_cell():
    found = occlusion(energy_from(0.4, 0.5), tone_in_noise(1000), SR, 8, 4, "silence")  # cells of 0.1 s
    assert found.by_time.argmax() == 4
    assert np.abs(found.by_time[[0, 1, 2, 6, 7]]).max() < 0.1 * found.by_time[4]


def test_noise_is_filled_with_as_much_noise():
    rng = np.random.default_rng(0)
    noise = (0.05 * rng.normal(size=2 * SR)).astype(np.float32)
    filling = _background(noise, SR, 16)
    assert filling.std() == pytest.approx(noise.std(), rel=0.1)
    assert _background(np.zeros(SR, dtype=np.float32), SR, 16).std() == 0
    loud = noise.copy()
    loud[SR : SR + 4000] += 0.5 * np.sin(np.arange(4000))
    assert _background(loud, SR, 16).std() == pytest.approx(noise.std(), rel=0.15)  # what stands out is not background


@pytest.mark.parametrize(("sr", "n_bands"), [(250_000, 64), (22050, 1000)])
def test_bands_may_be_narrower_than_what_measures_the_background(sr, n_bands):
    noise = (0.05 * np.random.default_rng(0).normal(size=40_000)).astype(np.float32)
    assert _background(noise, sr, n_bands).std() == pytest.approx(noise.std(), rel=0.1)


def test_a_tone_is_in_the_bands_around_it_and_in_no_other():
    time = np.arange(SR) / SR
    edges = occlusion(lambda waveforms: np.zeros(len(waveforms)), time, SR, 1, 6, "silence").frequency_edges
    sound = np.sin(2 * np.pi * (edges[3] + edges[4]) / 2 * time).astype(np.float32)  # in cell 3
    left = [np.square(band).mean() / np.square(sound).mean() for band in _bands(sound, SR, 6)]
    np.testing.assert_allclose(left, [0, 0, 1, 1, 0], atol=1e-3)  # of cells 2 and 3, 3 and 4


@pytest.mark.parametrize(("n_samples", "n_times", "n_bands"), [(1, 16, 16), (10, 4, 1), (SR, 1, 1), (999, 2, 3)])
def test_any_size_will_do(n_samples, n_times, n_bands):
    sound = np.ones(n_samples, dtype=np.float32)
    found = occlusion(lambda waveforms: np.array([y.sum() for y in waveforms]), sound, SR, n_times, n_bands, "silence")
    assert found.cells.shape == (min(n_times, n_samples), n_bands)
    assert np.isfinite(found.cells).all()


def test_few_waveforms_are_in_memory_at_a_time():
    sizes = []

    def count(waveforms):
        sizes.append(sum(map(len, waveforms)))
        return np.zeros(len(waveforms))

    occlusion(count, np.zeros(2**20, dtype=np.float32), SR, 8, 2, "silence")
    assert max(sizes) <= 2**22
