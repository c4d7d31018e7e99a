"""compare of labels and of numbers: the score of each, the corrected test, names that are kept."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import average_precision_score, r2_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline

from sklaudio import FrameSummary, RMSTransformer, compare, make_detector
from sklaudio.comparison import candidates, corrected_t_test
from sklaudio.comparison._tasks import task_of

SR = 8000


@pytest.fixture(scope="module")
def clips():
    """Twenty-four short noises of eight groups, their levels, and two labels of these."""
    rng = np.random.default_rng(0)
    levels = rng.uniform(0.05, 1, 24)
    X = [(level * rng.uniform(-1, 1, 800)).astype(np.float32) for level in levels]
    Y = pd.DataFrame({"loud": (levels > 0.5).astype(int), "quiet": (levels < 0.3).astype(int)})
    return X, Y, pd.DataFrame({"level": levels, "noise": rng.normal(size=24)}), np.arange(24) // 3


def mae(model, X, y):
    raise AssertionError("is refused before")


def summary(last):
    return make_pipeline(RMSTransformer(sr=SR), FrameSummary(["mean"]), last)


def test_labels_are_compared_by_mean_average_precision(clips):
    X, Y, _, groups = clips
    models = {"ovr": summary(OneVsRestClassifier(LogisticRegression(C=100))), "knn": summary(KNeighborsClassifier(5))}
    found = compare(X, Y, groups=groups, models=models, cv=2, random_state=0)
    assert found.table_.columns.tolist()[:5] == ["mean_average_precision", "low", "high", "p_value", "log_loss"]
    for name, model in models.items():
        scores = []
        for train, test in found.folds_:
            fitted = model.fit([X[k] for k in train], Y.iloc[train].to_numpy())
            p = fitted.predict_proba([X[k] for k in test])
            p = np.stack([column[:, -1] for column in p], axis=1) if isinstance(p, list) else p
            scores.append(average_precision_score(Y.iloc[test].to_numpy(), p, average="macro"))
        assert found.scores_.loc[name].tolist() == pytest.approx(scores)
    assert all(not set(groups[train]) & set(groups[test]) for train, test in found.folds_)


def test_numbers_are_compared_by_r2_and_the_best_keeps_names(clips):
    X, _, numbers, groups = clips
    models = {"mean": summary(DummyRegressor()), "ridge": summary(Ridge(1e-3))}
    found = compare(X, numbers["level"], groups=groups, models=models, cv=4, random_state=0)
    assert (found.best_, found.table_.columns[0], "mae" in found.table_) == ("ridge", "r2", True)
    train, test = found.folds_[0]
    fitted = models["ridge"].fit([X[k] for k in train], numbers["level"].iloc[train])
    expected = r2_score(numbers["level"].iloc[test], fitted.predict([X[k] for k in test]))
    assert found.scores_.loc["ridge", 0] == pytest.approx(expected)
    differences = found.scores_.loc["mean"] - found.scores_.loc["ridge"]
    assert found.table_.loc["mean", "p_value"] == pytest.approx(corrected_t_test(differences, 18, 6)[0])
    by_error = compare(X, numbers, models=models, cv=2, scoring="neg_mean_absolute_error", random_state=0)
    assert by_error.table_.columns[0] == "neg_mean_absolute_error"
    assert "mae" in repr(by_error)


def test_names_stand_for_models_of_the_task(clips):
    X, Y, numbers, groups = clips
    found = compare(X, Y, groups=groups, models=["majority", "mfcc-logistic"], cv=2, sr=SR, random_state=0)
    assert set(found.table_.index) == {"majority", "mfcc-logistic"}
    assert found.table_["error"].isna().all()
    assert found.best_estimator_[-1].label_names_.tolist() == ["loud", "quiet"]
    found = compare(X, numbers, groups=groups, models=["mean", "mfcc-ridge"], cv=2, sr=SR, random_state=0)
    assert found.table_["error"].isna().all()
    assert candidates(["mfcc-ridge"], task="regression")["mfcc-ridge"][-1].__class__.__name__ == "GroupedRidge"
    assert list(candidates(task="multi-label"))[:2] == ["majority", "mfcc-logistic"]
    with pytest.raises(ValueError, match="there is no 'mfcc-svm'"):
        candidates(["mfcc-svm"], task="multi-label")


@pytest.mark.parametrize(
    ("y", "models", "name"),
    [
        (["a", "b"], "auto", "class"),
        ([1, 2], "auto", "class"),
        ([1.0, 2.0], "auto", "class"),
        ([1.5, 2.0], "auto", "regression"),
        (pd.Series([1.5, 2.0]), "auto", "regression"),
        ([[1, 0], [0, 1]], "auto", "multi-label"),
        (pd.DataFrame([[1.0, 0.0], [0.0, 1.0]]), "auto", "multi-label"),
        (pd.DataFrame([[1, 2], [0, 1]]), "auto", "regression"),
        ([1, 2], {"ridge": Ridge()}, "regression"),
        ([[(0.1, 0.5, "dog")], []], "auto", "events"),
        (({"start": [0.1], "end": [0.5], "label": ["dog"]}, pd.DataFrame()), "auto", "events"),
        (pd.DataFrame({"path": ["0"], "start": [0.1], "end": [0.5], "label": ["dog"]}), "auto", "events"),
        ([[(0, 1, 1)], [(0, 1, 0)]], {"detector": make_detector("gru")}, "events"),
    ],
)
def test_the_task_is_that_of_the_values(y, models, name):
    assert task_of(["0", "1"], y, "auto", models).name == name


def test_what_does_not_fit_is_named(clips):
    X, Y, numbers, _ = clips
    with pytest.raises(ValueError, match="task='event' is not known"):
        compare(X, Y, task="event")
    with pytest.raises(ValueError, match="scoring is called 'mae'"):
        compare(X, numbers, models={"mean": summary(DummyRegressor())}, scoring=mae)
    with pytest.raises(ValueError, match="y holds text"):
        compare(X, ["loud"] * 24, task="regression")
    with pytest.raises(ValueError, match="a fold tests one clip, and R2 is of two or more"):
        compare(X, numbers, cv=24, models={"mean": summary(DummyRegressor())})
    with pytest.raises(ValueError, match=r"cv=25: .*Take fewer folds, or clips of more groups"):
        compare(X, Y, cv=25, models={"knn": summary(KNeighborsClassifier(5))})
    with pytest.raises(TypeError, match="y is a table for each clip, and compare takes such of events alone"):
        compare(X, [pd.DataFrame({"level": [0.5, 0.25]})] * len(X))
