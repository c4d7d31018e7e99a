"""GroupedLogisticRegression of several labels: a regression for each, one C for all, and constant labels."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from sklaudio import load, save
from sklaudio.encoders import GroupedLogisticRegression


@pytest.fixture
def data(rng):
    Y = pd.DataFrame((rng.uniform(size=(60, 3)) < 0.4).astype(int), columns=["a", "b", "c"])
    X = np.hstack([Y + rng.normal(scale=0.7, size=Y.shape), rng.normal(size=(60, 2))])
    return X, Y


def test_labels_are_those_of_one_versus_rest(data, tmp_path):
    X, Y = data
    head = GroupedLogisticRegression(Cs=[0.3], class_weight="balanced").fit(X, Y)
    rest = OneVsRestClassifier(LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000)).fit(X, Y.to_numpy())
    np.testing.assert_allclose(head.predict_proba(X), rest.predict_proba(X), atol=1e-9)
    np.testing.assert_array_equal(head.predict(X), rest.predict(X))
    np.testing.assert_array_equal(head.decision_function(X) > 0, rest.predict(X) == 1)
    assert (head.label_names_.tolist(), head.classes_.tolist()) == (["a", "b", "c"], [0, 1, 2])
    save(head, tmp_path / "head.skops")
    np.testing.assert_array_equal(load(tmp_path / "head.skops").predict_proba(X), head.predict_proba(X))


def test_a_score_takes_the_labels_in_order(data):
    X, Y = data
    head = GroupedLogisticRegression(Cs=[0.3]).fit(X, Y)
    assert head.score(X, Y) == head.score(X, Y.to_numpy()) == (head.predict(X) == Y).all(axis=1).mean()
    with pytest.raises(ValueError, match=r"y has the labels \['c', 'a', 'b'\]"):
        head.score(X, Y[["c", "a", "b"]])


def test_c_is_chosen_on_groups_that_were_held_out(data, rng):
    X, Y = data
    assert GroupedLogisticRegression(Cs=[1e-4, 1.0]).fit(X, Y).C_ == 1.0
    noise = rng.normal(size=(60, 40))
    assert GroupedLogisticRegression(Cs=[1e-4, 100.0]).fit(noise, Y).C_ == 1e-4
    copies = np.repeat(noise, 2, axis=0), np.repeat(Y.to_numpy(), 2, axis=0)  # which learning by heart would predict
    assert GroupedLogisticRegression(Cs=[1e-4, 100.0]).fit(*copies, groups=np.arange(120) // 2).C_ == 1e-4
    one_group = GroupedLogisticRegression(Cs=[0.1, 1.0, 10.0]).fit(X, Y, groups=np.zeros(60))
    assert one_group.C_ == 1.0


def test_a_constant_label_is_predicted_so_and_others_are_weighed(data):
    X, Y = data
    head = GroupedLogisticRegression(Cs=[0.3]).fit(X, Y.assign(a=0, b=1))
    assert (head.predict(X)[:, :2] == [0, 1]).all()
    assert head.coef_[0].tolist() == [0] * 5
    heavy = GroupedLogisticRegression(Cs=[0.3], class_weight={"a": 10}).fit(X, Y)
    even = GroupedLogisticRegression(Cs=[0.3]).fit(X, Y)
    assert (heavy.predict_proba(X)[:, 0] > even.predict_proba(X)[:, 0]).all()
    np.testing.assert_allclose(heavy.predict_proba(X)[:, 1:], even.predict_proba(X)[:, 1:])


def test_classes_after_labels_leave_nothing_of_these(data):
    X, Y = data
    head = GroupedLogisticRegression(Cs=[0.3]).fit(X, Y).fit(X, Y["a"])
    assert not any(hasattr(head, name) for name in ("label_names_", "coef_", "intercept_"))
    assert head.predict(X).shape == (60,)
