"""Frames that windows share are those of each window by itself, for every feature."""

import gc
import weakref

import numpy as np
import pytest

from sklaudio import (
    ChromaTransformer,
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
    TonnetzTransformer,
    ZeroCrossingRateTransformer,
    genre_features,
)
from sklaudio.streaming._shared_frames import SharedFrames, can_share_frames

SR = 16000
FEATURES = {
    "mel": MelSpectrogramTransformer(40),
    "mfcc": MFCCTransformer(13, delta=2),
    "centroid": SpectralCentroidTransformer(),
    "bandwidth": SpectralBandwidthTransformer(),
    "rolloff": SpectralRolloffTransformer(),
    "flatness": SpectralFlatnessTransformer(),
    "contrast": SpectralContrastTransformer(fmin=100.0),
    "chroma": ChromaTransformer(),
    "tuned chroma": ChromaTransformer(tuning=0.1),
    "rms": RMSTransformer(),
    "zero crossings": ZeroCrossingRateTransformer(),
    "union": genre_features(),
    "PCEN": PCENTransformer(40),
    "spectrogram": SpectrogramTransformer(),
    "tonnetz": TonnetzTransformer(),
}


@pytest.fixture(scope="module")
def y():
    """Noise and tones at changing levels, so that the loudest value differs from window to window."""
    rng = np.random.default_rng(0)
    tones = np.sin(2 * np.pi * np.cumsum(rng.uniform(100, 4000, size=12).repeat(2000)) / SR)
    return (rng.uniform(0.001, 0.5, size=12).repeat(2000) * (tones + 0.1 * rng.normal(size=24000))).astype(np.float32)


def with_frames(features, n_fft, hop_length):
    names = [name for name in features.get_params() if name.split("__")[-1] in ("sr", "n_fft", "hop_length")]
    values = {"sr": SR, "n_fft": n_fft, "hop_length": hop_length}
    return features.set_params(**{name: values[name.split("__")[-1]] for name in names})


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize(("n_fft", "hop_length"), [(512, 160), (511, 100), (600, 1000)])
def test_frames_are_those_of_each_window(name, n_fft, hop_length, y):
    features = with_frames(FEATURES[name], n_fft, hop_length).fit([y])
    shared = SharedFrames(features)
    sharing = shared.in_features()
    starts = [0, hop_length, 3 * hop_length, 3 * hop_length + 7, 5 * hop_length + 7, 5 * hop_length + 7]
    for start, length in zip(starts, [6000, 6000, 6000, 6000, 6000, 3001], strict=True):
        window = y[start : start + length]
        shared.start = start
        np.testing.assert_allclose(
            sharing.transform([window])[0], features.transform([window])[0], rtol=2e-5, atol=2e-5
        )


def test_windows_of_a_new_stream_share_nothing_with_the_old(y):
    features = with_frames(MelSpectrogramTransformer(20), 512, 160).fit([y])
    shared = SharedFrames(features)
    sharing = shared.in_features()
    for window in (y[:6000], y[9000:15000]):
        shared.reset()
        np.testing.assert_allclose(sharing.transform([window])[0], features.transform([window])[0], rtol=1e-5)


def test_functions_that_are_made_anew_do_not_pile_up(y):
    made = []

    class Anew(MelSpectrogramTransformer):
        def _frames(self, signal):
            made.append(weakref.ref(function := lambda part: part.power[:, :20]))
            return signal.by_frame(function)

    shared = SharedFrames(with_frames(Anew(20), 512, 160).fit([y]))
    sharing = shared.in_features()
    for index in range(10):
        shared.start = index * 160
        sharing.transform([y[shared.start :][:6000]])
    gc.collect()
    assert sum(function() is not None for function in made) <= 2


def test_frames_that_the_next_window_takes_cannot_be_written_to(y):
    class Spoiling(MelSpectrogramTransformer):
        def _frames(self, signal):
            signal.power[:] = 0
            return signal.power

    sharing = SharedFrames(with_frames(Spoiling(20), 512, 160)).in_features()
    with pytest.raises(ValueError, match="read-only"):
        sharing.fit([y]).transform([y])


def test_features_of_samples_of_their_own_share_none():
    class OwnSignal(MelSpectrogramTransformer):
        def _signal(self, y):
            return super()._signal(y)

    assert can_share_frames(MelSpectrogramTransformer())
    assert can_share_frames(FrameUnion([("mel", MelSpectrogramTransformer())]))
    assert not can_share_frames(OwnSignal())
