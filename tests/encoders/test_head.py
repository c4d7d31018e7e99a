"""Logistic regression whose C is chosen by folds that keep groups."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from sklaudio import FrameSummary, SegmentVotingClassifier, load, save
from sklaudio.encoders import GroupedLogisticRegression


@parametrize_with_checks([GroupedLogisticRegression()])
def test_scikit_learn_check(estimator, check):
    check(estimator)


def voices(rng, n_groups=12, n_dims=30):
    """Rows that are near those of their group; what tells the class is weak beside it."""
    groups = np.repeat(np.arange(n_groups), 6)
    y = np.array(["no", "yes"])[groups % 2]
    voice = 3 * rng.normal(size=(n_groups, n_dims))
    X = voice[groups] + 0.1 * rng.normal(size=(len(groups), n_dims))
    X[:, 0] += (y == "yes") * 1.0
    return X, y, groups


def test_groups_ask_for_a_smaller_c_than_rows(rng):
    X, y, groups = voices(rng)
    Cs = (1e-4, 1e-2, 1.0, 100.0)
    alone = GroupedLogisticRegression(Cs=Cs).fit(X, y)
    assert GroupedLogisticRegression(Cs=Cs).fit(X, y, groups=groups).C_ < alone.C_ == 100.0


def test_it_is_the_logistic_regression_of_its_c(rng):
    X, y, groups = voices(rng)
    head = GroupedLogisticRegression().fit(X, y, groups=groups)
    expected = LogisticRegression(C=head.C_, max_iter=1000).fit(X, y)
    np.testing.assert_array_equal(head.predict_proba(X), expected.predict_proba(X))
    np.testing.assert_array_equal(head.decision_function(X), expected.decision_function(X))
    assert head.predict(X).tolist() == expected.predict(X).tolist()


def test_the_chosen_one_is_the_best_by_log_loss_on_the_folds(rng):
    X, y, groups = voices(rng)
    folds = list(StratifiedGroupKFold(3).split(X, y, groups))
    head = GroupedLogisticRegression(Cs=(1e-3, 1.0), cv=folds).fit(X, y)
    losses = []
    for C in (1e-3, 1.0):
        proba = [
            LogisticRegression(C=C, max_iter=1000)
            .fit(X[a], y[a])
            .predict_proba(X[b])[np.arange(len(b)), (y[b] == "yes") * 1]
            for a, b in folds
        ]
        losses.append(np.mean([-np.log(fold).mean() for fold in proba]))
    assert (1e-3, 1.0)[int(np.argmin(losses))] == head.C_


def test_classes_of_one_group_leave_nothing_to_choose_by(rng):
    X, y, groups = voices(rng)
    head = GroupedLogisticRegression(Cs=(0.1, 10.0, 1.0)).fit(X, y, groups=(y == "yes"))
    assert head.C_ == 1.0  # the middle
    few = GroupedLogisticRegression(cv=5).fit(X, y, groups=groups % 4)  # each class is of two groups
    assert few.C_ in few.Cs


def test_it_votes_over_segments_and_is_saved(rng, tmp_path):
    X = rng.normal(size=(12, 20, 3))
    y = np.array(["no", "yes"] * 6)
    X[y == "yes"] += 1
    model = SegmentVotingClassifier(make_pipeline(FrameSummary(), GroupedLogisticRegression()), segment_length=5)
    model.fit(X, y, groups=np.arange(12) // 2)
    assert model.score(X, y) == 1.0
    save(model, tmp_path / "head.skops")
    np.testing.assert_array_equal(load(tmp_path / "head.skops").predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize("Cs", [(), (0.1, 0.0), (-1,), (np.inf,)])
def test_each_is_above_0(Cs, rng):
    with pytest.raises(ValueError, match="Cs="):
        GroupedLogisticRegression(Cs=Cs).fit(rng.normal(size=(6, 2)), list("ababab"))
