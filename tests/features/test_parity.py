"""Every feature equals librosa's to 1e-4 relative: on real recordings, silence, one sample, and clips below n_fft."""

import librosa
import numpy as np
import pytest

from sklaudio import (
    ChromaTransformer,
    CQTTransformer,
    FrameUnion,
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
    ZeroCrossingRateTransformer,
    genre_features,
    load_audio,
)

SR = 22050
feature = librosa.feature
FEATURES = {
    "mfcc": (MFCCTransformer(), lambda y: feature.mfcc(y=y, n_mfcc=13)),
    "mfcc other settings": (
        MFCCTransformer(20, n_mels=40, n_fft=1024, hop_length=160, fmin=50, fmax=8000),
        lambda y: feature.mfcc(y=y, n_mfcc=20, n_mels=40, n_fft=1024, hop_length=160, fmin=50, fmax=8000),
    ),
    "mel": (MelSpectrogramTransformer(), lambda y: librosa.power_to_db(feature.melspectrogram(y=y))),
    "chroma": (ChromaTransformer(), lambda y: feature.chroma_stft(y=y)),
    "chroma untuned": (ChromaTransformer(24, tuning=0.0), lambda y: feature.chroma_stft(y=y, n_chroma=24, tuning=0.0)),
    "chroma odd n_fft": (ChromaTransformer(n_fft=1023), lambda y: feature.chroma_stft(y=y, n_fft=1023)),
    "centroid": (SpectralCentroidTransformer(), lambda y: feature.spectral_centroid(y=y)),
    "bandwidth": (SpectralBandwidthTransformer(), lambda y: feature.spectral_bandwidth(y=y)),
    "rolloff": (SpectralRolloffTransformer(), lambda y: feature.spectral_rolloff(y=y)),
    "flatness": (SpectralFlatnessTransformer(), lambda y: feature.spectral_flatness(y=y)),
    "contrast": (SpectralContrastTransformer(), lambda y: feature.spectral_contrast(y=y)),
    "rms": (RMSTransformer(), lambda y: feature.rms(y=y)),
    "zero-crossing rate": (ZeroCrossingRateTransformer(), feature.zero_crossing_rate),
    "mel without a floor": (
        MelSpectrogramTransformer(top_db=None, ref="max"),
        lambda y: librosa.power_to_db(feature.melspectrogram(y=y), top_db=None, ref=np.max),
    ),
    "spectrogram": (
        SpectrogramTransformer(ref="max"),
        lambda y: librosa.amplitude_to_db(np.abs(librosa.stft(y)), ref=np.max),
    ),
    "pcen": (PCENTransformer(), lambda y: librosa.pcen(2**31 * feature.melspectrogram(y=y, power=1))),
    "tonnetz": (TonnetzTransformer(), lambda y: feature.tonnetz(y=y)),
    "tonnetz of the spectrum": (
        TonnetzTransformer(chroma="stft"),
        lambda y: feature.tonnetz(chroma=feature.chroma_stft(y=y)),
    ),
    "tempogram": (TempogramTransformer(), lambda y: feature.tempogram(y=y)),
    "tempo": (TempoTransformer(aggregate=None), lambda y: feature.tempo(y=y, aggregate=None)[np.newaxis]),
    "cqt": (CQTTransformer(), lambda y: librosa.amplitude_to_db(np.abs(librosa.cqt(y)))),
}
SLOW = ("tonnetz", "cqt", "tempogram", "tempo")
rng = np.random.default_rng(0)
CLIPS = {
    "noise": rng.normal(size=SR).astype(np.float32),
    "tone": np.sin(2 * np.pi * 445 * np.arange(SR) / SR).astype(np.float32),
    "quiet": (1e-6 * rng.normal(size=SR)).astype(np.float32),
    "silence": np.zeros(SR, np.float32),
    "half silent": np.concatenate([np.zeros(SR, np.float32), rng.normal(size=SR).astype(np.float32)]),
    "one sample": np.full(1, 0.5, np.float32),
    "short": rng.normal(size=700).astype(np.float32),
    "n_fft": rng.normal(size=2048).astype(np.float32),
}


def assert_equal(ours, librosa_frames, *, scale_over=0):
    expected = librosa_frames.T
    assert ours.shape == expected.shape
    assert ours.dtype == np.float32
    # Where a value is a difference that nearly cancels, the scale of its dim is what 1e-4 is relative to.
    scale = np.abs(expected).max(axis=scale_over, keepdims=True)
    np.testing.assert_array_less(np.abs(ours - expected), 1e-4 * np.maximum(np.abs(expected), scale) + 1e-5)


@pytest.mark.filterwarnings("ignore:n_fft", "ignore:Trying to estimate tuning")
@pytest.mark.parametrize("clip", CLIPS)
@pytest.mark.parametrize("name", FEATURES)
def test_equals_librosa(name, clip):
    transformer, reference = FEATURES[name]
    assert_equal(transformer.transform([CLIPS[clip]])[0], reference(CLIPS[clip]))


OTHER_SETTINGS = [
    (
        MelSpectrogramTransformer(power=1.0, ref="max", top_db=60),
        lambda y: librosa.power_to_db(feature.melspectrogram(y=y, power=1), ref=np.max, top_db=60),
    ),
    (
        MelSpectrogramTransformer(amin=1, top_db=None),
        lambda y: librosa.power_to_db(feature.melspectrogram(y=y), amin=1, top_db=None),
    ),
    (MelSpectrogramTransformer(top_db=0), lambda y: librosa.power_to_db(feature.melspectrogram(y=y), top_db=0)),
    (MFCCTransformer(power=1.0), lambda y: feature.mfcc(y=y, n_mfcc=13, power=1.0)),
    (
        MFCCTransformer(power=1.5, ref=0.1, top_db=None),
        lambda y: feature.mfcc(
            S=librosa.power_to_db(feature.melspectrogram(y=y, power=1.5), ref=0.1, top_db=None), n_mfcc=13
        ),
    ),
    (SpectrogramTransformer(unit="amplitude"), lambda y: np.abs(librosa.stft(y))),
    (SpectrogramTransformer(unit="power", fmin=1000, fmax=2000), lambda y: np.abs(librosa.stft(y))[93:186] ** 2),
    (
        PCENTransformer(gain=0.5, bias=0, power=0.3, time_constant=0.06, eps=1e-4, mel_power=2.0, scale=1.0),
        lambda y: librosa.pcen(feature.melspectrogram(y=y), gain=0.5, bias=0, power=0.3, time_constant=0.06, eps=1e-4),
    ),
    (PCENTransformer(power=0), lambda y: librosa.pcen(2**31 * feature.melspectrogram(y=y, power=1), power=0)),
    (TonnetzTransformer(tuning=0.1), lambda y: feature.tonnetz(y=y, tuning=0.1)),
    (TempogramTransformer(101, hop_length=256), lambda y: feature.tempogram(y=y, win_length=101, hop_length=256)),
    (TempogramTransformer(1), lambda y: feature.tempogram(y=y, win_length=1)),
    (
        TempoTransformer(start_bpm=60, std_bpm=0.5, ac_size=4, max_tempo=None),
        lambda y: np.full(
            (1, 1 + len(y) // 512), feature.tempo(y=y, start_bpm=60, std_bpm=0.5, ac_size=4, max_tempo=None)
        ),
    ),
    (
        CQTTransformer(60, bins_per_octave=24, fmin=110, tuning=0.2, unit="power", hop_length=300),
        lambda y: np.abs(librosa.cqt(y, n_bins=60, bins_per_octave=24, fmin=110, tuning=0.2, hop_length=300)) ** 2,
    ),
    (CQTTransformer(tuning=None, unit="amplitude"), lambda y: np.abs(librosa.cqt(y, tuning=None))),
]


@pytest.mark.filterwarnings("ignore:n_fft")
@pytest.mark.parametrize(
    ("transformer", "reference"), OTHER_SETTINGS, ids=[repr(one)[:60] for one, _ in OTHER_SETTINGS]
)
def test_equals_librosa_with_other_settings(transformer, reference):
    y = CLIPS["half silent"] + CLIPS["tone"].repeat(2)
    assert_equal(transformer.transform([y])[0], reference(y))


@pytest.mark.parametrize("level", [1e-3, 1e-6])
def test_quiet_bands_beside_loud_ones_equal_librosa(level):
    """120 dB below in another band of the same frame, where single precision has an error as large."""
    y = CLIPS["tone"] + level * CLIPS["noise"]
    assert_equal(FEATURES["mel without a floor"][0].transform([y])[0], FEATURES["mel without a floor"][1](y))
    assert_equal(FEATURES["pcen"][0].transform([y])[0], FEATURES["pcen"][1](y))


@pytest.mark.parametrize("name", FEATURES)
def test_equals_librosa_on_real_music(name, gtzan_files):
    transformer, reference = FEATURES[name]
    for path in gtzan_files[:: len(gtzan_files) if name in SLOW else 7]:
        y, _ = load_audio(path)
        assert_equal(transformer.transform([path])[0], reference(y))


@pytest.mark.parametrize("order", [1, 2])
def test_deltas_equal_librosa(order):
    y = CLIPS["noise"]
    ours = MFCCTransformer(n_mfcc=13, delta=order).transform([y])[0]
    assert_equal(ours[:, 13 * order :], feature.delta(feature.mfcc(y=y, n_mfcc=13), order=order))


def test_genre_features_equal_librosas_four_calls():
    y = CLIPS["half silent"]
    four = [feature.mfcc(y=y, n_mfcc=13), feature.spectral_centroid(y=y), feature.chroma_stft(y=y)]
    assert_equal(genre_features().transform([y])[0], np.vstack([*four, feature.spectral_contrast(y=y)]))


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("clip", ["noise", "silence", "short", "one sample"])
def test_torch_tensors_give_the_same(name, clip):
    """What runs on a GPU, run on a CPU: the same functions on torch tensors."""
    torch = pytest.importorskip("torch")
    transformer, _ = FEATURES[name]
    if (name, clip) == ("chroma odd n_fft", "one sample"):
        pytest.skip("the spectrum of an impulse is flat, and its tuning that of rounding errors, which differ")
    on_torch = transformer._frames(transformer._signal(torch.from_numpy(CLIPS[clip])))
    # The cosine transform is a matrix there: sums that cancel leave errors on the scale of the largest coefficient.
    assert_equal(on_torch.to(torch.float32).numpy(), transformer.transform([CLIPS[clip]])[0].T, scale_over=None)


def test_torch_tensors_go_through_a_union():
    torch = pytest.importorskip("torch")
    union = FrameUnion([("mfcc", MFCCTransformer(delta=2)), ("rms", RMSTransformer())])
    on_torch = union._frames(union._signal(torch.from_numpy(CLIPS["noise"])))
    assert_equal(on_torch.numpy(), union.transform([CLIPS["noise"]])[0].T, scale_over=None)


@pytest.mark.parametrize("n_fft", [255, 256, 1023, 2047])
@pytest.mark.parametrize("n_bands", [1, 4, 6])
@pytest.mark.parametrize("bins_below", [1.0, 0.5, 0.0, -0.25])
def test_contrast_with_a_band_at_the_last_bin(n_fft, n_bands, bins_below):
    """Where librosa finds a bin in every band, so do we; else the error says why."""
    last = (n_fft // 2) * SR / n_fft
    fmin = (last - bins_below * SR / n_fft) / 2 ** (n_bands - 1)
    transformer = SpectralContrastTransformer(n_bands, fmin=fmin, n_fft=n_fft, hop_length=512)
    settings = {"fmin": fmin, "n_bands": n_bands, "n_fft": n_fft, "hop_length": 512}
    try:
        expected = feature.spectral_contrast(y=CLIPS["noise"], **settings)
    except (IndexError, librosa.ParameterError):
        with pytest.raises(ValueError, match=r"(l|L)ower n_bands or fmin"):
            transformer.fit([CLIPS["noise"]])
        return
    if fmin < SR / n_fft:
        pytest.skip("refused: the lowest band holds no bin but that of 0 Hz, and librosa's frames are NaN")
    assert_equal(transformer.fit_transform([CLIPS["noise"]])[0], expected)
