"""Votes train on: warm starts, partial_fit, models from files."""

import numpy as np
import pytest
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

import sklaudio
from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, MFCCTransformer, SegmentVotingClassifier
from sklaudio.nets._skorch_net import copy_weights
from sklaudio.segments import cut_segments, last_step

STILL = {"lr": 1e-12, "max_epochs": 1, "warm_start": True}  # trains, and moves no weight


def lstm(**parameters):
    return LSTMClassifier(
        **{"hidden_size": 8, "num_layers": 1, "lr": 0.02, "max_epochs": 5} | parameters, random_state=0
    )


def weights_of(vote):
    return copy_weights(last_step(vote.estimator_).net_.module_)


def assert_same_body(vote, before):
    after = weights_of(vote)
    for name, weight in before.items():
        if not name.startswith("output."):
            np.testing.assert_allclose(after[name], weight, atol=1e-6)


@pytest.mark.parametrize("inner", [lstm(), make_pipeline(FrameScaler(), lstm())], ids=["net", "pipeline"])
def test_a_warm_start_trains_the_fitted_estimator_on(inner, frames):
    X, y = frames
    vote = SegmentVotingClassifier(inner, segment_length=5).fit(X, y)
    before, last = weights_of(vote), last_step(vote.estimator)
    last.set_params(**STILL, batch_size=7)
    vote.fit(X, np.where(y == "c", "yes", "no"))
    assert_same_body(vote, before)
    fitted = last_step(vote.estimator_)
    assert (fitted.batch_size, len(fitted.history_)) == (7, 6)
    assert not hasattr(last, "net_")  # what was given stays unfitted
    assert vote.classes_.tolist() == ["no", "yes"]
    assert vote.predict_proba(X).shape == (30, 2)
    np.testing.assert_allclose(vote.class_prior_, [2 / 3, 1 / 3])
    last.set_params(warm_start=False)
    assert len(last_step(vote.fit(X, y).estimator_).history_) == 1


def test_a_warm_start_that_fails_leaves_the_vote_as_it_was(frames):
    X, y = frames
    vote = SegmentVotingClassifier(lstm(), segment_length=5).fit(X, y)
    expected = vote.predict_proba(X)
    vote.set_params(estimator__warm_start=True, estimator__hidden_size=5)
    with pytest.raises(ValueError, match="hidden_size=5, which was 8"):
        vote.fit(X, np.where(y == "c", "yes", "no"))
    vote.set_params(estimator__hidden_size=8)
    with pytest.raises(ValueError, match="2 features"):
        vote.fit(X[:, :, :2], y)
    np.testing.assert_array_equal(vote.predict_proba(X), expected)


def test_ctrl_c_leaves_a_vote_that_fits_together(frames, monkeypatch):
    X, y = frames
    vote = SegmentVotingClassifier(lstm(warm_start=True), segment_length=5).fit(X, y)
    original = LSTMClassifier.fit

    def interrupted(self, *args, **passed):
        original(self, *args, **passed)
        raise KeyboardInterrupt

    monkeypatch.setattr(LSTMClassifier, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vote.fit(X, np.where(y == "c", "yes", "no"))
    assert set(vote.predict(X)) <= {"no", "yes"}
    assert len(vote.estimator_.history_) == 10


def test_partial_fit_goes_on_with_the_segments(frames):
    X, y = frames
    vote = SegmentVotingClassifier(lstm(), segment_length=5).partial_fit(X[:12], y[:12], classes=["a", "b", "c", "d"])
    assert vote.classes_.tolist() == ["a", "b", "c", "d"]
    segments, clip = cut_segments(X, 5)
    alone = lstm().partial_fit(segments[clip < 12], y[clip[clip < 12]], classes=["a", "b", "c", "d"])
    for _ in range(15):
        vote.partial_fit(X[12:], y[12:])
        alone.partial_fit(segments[clip >= 12], y[clip[clip >= 12]])
    np.testing.assert_array_equal(vote.predict_segments(X)[0], alone.predict_proba(segments))
    assert vote.score(X, y) > 0.9
    np.testing.assert_allclose(vote.class_count_, np.array([4, 4, 4, 0]) + 15 * np.array([6, 6, 6, 0]))
    with pytest.raises(ValueError, match="set warm_start=True"):
        vote.partial_fit(X[:2], ["x", "y"], classes=["x", "y"])
    before = weights_of(vote)
    vote.set_params(estimator__warm_start=True, estimator__lr=1e-12)
    vote.partial_fit(X[:3], ["x", "y", "y"], classes=["x", "y"], sample_weight=[1, 2, 1])
    assert_same_body(vote, before)
    np.testing.assert_allclose(vote.class_prior_, [1 / 4, 3 / 4])
    assert vote.predict(X[:3]).shape == (3,)


def test_partial_fit_goes_on_after_fit_and_belongs_to_estimators_that_have_it(frames):
    X, y = frames
    vote = SegmentVotingClassifier(lstm(), segment_length=5).fit(X, y)
    assert len(vote.partial_fit(X, y).estimator_.history_) == 6
    np.testing.assert_allclose(vote.class_count_, [20, 20, 20])
    assert not hasattr(SegmentVotingClassifier(SVC()), "partial_fit")
    assert not hasattr(SegmentVotingClassifier(make_pipeline(FrameSummary(), SGDClassifier())), "partial_fit")


def test_a_loaded_model_of_files_trains_on(tone_files, tmp_path):
    paths, labels = tone_files
    vote = SegmentVotingClassifier(lstm(max_epochs=10), segment_length=8)
    model = make_pipeline(MFCCTransformer(5), FrameScaler(per="clip"), vote).fit(paths[:8], labels[:8])
    sklaudio.save(model, tmp_path / "model.skops")
    loaded = sklaudio.load(tmp_path / "model.skops")
    before = weights_of(loaded[-1])
    loaded.set_params(**{f"segmentvotingclassifier__estimator__{name}": value for name, value in STILL.items()})
    loaded.fit(paths, np.char.upper(labels))
    assert_same_body(loaded[-1], before)
    loaded.set_params(segmentvotingclassifier__estimator__lr=0.02, segmentvotingclassifier__estimator__max_epochs=10)
    assert loaded.fit(paths, np.char.upper(labels)).score(paths, np.char.upper(labels)) == 1
    assert len(loaded[-1].estimator_.history_) == 21


def test_a_scaler_that_learned_stays_where_the_last_step_is_trained_alone(tone_files, tmp_path):
    paths, labels = tone_files
    model = Pipeline([("mfcc", MFCCTransformer(5)), ("scaler", FrameScaler()), ("net", lstm())])
    sklaudio.save(model.fit(paths[:8], labels[:8]), tmp_path / "model.skops")
    model = sklaudio.load(tmp_path / "model.skops")
    mean, before = model["scaler"].mean_.copy(), copy_weights(model["net"].net_.module_)
    model.set_params(net__warm_start=True, net__max_epochs=20, net__lr=1e-3)
    model[-1].fit(model[:-1].transform(paths[8:]), np.char.upper(labels[8:]))
    np.testing.assert_array_equal(model["scaler"].mean_, mean)
    assert set(model.predict(paths)) <= {"LOW", "HIGH"}
    assert len(model["net"].history_) == 25
    moved = [np.abs(weight - before[name]).max() for name, weight in copy_weights(model["net"].net_.module_).items()]
    assert 0 < max(moved[:-2]) < 0.2  # trained on from where it was
    model.fit(paths[8:], labels[8:])  # fits the scaler anew
    assert not np.array_equal(model["scaler"].mean_, mean)
    assert len(model["net"].history_) == 45
