"""Segments that vote on several labels of a clip."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, GRUClassifier, SegmentVotingClassifier


class Means(ClassifierMixin, BaseEstimator):
    """The mean of each dim is the probability of a label."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = y, sample_weight, groups
        self.classes_ = np.arange(np.shape(y)[1])
        return self

    def predict_proba(self, X):
        return np.array([segment.mean(axis=0) for segment in X])

    def predict(self, X):
        return (self.predict_proba(X) > 0.5).astype(int)


def net(**parameters):
    settings = {"pooling": "mean", "lr": 0.03, "max_epochs": 10, "batch_size": 20, "dropout": 0.0, "random_state": 0}
    return GRUClassifier(8, 1, **settings | parameters)


@pytest.fixture
def labels(rng):
    """Forty clips of twelve frames; each of two labels raises one dim in one third of its clips."""
    Y = rng.integers(0, 2, (40, 2))
    X = rng.normal(scale=0.5, size=(40, 12, 2))
    for clip, label in np.argwhere(Y):
        start = 4 * rng.integers(3)
        X[clip, start : start + 4, label] += 3
    return X.astype(np.float32), Y


@pytest.mark.parametrize(
    ("voting", "expected", "predicted"),
    [("soft", [0.4, 0.7], [0, 1]), ("hard", [1 / 3, 2 / 3], [0, 1]), ("max", [0.9, 0.9], [1, 1])],
)
def test_votes_by_hand(voting, expected, predicted):
    """Segments say 0.9, 0.2, 0.1 of the first label, and 0.9, 0.9, 0.3 of the second."""
    clip = np.repeat([[0.9, 0.9], [0.2, 0.9], [0.1, 0.3]], 4, axis=0).astype(np.float32)
    vote = SegmentVotingClassifier(Means(), segment_length=4, voting=voting).fit([clip, clip], [[1, 0], [0, 1]])
    np.testing.assert_allclose(vote.predict_proba([clip])[0], expected, rtol=1e-5)
    assert vote.predict([clip]).tolist() == [predicted]
    assert vote.predict([clip]).dtype == np.int64
    np.testing.assert_array_equal(vote.decision_function([clip]) > 0, vote.predict([clip]))


@pytest.mark.parametrize("voting", ["soft", "max"])
def test_what_is_in_one_segment_of_a_clip_is_found(voting, labels):
    X, Y = labels
    vote = SegmentVotingClassifier(net(max_epochs=20), segment_length=4, voting=voting).fit(X, Y)
    assert average_precision_score(Y, vote.predict_proba(X)) > 0.95
    assert vote.transform(X).shape == (40, 8)


def test_segments_have_the_labels_weights_and_group_of_their_clip(labels):
    X, Y = labels
    frame = pd.DataFrame(Y[:4], columns=["dog", "rain"])
    vote = SegmentVotingClassifier(Means(), segment_length=4)
    y, weight, groups = vote.fit(X[:4], frame, sample_weight=[1, 2, 3, 4]).estimator_.seen_
    assert y.columns.tolist() == ["dog", "rain"]
    np.testing.assert_array_equal(y, np.repeat(Y[:4], 3, axis=0))
    assert weight.tolist() == np.repeat([1, 2, 3, 4], 3).tolist()
    assert groups.tolist() == np.repeat(np.arange(4), 3).tolist()
    assert vote.label_names_.tolist() == ["dog", "rain"]
    assert vote.classes_.tolist() == [0, 1]
    np.testing.assert_allclose(vote.class_prior_, np.average(Y[:4], axis=0, weights=[1, 2, 3, 4]))


def test_a_clip_without_frames_has_the_fraction_of_each_label(labels):
    X, Y = labels
    for voting in ("soft", "hard", "max"):
        vote = SegmentVotingClassifier(net(max_epochs=1), segment_length=4, voting=voting).fit(X, Y)
        np.testing.assert_allclose(vote.predict_proba([X[0], X[0][:0]])[1], Y.mean(axis=0), rtol=1e-6)


def test_folds_inside_keep_recordings_together_and_rare_labels_in_training(labels):
    X, Y = labels
    Y[:, 1] = 0
    Y[[3, 20, 30], 1] = 1
    search = GridSearchCV(
        make_pipeline(FrameSummary(), RandomForestClassifier(3)), {"randomforestclassifier__max_depth": [1, 2]}, cv=3
    )
    vote = SegmentVotingClassifier(search, segment_length=4, voting="max").fit(X, Y)
    of_segment = np.repeat(np.arange(40), 3)
    assert len(vote.estimator_.cv) == 3
    for train, test in vote.estimator_.cv:
        assert not set(of_segment[train]) & set(of_segment[test])
        assert Y[of_segment[train], 1].any()
    assert vote.predict_proba(X).shape == (40, 2)


def test_partial_fit_and_warm_start_count_clips_of_each_label(labels):
    X, Y = labels
    vote = SegmentVotingClassifier(net(), segment_length=4)
    vote.partial_fit(X[:2], Y[:2], classes=["dog", "rain"])
    vote.partial_fit(X, Y)
    assert vote.label_names_.tolist() == ["dog", "rain"]
    np.testing.assert_allclose(vote.class_prior_, (Y.sum(axis=0) + Y[:2].sum(axis=0)) / 42)
    vote.set_params(estimator__warm_start=True).fit(X, np.hstack([Y, Y[:, :1]]))
    assert vote.predict(X).shape == (40, 3)
    vote.fit(X, Y[:, 0])
    assert vote.predict(X).shape == (40,)
    assert not hasattr(vote, "label_names_")


def test_it_is_stored_with_its_names(labels, tmp_path):
    X, Y = labels
    vote = SegmentVotingClassifier(net(max_epochs=2), segment_length=4, voting="max")
    vote.fit(X, pd.DataFrame(Y, columns=["dog", "rain"]))
    sklaudio.save(vote, tmp_path / "vote.skops")
    again = sklaudio.load(tmp_path / "vote.skops")
    np.testing.assert_array_equal(again.predict_proba(X), vote.predict_proba(X))
    assert again.label_names_.tolist() == ["dog", "rain"]


def test_what_is_refused(labels):
    X, Y = labels
    with pytest.raises(ValueError, match="voting='max' is for several labels per clip"):
        SegmentVotingClassifier(net(), segment_length=4, voting="max").fit(X, Y[:, 0])
    with pytest.raises(ValueError, match="labels are 0 or 1"):
        SegmentVotingClassifier(net(), segment_length=4).fit(X, 3 * Y)
    plain = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()))
    assert not plain.__sklearn_tags__().classifier_tags.multi_label
    several = SegmentVotingClassifier(make_pipeline(FrameSummary(), KNeighborsClassifier()))
    assert several.__sklearn_tags__().classifier_tags.multi_label
