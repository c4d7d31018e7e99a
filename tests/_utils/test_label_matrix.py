"""What a matrix of labels may be, and what estimators make of it."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier

from sklaudio._utils.label_matrix import check_label_matrix, is_label_matrix, label_probabilities, log_odds

Y = np.array([[0, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]])


@pytest.mark.parametrize(
    ("y", "is_matrix"),
    [
        (Y, True),
        (Y.tolist(), True),
        (list(Y), True),
        (pd.DataFrame(Y), True),
        (csr_matrix(Y), True),
        (Y[:, :0], True),
        ([["cat"], ["cat", "dog"]], True),
        (Y[:, :1], False),
        (Y[:, :1].tolist(), False),
        (Y[:, 0], False),
        (["cat", "dog"], False),
        (pd.Series(["cat", "dog"]), False),
        ([], False),
        ([1, [2]], False),
        ([np.array(1), np.array(0)], False),
        (None, False),
        (3, False),
    ],
)
def test_what_has_several_columns_is_one_of_labels(y, is_matrix):
    assert is_label_matrix(y) == is_matrix


def test_whole_numbers_name_columns_too():
    matrix, names = check_label_matrix(pd.DataFrame(Y, columns=[7, 3, 5], dtype=float))
    np.testing.assert_array_equal(matrix, Y)
    assert matrix.dtype == np.int64
    assert names.tolist() == [7, 3, 5]
    assert check_label_matrix(Y)[1] is None
    with pytest.raises(ValueError, match=r"^target\[1, 0\] is -1"):
        check_label_matrix(np.array([[0, 1], [-1, 1]]), "target")


def test_probabilities_of_forests_neighbours_and_nets_have_one_form(rng):
    X = rng.normal(size=(30, 3))
    labels = (X > [0, 0.5, 9]).astype(int)  # no clip has the last
    for estimator in (RandomForestClassifier(5, random_state=0), KNeighborsClassifier(3)):
        p = label_probabilities(estimator.fit(X, labels), X)
        assert p.shape == (30, 3)
        np.testing.assert_array_equal(p[:, 2], 0)
        np.testing.assert_allclose(p[:, 0], estimator.predict_proba(X)[0][:, 1])
    mlp = MLPClassifier(max_iter=5).fit(X, labels)
    np.testing.assert_array_equal(label_probabilities(mlp, X), mlp.predict_proba(X))


def test_log_odds_are_finite():
    np.testing.assert_allclose(log_odds([0.5, 0.75]), [0, np.log(3)])
    assert np.isfinite(log_odds(np.array([0, 1], dtype=np.float32))).all()
