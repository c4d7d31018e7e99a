"""Segments stay inside, votes come out."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC

import sklaudio
from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, MFCCTransformer, SegmentVotingClassifier
from sklaudio.nets._training import copy_weights
from sklaudio.segments import cut_segments, last_step


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted with, and answers with the mean of the first dim."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = X, y, sample_weight, groups
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        share = np.array([segment[:, 0].mean() for segment in X])
        return np.stack([1 - share, share], axis=1)

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]


def numbered(n_frames):
    return np.arange(n_frames, dtype=np.float32)[:, np.newaxis]


def test_windows_follow_each_other_and_the_tail_is_left_out():
    segments, clip = cut_segments(np.stack([numbered(10), numbered(10) + 100]), 4)
    assert segments[:, :, 0].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [100, 101, 102, 103], [104, 105, 106, 107]]
    assert clip.tolist() == [0, 0, 1, 1]


def test_windows_overlap_by_hop_length():
    segments, clip = cut_segments(numbered(10)[np.newaxis], 4, 3)
    assert segments[:, 0, 0].tolist() == [0, 3, 6]
    assert clip.tolist() == [0, 0, 0]


def test_a_clip_shorter_than_a_segment_is_one_segment():
    clips = np.empty(2, dtype=object)
    clips[:] = [numbered(3), numbered(9)]
    segments, clip = cut_segments(clips, 4)
    assert [len(segment) for segment in segments] == [3, 4, 4]
    assert clip.tolist() == [0, 1, 1]


def test_the_classifier_is_told_which_recording_a_segment_is_of():
    X = np.stack([numbered(8)] * 4)
    vote = SegmentVotingClassifier(Spy(), segment_length=4)
    _, y, weight, groups = vote.fit(X, list("abab"), sample_weight=[1, 2, 3, 4]).estimator_.seen_
    assert y.tolist() == list("aabbaabb")
    assert weight.tolist() == [1, 1, 2, 2, 3, 3, 4, 4]
    assert groups.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    inside = SegmentVotingClassifier(
        make_pipeline(FrameScaler(), make_pipeline(FrameScaler(), Spy())), segment_length=4
    )
    seen = inside.fit(X, list("abab"), groups=[7, 7, 8, 9], sample_weight=[1, 2, 3, 4]).estimator_[-1][-1].seen_
    assert seen[3].tolist() == [7, 7, 7, 7, 8, 8, 9, 9]
    assert seen[2].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]


def test_a_search_inside_keeps_recordings_together(frames):
    X, y = frames
    seen = []

    class WatchedGroupKFold(GroupKFold):
        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                seen.append(set(groups[train]) & set(groups[test]))
                yield train, test

    inner = make_pipeline(FrameSummary(), LogisticRegression())
    search = GridSearchCV(inner, {"logisticregression__C": [0.1, 1]}, cv=WatchedGroupKFold(3))
    SegmentVotingClassifier(search, segment_length=5).fit(X, y)
    assert seen == [set()] * 3


@pytest.mark.parametrize("cv", [None, 3])
def test_folds_of_a_search_or_a_calibration_are_folds_by_recording(cv, frames):
    X, y = frames
    groups = np.repeat(np.arange(30), 4)
    for inner in (GridSearchCV(SVC(), {"C": [1]}, cv=cv), CalibratedClassifierCV(SVC(), cv=cv)):
        vote = SegmentVotingClassifier(make_pipeline(FrameSummary(), inner), segment_length=5, voting="hard")
        splits = vote.fit(X, y).estimator_[-1].cv
        assert len(splits) == (cv or 5)
        for train, test in splits:
            assert not set(groups[train]) & set(groups[test])
    divided = GridSearchCV(make_pipeline(FrameSummary(), SVC()), {"svc__C": [1]}, cv=KFold(3))
    with pytest.raises(ValueError, match="both sides of a split"):
        SegmentVotingClassifier(divided, segment_length=5, voting="hard").fit(X, y)


def test_metadata_routing_is_respected(frames):
    X, y = frames
    with sklearn.config_context(enable_metadata_routing=True):
        spy = Spy().set_fit_request(groups=True, sample_weight=False)
        vote = SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("spy", spy)]), segment_length=5)
        assert vote.fit(X, y).estimator_[-1].seen_[3].tolist() == np.repeat(np.arange(30), 4).tolist()
        silent = Pipeline([("scaler", FrameScaler()), ("net", LSTMClassifier(4, 1, max_epochs=1))])
        SegmentVotingClassifier(silent, segment_length=5).fit(X, y)


def test_soft_votes_are_means_and_hard_votes_are_counts():
    # Segments of one clip say 0.9, 0.4, 0.4: the mean is above a half, the majority below.
    clip = np.repeat([0.9, 0.4, 0.4], 4)[:, np.newaxis].astype(np.float32)
    X = np.stack([clip, 1 - clip])
    soft = SegmentVotingClassifier(Spy(), segment_length=4).fit(X, ["no", "yes"])
    np.testing.assert_allclose(soft.predict_proba(X)[0], [1.3 / 3, 1.7 / 3], rtol=1e-5)
    assert soft.predict(X).tolist() == ["yes", "no"]
    hard = SegmentVotingClassifier(Spy(), segment_length=4, voting="hard").fit(X, ["no", "yes"])
    np.testing.assert_allclose(hard.predict_proba(X)[0], [2 / 3, 1 / 3], rtol=1e-5)
    assert hard.predict(X).tolist() == ["no", "yes"]
    votes, clip_of = hard.predict_segments(X)
    assert votes.tolist() == [[0, 1], [1, 0], [1, 0], [1, 0], [0, 1], [0, 1]]
    assert clip_of.tolist() == [0, 0, 0, 1, 1, 1]


def test_early_stopping_inside_never_divides_a_recording(frames, monkeypatch):
    import sklaudio.nets._preparing as base

    X, y = frames
    splits = []
    original = base.split_by_group

    def watching(target, groups, *args):
        kept, held_out = original(target, groups, *args)
        splits.append((set(groups[kept]), set(groups[held_out])))
        return kept, held_out

    monkeypatch.setattr(base, "split_by_group", watching)
    net = LSTMClassifier(4, 1, max_epochs=2, early_stopping=True, random_state=0)
    SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("net", net)]), segment_length=5).fit(X, y)
    ((kept, held_out),) = splits
    assert not kept & held_out
    assert len(kept) + len(held_out) == 30


def test_clips_of_unequal_length_vote(ragged):
    X, y = ragged
    net = LSTMClassifier(16, 1, lr=0.02, max_epochs=15, random_state=0)
    vote = SegmentVotingClassifier(net, segment_length=8, hop_length=4).fit(X, y)
    assert vote.score(X, y) > 0.9
    alone = np.concatenate([vote.predict_proba(clip[np.newaxis]) for clip in X])
    np.testing.assert_allclose(vote.predict_proba(X), alone, atol=1e-5)


def test_bad_settings_are_named(frames):
    X, y = frames
    with pytest.raises(ValueError, match="voting='soft' needs probabilities"):
        SegmentVotingClassifier(make_pipeline(FrameSummary(), SVC())).fit(X, y)
    with pytest.raises(ValueError, match="segment_length"):
        SegmentVotingClassifier(LSTMClassifier(), segment_length=0).fit(X, y)
    with pytest.raises(ValueError, match="hop_length"):
        SegmentVotingClassifier(LSTMClassifier(), hop_length=0).fit(X, y)
    with pytest.raises(ValueError, match="one class only"):
        SegmentVotingClassifier(LSTMClassifier()).fit(X, ["a"] * 30)
    missing = [None if k == 3 else label for k, label in enumerate(y)]
    with pytest.raises(ValueError, match=r"y\[3\] is missing"):
        SegmentVotingClassifier(LSTMClassifier(), segment_length=4).fit(X, missing)
    with pytest.raises(ValueError, match=r"\[30, 29\]"):
        SegmentVotingClassifier(LSTMClassifier()).fit(X, y[:29])
    from sklearn.neighbors import KNeighborsClassifier

    knn = make_pipeline(FrameSummary(), KNeighborsClassifier())
    with pytest.raises(ValueError, match="does not take it"):
        SegmentVotingClassifier(knn).fit(X, y, sample_weight=np.ones(30))


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
    loaded.set_params(**{f"segmentvotingclassifier__estimator__{name}": own for name, own in STILL.items()})
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
