"""Labels of one class for each clip: missing ones, mixed kinds and collections are named."""

import numpy as np
import pandas as pd
import pytest

from sklaudio._utils.labels import check_labels, class_count


@pytest.mark.parametrize("y", [["a", "b"], [1, 2], np.array(["a", "b"], dtype=object), pd.Series([True, False])])
def test_labels_of_one_kind_are_kept(y):
    assert check_labels(y).tolist() == list(y)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([np.nan, "a"], r"y_val\[0\] is missing \(nan\). Give every clip a label"),  # numpy makes it "nan"
        (["a", None], r"y_val\[1\] is missing \(None\)"),
        ([1.0, np.nan], r"y_val\[1\] is missing"),
        (pd.Series(["a", pd.NA], dtype="string"), r"y_val\[1\] is missing"),
        ([0, "a"], r"y_val holds both text \('a'\) and 0. Make all of one kind"),
        (np.array(["a", 0], dtype=object), "y_val holds both text"),
        ([{"a"}, {"b"}], r"y_val holds \{'a'\}, and a clip has one class. For several labels .*MultiLabelBinarizer"),
        ("ab", "y_val: y should be a 1d array.* Give each clip one class"),
        ({"a": 1}, "Give each clip one class"),
        (np.zeros((2, 3, 1)), "Labels of every frame are for nets themselves, and for EventDetector"),
        ([np.zeros((2, 3))] * 2, "Labels of every frame are for nets themselves"),
    ],
)
def test_what_is_no_label_is_named(y, message):
    with pytest.raises(ValueError, match=message):
        check_labels(y, "y_val")


def test_counts_are_by_weight():
    count = class_count(np.array(["a", "b", "c"]), np.array(["a", "c", "a", "z"]), [1, 2, 3, 9])
    assert count.tolist() == [4, 0, 2]
