"""Segment-based scores: sed_eval's, and counts on a fine grid."""

import numpy as np
import pandas as pd
import pytest

from sklaudio.metrics import segment_scores

from .event_tables import PREDICTED, TRUE, random_tables

COLUMNS = [
    "f1", "precision", "recall", "error_rate", "substitution_rate", "deletion_rate", "insertion_rate", "accuracy",
    "balanced_accuracy", "sensitivity", "specificity",
]  # fmt: skip
SECONDS = {  # what sed_eval 0.2.1 gives for 8 s in segments of 1 s; of labels it has no substitutions
    "a": [0.8, 0.8, 0.8, 0.4, 0.0, 0.2, 0.2, 0.875, 0.8545454545454545, 0.8, 0.9090909090909091],
    "b": [0.875, 1.0, 0.7777777777777778, 0.2222222222222222, 0.0, 0.2222222222222222, 0.0, 0.875, 0.8888888888888888,
          0.7777777777777778, 1.0],
    "(micro)": [0.8461538461538461, 0.9166666666666666, 0.7857142857142857, 0.2857142857142857, 0.0,
                0.21428571428571427, 0.07142857142857142, 0.875, 0.8650793650793651, 0.7857142857142857,
                0.9444444444444444],
    "(macro)": [0.8375, 0.9, 0.788888888888889, 0.3111111111111111, 0.0, 0.2111111111111111, 0.1, 0.875,
                0.8717171717171717, 0.788888888888889, 0.9545454545454546],
}  # fmt: skip
QUARTERS = {  # and for segments of 0.25 s, each clip as long as its last event
    "a": [0.8, 0.7368421052631579, 0.875, 0.4375, 0.0, 0.125, 0.3125, 0.8541666666666666, 0.859375, 0.875, 0.84375],
    "(micro)": [0.7792207792207793, 0.7894736842105263, 0.7692307692307693, 0.358974358974359, 0.07692307692307693,
                0.15384615384615385, 0.1282051282051282, 0.8229166666666666, 0.8144399460188934, 0.7692307692307693,
                0.8596491228070176],
}  # fmt: skip


@pytest.mark.parametrize(
    ("options", "expected"), [({"durations": 8}, SECONDS), ({"time_resolution": 0.25}, QUARTERS)], ids=["1", "0.25"]
)
def test_scores_are_those_of_sed_eval(options, expected):
    table = segment_scores(TRUE, PREDICTED, **options)
    for row, values in expected.items():
        np.testing.assert_allclose(table.loc[row, COLUMNS].to_numpy(float), values, rtol=1e-13, err_msg=row)


def active(table, label, duration, n_fine):
    """Whether a label is active in each segment, by looking at each eighth of a second."""
    fine = np.zeros(8 * duration, dtype=bool)
    for start, end, name in table:
        if name == label:
            fine[int(8 * start) : int(8 * end)] = True
    return fine.reshape(-1, n_fine).any(axis=1)


def test_scores_are_those_of_a_fine_grid(rng):
    true, predicted = random_tables(rng, 6, 8), random_tables(rng, 6, 8)
    rolls = [
        np.stack([np.concatenate([active(table, label, 8, 4) for table in y]) for label in "abc"], axis=1)
        for y in (true, predicted)
    ]
    table = segment_scores(true, predicted, durations=8, time_resolution=0.5)
    n_false, n_missed = (rolls[1] & ~rolls[0]).sum(axis=1), (rolls[0] & ~rolls[1]).sum(axis=1)
    n_ref = rolls[0].sum()
    errors = [np.maximum(n_false, n_missed), np.minimum(n_false, n_missed), n_missed - n_false, n_false - n_missed]
    expected = [np.maximum(each, 0).sum() / n_ref for each in errors]
    np.testing.assert_allclose(table.loc["(micro)", COLUMNS[3:7]].to_numpy(float), expected)
    assert table.loc["(micro)", "accuracy"] == pytest.approx((rolls[0] == rolls[1]).mean())
    for label, is_true, is_predicted in zip("abc", *(roll.T for roll in rolls), strict=True):
        assert table.loc[label, "precision"] == pytest.approx(is_true[is_predicted].mean())
        assert table.loc[label, "recall"] == pytest.approx(is_predicted[is_true].mean())
        assert table.loc[label, "specificity"] == pytest.approx(1 - is_predicted[~is_true].mean())
        assert table.loc[label, ["n_ref", "n_sys"]].tolist() == [is_true.sum(), is_predicted.sum()]


def test_overlapping_events_of_a_label_are_active_once():
    apart = segment_scores([[(0, 3, "a")]], [[(0, 2, "a"), (1, 3, "a"), (1, 2, "a")]])
    assert apart.loc["a", ["f1", "n_ref", "n_sys"]].tolist() == [1, 3, 3]


def test_a_label_on_one_side_only_and_one_on_neither():
    table = segment_scores([[(0, 1, "a")]], [[(0, 2, "b")]], durations=[4], labels=["a", "b", "c"])
    assert table.loc["a", "error_rate"] == 1
    assert table.loc[["b", "c"], ["recall", "error_rate", "balanced_accuracy"]].isna().all(axis=None)
    assert table["specificity"].tolist() == pytest.approx([1, 0.5, 1, 9 / 11, 2.5 / 3])
    assert table.loc["(micro)", COLUMNS[3:7]].tolist() == [2, 1, 0, 1]


def test_clips_without_events_count_by_their_duration():
    assert segment_scores([[], []], [[], []], durations=[2, 3], labels=["a"]).loc["a", "accuracy"] == 1
    assert np.isnan(segment_scores([[]], [[]], labels=["a"]).loc["a", "accuracy"])
    spans = pd.DataFrame({"path": ["x.wav"], "start": [0.0], "end": [1.0], "label": ["a"]})
    durations = {"x.wav": 2, "y.wav": 8}
    table = segment_scores(spans, spans.iloc[:0], durations=durations)
    assert table.loc["a", ["accuracy", "specificity", "n_ref"]].tolist() == [0.9, 1, 1]
    with pytest.raises(ValueError, match=r"y_true: row 0 \(0 to 1 s\) is past the end of x.wav, which has 0.5 s"):
        segment_scores(spans, spans, durations=durations | {"x.wav": 0.5})


def test_what_is_a_little_past_the_end_is_left_out():
    table = segment_scores([[(0, 1.05, "a")]], [[(0.5, 1.05, "a")]], durations=1)
    assert table.loc["a", "n_ref"] == 1
    with pytest.raises(ValueError, match=r"y_pred\[0\]: row 0 \(0.5 to 2 s\) is past the end of the clip"):
        segment_scores([[]], [[(0.5, 2, "a")]], durations=1)
