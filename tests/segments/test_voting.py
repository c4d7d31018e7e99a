"""Segments stay inside, votes come out."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from skorch.callbacks import Callback

from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, SegmentVotingClassifier
from sklaudio.segments import cut_segments


class Spy(ClassifierMixin, BaseEstimator):
    """Keeps what it was fitted with, and predicts the mean of the first dim."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = X, y, sample_weight, groups
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        fraction = np.array([segment[:, 0].mean() for segment in X])
        return np.stack([1 - fraction, fraction], axis=1)

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


def test_the_classifier_is_passed_the_recording_of_each_segment():
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


SPLITS = []


class NoteSplit(Callback):
    """Notes the values of the first dim of what a net trains on, and of what it is validated on."""

    def on_train_begin(self, net, X=None, **kwargs):
        _, validation = net.get_split_datasets(X)
        SPLITS.append([set(dataset.frames[:, :, 0].ravel().tolist()) for dataset in (X, validation)])


def test_early_stopping_inside_never_divides_a_recording(frames):
    X, y = frames
    X[:, :, 0] = np.arange(30)[:, np.newaxis]  # the recording, in each of its segments
    SPLITS.clear()
    net = LSTMClassifier(4, 1, max_epochs=2, early_stopping=True, callbacks=[NoteSplit()], random_state=0)
    SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("net", net)]), segment_length=5).fit(X, y)
    ((kept, held_out),) = SPLITS
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
    with pytest.raises(ValueError, match="y has 29, and X 30"):
        SegmentVotingClassifier(LSTMClassifier()).fit(X, y[:29])
    from sklearn.neighbors import KNeighborsClassifier

    knn = make_pipeline(FrameSummary(), KNeighborsClassifier())
    with pytest.raises(ValueError, match="does not take it"):
        SegmentVotingClassifier(knn).fit(X, y, sample_weight=np.ones(30))


def test_votes_embed_a_clip_as_the_mean_of_its_segments(ragged):
    X, y = ragged
    vote = SegmentVotingClassifier(LSTMClassifier(2, 1, max_epochs=1, random_state=0), segment_length=5).fit(X, y)
    segments, clip = cut_segments(X, 5)
    embedded = vote.estimator_.transform(segments)
    expected = [embedded[clip == index].mean(axis=0) for index in range(len(X))]
    np.testing.assert_allclose(vote.transform(X), expected, rtol=1e-5, atol=1e-6)
    table = vote.set_output(transform="pandas").transform(X)
    assert table.columns.tolist() == [f"lstmclassifier{number}" for number in range(4)]


def test_votes_of_what_has_no_embedding_have_none():
    vote = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()))
    for name in ("transform", "fit_transform", "get_feature_names_out"):
        assert not hasattr(vote, name)


def long_and_short(n_short, n_long, rng):
    """Clips of 10 and of 40 frames, in two classes."""
    lengths = [10] * n_short + [40] * n_long
    clips = np.empty(len(lengths), dtype=object)
    clips[:] = [rng.normal(size=(length, 2)).astype(np.float32) for length in lengths]
    return clips, np.array(["no", "yes"] * len(lengths))[: len(lengths)]


@pytest.mark.parametrize(("n_short", "n_long", "learned"), [(8, 2, None), (2, 8, 10), (0, 10, 10), (10, 0, None)])
def test_auto_cuts_where_the_median_clip_is_long(n_short, n_long, learned, rng):
    X, y = long_and_short(n_short, n_long, rng)
    vote = SegmentVotingClassifier(Spy(), segment_length="auto", hop_length="auto", auto_length=10).fit(X, y)
    assert vote.segment_length_ == learned
    assert vote.segment_length == "auto"
    votes, clip = vote.predict_segments(X)
    n_of_long = 7 if learned else 1  # of 10 frames, 5 apart, in 40
    assert np.bincount(clip).tolist() == [1] * n_short + [n_of_long] * n_long
    assert len(vote.estimator_.seen_[0]) == len(votes)


@pytest.mark.parametrize(("n_frames", "learned"), [(19, None), (20, None), (21, 10)])
def test_auto_cuts_above_two_segments(n_frames, learned, rng):
    X = rng.normal(size=(4, n_frames, 2))
    vote = SegmentVotingClassifier(Spy(), segment_length="auto", auto_length=10).fit(X, list("abab"))
    assert vote.segment_length_ == learned


@pytest.mark.parametrize("segment_length", ["auto", None])
def test_clips_that_are_left_whole_are_the_nets_own_business(segment_length, ragged):
    X, y = ragged
    net = LSTMClassifier(8, 1, max_epochs=3, early_stopping=True, random_state=0)
    vote = SegmentVotingClassifier(net, segment_length=segment_length, hop_length="auto").fit(X, y)
    alone = net.fit(X, y)
    np.testing.assert_array_equal(vote.predict_proba(X), alone.predict_proba(X))
    np.testing.assert_array_equal(vote.transform(X), alone.transform(X))
    assert vote.predict(X).tolist() == alone.predict(X).tolist()


def test_clips_without_frames_have_no_say_in_their_length(rng):
    X, y = long_and_short(2, 4, rng)
    X = np.concatenate([X, np.array([np.empty((0, 2), np.float32)] * 9 + [None], dtype=object)[:9]])
    y = np.concatenate([y, ["no"] * 9])
    vote = SegmentVotingClassifier(Spy(), segment_length="auto", auto_length=10).fit(X, y)
    assert vote.segment_length_ == 10
    whole = SegmentVotingClassifier(Spy(), segment_length=None).fit(X, y)
    assert len(whole.estimator_.seen_[0]) == 6
    np.testing.assert_allclose(whole.predict_proba(X)[-1], whole.class_prior_)


def test_a_first_part_decides_for_those_that_follow(rng):
    net = LSTMClassifier(4, 1, max_epochs=1, random_state=0)
    vote = SegmentVotingClassifier(net, segment_length="auto", hop_length="auto", auto_length=10)
    vote.partial_fit(rng.normal(size=(6, 40, 2)), list("ababab"), classes=["a", "b"])
    vote.partial_fit(rng.normal(size=(6, 10, 2)), list("ababab"))
    assert vote.segment_length_ == 10
    assert vote.fit(rng.normal(size=(6, 10, 2)), list("ababab")).segment_length_ is None


@pytest.mark.parametrize("wrong", [{"segment_length": "whole"}, {"hop_length": "half"}, {"auto_length": 0}])
def test_words_for_lengths_that_there_are_not(wrong, frames):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SegmentVotingClassifier(Spy(), **wrong).fit(*frames)


@pytest.mark.parametrize("length", [0, "auto", 2.5])
def test_a_length_that_is_none_is_not_saved(length, frames, tmp_path):
    from sklaudio import save

    vote = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length="auto")
    vote.fit(*frames).segment_length_ = length
    with pytest.raises(ValueError, match="segment_length_ is not a number of frames"):
        save(vote, tmp_path / "vote.skops")
