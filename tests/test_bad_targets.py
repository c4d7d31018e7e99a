"""Targets that are wrong come to an error that names them, whatever is fitted or scored with them."""

import numpy as np
import pandas as pd
import pytest

from sklaudio import (
    EventDetector,
    GRUClassifier,
    GRURegressor,
    LabelThresholdClassifier,
    SegmentMeanRegressor,
    SegmentVotingClassifier,
)
from sklaudio.metrics import best_thresholds, regression_table, segment_scores

X = np.random.default_rng(0).normal(size=(8, 6, 2)).astype(np.float32)
LABELS = pd.DataFrame({"owl": [0, 1, 1, 0] * 2, "fox": [1, 0, 1, 0] * 2})
NET = GRUClassifier(2, 1, max_epochs=1, random_state=0)
REGRESSOR = GRURegressor(2, 1, max_epochs=1, random_state=0)
CLASSIFIERS = {
    "net": NET,
    "vote": SegmentVotingClassifier(NET, segment_length=3),
    "thresholds": LabelThresholdClassifier(NET, cv=2),
}
REGRESSORS = {"net": REGRESSOR, "mean": SegmentMeanRegressor(REGRESSOR, segment_length=3)}


def changed(value, dtype=float):
    matrix = LABELS.astype(dtype)
    matrix.iloc[1, 1] = value
    return matrix


@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        (changed(np.nan), r"y\[1, 1\] is missing \(nan\), of label 'fox'"),
        (changed(np.inf), r"y\[1, 1\] is inf"),
        (changed(2), r"y\[1, 1\] is 2"),
        (changed("1", object), r"y\[1, 1\] is '1'"),
        (LABELS[:-1], r"inconsistent numbers of samples: \[8, 7\]: y has 7, and X 8. Give each clip one"),
        (LABELS.iloc[:, :0], r"y is of shape \(8, 0\)"),
        (LABELS.set_axis(["owl", "owl"], axis=1), "y has several columns called 'owl'"),
        ([["owl"], ["owl", "fox"]] * 4, "y has rows of unequal length.*MultiLabelBinarizer"),
        ([{"owl"}] * 8, "y holds .*MultiLabelBinarizer"),
        ([1, "owl"] * 4, "y holds both text"),
        ([np.nan, "owl"] * 4, r"y\[0\] is missing"),
        ({"owl": [1] * 8}, "y should be a 1d array"),
    ],
)
def test_labels(model, y, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)


@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_labels_without_a_clip_that_has_them_are_allowed_and_warned_of(model):
    with pytest.warns(UserWarning, match="y: no clip has the labels 'bat'"):
        model.fit(X, LABELS.assign(bat=0))
    assert model.predict_proba(X).shape == (8, 3)


@pytest.mark.parametrize("model", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_scores_are_of_the_labels_of_fit(model):
    model.fit(X, LABELS)
    assert model.score(X, LABELS) == model.score(X, LABELS.to_numpy())
    for other in (LABELS[["fox", "owl"]], LABELS.rename(columns={"fox": "bat"})):
        with pytest.raises(ValueError, match=r"y has the labels .*, and that of fit 2: \['owl', 'fox'\]"):
            model.score(X, other)
    with pytest.raises(ValueError, match="y has 3 labels, and that of fit 2"):
        model.score(X, np.zeros((8, 3)))
    with pytest.raises(ValueError, match=r"y\[1, 1\] is missing"):
        model.score(X, changed(np.nan))
    model.fit(X, LABELS.to_numpy())
    assert 0 <= model.score(X, LABELS) <= 1  # fit has seen no names


@pytest.mark.parametrize("model", REGRESSORS.values(), ids=REGRESSORS)
@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([np.nan, *range(7)], r"Input y contains NaN. The first is y\[0\]"),
        ([*range(7), np.inf], r"infinity .* The first is y\[7\]"),
        (list("12345678"), r"y holds text \('1'\), not numbers"),
        (pd.Series(pd.date_range("2020", periods=8)), "y holds dates, not numbers"),
        ([[1, 2], [1]] * 4, "y has rows of unequal length"),
        (np.zeros((8, 0)), "y: Found array with 0 feature"),
        (np.arange(7.0), "y has 7, and X 8. Give each clip one"),
        (np.arange(8) * 1e300, "y holds numbers up to 7e[+]300, whose squares are beyond all numbers"),
    ],
)
def test_numbers(model, y, message):
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([LABELS.set_axis(["owl", "owl"], axis=1)[:6]] * 8, r"y\[0\] has columns \['owl', 'owl'\]"),
        ([LABELS.set_axis(["owl", 1], axis=1)[:6]] * 8, r"y\[0\] has columns \['owl', 1\]. Give each label a name"),
        ([pd.DataFrame([(0.1, 0.2, "owl")], columns=["start", "end", "label"])] * 8, "EventDetector takes events"),
        ([LABELS.to_numpy()[:6]] * 7, "y has 7, and X 8"),
    ],
)
def test_labels_of_frames(y, message):
    with pytest.raises(ValueError, match=message):
        NET.fit(X, y)
    fitted = GRUClassifier(2, 1, max_epochs=1, random_state=0).fit(X, [LABELS.to_numpy()[:6]] * 8)
    with pytest.raises(ValueError, match=message):
        fitted.score(X, y)


@pytest.mark.parametrize(
    "model", [CLASSIFIERS["vote"], CLASSIFIERS["thresholds"], REGRESSORS["mean"]], ids=["vote", "thresholds", "mean"]
)
def test_rows_of_frames_for_what_takes_clips(model):
    with pytest.raises(ValueError, match=r"Labels of every frame are for|y is of shape \(8, 6, 2\). Give each clip"):
        model.fit(X, [LABELS.to_numpy()[:6]] * 8)


def test_events():
    detector = EventDetector(NET, hop=0.1)
    fine = [(0.1, 0.3, "owl")]
    for table, message in (
        ([(0.1, 0.3, ("owl", "fox"))], r"y\[7\]: row 0 has the label \('owl', 'fox'\), and takes one that is text"),
        ([(0.1, 0.3, 3)], "y: the events hold both text and numbers as labels"),
    ):
        with pytest.raises(ValueError, match=message):
            detector.fit(X, [fine] * 7 + [table])
    detector.fit(X, [[(0.1, 0.3, "(micro)")]] * 8)
    with pytest.raises(ValueError, match=r"'\(micro\)' is a row of the scores, and cannot be a label. Rename it"):
        detector.score(X, [fine] * 8)
    with pytest.raises(TypeError, match=r"y\[0\] is array\(\[\[0., 0., 0., 0.\], \[0., 0., 0., 0.\]") as caught:
        EventDetector(NET).fit(X, np.zeros((8, 3, 4)))
    assert "\n" not in str(caught.value)


def test_durations():
    for durations, message in (
        (["a"], r"durations=\['a'\] must be seconds, as numbers"),
        ("1", r"durations is of shape \(\)"),
    ):
        with pytest.raises(ValueError, match=message):
            segment_scores([[]], [[]], durations=durations, labels=["a"])
    table = pd.DataFrame({"path": "x", "start": [0.0], "end": [1.0], "label": ["a"]})
    with pytest.raises(ValueError, match=r"durations=.* must hold seconds"):
        segment_scores(table, table, durations={"x": "long"})
    with pytest.raises(ValueError, match=r"^y_pred: column 'path' has no value in row 0 of 1"):
        segment_scores(table, table.assign(path=None))


def test_metrics_of_clips():
    p = np.full((8, 2), 0.4)
    with pytest.raises(ValueError, match=r"y_true\[0, 0\] is '0'"):
        best_thresholds(LABELS.astype(str), p)
    with pytest.raises(ValueError, match=r"y_proba has the columns \['fox', 'owl'\], and y_true \['owl', 'fox'\]"):
        best_thresholds(LABELS, pd.DataFrame(p, columns=["fox", "owl"]))
    with pytest.raises(ValueError, match=r"y_pred contains infinity .* The first is y_pred\[1\]"):
        regression_table([1.0, 2.0], [1.0, np.inf])
    with pytest.raises(ValueError, match=r"groups\[1\] is missing"):
        regression_table([1.0, 2.0], [1.0, 2.0], groups=["a", None])
    with pytest.raises(ValueError, match=r"confidence=1.5 must be in \(0, 1\)"):
        regression_table([1.0, 2.0], [1.0, 2.0], confidence=1.5)
