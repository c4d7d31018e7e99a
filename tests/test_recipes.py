"""make_classifier: what it is made of, what it says, and that it learns at the rate of any task."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from sklaudio import load, make_classifier, save
from sklaudio.datasets import make_genres, make_words
from sklaudio.recipes import NETS, ON_MELS, frame_sizes

TINY = {"max_epochs": 1, "random_state": 0}


@pytest.mark.parametrize("kind", NETS)
def test_its_steps(kind):
    model = make_classifier(kind, sr=16000, duration=2.0, max_epochs=3)
    assert list(model.named_steps) == ["features", "net"]
    assert type(model["net"]) is NETS[kind]
    assert model["net"].max_epochs == 3
    assert {name: getattr(model["features"], name) for name in ("n_fft", "hop_length")} == frame_sizes(16000)
    assert (model["features"].sr, model["features"].duration) == (16000, 2.0)
    assert len(model["features"].get_feature_names_out()) == (64 if kind in ON_MELS else 13)
    assert model["net"].get_params() == clone(model)["net"].get_params() == NETS[kind](max_epochs=3).get_params()


@pytest.mark.parametrize(("segment_length", "hop_length"), [(130, 65), (129, 64), (1, 1)])
def test_segments_overlap_by_half(segment_length, hop_length):
    vote = make_classifier(segment_length=segment_length, lr=0.5)["vote"]
    assert (vote.segment_length, vote.hop_length, vote.estimator.lr) == (segment_length, hop_length, 0.5)


def test_what_it_is_made_of_is_new_each_time():
    assert make_classifier()["net"] is not make_classifier()["net"]


@pytest.mark.parametrize("sr", [2000, 4000, 8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000])
def test_frames_last_as_long_at_any_rate(sr):
    n_fft, hop_length = frame_sizes(sr).values()
    frame = 0.032 if sr == 8000 else 0.05
    assert n_fft.bit_count() == 1
    assert 2**-0.5 <= n_fft / sr / frame <= 2**0.5
    if sr <= 16000:
        assert hop_length / sr == pytest.approx(0.01, rel=0.01)
    else:
        assert 2**-0.5 <= hop_length / sr / 0.02 <= 2**0.5
    assert hop_length <= n_fft / 2


@pytest.mark.filterwarnings("error:Empty filters")
@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100])
def test_no_band_is_empty(sr, rng):
    features = make_classifier(sr=sr)["features"]
    frames = features.fit_transform(rng.normal(size=(1, sr)))
    assert (frames > -70).all()


@pytest.mark.parametrize(("sr", "segment_length"), [(8000, None), (16000, 20), (22050, None), (44100, 30)])
def test_it_fits_waveforms_of_any_rate(sr, segment_length, rng):
    labels = np.array(["high", "low"] * 6)
    time = np.arange(sr) / sr
    pitches = np.where(labels == "high", 2000, 200)[:, np.newaxis] * rng.uniform(0.9, 1.1, size=(12, 1))
    clips = np.sin(2 * np.pi * pitches * time) + 0.01 * rng.normal(size=(12, sr))
    model = make_classifier(sr=sr, segment_length=segment_length, channels=(4, 4), lr=0.01, random_state=0)
    net = model.steps[-1][0] + ("__estimator" if segment_length else "")
    model.set_params(**{f"{net}__max_epochs": 15})
    assert model.fit(clips, labels).score(clips, labels) == 1.0
    assert model.predict_proba(clips).shape == (12, 2)


@pytest.mark.parametrize("kind", NETS)
def test_every_kind_fits(kind):
    words = make_words(20, random_state=0)
    model = make_classifier(kind, sr=16000, duration=1.0, **TINY).fit(words.data, words.target)
    assert set(model.predict(words.data)) <= set(words.target_names)


@pytest.mark.parametrize("kind", ["crnn", "lstm"])
def test_segments_of_music_vote(kind):
    genres = make_genres(10, duration=4.0, random_state=0)
    model = make_classifier(kind, segment_length=100, **TINY).fit(genres.data, genres.target)
    assert model.predict_proba(genres.data).shape == (10, 10)
    assert len(model["vote"].predict_segments(model[:-1].transform(genres.data))[0]) == 20


def test_a_grid_search_over_the_net():
    words = make_words(20, random_state=0)
    search = GridSearchCV(make_classifier("dense", sr=16000, **TINY), {"net__lr": [1e-3, 1e-2]}, cv=2)
    search.fit(words.data, words.target)
    assert search.best_params_["net__lr"] in (1e-3, 1e-2)


@pytest.fixture
def words():
    return make_words(30, n_speakers=3, random_state=0)


def test_an_ensemble_of_seeds(words, tmp_path):
    members = [(f"seed{seed}", make_classifier(sr=16000, max_epochs=1, random_state=seed)) for seed in range(2)]
    model = VotingClassifier(members, voting="soft").fit(words.data, words.target)
    proba = model.predict_proba(words.data)
    np.testing.assert_allclose(proba, np.mean([own.predict_proba(words.data) for own in model.estimators_], axis=0))
    save(model, tmp_path / "ensemble.skops")
    np.testing.assert_array_equal(load(tmp_path / "ensemble.skops").predict_proba(words.data), proba)


@pytest.mark.parametrize("segment_length", [None, 20])
def test_a_temperature_that_keeps_speakers_apart(segment_length, words, tmp_path):
    if "temperature" not in CalibratedClassifierCV._parameter_constraints["method"][0].options:
        pytest.skip("scikit-learn before 1.8 learns no temperature")
    model = make_classifier(sr=16000, segment_length=segment_length, **TINY)
    folds = list(StratifiedGroupKFold(3).split(words.data, words.target, words.groups))
    calibrated = CalibratedClassifierCV(model, method="temperature", cv=folds, ensemble=False)
    calibrated.fit(words.data, words.target)
    plain = model.fit(words.data, words.target)
    assert calibrated.predict(words.data).tolist() == plain.predict(words.data).tolist()
    proba = calibrated.predict_proba(words.data)
    assert not np.allclose(proba, plain.predict_proba(words.data))
    save(calibrated, tmp_path / "calibrated.skops")
    np.testing.assert_array_equal(load(tmp_path / "calibrated.skops").predict_proba(words.data), proba)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "transformer"}, r"'kind' parameter of make_classifier must be a str among .*'crnn'.*'transformer'"),
        ({"sr": 0}, r"'sr' parameter .* in the range \[1, inf\). Got 0"),
        ({"sr": 16000.5}, "'sr' parameter"),
        ({"duration": 0}, "'duration' parameter"),
        ({"segment_length": 0}, "'segment_length' parameter"),
        ({"epochs": 5}, r"^epochs: no parameter of make_classifier or of CRNNClassifier.*max_epochs"),
        ({"kind": "lstm", "channels": (8,)}, r"^channels: .*LSTMClassifier \(kind='lstm'\), which takes .*hidden_size"),
    ],
)
def test_errors_name_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(**arguments)
