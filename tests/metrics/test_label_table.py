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
    with pytest.raises(ValueError, match="label_names holds 1 names of 4 labels"):
        label_table(Y, Y, P, label_names=["a"])
