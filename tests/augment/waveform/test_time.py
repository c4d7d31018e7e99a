"""TimeShift, TimeStretch and PitchShift: measured on tones and clicks."""

import numpy as np
import pytest

from sklaudio.augment.waveform import PitchShift, TimeShift, TimeStretch

SR = 16000


def pitch_of(y, sr=SR):
    """Frequency of the largest peak in hertz, between two bins."""
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y))))
    k = int(spectrum.argmax())
    a, b, c = np.log(spectrum[k - 1 : k + 2])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * sr / len(y)


@pytest.mark.parametrize("semitones", [-12, -2, 0.5, 2, 7])
@pytest.mark.parametrize("sr", [8000, 44100])
def test_a_shifted_tone_has_the_pitch_asked_for_and_its_length(semitones, sr):
    tone = np.sin(2 * np.pi * 440 * np.arange(sr) / sr)
    shifted = PitchShift(semitones)(tone, sr)
    assert len(shifted) == len(tone)
    assert pitch_of(shifted, sr) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.005)
    assert np.std(shifted[sr // 10 : -sr // 10]) == pytest.approx(np.std(tone), rel=0.1)


@pytest.mark.parametrize("rate", [0.7, 1.0, 1.5])
def test_a_stretched_tone_has_its_pitch_and_another_length(tone, rate):
    y = TimeStretch(rate)(tone, SR)
    assert len(y) == round(SR / rate)
    assert pitch_of(y) == pytest.approx(1000, rel=0.002)


@pytest.mark.parametrize("step", [TimeStretch(0.8), TimeStretch(1.25), PitchShift(-3)])
def test_noise_keeps_its_power(rng, step):
    noise = 0.1 * rng.normal(size=SR)
    assert np.std(step(noise, SR)) == pytest.approx(0.1, rel=0.05)


def test_clicks_come_later_where_it_is_slower():
    y = np.zeros(SR)
    y[[4000, 12000]] = 1
    slow = TimeStretch(0.5)(y, SR)
    for click in (8000, 24000):
        near = np.abs(slow[click - 2000 : click + 2000])
        assert abs(near.argmax() - 2000) < 0.05 * SR  # the window


@pytest.mark.parametrize("n_samples", [1, 7, 300])
def test_clips_shorter_than_a_window_do(n_samples):
    y = np.ones(n_samples)
    assert len(PitchShift(2)(y, SR)) == n_samples
    assert len(TimeStretch(1.25)(y, SR)) == max(1, round(n_samples / 1.25))


def test_a_shift_leaves_silence_and_loses_the_other_end():
    y = np.arange(1, 101, dtype=np.float32)
    found = {int(np.flatnonzero(shifted == 50)[0]) - 49 for shifted in shifts(y)}
    assert min(found) < -15
    assert max(found) > 15
    assert max(map(abs, found)) <= 20
    for shifted in shifts(y):
        kept = shifted[shifted > 0]
        assert len(shifted) == 100
        np.testing.assert_array_equal(np.diff(kept), 1)


def shifts(y):
    return [TimeShift(0.2)(y, SR, random_state=seed) for seed in range(40)]


def test_a_rate_of_zero_is_an_error(tone):
    with pytest.raises(ValueError, match="rate=0 must be above 0"):
        TimeStretch(0)(tone, SR)
