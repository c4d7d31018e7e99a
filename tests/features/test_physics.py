"""Features say of sounds what a physicist would."""

import numpy as np
import pytest

from sklaudio import (
    ChromaTransformer,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
)

SR = 22050
MIDDLE = slice(5, -5)  # frames that the ends of the clip do not reach into


def sine(frequency, seconds=1.0, level=1.0):
    return (level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * SR)) / SR)).astype(np.float32)


def test_a_tone_peaks_in_its_own_band(tone_1khz):
    mel = MelSpectrogramTransformer(n_mels=40).fit([tone_1khz])
    loudest = mel.transform([tone_1khz])[0].mean(axis=0).argmax()
    assert abs(mel.center_frequencies_[loudest] - 1000) < 100


def test_ten_times_the_amplitude_is_twenty_decibel_more(noise):
    mel = MelSpectrogramTransformer().transform([noise, 10 * noise])
    np.testing.assert_allclose(mel[1] - mel[0], 20, atol=0.01)


def test_level_goes_into_the_first_coefficient_alone(noise):
    mfcc = MFCCTransformer().transform([noise, 10 * noise])
    assert (mfcc[1, :, 0] - mfcc[0, :, 0]).min() > 100
    np.testing.assert_allclose(mfcc[1, :, 1:], mfcc[0, :, 1:], atol=0.05)


def test_the_slope_of_a_steady_sound_is_zero():
    frames = MFCCTransformer(delta=1).transform([sine(1000)])[0][8:-8]
    assert np.abs(frames[:, 13:]).max() < 0.5
    assert np.abs(frames[:, :13]).max() > 50


@pytest.mark.parametrize(("frequency", "pitch_class"), [(261.63, 0), (329.63, 4), (440.0, 9), (880.0, 9), (493.88, 11)])
def test_a_note_is_in_its_pitch_class(frequency, pitch_class):
    frames = ChromaTransformer().transform([sine(frequency)])[0][MIDDLE]
    assert (frames.argmax(axis=1) == pitch_class).all()
    assert frames.max() == 1


def test_tuning_follows_the_clip():
    """A band that tunes 40 cents high plays an A all the same."""
    sharp_a = sine(440 * 2 ** (0.4 / 12))
    tuned = ChromaTransformer().transform([sharp_a])[0][MIDDLE].mean(axis=0)
    untuned = ChromaTransformer(tuning=0.0).transform([sharp_a])[0][MIDDLE].mean(axis=0)
    assert tuned.argmax() == 9
    assert np.sort(tuned)[-2] < np.sort(untuned)[-2]  # less of it in the neighbour


def test_centroid_rolloff_and_bandwidth_of_a_tone_and_of_noise(noise):
    tone = sine(3000)
    for transformer, tolerance in [(SpectralCentroidTransformer(), 5), (SpectralRolloffTransformer(), 15)]:
        assert np.abs(transformer.transform([tone])[0][MIDDLE] - 3000).max() < tolerance
    assert SpectralBandwidthTransformer().transform([tone])[0][MIDDLE].max() < 100
    assert abs(SpectralCentroidTransformer().transform([noise])[0].mean() - SR / 4) < 100
    assert abs(SpectralRolloffTransformer().transform([noise])[0].mean() - 0.85 * SR / 2) < 150
    # The standard deviation of a uniform spectrum is its width over the root of 12.
    assert abs(SpectralBandwidthTransformer().transform([noise])[0].mean() - SR / 2 / np.sqrt(12)) < 100


def test_noise_is_flat_and_a_tone_is_not(noise):
    flatness = SpectralFlatnessTransformer()
    assert flatness.transform([noise])[0].mean() > 0.5
    assert flatness.transform([sine(1000)])[0][MIDDLE].max() < 0.01
    np.testing.assert_allclose(flatness.transform([np.zeros(SR)])[0], 1, rtol=1e-5)


def test_contrast_is_high_where_the_tone_is(noise):
    contrast = SpectralContrastTransformer().transform([sine(1000) + 0.01 * noise])[0][MIDDLE].mean(axis=0)
    assert contrast.argmax() == 3  # 800 to 1600 Hz


def test_loudness_and_zero_crossings_of_a_tone():
    assert RMSTransformer().transform([sine(1000, level=0.5)])[0][MIDDLE] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    # Two crossings a period.
    assert ZeroCrossingRateTransformer().transform([sine(1000)])[0][MIDDLE] == pytest.approx(2000 / SR, rel=0.03)


def test_waveform_frames_are_the_samples():
    y = np.arange(10, dtype=np.float32)
    assert WaveformTransformer(4).transform([y])[0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert WaveformTransformer(4, hop_length=3).transform([y])[0][:, 0].tolist() == [0, 3, 6]
    assert WaveformTransformer(4).transform([y[:2]])[0].tolist() == [[0, 1, 0, 0]]
