"""AugmentedClassifier and AugmentedRegressor: copies in training alone, in their clip's group, once in the cache."""

import warnings

import numpy as np
import pandas as pd
import pytest
import soundfile
from joblib import parallel_config
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    AugmentedClassifier,
    AugmentedRegressor,
    EncoderTransformer,
    FrameSummary,
    GRUClassifier,
    GRURegressor,
    LabelThresholdClassifier,
    MelSpectrogramTransformer,
    SegmentVotingClassifier,
    UnreadableClipError,
    WaveformTransformer,
    evaluate_files,
    predict_files,
)
from sklaudio.augment import BackgroundNoise
from sklaudio.augment.waveform import Gain, TimeStretch
from sklaudio.train import fit_with_validation, train_on_files

from ..encoders.small import Loudness

SR = 8000
NET = {"hidden_size": 4, "num_layers": 1, "max_epochs": 2, "lr": 0.01, "random_state": 0}


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    """Files of 16 tones, low and high, and what they are."""
    folder, rng = tmp_path_factory.mktemp("tones"), np.random.default_rng(0)
    y = np.array(["low", "high"] * 8)
    for number, kind in enumerate(y):
        pitch = {"low": 300, "high": 900}[kind] * rng.uniform(0.9, 1.1)
        tone = 0.3 * np.sin(2 * np.pi * pitch * np.arange(2000 + 50 * number) / SR)
        soundfile.write(folder / f"{number:02d}.wav", tone, SR)
    return [str(path) for path in sorted(folder.iterdir())], y


@pytest.fixture
def noise(tmp_path):
    soundfile.write(tmp_path / "noise.wav", 0.1 * np.random.default_rng(1).normal(size=2 * SR), SR)
    return tmp_path / "noise.wav"


def mels(**settings):
    return MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=128, **settings)


def classical(**settings):
    return make_pipeline(mels(**settings), FrameSummary(("mean",)), LogisticRegression())


class Recorder(ClassifierMixin, BaseEstimator):
    """Remembers what it is fitted on, on the class: clones forget."""

    seen = []

    def fit(self, X, y, sample_weight=None, groups=None, extra=None):
        Recorder.seen.append({"X": X, "y": y, "sample_weight": sample_weight, "groups": groups, "extra": extra})
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return self.classes_[np.zeros(len(X), dtype=int)]


@pytest.fixture
def seen():
    Recorder.seen = []
    return Recorder.seen


def recording(**parameters):
    """A model that notes the loudness of what it is trained on: [n_clips + n_copies]."""
    return AugmentedClassifier(make_pipeline(WaveformTransformer(100, sr=SR), Recorder()), **parameters)


def loudness(fit):
    return np.array([np.sqrt(np.mean(np.square(frames))) for frames in fit["X"]])


def test_training_has_clips_and_copies_and_prediction_the_clips_as_they_are(tones, seen):
    paths, y = tones
    model = recording(augment=Gain(20), n_copies=2).fit(paths, y)
    level = loudness(seen[0])
    assert len(level) == 48
    np.testing.assert_allclose(level[16:32], 10 * level[:16], rtol=1e-3)
    np.testing.assert_array_equal(level[32:], level[16:32])
    assert seen[0]["y"].tolist() == [*y, *y, *y]
    inner = make_pipeline(WaveformTransformer(100, sr=SR)).fit(paths)
    for copy, frames in zip(seen[0]["X"][:16], inner.transform(paths), strict=True):
        np.testing.assert_array_equal(copy, frames)
    assert model.predict(paths).shape == (16,)


def test_steps_come_one_after_the_other_and_none_makes_no_copies(tones, seen):
    paths, y = tones
    recording(augment=[Gain(20), Gain(-6.0206)], n_copies=1).fit(paths, y)
    level = loudness(seen[0])
    np.testing.assert_allclose(level[16:], 5 * level[:16], rtol=1e-3)
    for parameters in ({"augment": None}, {"augment": []}, {"augment": Gain(), "n_copies": 0}):
        recording(**parameters).fit(paths, y)
        assert len(seen[-1]["X"]) == 16


def test_weights_groups_and_other_rows_are_repeated(tones, seen):
    paths, y = tones
    weight, groups, extra = np.arange(16.0), np.array(list("abcdefgh") * 2), list(range(16))
    model = recording(augment=Gain(), n_copies=2)
    model.fit(paths, y, sample_weight=weight, groups=groups, recorder__extra=extra)
    assert seen[0]["sample_weight"].tolist() == [*weight] * 3
    assert seen[0]["groups"].tolist() == [*groups] * 3
    assert list(seen[0]["extra"]) == extra * 3
    model.fit(paths, y, recorder__extra="one for all")
    assert seen[1]["groups"].tolist() == [*range(16)] * 3
    assert seen[1]["extra"] == "one for all"
    with pytest.raises(ValueError, match="sample_weight was given, and Pipeline does not take it"):
        AugmentedClassifier(make_pipeline(mels(), GroupsOnly()), Gain()).fit(paths, y, sample_weight=weight)


class GroupsOnly(Recorder):
    def fit(self, X, y, groups=None):
        return super().fit(X, y, groups=groups)


def test_metadata_is_routed(tones, seen):
    paths, y = tones
    weight, groups = np.arange(16.0), np.repeat(np.arange(4), 4)
    with config_context(enable_metadata_routing=True):
        inner = Recorder().set_fit_request(sample_weight=True, groups=True, extra="more")
        model = AugmentedClassifier(make_pipeline(WaveformTransformer(100, sr=SR), inner), Gain(), n_copies=1)
        model.set_score_request(sample_weight=False)
        search = GridSearchCV(model, {"n_copies": [1, 2]}, cv=GroupKFold(2), error_score="raise", refit=False)
        search.fit(paths, y, sample_weight=weight, groups=groups, more=weight + 1)
        with pytest.raises(TypeError, match="lost"):
            model.fit(paths, y, lost=weight)
    for fit in seen:
        n_times = len(fit["X"]) // 8
        assert n_times in (2, 3)
        assert fit["sample_weight"].tolist() == fit["sample_weight"][:8].tolist() * n_times
        np.testing.assert_array_equal(fit["extra"], fit["sample_weight"] + 1)
        np.testing.assert_array_equal(fit["groups"], fit["sample_weight"] // 4)


def test_copies_share_their_clips_side_of_every_inner_split(tones):
    """A split that divides clips and copies would fit a model that knows each clip by heart."""
    paths, _ = tones
    y = np.array(["a", "b"])[np.random.default_rng(3).integers(2, size=16)]  # nothing to be learned
    nearest = make_pipeline(mels(), FrameSummary(("mean",)), KnowsByHeart())
    searched = GridSearchCV(nearest, {"knowsbyheart__how": [1]}, cv=4)
    calibrated = CalibratedClassifierCV(nearest, cv=4)
    n_copies = 3
    for model in (searched, calibrated):
        KnowsByHeart.asked = []
        AugmentedClassifier(model, TimeStretch((0.99, 1.01)), n_copies=n_copies).fit(paths, y)
        assert KnowsByHeart.asked
        assert not any(KnowsByHeart.asked)  # is a copy of one of the clips that it was trained on


class KnowsByHeart(ClassifierMixin, BaseEstimator):
    """Notes whether what it is asked is nearly what it was fitted on."""

    asked = []

    def __init__(self, how=1):
        self.how = how

    def fit(self, X, y):
        self.X_, self.classes_ = X, np.unique(y)
        return self

    def predict(self, X):
        distance = np.abs(X[:, None] - self.X_[None]).mean(axis=2)
        if len(X) + len(self.X_) == 64:
            KnowsByHeart.asked += (distance.min(axis=1) < 0.3).tolist()
        return self.classes_[np.zeros(len(X), dtype=int)]

    def predict_proba(self, X):
        self.predict(X)
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


def test_early_stopping_of_a_net_sets_whole_groups_aside(tones):
    paths, y = tones
    net = GRUClassifier(**NET, early_stopping=True, validation_fraction=0.25, callbacks=None)
    model = AugmentedClassifier(make_pipeline(mels(), net), Gain(), n_copies=2).fit(paths, y)
    assert len(model.estimator_[-1].history_) == 2
    searched = GridSearchCV(make_pipeline(mels(), net), {"gruclassifier__lr": [0.01]}, cv=2)
    AugmentedClassifier(searched, Gain(), n_copies=1).fit(paths, y)
    with pytest.raises(ValueError, match="each has all clips of a class"):  # two groups, of a class each
        AugmentedClassifier(make_pipeline(mels(), net), Gain(), n_copies=2).fit(paths, y, groups=y)


def n_cached(folder):
    return len(list(folder.rglob("output.pkl")))


def test_the_cache_holds_each_copy_once_for_all_folds_orders_and_jobs(tones, noise, tmp_path):
    paths, y = tones
    step = BackgroundNoise(noise, snr=10, p=1)
    model = AugmentedClassifier(classical(memory=tmp_path / "cache"), step, n_copies=2)
    first = cross_val_predict(model, paths, y, cv=4, method="predict_proba")
    assert n_cached(tmp_path / "cache") == 3 * 16
    order = np.random.default_rng(0).permutation(16)
    model.set_params(estimator__melspectrogramtransformer__n_jobs=2)
    model.fit([paths[index] for index in order], y[order])
    assert n_cached(tmp_path / "cache") == 3 * 16
    plain = AugmentedClassifier(classical(), step, n_copies=2)
    with parallel_config("threading", n_jobs=2):
        np.testing.assert_array_equal(cross_val_predict(plain, paths, y, cv=4, method="predict_proba"), first)
    model.set_params(augment__snr=5).fit(paths, y)
    assert n_cached(tmp_path / "cache") == 5 * 16
    soundfile.write(noise, 0.1 * np.random.default_rng(2).normal(size=2 * SR), SR)
    model.fit(paths, y)
    assert n_cached(tmp_path / "cache") == 7 * 16


def test_the_cache_knows_copies_of_foreign_steps_by_their_samples(tones, tmp_path):
    paths, y = tones
    factor = [0.5]
    model = AugmentedClassifier(classical(memory=tmp_path), lambda samples, sr: factor[0] * samples, n_copies=1)
    model.fit(paths, y).fit(paths, y)
    assert n_cached(tmp_path) == 2 * 16
    factor[0] = 0.25
    model.fit(paths, y)
    assert n_cached(tmp_path) == 3 * 16


def test_encoders_have_copies_in_their_cache_too(tones, tmp_path):
    paths, y = tones
    encoder = EncoderTransformer(Loudness(), memory=tmp_path)
    model = AugmentedClassifier(make_pipeline(encoder, FrameSummary(), LogisticRegression()), Gain(), n_copies=1)
    model.fit(paths, y).fit(paths, y)
    assert n_cached(tmp_path) == 2 * 16


def test_a_search_varies_steps_and_copies(tones, noise):
    paths, y = tones
    model = AugmentedClassifier(classical(), BackgroundNoise(noise, p=1))
    grid = {"augment__snr": [0, (10, 20)], "n_copies": [1, 2], "estimator__logisticregression__C": [1]}
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(paths, y)
    assert len(search.cv_results_["params"]) == 4
    assert search.best_estimator_.score(paths, y) == 1
    copy = clone(model).set_params(augment__snr=3)
    assert (copy.augment.snr, model.augment.snr) == (3, (0, 20))


def test_any_form_of_x_is_taken_and_seeds_decide(tones, rng):
    paths, y = tones
    step = Gain((-20, 0))
    forms = {"list": paths, "array": np.array(paths), "series": pd.Series(paths, index=np.arange(16) + 5)}
    expected = None
    for form in forms.values():
        p = AugmentedClassifier(classical(), step, random_state=1).fit(form, y).predict_proba(form)
        expected = p if expected is None else expected
        np.testing.assert_array_equal(p, expected)
    assert (AugmentedClassifier(classical(), step, random_state=2).fit(paths, y).predict_proba(paths) != expected).any()
    table = np.stack([0.1 * rng.normal(size=1500) * (1 + 5 * (kind == "low")) for kind in y])
    model = AugmentedClassifier(classical(), TimeStretch(), n_copies=1).fit(table, y)  # copies of other lengths
    assert (model.n_features_in_, model.score(table, y)) == (1500, 1)
    with pytest.raises(ValueError, match="expecting 1500 features"):
        model.predict(table[:, :1000])


def test_several_labels(tones):
    paths, y = tones
    Y = pd.DataFrame({"low": y == "low", "long": np.arange(16) > 7}).astype(int)
    net = make_pipeline(mels(), GRUClassifier(**{**NET, "max_epochs": 5}))
    model = AugmentedClassifier(net, Gain(), n_copies=2).fit(paths, Y)
    assert model.estimator_[-1].label_names_.tolist() == ["low", "long"]
    assert model.predict(paths).shape == (16, 2)
    assert model.score(paths, Y) == (model.predict(paths) == Y).all(axis=1).mean()
    with pytest.raises(ValueError, match=r"y has the labels \['long', 'low'\], and that of fit 2: \['low', 'long'\]"):
        model.score(paths, Y[["long", "low"]])
    assert [found.error for found in predict_files(model, paths[:2])] == [None, None]
    forest = make_pipeline(mels(), FrameSummary(), MultiOutputClassifier(LogisticRegression(max_iter=1000)))
    assert AugmentedClassifier(forest, Gain(), n_copies=1).fit(paths, Y.to_numpy()).predict(paths).shape == (16, 2)
    thresholds = LabelThresholdClassifier(net, cv=2)
    assert AugmentedClassifier(thresholds, Gain(), n_copies=1).fit(paths, Y).predict(paths).shape == (16, 2)


def test_numbers(tones):
    paths, y = tones
    numbers = np.where(y == "low", 0.3, 0.9)
    model = AugmentedRegressor(make_pipeline(mels(), FrameSummary(), Ridge()), Gain(), n_copies=1)
    assert model.fit(paths, numbers).score(paths, numbers) > 0.9
    net = AugmentedRegressor(make_pipeline(mels(), GRURegressor(**NET)), Gain(), n_copies=1)
    assert net.fit(paths, np.stack([numbers, numbers], axis=1)).predict(paths).shape == (16, 2)
    table = pd.DataFrame({"a": numbers, "b": -numbers})
    net.fit(paths, table).score(paths, table)
    with pytest.raises(ValueError, match=r"y has the columns \['b', 'a'\]"):
        net.score(paths, table[["b", "a"]])
    assert is_regressor(model)
    assert is_classifier(AugmentedClassifier(classical(), Gain()))
    assert not hasattr(model, "predict_proba")


def test_validation_clips_are_left_as_they_are(tones):
    paths, y = tones
    vote = SegmentVotingClassifier(GRUClassifier(**NET), segment_length=8)
    model = AugmentedClassifier(make_pipeline(mels(), vote), Gain(), n_copies=1)
    fit_with_validation(model, paths[:12], y[:12], paths[12:], y[12:])
    losses = model.estimator_[-1].estimator_.history_["valid_loss"]
    assert losses.notna().all()
    changed = clone(model).set_params(n_copies=0).fit(paths[:12], y[:12], X_val=paths[12:], y_val=y[12:])
    assert changed.estimator_[-1].estimator_.history_["valid_loss"].notna().all()


def test_models_are_saved_without_the_recordings_and_foreign_steps_are_named(tones, noise, tmp_path):
    paths, y = tones
    model = AugmentedClassifier(classical(), [BackgroundNoise(noise), Gain()], n_copies=1).fit(paths, y)
    expected = model.predict_proba(paths)
    sklaudio.save(model, tmp_path / "model.skops")
    noise.unlink()
    loaded = sklaudio.load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict_proba(paths), expected)
    assert loaded.augment[0].files_or_folder == str(noise)
    model.set_params(augment=abs)
    with pytest.raises(ValueError, match=r"model\.augment: builtins\.abs"):
        sklaudio.save(model, tmp_path / "other.skops")
    assert not (tmp_path / "other.skops").exists()
    sklaudio.save(model.set_params(augment=None), tmp_path / "other.skops")
    np.testing.assert_array_equal(sklaudio.load(tmp_path / "other.skops").predict_proba(paths), expected)


def test_files_are_predicted_evaluated_and_trained_on(tones, tmp_path):
    paths, y = tones
    model = AugmentedClassifier(classical(), Gain(), n_copies=1)
    (tmp_path / "broken.wav").write_text("no sound")
    files, target = [*paths, str(tmp_path / "broken.wav")], [*y, "low"]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        training = train_on_files(model, files, target, groups=files, validate=4, memory=str(tmp_path / "cache"))
    assert [str(warning.message).split(":")[0] for warning in caught] == [files[-1]]
    assert (training.unreadable, training.n_clips, training.held_out.accuracy) == ([files[-1]], 16, 1.0)
    assert isinstance(training.model, AugmentedClassifier)
    assert training.model.estimator_[0].memory is None
    assert n_cached(tmp_path / "cache") == 32
    assert [found.label for found in predict_files(training.model, paths)] == y.tolist()
    assert evaluate_files(training.model, paths, y).accuracy == 1


def test_what_cannot_be_read_is_named_once(tones, tmp_path):
    paths, y = tones
    (tmp_path / "broken.wav").write_text("no sound")
    files = [str(tmp_path / "broken.wav"), str(tmp_path / "lost.wav"), *paths[2:]]
    with pytest.raises(UnreadableClipError) as caught:
        AugmentedClassifier(classical(), Gain(), n_copies=2).fit(files, y)
    assert [error.index for error in caught.value.errors] == [0, 1]
    with pytest.raises(UnreadableClipError, match=r"lost\.wav"):
        AugmentedClassifier(classical(), Gain(), n_copies=2).fit([files[1], *paths[1:]], y)


@pytest.mark.parametrize(("step", "message"), [
    (lambda samples, sr: None, "returned None"),
    (lambda samples, sr: np.stack([samples, samples]), r"of shape \(2, 2000\)"),
    (lambda samples, sr: samples * np.nan, "returned NaN"),
    (lambda samples, sr: samples[:0], r"of shape \(0,\)"),
    (BackgroundNoise("nowhere", p=1), "no file 'nowhere'"),
])  # fmt: skip
@pytest.mark.parametrize("on_error", ["raise", "warn"])
def test_faults_of_steps_are_not_taken_for_those_of_clips(tones, step, message, on_error):
    paths, y = tones
    with pytest.raises((ValueError, FileNotFoundError), match=message) as caught:
        AugmentedClassifier(classical(on_error=on_error), step, n_copies=1).fit(paths, y)
    assert not isinstance(caught.value, UnreadableClipError)


def test_estimators_without_clips_are_errors(tones):
    paths, y = tones
    with pytest.raises(ValueError, match="estimator begins with LogisticRegression, which takes no clips"):
        AugmentedClassifier(LogisticRegression(), Gain()).fit(np.zeros((16, 30)), y)
    with pytest.raises(NotFittedError):
        AugmentedClassifier(classical(), Gain()).predict(paths)


def test_a_compose_of_audiomentations_counts(tones):
    audiomentations = pytest.importorskip("audiomentations")
    paths, y = tones
    compose = audiomentations.Compose([audiomentations.AddGaussianSNR(min_snr_db=5, max_snr_db=20, p=1.0)])
    first, again = (
        AugmentedClassifier(classical(), compose, n_copies=2).fit(paths, y).predict_proba(paths) for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    assert (AugmentedClassifier(classical(), None).fit(paths, y).predict_proba(paths) != first).any()
