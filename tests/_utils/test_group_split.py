"""Splits respect recordings, and leave every class something to train on."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut
from sklearn.pipeline import Pipeline, make_pipeline

from sklaudio import FrameSummary, LSTMClassifier, MFCCTransformer, SegmentVotingClassifier
from sklaudio._utils.group_split import folds_by_group, split_by_group
from sklaudio.train import train_on_files

from ..tones import write_tone

TARGET = np.repeat([0, 1, 2], 20)


def test_groups_are_never_divided():
    groups = np.arange(60) // 4
    for seed in range(10):
        kept, held_out = split_by_group(TARGET, groups, 0.2, seed)
        assert not set(groups[kept]) & set(groups[held_out])
        assert sorted([*kept, *held_out]) == list(range(60))
        assert len(held_out) == 12


def test_classes_are_shared_out_evenly():
    for seed in range(10):
        _, held_out = split_by_group(TARGET, None, 0.2, seed)
        assert np.bincount(TARGET[held_out]).min() >= 3


def test_no_class_is_lost_to_training_if_it_can_be_helped():
    target = np.array([0] * 20 + [1] * 2)
    for seed in range(10):
        kept, _ = split_by_group(target, None, 0.1, seed)
        assert set(target[kept]) == {0, 1}


def test_the_seed_decides():
    first, again, other = (split_by_group(TARGET, None, 0.2, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


@pytest.fixture
def rare():
    """Clips of six speakers, the last of whom alone says "c"; of each class, others are shifted in one dim."""
    rng = np.random.default_rng(0)
    y = np.array(["a", "b"] * 15 + ["c"] * 6)
    groups = np.array([f"speaker {k % 5}" for k in range(30)] + ["speaker 5"] * 6)
    X = rng.normal(scale=0.3, size=(36, 10, 3)).astype(np.float32)
    X[np.arange(36), :, np.searchsorted(["a", "b", "c"], y)] += 2
    return X, y, groups


def net(**parameters):
    settings = {"lr": 0.03, "max_epochs": 15, "random_state": 0, "early_stopping": True, "validation_fraction": 0.8}
    return LSTMClassifier(8, 1, **settings | parameters)


@pytest.mark.parametrize("fraction", [0.1, 0.5, 0.8])
def test_a_class_of_one_group_stays_in_training(fraction, rare):
    _, y, groups = rare
    target = np.unique(y, return_inverse=True)[1]
    for seed in range(20):
        kept, held_out = split_by_group(target, groups, fraction, seed)
        assert set(target[kept]) == {0, 1, 2}
        assert len(held_out)
        assert not set(groups[kept]) & set(groups[held_out])
        again = split_by_group(target, groups, fraction, seed)
        assert [part.tolist() for part in again] == [kept.tolist(), held_out.tolist()]


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5, 0.8])
def test_any_overlap_of_groups_and_classes_leaves_all_classes(fraction, rng):
    for seed in range(20):
        target, groups = rng.integers(5, size=40), rng.integers(8, size=40)
        kept, held_out = split_by_group(target, groups, fraction, seed)
        assert set(target[kept]) == set(target)
        assert len(held_out)


def test_early_stopping_with_groups_learns_the_class_of_one_speaker(rare):
    X, y, groups = rare
    for seed in range(4):
        fitted = net(random_state=seed).fit(X, y, groups=groups)
        assert fitted.score(X, y) == 1
        vote = SegmentVotingClassifier(net(random_state=seed), segment_length=5).fit(X, y, groups=groups)
        assert vote.score(X, y) == 1


def test_early_stopping_without_groups_keeps_a_class_of_one_clip(rare):
    X, y, _ = rare
    few = [*range(30), 30]  # one clip of "c"
    for seed in range(4):
        fitted = net(random_state=seed, validation_fraction=0.5, max_epochs=30).fit(X[few], y[few])
        assert (fitted.predict(X[30:]) == "c").all()


def test_clips_of_no_weight_do_not_hold_a_class_in_training(rare):
    X, y, groups = rare
    groups = np.where(np.arange(36) == 35, "speaker 0", groups)
    weight = np.where(np.arange(36) == 35, 0.0, 1.0)  # the only clip of "c" by another speaker counts for nothing
    for seed in range(4):
        fitted = net(random_state=seed).fit(X, y, groups=groups, sample_weight=weight)
        assert fitted.score(X, y) == 1


def test_groups_that_are_classes_are_named(rare):
    X, y, _ = rare
    groups = np.array([f"room {label}" for label in y])
    words = r"early_stopping=True .*'a' \(group 'room a'\), 'b' \(group 'room b'\), 'c' .*X_val"
    with pytest.raises(ValueError, match=words):
        net().fit(X, y, groups=groups)
    with pytest.raises(ValueError, match=words):
        SegmentVotingClassifier(net(), segment_length=5).fit(X, y, groups=groups)
    with pytest.raises(ValueError, match=r"'a' \(one clip\), 'b' \(one clip\)"):
        net().fit(X[:2], y[:2])
    net().fit(X, y, groups=groups, X_val=X, y_val=y)
    net(early_stopping=False).fit(X, y, groups=groups)


@pytest.mark.parametrize("kind", ["search", "calibration"])
def test_folds_inside_a_vote_keep_classes(kind, rare):
    X, y, groups = rare

    def vote(cv):
        inner = LogisticRegression()
        wrapped = GridSearchCV(inner, {"C": [1]}, cv=cv) if kind == "search" else CalibratedClassifierCV(inner, cv=cv)
        return SegmentVotingClassifier(make_pipeline(FrameSummary(), wrapped), segment_length=5)

    splits = vote(3).fit(X, y).estimator_[-1].cv
    segment_of = np.repeat(y, 2)
    assert all(set(segment_of[train]) == {"a", "b", "c"} for train, _ in splits)
    with pytest.raises(ValueError, match=r"cv=3 .*'c' \(group 'speaker 5'\).*fewer folds"):
        vote(3).fit(X, y, groups=groups)
    for cv in (GroupKFold(3), LeaveOneGroupOut()):
        with pytest.warns(UserWarning, match=r"'c' \(group 'speaker 5'\).*number of folds"):
            vote(cv).fit(X, y, groups=groups)


def test_folds_are_drawn_again_where_the_first_draw_loses_a_class():
    rng = np.random.default_rng(1)
    n_redrawn = 0
    for _ in range(60):
        target = np.r_[np.zeros(8, int), np.ones(8, int), 2, 2]
        groups = np.r_[rng.integers(6, size=16), 0, 1]
        if len(np.unique(groups[target == 0])) < 3 or len(np.unique(groups[target == 1])) < 3:
            continue
        folds = folds_by_group(target, groups, 3)
        assert all(set(target[kept]) == {0, 1, 2} for kept, _ in folds)
        assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(18))
        n_redrawn += 1
    assert n_redrawn > 20


def tones(tmp_path, groups_of):
    files = [
        write_tone(tmp_path / f"{label} {k}.wav", pitch, 0.1 + k / 100)
        for label, pitch in (("high", 2000), ("low", 200))
        for k in range(6)
    ]
    labels = np.repeat(["high", "low"], 6)
    return files, labels, [groups_of(label, k) for label in ("high", "low") for k in range(6)]


@pytest.mark.parametrize("validate", [0.2, 3])
def test_one_group_per_class_has_no_held_out_score(validate, tmp_path):
    """Was printed as "held-out accuracy 0.000"."""
    model = Pipeline([("features", MFCCTransformer()), ("sum", FrameSummary()), ("net", LogisticRegression())])
    clips = tones(tmp_path, lambda label, k: f"tape {label}")
    with pytest.raises(ValueError, match=r"'high' \(group 'tape high'\).*validate=0 to train on all"):
        train_on_files(model, *clips, validate=validate)
    training = train_on_files(model, *clips, validate=0)
    assert training.held_out is None
    assert (training.model.predict(clips[0]) == clips[1]).all()


def test_a_class_of_one_group_is_trained_on_and_named(tmp_path):
    model = Pipeline([("features", MFCCTransformer()), ("sum", FrameSummary()), ("net", LogisticRegression())])
    clips = tones(tmp_path, lambda label, k: "tape" if label == "low" else f"take {k}")
    with pytest.warns(UserWarning, match=r"says nothing of 'low' \(group 'tape'\)"):
        training = train_on_files(model, *clips, validate=0.4)
    assert training.held_out.accuracy == 1
    with pytest.raises(ValueError, match=r"'low' \(group 'tape'\).*validate=0\.2"):
        train_on_files(model, *clips, validate=3)
