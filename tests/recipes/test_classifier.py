"""make_classifier: what it is made of, what it says, and that it learns at the rate of any task."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold

from sklaudio import evaluate_files, load, make_classifier, predict_files, predict_timeline, save
from sklaudio.datasets import make_genres, make_words
from sklaudio.encoders import card
from sklaudio.recipes import NETS, ON_MELS, frame_sizes
from sklaudio.train import train_on_files

TINY = {"max_epochs": 1, "random_state": 0}


@pytest.mark.parametrize("kind", NETS)
def test_its_steps(kind):
    model = make_classifier(kind, sr=16000, duration=2.0, max_epochs=3)
    assert list(model.named_steps) == ["features", "net"]
    assert type(model["net"]) is NETS[kind]
    assert model["net"].max_epochs == 3
    assert {name: getattr(model["features"], name) for name in ("n_fft", "hop_length")} == frame_sizes(16000)
    assert (model["features"].sr, model["features"].duration) == (16000, 2.0)
    n_dims = {"tiny": 40}.get(kind, 64 if kind in ON_MELS else 13)
    assert len(model["features"].get_feature_names_out()) == n_dims
    expected = NETS[kind](max_epochs=3, precision="auto").get_params()
    assert model["net"].get_params() == clone(model)["net"].get_params() == expected
    n_epochs = make_classifier(kind)["vote"].estimator.max_epochs
    assert n_epochs == ("auto" if kind in ("crnn", "tiny") else NETS[kind]().max_epochs)


@pytest.mark.parametrize(("segment_length", "hop_length"), [(130, 65), (129, 64), (1, 1)])
def test_segments_overlap_by_half(segment_length, hop_length):
    vote = make_classifier(segment_length=segment_length, lr=0.5)["vote"]
    assert (vote.segment_length, vote.hop_length, vote.estimator.lr) == (segment_length, hop_length, 0.5)


def test_what_it_is_made_of_is_new_each_time():
    assert make_classifier()["vote"].estimator is not make_classifier()["vote"].estimator


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


def test_frames_are_as_short_as_what_is_to_be_seen():
    ultrasound = make_classifier(sr=250000, features={"fmin": 15000})["features"]
    assert (ultrasound.n_fft, ultrasound.hop_length, ultrasound.fmin) == (512, 256, 15000)  # 2 and 1 ms
    assert make_classifier(sr=250000, features={"fmin": 15000, "hop_length": 125})["features"].hop_length == 125
    mfcc = make_classifier("gru", sr=250000, features={"fmin": 15000})["features"]
    assert (mfcc.n_fft, mfcc.hop_length) == (512, 256)
    for fmin in (1000, 5000, 20000):
        shorter, longer = frame_sizes(250000, fmin=2 * fmin), frame_sizes(250000, fmin=fmin)
        assert shorter["n_fft"] <= longer["n_fft"] <= 8192
        assert longer["n_fft"] / 250000 * fmin > 20  # periods


@pytest.mark.parametrize(
    ("sr", "sizes"),
    [
        (8000, (256, 80)),
        (16000, (1024, 160)),
        (22050, (1024, 512)),
        (44100, (2048, 1024)),
        (96000, (4096, 2048)),
        (250000, (16384, 4096)),
    ],
)
def test_without_a_lowest_frequency_the_rate_decides(sr, sizes):
    for fmin in (0.0, 50, 500):
        assert tuple(frame_sizes(sr, fmin=fmin).values()) == sizes


@pytest.mark.parametrize("features", [{"fmin": -1}, {"fmin": "low"}, {"fmin": 9000, "fmax": 8000}, {"fmin": 20000}])
def test_what_is_no_lowest_frequency_is_an_error_of_fit(features):
    model = make_classifier("gru", features=features)
    with pytest.raises(ValueError, match="fmin"):
        model.fit([np.zeros(22050)] * 4, list("abab"))


@pytest.mark.filterwarnings("error:Empty filters")
@pytest.mark.parametrize(
    ("sr", "fmin"), [(250000, 15000), (250000, 60000), (384000, 20000), (44100, 2000), (16000, 700)]
)
def test_no_band_from_a_lowest_frequency_is_empty(sr, fmin, rng):
    features = make_classifier(sr=sr, features={"fmin": fmin})["features"]
    assert np.ptp(features.transform([rng.normal(size=sr // 10)])[0], axis=0).min() > 0


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
    model = make_classifier("dense", sr=16000, **TINY)
    search = GridSearchCV(
        model, {"vote__estimator__lr": [1e-3, 1e-2], "vote__segment_length": ["auto", None, 20]}, cv=2
    )
    search.fit(words.data, words.target)
    scores = search.cv_results_["mean_test_score"]
    assert len(scores) == 6
    auto, whole = (
        [
            score
            for score, params in zip(scores, search.cv_results_["params"], strict=True)
            if params["vote__segment_length"] == v
        ]
        for v in ("auto", None)
    )
    assert auto == whole  # words last a second


def music_and_moments(seconds, n_clips=8, sr=8000):
    """Noise of two colours, of so many seconds."""
    rng = np.random.default_rng(0)
    clips = rng.normal(size=(n_clips, round(seconds * sr)))
    clips[::2] = np.cumsum(clips[::2], axis=1) / 50
    return clips.astype(np.float32), np.array(["brown", "white"] * (n_clips // 2))


@pytest.mark.parametrize(("seconds", "frames"), [(1, None), (5, None), (7, 300), (12, 300)])
def test_long_clips_are_cut_into_segments_of_3_s_and_short_ones_are_not(seconds, frames):
    X, y = music_and_moments(seconds)
    model = make_classifier("gru", sr=8000, hidden_size=4, **TINY).fit(X, y)
    assert model["vote"].segment_length_ == frames  # 10 ms a frame
    votes, _ = model["vote"].predict_segments(model[:-1].transform(X[:1]))
    assert len(votes) == (1 if frames is None else 1 + (100 * seconds + 1 - 300) // 150)


def test_short_clips_are_predicted_as_with_whole_ones(tmp_path):
    X, y = music_and_moments(1.5)
    model = make_classifier("gru", sr=8000, hidden_size=4, **TINY).fit(X, y)
    whole = make_classifier("gru", sr=8000, segment_length=None, hidden_size=4, **TINY).fit(X, y)
    assert list(whole.named_steps) == ["features", "net"]
    np.testing.assert_array_equal(model.predict_proba(X), whole.predict_proba(X))


def test_a_long_model_is_saved_and_predicts_over_time(tmp_path):
    import soundfile

    X, y = music_and_moments(7)
    model = make_classifier("gru", sr=8000, hidden_size=4, **TINY).fit(X, y)
    save(model, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops")
    assert again["vote"].segment_length_ == 300
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    soundfile.write(tmp_path / "long.wav", 0.1 * np.concatenate(X[:2]), 8000)
    timeline = predict_timeline(again, tmp_path / "long.wav", window=7.0, hop=7.0)
    assert len(timeline) == 2
    found = [row.probabilities for row in predict_files(again, [tmp_path / "long.wav"])]
    assert set(found[0]) == {"brown", "white"}
    assert clone(again)["vote"].get_params()["segment_length"] == "auto"


@pytest.mark.parametrize(("duration", "last"), [(1.0, "net"), (6.0, "net"), (7.0, "vote")])
def test_a_short_duration_leaves_nothing_to_decide(duration, last):
    assert list(make_classifier(duration=duration).named_steps)[-1] == last


def test_features_reach_the_feature_step():
    model = make_classifier(features={"n_mels": 20, "fmin": 100.0, "hop_length": 256}, sr=22050)
    assert {name: getattr(model["features"], name) for name in ("n_mels", "fmin", "n_fft")} == {
        "n_mels": 20, "fmin": 100.0, "n_fft": 1024,
    }  # fmt: skip
    assert model["vote"].auto_length == 258  # 3 s of them
    assert make_classifier("lstm", features={"n_mfcc": 20, "delta": 1})["features"].n_mfcc == 20


def test_frames_of_a_word_at_other_mels_are_learned():
    words = make_words(20, random_state=0)
    model = make_classifier("dense", sr=16000, features={"n_mels": 16}, **TINY).fit(words.data, words.target)
    assert model["vote"].n_features_in_ == 16


@pytest.fixture
def loudness():
    """A small encoder that is there on every machine."""
    from ..encoders.small import Loudness

    return Loudness()


def test_an_encoder_and_a_linear_model(loudness):
    X, y = music_and_moments(2, n_clips=12, sr=16000)
    model = make_classifier("encoder", encoder=loudness, random_state=0)
    assert list(model.named_steps) == ["features", "summary", "scaler", "head"]
    assert model.fit(X, y, head__groups=np.arange(12) // 2).score(X, y) == 1.0
    assert model["head"].n_features_in_ == 9  # mean, std, max of three dims
    assert model["features"].sr == 16000


def test_an_encoder_of_the_package_is_saved_and_tells_files(words, tmp_path):
    import soundfile

    files = [str(tmp_path / f"{index}.wav") for index in range(len(words.data))]
    for file, y in zip(files, words.data, strict=True):
        soundfile.write(file, y, 16000)
    model = make_classifier("encoder", encoder="digits", Cs=(0.1, 1.0))
    training = train_on_files(model, files, words.target, words.groups, validate=3)
    assert training.held_out.n_clips == 30
    assert training.held_out.n_groups == 3
    save(training.model, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops")
    assert evaluate_files(again, files, words.target).accuracy == training.model.score(files, words.target) > 0.5
    timeline = predict_timeline(again, files[0], window=0.5, hop=0.25)
    assert set(timeline["label"]) <= set(words.target)
    assert again["head"].C_ in (0.1, 1.0)


def test_segments_of_an_encoder_vote(loudness):
    X, y = music_and_moments(2, n_clips=12, sr=16000)
    model = make_classifier("encoder", encoder=loudness, segment_length=20, features={"batch_size": 4})
    model.fit(X, y, vote__groups=np.arange(12) // 2)
    assert model.score(X, y) == 1.0
    frames = model[:-1].transform(X[:1])
    assert len(model["vote"].predict_segments(frames)[0]) == (frames.shape[1] - 20) // 10 + 1


def test_an_encoder_that_is_not_there_says_how_to_get_it():
    X, y = music_and_moments(1, sr=16000)
    if card("musicnn-msd")["installed"]:
        pytest.skip("it is there")
    with pytest.raises(FileNotFoundError, match=r"musicnn-msd.*not installed\. Get it: "):
        make_classifier("encoder", encoder="musicnn-msd").fit(X, y)


def test_another_rate_than_the_encoders_is_refused(loudness):
    X, y = music_and_moments(1, sr=16000)
    with pytest.raises(ValueError, match="sr=8000"):
        make_classifier("encoder", encoder=loudness, sr=8000).fit(X, y)


@pytest.fixture
def words():
    return make_words(30, n_speakers=3, random_state=0)


def test_an_ensemble_of_seeds(words, tmp_path):
    members = [(f"seed{seed}", make_classifier(sr=16000, max_epochs=1, random_state=seed)) for seed in range(2)]
    model = VotingClassifier(members, voting="soft").fit(words.data, words.target)
    proba = model.predict_proba(words.data)
    expected = np.mean([member.predict_proba(words.data) for member in model.estimators_], axis=0)
    np.testing.assert_allclose(proba, expected, atol=1e-6)
    save(model, tmp_path / "ensemble.skops")
    np.testing.assert_array_equal(load(tmp_path / "ensemble.skops").predict_proba(words.data), proba)


def test_a_net_on_the_frames_of_an_encoder(words):
    model = make_classifier("gru", encoder="digits", hidden_size=8, max_epochs=2, random_state=0)
    assert list(model.named_steps) == ["features", "net"]
    assert (model["features"].encoder, model["net"].dropout, model["net"].label_smoothing) == ("digits", 0.5, 0.1)
    assert make_classifier("gru", encoder="digits")["net"].max_epochs == 30
    assert model.fit(words.data, words.target).predict_proba(words.data).shape == (30, 10)
    assert list(make_classifier("gru", encoder="digits", segment_length=3).named_steps) == ["features", "vote"]


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
        ({"segment_length": "long"}, "'segment_length' parameter"),
        ({"features": ["fmin"]}, "'features' parameter"),
        (
            {"features": {"f_min": 50, "n_mels": 40}},
            r"^features: f_min: no parameter of MelSpectrogramTransformer \(kind='crnn'\), which takes .*fmin.*n_mels"
            r".*sr and duration are parameters of make_classifier",
        ),
        ({"features": {"sr": 8000}}, r"^features: sr: no parameter of MelSpec"),
        ({"kind": "lstm", "features": {"norm": 1}}, r"^features: norm: no parameter of MFCCTransformer"),
        ({"encoder": "digits"}, r"encoder='digits' cannot be used with kind='crnn'"),
        ({"kind": "encoder", "lr": 0.1}, r"^lr: .*GroupedLogisticRegression \(kind='encoder'\), which takes Cs,"),
        ({"kind": "encoder", "features": {"n_mels": 9}}, r"^features: n_mels: no parameter of EncoderTransformer"),
        ({"kind": "lstm", "channels": (8,)}, r"^channels: .*LSTMClassifier \(kind='lstm'\), which takes .*hidden_size"),
    ],
)
def test_errors_name_the_parameter(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_classifier(**arguments)
