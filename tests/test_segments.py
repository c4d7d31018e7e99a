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

from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, SegmentVotingClassifier
from sklaudio.segments import cut_segments


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
