"""Event-based scores: sed_eval's, and counts by trial of every matching."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from sklaudio.metrics import event_scores

from .event_tables import PREDICTED, TRUE, random_tables

COLUMNS = ["f1", "precision", "recall", "error_rate", "substitution_rate", "deletion_rate", "insertion_rate"]
SED_EVAL = {  # what sed_eval 0.2.1 gives for these tables, by row; of labels it has no substitutions
    "optimal": (
        {"collar": 0.5},
        {
            "a": [0.8571428571428571, 0.75, 1.0, 0.3333333333333333, 0.0, 0.0, 0.3333333333333333],
            "b": [0.6153846153846153, 0.6666666666666666, 0.5714285714285714, 0.7142857142857142, 0.0,
                  0.42857142857142855, 0.2857142857142857],
            "(micro)": [0.7, 0.7, 0.7, 0.5, 0.1, 0.2, 0.2],
            "(macro)": [0.7362637362637362, 0.7083333333333333, 0.7857142857142857, 0.5238095238095237, 0.0,
                        0.21428571428571427, 0.30952380952380953],
        },
    ),
    "greedy": (
        {"collar": 0.5, "matching": "greedy"},
        {
            "b": [0.4615384615384615, 0.5, 0.42857142857142855, 1.0, 0.0, 0.5714285714285714, 0.42857142857142855],
            "(micro)": [0.6, 0.6, 0.6, 0.7, 0.1, 0.3, 0.3],
            "(macro)": [0.6593406593406593, 0.625, 0.7142857142857143, 0.6666666666666666, 0.0, 0.2857142857142857,
                        0.38095238095238093],
        },
    ),
    "onset": (
        {"offset": False},
        {
            "b": [0.30769230769230765, 0.3333333333333333, 0.2857142857142857, 1.2857142857142856, 0.0,
                  0.7142857142857143, 0.5714285714285714],
            "(micro)": [0.5, 0.5, 0.5, 1.0, 0.0, 0.5, 0.5],
            "(macro)": [0.5824175824175823, 0.5416666666666666, 0.6428571428571428, 0.8095238095238094, 0.0,
                        0.35714285714285715, 0.45238095238095233],
        },
    ),
    "offset": (
        {"onset": False, "offset_ratio": 0.2},
        {
            "a": [0.5714285714285715, 0.5, 0.6666666666666666, 1.0, 0.0, 0.3333333333333333, 0.6666666666666666],
            "(micro)": [0.6, 0.6, 0.6, 0.7, 0.1, 0.3, 0.3],
            "(macro)": [0.5934065934065934, 0.5833333333333333, 0.6190476190476191, 0.8571428571428571, 0.0,
                        0.38095238095238093, 0.47619047619047616],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SED_EVAL)
def test_scores_are_those_of_sed_eval(name):
    options, expected = SED_EVAL[name]
    table = event_scores(TRUE, PREDICTED, **options)
    assert table.index.tolist() == ["a", "b", "(micro)", "(macro)"]
    for row, values in expected.items():
        np.testing.assert_allclose(table.loc[row, COLUMNS].to_numpy(float), values, rtol=1e-13, err_msg=row)
    assert table["n_ref"].tolist() == [3, 7, 10, 10]
    assert table["n_sys"].tolist() == [4, 6, 10, 10]


def most_pairs(fits):
    """Size of the largest matching, by trial of all: fits is (n_true, n_predicted)."""
    fits = fits if fits.shape[0] <= fits.shape[1] else fits.T
    rows = range(len(fits))
    return max(sum(fits[row, column] for row, column in zip(rows, each, strict=True))
               for each in permutations(range(fits.shape[1]), len(fits)))  # fmt: skip


def test_as_many_events_are_matched_as_can_be(rng):
    n_greedy_less = 0
    for _ in range(25):
        true, predicted = random_tables(rng, 1, 5, "a", 3), random_tables(rng, 1, 5, "a", 3)
        if not true[0] or not predicted[0]:
            continue
        fits = np.array(
            [[abs(a[0] - b[0]) <= 0.5 and abs(a[1] - b[1]) <= max(0.5, 0.5 * (a[1] - a[0])) for b in predicted[0]]
             for a in true[0]]
        )  # fmt: skip
        recall = event_scores(true, predicted, collar=0.5).loc["a", "recall"]
        assert recall * len(true[0]) == pytest.approx(most_pairs(fits))
        n_greedy_less += event_scores(true, predicted, collar=0.5, matching="greedy").loc["a", "recall"] < recall
    assert n_greedy_less > 0


def test_a_wrong_label_at_the_right_place_is_one_substitution():
    table = event_scores([[(1, 2, "a"), (5, 6, "b")]], [[(1.1, 2, "b"), (8, 9, "b")]])
    assert table.loc["(micro)", COLUMNS[3:]].tolist() == [1.5, 0.5, 0.5, 0.5]
    assert table.loc["b", COLUMNS[3:]].tolist() == [3.0, 0.0, 1.0, 2.0]


def test_ends_may_differ_by_a_fraction_of_the_event():
    def recall(end, **options):
        return event_scores([[(0, 4, "a")]], [[(0, end, "a")]], **options).loc["a", "recall"]

    assert [recall(end) for end in (1.9, 2.0, 6.0, 6.1)] == [0, 1, 1, 0]
    assert [recall(end, offset_ratio=0.0) for end in (3.75, 3.875)] == [0, 1]
    assert recall(1.0, offset=False) == 1


def test_what_is_undefined_is_nan():
    table = event_scores([[(0, 1, "a"), (2, 3, "a")]], [[(0, 1, "a"), (5, 6, "b")]], labels=["a", "b", "c"])
    assert table.loc["a", ["precision", "recall", "error_rate"]].tolist() == [1, 0.5, 0.5]
    assert table.loc["b", "precision"] == 0
    assert table.loc["b", ["recall", "f1", *COLUMNS[3:]]].isna().all()
    assert table.loc["c", COLUMNS].isna().all()
    assert table.loc["(macro)", ["precision", "recall", "f1"]].tolist() == pytest.approx([0.5, 0.5, 2 / 3])


def test_a_label_that_is_never_predicted_may_count_as_zero():
    true, predicted = [[(0, 1, "a"), (2, 3, "b")]], [[(0, 1, "a")]]
    assert event_scores(true, predicted).loc[["b", "(macro)"], "f1"].tolist() == pytest.approx([np.nan, 1], nan_ok=True)
    assert event_scores(true, predicted, zero_division=0).loc[["b", "(macro)"], "f1"].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("true", "predicted", "recall", "error_rate"),
    [([[]], [[]], np.nan, np.nan), ([[(0, 1, "a")]], [[]], 0, 1), ([pd.DataFrame()], [[(0, 1, "a")]], np.nan, np.nan)],
)
def test_empty_tables(true, predicted, recall, error_rate):
    micro = event_scores(true, predicted).loc["(micro)", ["recall", "error_rate"]]
    assert micro.tolist() == pytest.approx([recall, error_rate], nan_ok=True)


def test_recordings_are_paired_by_their_paths():
    frames = [
        pd.DataFrame([(f"clip{k}.wav", *row) for k, table in enumerate(y) for row in table],
                     columns=["path", "start", "end", "label"])
        for y in (TRUE, PREDICTED)
    ]  # fmt: skip
    shuffled = frames[1].iloc[[*range(5, 10), *range(5)]]
    pd.testing.assert_frame_equal(event_scores(frames[0], shuffled), event_scores(TRUE, PREDICTED))
    only_one = event_scores(frames[0], shuffled.iloc[:5])
    pd.testing.assert_frame_equal(only_one, event_scores(TRUE, [[], PREDICTED[1]]))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"y_pred": [[]]}, ValueError, "y_pred holds 1 tables of events, and there are 2 clips"),
        ({"y_pred": pd.DataFrame()}, TypeError, "y_true is list and y_pred DataFrame"),
        ({"labels": ["a"]}, ValueError, r"y_true\[0\]: row 1 has the label 'b', which is none of 'a'"),
        ({"y_true": [], "y_pred": []}, ValueError, "hold no clip"),
        ({"labels": ["a", "b", "a"]}, ValueError, "labels=.* must be different labels, each text or a number"),
        ({"labels": ["a", "b", np.nan]}, ValueError, "labels=.* must be different labels, each text or a number"),
        ({"labels": [["a", "b"]]}, ValueError, "labels=.* must be different labels"),
        ({"labels": ["a", "b", "(micro)"]}, ValueError, r"'\(micro\)' is a row of the scores, and cannot be a label"),
        ({"y_pred": [[], [(0, 1, "(macro)")]]}, ValueError, r"'\(macro\)' is a row of the scores"),
        ({"y_pred": [[], [(0, 1, 2)]]}, ValueError, "both text and numbers"),
        ({"collar": 0}, ValueError, "collar"),
        ({"offset_ratio": 1.5}, ValueError, "offset_ratio"),
        ({"matching": "first"}, ValueError, "matching"),
        ({"onset": False, "offset": False}, ValueError, "onset and offset are both False"),
    ],
)
def test_what_is_wrong_is_named(options, error, words):
    with pytest.raises(error, match=words):
        event_scores(**({"y_true": TRUE, "y_pred": PREDICTED} | options))
