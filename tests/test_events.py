"""Tables of events: what they may be, and what is wrong with them."""

import numpy as np
import pandas as pd
import pytest

from sklaudio._events import check_annotations, check_events

ROWS = [(0.5, 1.0, "dog"), (2.0, 2.0, "car")]
FRAME = pd.DataFrame(ROWS, columns=["start", "end", "label"])


@pytest.mark.parametrize(
    "table",
    [
        ROWS,
        FRAME,
        FRAME.to_dict("list"),
        FRAME.astype(object).to_numpy(),
        FRAME.set_index(np.array([7, 7])).assign(note="x")[["note", "label", "end", "start"]],
        FRAME.astype({"start": str, "label": "category"}),
    ],
)
def test_tables_of_any_kind(table):
    (events,) = check_events([table])
    assert events.start.tolist() == [0.5, 2.0]
    assert events.end.tolist() == [1.0, 2.0]
    assert events.label.tolist() == ["dog", "car"]


@pytest.mark.parametrize("table", [[], {}, pd.DataFrame(), FRAME.iloc[:0], FRAME.iloc[:0, :1]])
def test_empty_tables(table):
    (events,) = check_events([table], durations=1)
    assert [len(values) for values in events] == [0, 0, 0, 0]
    assert events.start.dtype == float


def test_events_of_a_label_may_overlap():
    assert len(check_events([[(0, 2, "a"), (1, 3, "a")]], durations=[3])[0].start) == 2


@pytest.mark.parametrize(
    ("tables", "options", "words"),
    [
        ([ROWS], {"n_clips": 2}, "y holds 1 tables of events, and there are 2 clips"),
        ([[], FRAME.drop(columns="end")], {}, r"y\[1\]: there is no column 'end' among start, label"),
        ([[(0, None, "a")]], {}, r"y\[0\]: column 'end' has no value in row 0"),
        ([[(0, 1, "a"), (0, 1, "")]], {}, r"y\[0\]: column 'label' has no value in row 1"),
        ([[(0, 1, "a"), (1, 0.5, "a")]], {"name": "y_true"}, r"y_true\[0\]: end is not after start in row 1: 1 to 0.5"),
        ([[(-1, 1, "a")]], {}, r"y\[0\]: start is -1 s in row 0"),
        ([[(0, np.inf, "a")]], {}, r"y\[0\]: end is inf s in row 0"),
        ([FRAME.assign(start=pd.to_timedelta([0, 1], "s"))], {}, r"y\[0\]: the columns 'start' and 'end' must hold"),
        (
            [FRAME.assign(label=[["dog"], ["car"]])],
            {},
            r"y\[0\]: row 0 has the label \['dog'\], and takes",
        ),
        ([FRAME.set_axis(["start", "start", "label"], axis=1).assign(end=3)], {}, r"y\[0\], start=.*several columns"),
        ([[("now", 1, "a")]], {}, r"y\[0\]: the columns 'start' and 'end' must hold seconds, .*'now'"),
        ([[], ROWS], {"durations": [1, 1.5]}, r"y\[1\]: row 1 \(2 to 2 s\) is past the end of the clip, which has 1.5"),
        ([ROWS], {"durations": [1, 2]}, r"durations is of shape \(2,\), and there are 1 clips"),
        ([ROWS], {"durations": 0}, r"durations\[0\]=0.0 must be"),
        ([ROWS], {"durations": np.nan}, r"durations\[0\]=nan must be"),
        ([ROWS], {"classes": ["dog"]}, r"y\[0\]: row 1 has the label 'car', which is none of 'dog'"),
    ],
)
def test_what_is_wrong_is_named(tables, options, words):
    with pytest.raises(ValueError, match=words):
        check_events(tables, **options)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (FRAME, "y is DataFrame; it is a list of tables"),
        (ROWS, r"y\[0\] is \(0.5, 1.0, 'dog'\), not a table of events"),
        (["labels.txt"], r"y\[0\] is 'labels.txt', not a table of events"),
        (None, "y is NoneType; it is a list of tables"),
        ([[(0, 1)]], r"y\[0\] is \[\(0, 1\)\], not a table of events"),
        ([{"start": 0, "end": 1, "label": "a"}], r"y\[0\] is \{'start': 0.*not a table of events"),
        ([3], r"y\[0\] is 3, not a table of events"),
    ],
)
def test_what_is_no_table_is_named(tables, words):
    with pytest.raises(TypeError, match=words):
        check_events(tables)


def test_annotations_are_taken_apart():
    annotations = pd.concat([FRAME.assign(path="b.wav"), FRAME.assign(path="a.wav"), FRAME.assign(path="b.wav")])
    annotations.attrs["recordings"] = ["b.wav", "c.wav"]
    tables = check_annotations(annotations)
    assert {path: events.row.tolist() for path, events in tables.items()} == {
        "b.wav": [0, 1, 4, 5], "a.wav": [2, 3], "c.wav": [],
    }  # fmt: skip
    assert list(check_annotations(annotations, durations={"d.wav": 1, "a.wav": 9, "b.wav": 9})) == [
        "b.wav", "a.wav", "d.wav",
    ]  # fmt: skip
    assert check_annotations(pd.DataFrame(), durations={"d.wav": 1})["d.wav"].start.shape == (0,)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"durations": {"b.wav": 9}}, ValueError, "durations has none of 'a.wav'"),
        (
            {"durations": {"a.wav": 1, "b.wav": 9}},
            ValueError,
            r"row 3 \(2 to 2 s\) is past the end of a.wav",
        ),
        ({"durations": {"a.wav": -1, "b.wav": 9}}, ValueError, r"durations\['a.wav'\]=-1.0 must be"),
        ({"durations": 9}, TypeError, "durations is 9. .* dict of path to seconds"),
        ({"classes": ["car"]}, ValueError, "annotations: row 0 has the label 'dog'"),
        ({"annotations": FRAME}, ValueError, "without a column 'path'"),
    ],
)
def test_wrong_annotations_are_named(options, error, words):
    annotations = pd.concat([FRAME.assign(path="b.wav"), FRAME.assign(path="a.wav")])
    with pytest.raises(error, match=words):
        check_annotations(**({"annotations": annotations} | options))
