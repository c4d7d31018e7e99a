"""Tables of labels: scikit-learn's scores, and what is undefined."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from sklaudio.metrics import label_table

Y = pd.DataFrame({"cat": [1, 1, 0, 0], "dog": [0, 1, 1, 0], "owl": [0, 0, 0, 0], "all": [1, 1, 1, 1]})
P = np.array([[0.9, 0.1, 0.2, 0.7], [0.3, 0.6, 0.1, 0.6], [0.4, 0.2, 0.6, 0.9], [0.2, 0.3, 0.3, 0.4]])


def test_scores_are_those_of_scikit_learn():
    predicted = (P > 0.5).astype(int)
    table = label_table(Y, predicted, P)
    assert table.index.tolist() == ["cat", "dog", "owl", "all"]
    for name, column in zip(["cat", "dog"], (0, 1), strict=True):
        assert table.loc[name, "f1"] == f1_score(Y[name], predicted[:, column])
        assert table.loc[name, "average_precision"] == average_precision_score(Y[name], P[:, column])
        assert table.loc[name, "roc_auc"] == roc_auc_score(Y[name], P[:, column])
    assert table["n_clips"].tolist() == [2, 2, 0, 4]
    assert table["n_predicted"].tolist() == [1, 1, 1, 3]


@pytest.mark.filterwarnings("error")
def test_what_is_undefined_is_nan():
    table = label_table(Y, (P > 0.65).astype(int), P)
    assert table.loc["owl", ["recall", "average_precision", "roc_auc"]].isna().all()
    assert np.isnan(table.loc["dog", "precision"])  # it is never predicted
    assert table.loc["dog", "f1"] == 0
    assert table.loc["all", "average_precision"] == 1
    assert np.isnan(table.loc["all", "roc_auc"])


def test_clips_without_probabilities_have_no_part_in_rankings():
    p = P.copy()
    p[1] = np.nan
    table = label_table(Y, np.nan_to_num(p) > 0.5, p)
    assert table.loc["cat", "recall"] == 0.5
    assert table.loc["cat", "roc_auc"] == roc_auc_score([1, 0, 0], P[[0, 2, 3], 0])


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"y_proba is of shape \(4, 3\), and y_true of \(4, 4\)"):
        label_table(Y, Y, P[:, :3])
    with pytest.raises(ValueError, match=r"y_pred\[0, 0\] is 0.9"):
        label_table(Y, P, P)
    for names in (["a"], ["a", "a", "b", "c"], ["a", "b", "c", np.nan], "abcd", 4, [["a", "b", "c", "d"]]):
        with pytest.raises(ValueError, match=r"label_names=.* must be 4 different names, one for each label"):
            label_table(Y, Y, P, label_names=names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p + 1, r"y_proba holds numbers from .* to .*, and probabilities are in \[0, 1\]"),
        (lambda p: -p, r"and probabilities are in \[0, 1\]. Pass what predict_proba returns"),
        (lambda p: np.where(p == p.max(), np.inf, p), r"infinity .* The first is y_proba\["),
        (lambda p: p.astype(str), "y_proba holds text .*, not numbers"),
        (lambda p: pd.DataFrame(p, columns=list("dcba")), r"y_proba has the columns \['d', .*, and y_true \['a', "),
    ],
)
def test_what_is_no_probability_is_named(change, message):
    with pytest.raises(ValueError, match=message):
        label_table(
            pd.DataFrame(np.asarray(Y), columns=list("abcd")), np.asarray(Y), change(np.asarray(P, dtype=float))
        )


def test_predictions_in_another_order_of_columns_are_refused():
    true = pd.DataFrame(np.asarray(Y), columns=list("abcd"))
    with pytest.raises(ValueError, match=r"y_pred has the columns \['b', 'a', .*Give both the same, in order"):
        label_table(true, true[["b", "a", "c", "d"]], P)
