"""FrameUnion: one spectrum for all members, names, nested parameters."""

import collections

import numpy as np
import pytest
import scipy.fft
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

import sklaudio
from sklaudio import (
    FrameSummary,
    FrameUnion,
    MFCCTransformer,
    RMSTransformer,
    SpectralCentroidTransformer,
    SpectralContrastTransformer,
    genre_features,
)


@pytest.fixture
def count_spectra(monkeypatch):
    """Dict of each n_fft to the frames that were transformed with it."""
    made = collections.Counter()
    original = scipy.fft.rfft

    def counting(frames, **settings):
        made[frames.shape[1]] += frames.shape[0]
        return original(frames, **settings)

    monkeypatch.setattr(scipy.fft, "rfft", counting)
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
    assert count_spectra == {2048: 44}


def test_another_n_fft_has_a_spectrum_of_its_own(noise, count_spectra):
    low, high = SpectralCentroidTransformer(n_fft=4096), SpectralCentroidTransformer(n_fft=1024)
    assert FrameUnion([("a", low), ("b", high), ("c", low)]).transform([noise]).shape == (1, 44, 3)
    assert count_spectra == {4096: 44, 1024: 44}


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


def test_a_member_that_makes_its_own_signal_keeps_it_to_itself(noise):
    class Emphasized(MFCCTransformer):
        def _signal(self, y):
            return super()._signal(y if y is None else np.diff(y, prepend=np.float32(0)))

    members = [("plain", MFCCTransformer(5)), ("emphasized", Emphasized(5))]
    expected = np.concatenate([member.transform([noise]) for _, member in members], axis=2)
    np.testing.assert_array_equal(FrameUnion(members).fit_transform([noise]), expected)
    swapped = FrameUnion(members[::-1]).fit_transform([noise])
    np.testing.assert_array_equal(swapped, np.roll(expected, 5, axis=2))


def nested():
    spectral = FrameUnion([("centroid", SpectralCentroidTransformer()), ("contrast", SpectralContrastTransformer())])
    return FrameUnion([("mfcc", MFCCTransformer()), ("spectral", spectral), ("rms", RMSTransformer())])


def test_a_union_in_a_union_is_as_one_of_all_members(noise, count_spectra):
    frames = nested().fit_transform([noise])
    assert count_spectra == {2048: 44}
    members = [("mfcc", MFCCTransformer()), *nested().transformers[1][1].transformers, ("rms", RMSTransformer())]
    np.testing.assert_array_equal(frames, FrameUnion(members).fit_transform([noise]))
    names = nested().get_feature_names_out()
    assert list(names[12:15]) == ["mfcc__mfcc12", "spectral__centroid__centroid", "spectral__contrast__contrast0"]
    assert len(names) == frames.shape[2]


def test_dropped_members_are_left_out(noise):
    union = clone(nested()).set_params(mfcc="drop", spectral__contrast="drop")
    expected = [SpectralCentroidTransformer(), RMSTransformer()]
    np.testing.assert_array_equal(
        union.fit_transform([noise]), np.concatenate([m.fit_transform([noise]) for m in expected], axis=2)
    )
    assert union.get_feature_names_out().tolist() == ["spectral__centroid__centroid", "rms__rms"]
    assert union.sr == 22050
    assert union.set_params(spectral="drop").fit_transform([noise]).shape[2] == 1


def test_the_cache_tells_dropped_members_apart_but_not_those_of_equal_frames(noise, tmp_path):
    union = nested().set_params(memory=tmp_path)
    for n_kept in (1, 2, 2):
        union.set_params(spectral__contrast="drop" if n_kept == 2 else SpectralContrastTransformer())
        union.transform([noise])
        assert len(list(tmp_path.rglob("output.pkl"))) == n_kept


def test_a_subclass_in_a_union_keeps_what_it_makes_of_its_members(noise):
    class Doubled(FrameUnion):
        def _frames(self, signals):
            return 2 * super()._frames(signals)

    union = FrameUnion([("doubled", Doubled([("rms", RMSTransformer())])), ("rms", RMSTransformer())])
    frames = union.fit_transform([noise])
    np.testing.assert_array_equal(frames[..., 0], 2 * frames[..., 1])


def test_a_study_of_features_is_one_grid(tone_1khz, noise, tmp_path):
    model = Pipeline([("features", nested()), ("mean", FrameSummary()), ("classifier", LogisticRegression())])
    grid = {"features__mfcc": ["drop", MFCCTransformer(5)], "features__spectral": ["drop"]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise")
    search.fit([tone_1khz, noise, tone_1khz * 0.9, noise * 0.9], ["tone", "noise"] * 2)
    assert len(search.cv_results_["params"]) == 2
    sklaudio.save(search, tmp_path / "study.skops")
    loaded = sklaudio.load(tmp_path / "study.skops")
    assert loaded.best_estimator_["features"].transformers[1] == ("spectral", "drop")
    assert loaded.predict([tone_1khz, noise]).tolist() == ["tone", "noise"]
