"""What features share: spectra in parts where a clip is long, and the transform of a backend of scipy.fft."""

import tracemalloc

import librosa
import numpy as np
import pytest
import scipy.fft

from sklaudio import (
    FrameUnion,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    SpectralTransformer,
    genre_features,
)

SR = 22050
STEP = 64  # samples, so that ten seconds have as many frames as a minute and a half at the default
LONG = np.random.default_rng(0).normal(size=15 * SR).astype(np.float32)
PER_FRAME = {
    "mfcc": (MFCCTransformer(hop_length=STEP), lambda y: librosa.feature.mfcc(y=y, n_mfcc=13, hop_length=STEP)),
    "centroid": (
        SpectralCentroidTransformer(hop_length=STEP),
        lambda y: librosa.feature.spectral_centroid(y=y, hop_length=STEP),
    ),
    "contrast": (
        SpectralContrastTransformer(hop_length=STEP),
        lambda y: librosa.feature.spectral_contrast(y=y, hop_length=STEP),
    ),
}


class CountingBackend:
    """A backend of scipy.fft that counts calls and computes them by numpy."""

    __ua_domain__ = "numpy.scipy.fft"

    def __init__(self):
        self.n_calls = 0

    def __ua_function__(self, method, args, kwargs):
        if method.__name__ != "rfft":
            return NotImplemented
        self.n_calls += 1
        return np.fft.rfft(args[0])


@pytest.mark.parametrize("name", PER_FRAME)
def test_a_long_clip_equals_librosa(name):
    transformer, reference = PER_FRAME[name]
    expected = reference(LONG).T
    np.testing.assert_allclose(
        transformer.transform([LONG])[0], expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max()
    )


@pytest.mark.parametrize("name", PER_FRAME)
def test_a_long_clip_has_the_same_frames_in_a_union(name):
    """There the spectra are computed once for all, and stored."""
    transformer, _ = PER_FRAME[name]
    twice = FrameUnion([("first", transformer), ("second", transformer)]).transform([LONG])[0]
    once = transformer.transform([LONG])[0]
    np.testing.assert_allclose(twice, np.hstack([once, once]), rtol=1e-5, atol=1e-5 * np.abs(once).max())


def test_a_feature_that_takes_all_frames_takes_those_that_are_there():
    class LoudestBand(SpectralTransformer):
        def _dim_names(self):
            return ["loudest"]

        def _frames(self, signal):
            rows = signal.by_frame(lambda part: part.power.max(axis=-1, keepdims=True))
            return rows / signal.power.max()

    frames = LoudestBand(hop_length=STEP).transform([LONG])[0]
    assert frames.shape == (1 + len(LONG) // STEP, 1)
    assert frames.max() == 1


@pytest.mark.parametrize("name", PER_FRAME)
def test_spectra_of_a_long_clip_are_not_in_memory_at_once(name):
    transformer, _ = PER_FRAME[name]
    clip = np.tile(LONG, 2)
    transformer.transform([LONG])  # filter banks and imports
    tracemalloc.start()
    try:
        frames = transformer.transform([clip])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - frames.nbytes < 4 * len(frames[0]) * 1025 / 2  # bytes of half of the power spectrum


@pytest.mark.parametrize("transformer", [MelSpectrogramTransformer(), genre_features()])
def test_a_backend_of_scipy_makes_the_transforms(transformer):
    clip, backend = LONG[:SR], CountingBackend()
    expected = transformer.transform([clip])
    assert backend.n_calls == 0
    with scipy.fft.set_backend(backend):
        found = transformer.transform([clip])
    assert backend.n_calls > 0
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("transformer", [MelSpectrogramTransformer(), MFCCTransformer(), genre_features()])
def test_mkl_as_backend_gives_the_same(transformer):
    backend = pytest.importorskip("mkl_fft.interfaces.scipy_fft")
    clip = LONG[:SR]
    with scipy.fft.set_backend(backend):
        found = transformer.transform([clip])
    np.testing.assert_allclose(found, transformer.transform([clip]), rtol=1e-4, atol=1e-4)
