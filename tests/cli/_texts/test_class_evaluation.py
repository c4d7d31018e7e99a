"""Scores of classes as text."""

import pandas as pd

from sklaudio.cli._texts import class_evaluation


def test_columns_of_numbered_classes_have_their_own_numbers():
    confusion = pd.DataFrame([[2, 0], [1, 13]], index=["0", "1"], columns=["0", "1"])
    assert list(class_evaluation._confusion_lines(confusion)) == [
        "true    0  1  <- predicted",
        "0       2  .",
        "1       1 13",
    ]
    more = confusion.assign(**{"2": 0})
    assert list(class_evaluation._confusion_lines(more))[-1] == "columns without a row: 2"
