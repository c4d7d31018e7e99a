"""Features say of sounds what a physicist would."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from sklaudio import (
    ChromaTransformer,
    CQTTransformer,
    FrameSummary,
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    RMSTransformer,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralFlatnessTransformer,
    SpectralRolloffTransformer,
    SpectrogramTransformer,
    TempogramTransformer,
    TempoTransformer,
    TonnetzTransformer,
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


def beside_a_bang(call, rng):
    """A call 110 dB below a bang of a tenth of a second, which comes first."""
    bang = np.zeros(SR, np.float32)
    bang[: SR // 10] = rng.normal(size=SR // 10)
    return bang + 1e-6 * np.roll(np.pad(call, (0, SR - len(call))), SR // 2)


def test_a_quiet_call_beside_a_bang_is_kept_without_a_floor(rng):
    clip = beside_a_bang(sine(3000, 0.2), rng)
    with_floor, whole = (MelSpectrogramTransformer(64, top_db=top_db).fit([clip]) for top_db in (80, None))
    during = 24  # a frame in the call
    assert np.ptp(with_floor.transform([clip])[0][during]) == 0
    loudest = whole.transform([clip])[0][during].argmax()
    assert abs(whole.center_frequencies_[loudest] - 3000) < 150
    assert np.ptp(SpectrogramTransformer(top_db=None).transform([clip])[0][during]) > 30
    assert np.ptp(SpectrogramTransformer().transform([clip])[0][during]) == 0


def test_a_grid_finds_that_no_floor_is_best(rng):
    clips = [beside_a_bang(sine(pitch * rng.uniform(0.95, 1.05), 0.4), rng) for pitch in [1500, 4500] * 8]
    model = Pipeline(
        [
            ("mfcc", MFCCTransformer(n_mels=40)),
            ("summary", FrameSummary(("mean",))),
            ("head", LogisticRegression(max_iter=1000)),
        ]
    )
    grid = {"mfcc__top_db": [40.0, None], "mfcc__ref": [1.0, "max"], "mfcc__power": [2.0]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(clips, ["low", "high"] * 8)
    assert search.best_params_["mfcc__top_db"] is None
    assert search.best_score_ == 1
    assert search.cv_results_["mean_test_score"].min() < 0.8


def test_the_loudest_of_a_clip_as_reference_takes_its_level_away(noise):
    for transformer in (MelSpectrogramTransformer(ref="max"), SpectrogramTransformer(ref="max")):
        loud, quiet = transformer.transform([noise, 0.01 * noise])
        assert loud.max() == quiet.max() == 0
        np.testing.assert_allclose(loud, quiet, atol=0.01)
    loud, quiet = (
        MelSpectrogramTransformer(ref=100.0).transform([noise])[0],
        MelSpectrogramTransformer().transform([noise])[0],
    )
    np.testing.assert_allclose(quiet - loud, 20, atol=1e-4)


def test_a_tone_peaks_in_its_bin_of_the_spectrogram(tone_1khz):
    linear = SpectrogramTransformer(fmin=300, fmax=4000).fit([tone_1khz])
    frames = linear.transform([tone_1khz])[0][MIDDLE]
    assert (np.abs(linear.frequencies_[frames.argmax(axis=1)] - 1000) < SR / 2048).all()
    assert linear.frequencies_[0] >= 300
    assert linear.frequencies_[-1] <= 4000
    assert linear.get_feature_names_out()[0] == f"bin{round(linear.frequencies_[0] * 2048 / SR)}"
    amplitude = SpectrogramTransformer(unit="amplitude").transform([tone_1khz])[0][MIDDLE]
    assert amplitude.max() == pytest.approx(2048 / 4, rel=0.1)  # half the sum of the window, at most


def test_steady_noise_fades_under_pcen_and_a_call_stands_out(noise):
    call = np.zeros(SR, np.float32)
    call[SR // 2 : SR // 2 + 1000] = sine(3000)[:1000]
    pcen = PCENTransformer(40, hop_length=128, time_constant=0.1).fit([noise])
    bands = pcen.transform([noise + call, 100 * (noise + call)])
    during, before = bands[:, 88:92].max(axis=1), bands[:, 60:80].mean(axis=1)
    assert (np.abs(pcen.center_frequencies_[during.argmax(axis=1)] - 3000) < 250).all()
    assert (during.max(axis=1) > 2.5 * before.mean(axis=1)).all()
    np.testing.assert_allclose(during[1], during[0], rtol=0.2)  # 40 dB louder, and about the same


@pytest.mark.parametrize("frequency", [65.41, 440.0, 2093.0])
def test_a_note_is_in_its_bin_of_the_constant_q_transform(frequency):
    cqt = CQTTransformer().fit([np.zeros(SR)])
    loudest = cqt.transform([sine(frequency, 2.0)])[0][20:-20].argmax(axis=1)
    assert (np.abs(np.log2(cqt.frequencies_[loudest] / frequency)) < 1 / 24).all()


@pytest.mark.parametrize(("chroma", "leakage"), [("cqt", 0.1), ("stft", 0.35)])
def test_the_tonnetz_of_a_major_chord_lies_between_its_notes(chroma, leakage):
    chord = sum(sine(440 * 2 ** ((note - 9) / 12), 2.0) for note in (0, 4, 7))  # C, E, G
    found = TonnetzTransformer(chroma=chroma).transform([chord])[0][20:-20].mean(axis=0)
    angles = np.pi * np.outer([7 / 6, 3 / 2, 2 / 3], [0, 4, 7])
    places = np.stack([np.sin(angles), np.cos(angles)], axis=-1).mean(axis=1) * [[1], [1], [0.5]]
    np.testing.assert_allclose(found, places.ravel(), atol=leakage)
    fifth_higher = sum(sine(440 * 2 ** ((note - 2) / 12), 2.0) for note in (0, 4, 7))
    turned = TonnetzTransformer(chroma=chroma).transform([fifth_higher])[0][20:-20].mean(axis=0)
    assert np.linalg.norm(turned - found) > 0.4


def clicks(bpm, seconds=10.0):
    y = np.zeros(round(seconds * SR), np.float32)
    for start in np.arange(0, seconds - 0.1, 60 / bpm):
        y[round(start * SR) : round(start * SR) + 200] = sine(1000)[:200]
    return y


@pytest.mark.parametrize("bpm", [90, 120, 150])
def test_clicks_have_their_tempo(bpm):
    frames = TempoTransformer(hop_length=128).transform([clicks(bpm)])[0]
    assert frames.shape == (1 + 10 * SR // 128, 1)
    assert np.ptp(frames) == 0
    assert frames[0, 0] == pytest.approx(bpm, rel=0.01)


def test_the_tempo_around_each_frame_follows_the_clip():
    y = np.concatenate([clicks(80, 20), clicks(130, 20)])
    frames = TempoTransformer(hop_length=256, aggregate=None).transform([y])[0][:, 0]
    assert np.median(frames[: len(frames) // 4]) == pytest.approx(80, rel=0.02)
    assert np.median(frames[-len(frames) // 4 :]) == pytest.approx(130, rel=0.02)


def test_the_tempogram_of_clicks_peaks_at_the_lag_of_a_beat():
    tempogram = TempogramTransformer(hop_length=128, win_length=800).fit([np.zeros(SR)])
    lags = tempogram.transform([clicks(120)])[0].mean(axis=0)
    assert lags[0] == lags.max() == 1
    assert tempogram.tempo_frequencies_[20 + lags[20:120].argmax()] == pytest.approx(120, rel=0.02)
