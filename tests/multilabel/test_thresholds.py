"""LabelThresholdClassifier: what it learns on folds, and whom it passes what."""

import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, ShuffleSplit, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, GRUClassifier, LabelThresholdClassifier, MFCCTransformer, SegmentVotingClassifier
from sklaudio.metrics import best_thresholds, expected_calibration_error


class Spy(ClassifierMixin, BaseEstimator):
    """Predicts the columns of X, and adds what it was fitted with to `calls`."""

    def __init__(self, calls=None):
        self.calls = calls

    def fit(self, X, y, sample_weight=None, groups=None):
        self.classes_ = np.arange(y.shape[1])
        if self.calls is not None:
            self.calls.append((X, y, sample_weight, groups))
        return self

    def predict_proba(self, X):
        return X

    def __sklearn_clone__(self):
        return Spy(self.calls)


def each():
    return OneVsRestClassifier(LogisticRegression())


@pytest.fixture
def labels(rng):
    """A common and a rare label in noise: 300 clips to learn from, and 1000 others."""
    Y = (rng.uniform(size=(1300, 2)) < [0.5, 0.1]).astype(int)
    X = Y + rng.normal(scale=0.8, size=Y.shape)
    return X[:300], Y[:300], X[300:], Y[300:]


def test_a_rare_label_is_found_at_its_threshold(labels):
    X, Y, X_new, Y_new = labels
    model = LabelThresholdClassifier(each()).fit(X, Y)
    at_half = f1_score(Y_new, model.estimator_.predict(X_new), average=None)
    at_best = f1_score(Y_new, model.predict(X_new), average=None)
    assert at_best[1] > at_half[1] + 0.1
    assert at_best[0] > at_half[0] - 0.03
    np.testing.assert_array_equal(model.predict(X_new), model.predict_proba(X_new) >= model.thresholds_)


def test_thresholds_are_those_of_clips_that_were_held_out(labels):
    X, Y, *_ = labels
    groups = np.arange(300) // 3
    folds = list(GroupKFold(4).split(X, Y, groups))
    model = LabelThresholdClassifier(each(), cv=GroupKFold(4)).fit(X, Y, groups=groups)
    p = cross_val_predict(each(), X, Y, cv=folds, method="predict_proba")
    np.testing.assert_allclose(model.thresholds_, best_thresholds(Y, p))
    again = LabelThresholdClassifier(each(), cv=folds, metric="balanced_accuracy").fit(X, Y)
    np.testing.assert_allclose(again.thresholds_, best_thresholds(Y, p, metric="balanced_accuracy"))


def test_no_fold_divides_a_group_and_all_clips_train_the_last(rng):
    Y = rng.integers(0, 2, (40, 3))
    X, groups, calls = rng.uniform(size=(40, 3)), np.arange(40) // 4, []
    LabelThresholdClassifier(Spy(calls), cv=5).fit(X, Y, groups=groups, sample_weight=np.arange(40))
    assert len(calls) == 6
    for clips, y, weight, trained in calls[:5]:
        assert len(clips) == len(y) == len(weight)
        assert (np.bincount(trained, minlength=10) % 4 == 0).all()
        np.testing.assert_array_equal(groups[weight], trained)
    assert len(calls[5][0]) == 40
    calls.clear()
    LabelThresholdClassifier(Spy(calls), cv=5).fit(X, Y, groups=np.arange(40) // 20)
    assert len(calls) == 3  # as many folds as groups
    calls.clear()
    fixed = LabelThresholdClassifier(Spy(calls), thresholds=[0.1, 0.5, 0.9]).fit(X, Y)
    assert len(calls) == 1
    np.testing.assert_array_equal(fixed.predict(X), X >= [0.1, 0.5, 0.9])


def test_calibrated_probabilities_agree_with_how_often_they_are_right(rng):
    p = rng.uniform(size=(800, 2))
    Y = (rng.uniform(size=p.shape) < p).astype(int)
    X = p**3 / (p**3 + (1 - p) ** 3)  # too sure
    model = LabelThresholdClassifier(Spy(), thresholds=0.5, calibrate=True).fit(X[:400], Y[:400])
    before, after = (
        expected_calibration_error(Y[400:], each, n_bins=5) for each in (X[400:], model.predict_proba(X[400:]))
    )
    assert after < 0.6 * before
    np.testing.assert_allclose(model.slopes_, 1 / 3, atol=0.1)
    for label in range(2):
        assert (np.diff(model.predict_proba(X)[X[:, label].argsort(), label]) >= 0).all()
    model.set_params(calibrate=False).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), X)


@pytest.mark.parametrize(
    "estimator", [RandomForestClassifier(20, random_state=0), KNeighborsClassifier(7), each()], ids=repr
)
def test_any_estimator_of_labels_will_do(estimator, labels):
    X, Y, X_new, Y_new = labels
    model = LabelThresholdClassifier(estimator, cv=3).fit(X, pd.DataFrame(Y, columns=["dog", "rain"]))
    assert f1_score(Y_new, model.predict(X_new), average="macro") > 0.45
    assert model.label_names_.tolist() == ["dog", "rain"]
    assert model.predict_proba(X).shape == Y.shape
    np.testing.assert_array_equal(
        LabelThresholdClassifier(estimator, cv=3).fit(X, csr_matrix(Y)).predict(X), model.predict(X)
    )
    assert cross_val_score(model, X, Y, cv=2, scoring="average_precision", error_score="raise").min() > 0.3


def test_two_classes_are_one_label(labels):
    X, Y, X_new, Y_new = labels
    names = np.array(["no", "yes"])
    model = LabelThresholdClassifier(LogisticRegression()).fit(X, names[Y[:, 1]])
    assert model.classes_.tolist() == ["no", "yes"]
    assert model.thresholds_.shape == (1,)
    assert model.predict_proba(X).shape == (300, 2)
    plain = model.estimator_.predict(X_new)
    true = names[Y_new[:, 1]]
    assert f1_score(true, model.predict(X_new), pos_label="yes") > f1_score(true, plain, pos_label="yes") + 0.1
    assert not hasattr(model, "decision_function")
    with pytest.raises(ValueError, match="Only binary classification"):
        LabelThresholdClassifier(LogisticRegression()).fit(X, np.arange(300) % 3)


def test_from_files_to_labels_and_back_from_a_file(tone_files, tmp_path):
    paths, names = tone_files
    Y = pd.DataFrame({"low": np.array(names) == "low", "high": np.array(names) == "high"})
    net = SegmentVotingClassifier(GRUClassifier(8, 1, lr=0.03, max_epochs=10, random_state=0), segment_length=5)
    whole = LabelThresholdClassifier(make_pipeline(MFCCTransformer(), net), cv=2, calibrate=True)
    inside = make_pipeline(MFCCTransformer(), LabelThresholdClassifier(net, cv=2, calibrate=True))
    groups = np.arange(12) // 2
    whole.fit(paths, Y, groups=groups)
    inside.fit(paths, Y, labelthresholdclassifier__groups=groups)
    np.testing.assert_allclose(whole.predict_proba(paths), inside.predict_proba(paths), atol=1e-5)
    assert whole.score(paths, Y) == 1
    sklaudio.save(whole, tmp_path / "model.skops")
    for again in (sklaudio.load(tmp_path / "model.skops"), pickle.loads(pickle.dumps(whole))):
        np.testing.assert_array_equal(again.predict(paths), whole.predict(paths))
        assert again.label_names_.tolist() == ["low", "high"]
    for name in ("thresholds_", "slopes_"):
        good = getattr(whole, name)
        for bad in (np.ones(3), np.array([0.5, np.nan])):
            setattr(whole, name, bad)
            with pytest.raises(ValueError, match=name):
                sklaudio.save(whole, tmp_path / "model.skops")
        setattr(whole, name, good)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"thresholds": [0.5, 0.5, 0.5]}, "one for all of the 2 labels or one for each"),
        ({"thresholds": [0.5, 1.5]}, r"must be in \[0, 1\]"),
        ({"thresholds": "half"}, "thresholds"),
        ({"cv": ShuffleSplit(3)}, "must hold out every clip once"),
        ({"cv": 1}, "cv"),
        ({"metric": "accuracy"}, "metric"),
    ],
)
def test_parameters_that_are_refused(parameters, message, labels):
    X, Y, *_ = labels
    with pytest.raises(ValueError, match=message):
        LabelThresholdClassifier(each(), **parameters).fit(X, Y)


def test_data_that_is_refused(labels):
    X, Y, *_ = labels
    with pytest.raises(ValueError, match="at least two groups"):
        LabelThresholdClassifier(each()).fit(X, Y, groups=np.zeros(300))
    with pytest.raises(ValueError, match="OneVsRestClassifier does not take it"):
        LabelThresholdClassifier(each()).fit(X, Y, sample_weight=np.ones(300))
    with pytest.raises(ValueError, match="labels are 0 or 1"):
        LabelThresholdClassifier(each()).fit(X, 2 * Y)
    with pytest.raises(ValueError, match="one class only"):
        LabelThresholdClassifier(LogisticRegression()).fit(X, ["dog"] * 300)


def test_a_fit_that_fails_leaves_it_as_it_was(labels):
    X, Y, *_ = labels
    model = LabelThresholdClassifier(each(), calibrate=True).fit(X, Y)
    before = model.predict_proba(X)
    with pytest.raises(ValueError, match="hold out every clip"):
        model.set_params(cv=ShuffleSplit(2)).fit(X, Y)
    np.testing.assert_array_equal(model.predict_proba(X), before)


def test_frames_and_a_summary(rng):
    Y = rng.integers(0, 2, (60, 2))
    X = rng.normal(size=(60, 8, 2)) + 2 * Y[:, np.newaxis]
    model = LabelThresholdClassifier(make_pipeline(FrameSummary(), each()), cv=3).fit(X, Y)
    assert model.score(X, Y) > 0.9
