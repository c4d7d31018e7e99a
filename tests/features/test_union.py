"""FrameUnion: one spectrum for all members, names, nested parameters."""

import numpy as np
import pytest
from sklearn.base import clone

import sklaudio.features._spectrum as spectrum
from sklaudio import (
    FrameUnion,
    MFCCTransformer,
    RMSTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    genre_features,
)


@pytest.fixture
def count_spectra(monkeypatch):
    """List with the n_fft of each transform made so far."""
    made = []
    original = spectrum.hann

    def counting(n_fft, dtype):
        made.append(n_fft)
        return original(n_fft, dtype)

    monkeypatch.setattr(spectrum, "hann", counting)
    return made


def test_members_stand_side_by_side(noise):
    members = [("mfcc", MFCCTransformer()), ("rms", RMSTransformer())]
    frames = FrameUnion(members).fit_transform([noise])
    np.testing.assert_array_equal(frames, np.concatenate([m.fit_transform([noise]) for _, m in members], axis=2))


def test_a_member_that_needs_double_precision_gives_it_to_all(noise):
    members = [("mfcc", MFCCTransformer()), ("contrast", SpectralContrastTransformer())]
    frames = FrameUnion(members).fit_transform([noise])
    alone = np.concatenate([m.fit_transform([noise]) for _, m in members], axis=2)
    np.testing.assert_allclose(frames, alone, rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(frames[..., 13:], alone[..., 13:])


def test_one_spectrum_serves_all_members(noise, count_spectra):
    genre_features().transform([noise])
    assert count_spectra == [2048]


def test_another_n_fft_has_a_spectrum_of_its_own(noise, count_spectra):
    low, high = SpectralCentroidTransformer(n_fft=4096), SpectralCentroidTransformer(n_fft=1024)
    assert FrameUnion([("a", low), ("b", high), ("c", low)]).transform([noise]).shape == (1, 44, 3)
    assert count_spectra == [4096, 1024]


def test_the_33_features_by_name():
    names = genre_features().get_feature_names_out().tolist()
    assert len(names) == 33
    assert names[0] == "mfcc__mfcc0"
    assert names[13:15] == ["centroid__centroid", "chroma__chroma0"]
    assert names[-1] == "contrast__contrast6"


def test_parameters_reach_the_members(noise):
    union = clone(genre_features()).set_params(mfcc__n_mfcc=5, memory=None)
    assert union.get_params()["mfcc__n_mfcc"] == 5
    assert union.transform([noise]).shape[2] == 25
    swapped = union.set_params(mfcc=MFCCTransformer(2))
    assert swapped.transform([noise]).shape[2] == 22


def test_genre_features_pass_their_settings_on(noise, tmp_path):
    union = genre_features(sr=16000, n_fft=1024, hop_length=160, duration=0.5, memory=tmp_path, n_jobs=2)
    assert union.transform([noise]).shape == (1, 51, 33)
    assert {member.sr for _, member in union.transformers} == {16000}
    assert list(tmp_path.rglob("output.pkl"))
