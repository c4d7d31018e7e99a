"""Tables by class and by pair of classes: cases counted by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from sklaudio.evaluate import UNREADABLE
from sklaudio.metrics import class_table, confusion_table

Y_TRUE = ["cat", "cat", "cat", "dog", "owl"]
Y_PRED = ["cat", "dog", None, "dog", "cat"]


def test_scores_by_class_are_those_of_scikit_learn(rng):
    y_true, y_pred = rng.integers(4, size=(2, 200))
    table = class_table(y_true, y_pred)
    precision, recall, f1, n_clips = precision_recall_fscore_support(y_true, y_pred)
    assert table.index.tolist() == [0, 1, 2, 3]
    for name, column in (("precision", precision), ("recall", recall), ("f1", f1), ("n_clips", n_clips)):
        np.testing.assert_array_equal(table[name], column)
    assert table["n_predicted"].tolist() == np.bincount(y_pred).tolist()
    np.testing.assert_array_equal(confusion_table(y_true, y_pred), confusion_matrix(y_true, y_pred))


def test_a_clip_without_a_prediction_is_wrong():
    table = class_table(Y_TRUE, Y_PRED)
    assert table.loc["cat"].tolist() == pytest.approx([1 / 2, 1 / 3, 2 / 5, 3, 2])
    assert table["n_predicted"].sum() == 4
    counts = confusion_table(Y_TRUE, Y_PRED)
    assert counts.columns.tolist() == ["cat", "dog", "owl", UNREADABLE]
    assert counts.to_numpy().tolist() == [[1, 1, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]]


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_no_prediction_may_be_none_or_nan(missing):
    y_pred = [1, missing, 2]
    assert class_table([1, 1, 2], y_pred)["recall"].tolist() == [0.5, 1.0]
    assert confusion_table([1, 1, 2], y_pred)[UNREADABLE].tolist() == [1, 0]
    assert confusion_table([1, 1, 2], pd.Series(y_pred))[UNREADABLE].tolist() == [1, 0]


def test_a_class_without_predictions_has_no_precision():
    row = class_table(Y_TRUE, Y_PRED).loc["owl"]
    assert np.isnan(row["precision"])
    assert (row["recall"], row["f1"], row["n_clips"], row["n_predicted"]) == (0, 0, 1, 0)


def test_a_class_without_clips_has_no_recall():
    row = class_table(["a", "a"], ["a", "b"]).loc["b"]
    assert np.isnan(row["recall"])
    assert (row["precision"], row["f1"], row["n_clips"], row["n_predicted"]) == (0, 0, 0, 1)
    assert class_table(["a"], ["a"], labels=["b", "a"]).loc["b"].isna().tolist() == [True, True, True, False, False]


def test_classes_are_in_the_order_of_labels():
    labels = ["owl", "fox", "dog", "cat"]
    assert class_table(Y_TRUE, Y_PRED, labels=labels).index.tolist() == labels
    counts = confusion_table(Y_TRUE, Y_PRED, labels=np.array(labels))
    assert (counts.index.tolist(), counts.columns.tolist()) == (labels, [*labels, UNREADABLE])
    assert counts.loc["fox"].sum() == 0
    assert confusion_table(["a"], ["a"]).columns.tolist() == ["a"]


@pytest.mark.parametrize("table", [class_table, confusion_table])
@pytest.mark.parametrize(
    ("y_true", "y_pred", "labels", "message"),
    [
        (["a"], ["a", "b"], None, "y_true holds 1 classes and y_pred 2"),
        ([], [], None, "at least one clip"),
        (["a", None], ["a", "a"], None, "y_true holds None or NaN"),
        (["a"], [1], None, "both text and numbers"),
        ([[0, 1], [1, 0]], [[0, 1], [1, 1]], None, "1d array"),
        (["a", "b"], ["a", "c"], ["a"], r"labels=\['a'\] lacks the classes b, c"),
    ],
)
def test_what_is_refused(table, y_true, y_pred, labels, message):
    with pytest.raises(ValueError, match=message):
        table(y_true, y_pred, labels=labels)
