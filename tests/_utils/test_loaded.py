"""Loaded models inside other models: they keep their weights, or refuse and say how."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import FeatureUnion, make_pipeline

import sklaudio
from sklaudio import FrameScaler, LSTMClassifier, MFCCTransformer, SegmentVotingClassifier

SR = 22050


def net(**params):
    return LSTMClassifier(4, 1, random_state=0, **{"max_epochs": 2, **params})


def voting():
    return SegmentVotingClassifier(net(), segment_length=5)


SHAPES = {
    "net": net,
    "votes": voting,
    "votes around a Pipeline": lambda: SegmentVotingClassifier(make_pipeline(FrameScaler(), net()), segment_length=5),
    "Pipeline in a Pipeline": lambda: make_pipeline(FrameScaler(per="clip"), net()),
}


@pytest.fixture(scope="module")
def clips():
    rng = np.random.default_rng(0)
    y = np.array(["low", "high"] * 6)
    seconds = np.arange(6000) / SR
    X = [np.sin(2 * np.pi * (300 if label == "low" else 3000) * seconds + rng.uniform(0, 6)) for label in y]
    return np.array(X, dtype=np.float32), y


@pytest.fixture(params=SHAPES)
def loaded(request, clips, tmp_path):
    sklaudio.save(make_pipeline(MFCCTransformer(), SHAPES[request.param]()).fit(*clips), tmp_path / "model.skops")
    return sklaudio.load(tmp_path / "model.skops")


MADE = {
    "itself": lambda model: model,
    "a clone": clone,
    "a deep copy": copy.deepcopy,
    "by a worker": lambda model: pickle.loads(pickle.dumps(model)),
    "in a union": lambda model: FeatureUnion([("trained", model)]),
    "deeper": lambda model: make_pipeline(model),
}


@pytest.mark.parametrize("made", MADE)
def test_a_loaded_model_is_never_trained_anew_as_the_first_step_of_another(made, loaded, clips):
    X, y = clips
    before = loaded.predict_proba(X)
    with pytest.raises(ValueError, match=r"was loaded with its weights.*FrozenEstimator"):
        make_pipeline(MADE[made](loaded), LogisticRegression()).fit(X, y)
    np.testing.assert_array_equal(loaded.predict_proba(X), before)


def test_a_loaded_model_is_never_trained_anew_by_a_search(loaded, clips):
    model = make_pipeline(loaded, LogisticRegression())
    with pytest.raises(ValueError, match="FrozenEstimator"):
        cross_val_score(model, *clips, cv=2)
    with pytest.raises(ValueError, match="FrozenEstimator"):
        GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=2).fit(*clips)
    with pytest.raises(ValueError, match="FrozenEstimator"):
        ColumnTransformer([("trained", loaded, "clip")]).fit(pd.DataFrame({"clip": list(clips[0])}), clips[1])


def test_the_best_of_a_loaded_search_is_not_trained_anew(clips, tmp_path):
    search = GridSearchCV(make_pipeline(MFCCTransformer(), net()), {"lstmclassifier__lr": [0.01, 0.1]}, cv=2)
    sklaudio.save(search.fit(*clips), tmp_path / "search.skops")
    best = sklaudio.load(tmp_path / "search.skops").best_estimator_
    with pytest.raises(ValueError, match="FrozenEstimator"):
        make_pipeline(best, LogisticRegression()).fit(*clips)


def test_a_frozen_model_keeps_its_weights_in_pipelines_searches_and_files(loaded, clips, tmp_path):
    X, y = clips
    before = loaded.predict_proba(X)
    model = make_pipeline(FrozenEstimator(loaded), LogisticRegression())
    assert cross_val_score(model, X, y, cv=2).mean() > 0.9
    search = GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=2)
    calibrated = CalibratedClassifierCV(FrozenEstimator(loaded), cv=2)
    for number, trained in enumerate([model, search, calibrated]):
        trained.fit(X, y)
        path = tmp_path / f"{number}.skops"
        sklaudio.save(trained, path)
        np.testing.assert_array_equal(sklaudio.load(path).predict_proba(X), trained.predict_proba(X))
    np.testing.assert_array_equal(loaded.predict_proba(X), before)
    np.testing.assert_allclose(model[:-1].transform(X), loaded.transform(X))


def test_files_are_predicted_by_what_begins_with_a_frozen_model(loaded, clips, tmp_path):
    X, y = clips
    model = make_pipeline(FrozenEstimator(loaded), LogisticRegression()).fit(X, y)
    for name, clip in zip(("low.wav", "high.wav"), X, strict=False):
        soundfile.write(tmp_path / name, clip / 2, SR, subtype="FLOAT")
    (tmp_path / "lost.wav").write_bytes(b"no sound")
    names = ["low.wav", "lost.wav", "high.wav"]
    predictions = list(sklaudio.predict_files(model, [tmp_path / name for name in names]))
    assert [prediction.error is None for prediction in predictions] == [True, False, True]


def test_fit_stays_training(loaded, clips):
    X, y = clips
    again = clone(loaded).fit(X, y)
    np.testing.assert_allclose(again.predict_proba(X), loaded.predict_proba(X), atol=1e-5)
    others = np.where(y == "low", "deep", y)
    loaded.fit(X, others)
    assert loaded.classes_.tolist() == ["deep", "high"]
    make_pipeline(loaded, LogisticRegression()).fit(X, others)  # these are no weights that were loaded


def test_a_warm_start_trains_on_from_loaded_weights_in_a_pipeline(clips, tmp_path):
    X, y = clips
    frames = MFCCTransformer().transform(X)
    sklaudio.save(net(max_epochs=30).fit(frames, y), tmp_path / "net.skops")
    loaded = sklaudio.load(tmp_path / "net.skops").set_params(warm_start=True, max_epochs=1)
    make_pipeline(loaded, LogisticRegression()).fit(frames, y)
    assert len(loaded.history_) == 31
    with pytest.raises(ValueError, match="FrozenEstimator"):  # a clone has no weights to go on from
        make_pipeline(clone(loaded), LogisticRegression()).fit(frames, y)


def test_what_was_saved_untrained_may_be_trained_anywhere(clips, tmp_path):
    sklaudio.save(make_pipeline(MFCCTransformer(), net()), tmp_path / "model.skops")
    model = make_pipeline(sklaudio.load(tmp_path / "model.skops"), LogisticRegression())
    assert model.fit(*clips).predict(clips[0]).shape == (12,)


def test_files_do_not_tell_whether_a_model_was_loaded_before(loaded, tmp_path):
    sklaudio.save(loaded, tmp_path / "again.skops")
    assert (tmp_path / "again.skops").read_bytes() == (tmp_path / "model.skops").read_bytes()


@pytest.mark.parametrize("name", sklaudio.pretrained_names())
def test_every_pretrained_model_embeds_clips_in_one_line(name):
    rng = np.random.default_rng(0)
    clips = [rng.normal(scale=0.1, size=n).astype(np.float32) for n in (30000, 90000, 30000)]
    model = sklaudio.load_pretrained(name)
    embedded = model.transform(clips)
    assert embedded.shape == (3, len(model[-1].get_feature_names_out()))
    np.testing.assert_allclose(embedded[1:2], model.transform(clips[1:2]), rtol=1e-3, atol=1e-4)
    with pytest.raises(ValueError, match="FrozenEstimator"):
        make_pipeline(model, LogisticRegression()).fit(clips, ["a", "b", "a"])
