"""Numbers to predict: what they may be, and errors that name parameter and place."""

import numpy as np
import pandas as pd
import pytest
import torch

from sklaudio._utils.numbers import check_numbers


@pytest.mark.parametrize(
    "y",
    [
        [1, 2],
        [True, False],
        np.array([1, 2.5], dtype=object),
        pd.Series([1, 2], dtype="Int64"),
        pd.DataFrame({"a": [1, 2], "b": [0.5, 1]}),
        torch.tensor([[1.0], [2.0]]),
    ],
)
def test_numbers_of_any_kind_are_float64(y):
    found = check_numbers(y, "y")
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.asarray(y, dtype=float))


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([1, np.nan], r"^Input target contains NaN. The first is target\[1\]. Give each clip a number"),
        ([[1, 2], [3, np.inf]], r"^Input target contains infinity .* The first is target\[1, 1\]"),
        ([1, None], r"The first is target\[1\]"),
        (pd.DataFrame({"a": pd.array([1, None], dtype="Int64")}), r"The first is target\[1, 0\]"),
        (["1", "2"], r"^target holds text \('1'\), not numbers. Convert it before"),
        ([1, "two"], "^target holds text"),
        (np.array([1, "two"], dtype=object), r"^target holds text \('two'\)"),
        (pd.Series(pd.date_range("2020", periods=2)), "^target holds dates, not numbers"),
        ([[1, 2], [3]], "^target has rows of unequal length. Give each clip a number"),
        (np.zeros((2, 3, 4)), r"^target is of shape \(2, 3, 4\). Give each clip a number"),
        (3.0, r"^target is of shape \(\)"),
        (None, r"^target is of shape \(\)"),
        ([], "^target: Found array with 0 sample"),
        (np.zeros((3, 0)), "^target: Found array with 0 feature"),
        ([1 + 1j], "^target: Complex data not supported"),
    ],
)
def test_what_is_no_number_is_named(y, message):
    with pytest.raises(ValueError, match=message) as caught:
        check_numbers(y, "target")
    assert "\n" not in str(caught.value)


def test_missing_numbers_are_allowed_where_there_may_be_no_prediction():
    found = check_numbers([1, None, np.nan], "y_pred", ensure_all_finite="allow-nan")
    np.testing.assert_array_equal(found, [1, np.nan, np.nan])
