"""Predictions of several labels as text, CSV, JSON and a table."""

import csv
import io
import json

from sklaudio.cli._texts.json_predictions import as_json_lines
from sklaudio.cli._texts.label_predictions import as_csv, as_table, as_text
from sklaudio.predict import FileLabels

TWO = FileLabels("a.wav", ("dog\n", "owl"), {"cat": 0.0212345678, "dog\n": 0.9, "owl": 0.8}, None)
NONE = FileLabels("some/b.wav", (), {"cat": 0.1, "dog\n": 0.2, "owl": 0.3}, None)
BAD = FileLabels("c\n.wav", None, None, "c\n.wav: nothing in it")
FOUND, LABELS = [TWO, NONE, BAD], ["cat", "dog\n", "owl"]


def test_text_is_a_line_for_each_prediction():
    lines = list(as_text(FOUND, [row.path for row in FOUND], LABELS))
    assert lines == ["a.wav       dog\\n, owl\n", "some/b.wav  (none)\n"]


def test_csv_is_a_row_for_each_file():
    assert list(csv.reader(io.StringIO("".join(as_csv(FOUND, LABELS)), newline=""))) == [
        ["path", "labels", "p(cat)", "p(dog\n)", "p(owl)"],
        ["a.wav", "dog\n;owl", "0.021235", "0.9", "0.8"],
        ["some/b.wav", "", "0.1", "0.2", "0.3"],
        ["c\n.wav", "", "", "", ""],
    ]


def test_json_has_lists():
    two, none, bad = map(json.loads, as_json_lines(FOUND))
    assert two == {
        "path": "a.wav",
        "labels": ["dog\n", "owl"],
        "probabilities": {"cat": 0.021235, "dog\n": 0.9, "owl": 0.8},
    }
    assert none["labels"] == []
    assert bad == {"path": "c\n.wav", "error": "c\n.wav: nothing in it"}


def test_tables_have_the_columns_of_csv_and_errors():
    table = as_table(FOUND, LABELS)
    assert table.columns.tolist() == ["path", "labels", "p(cat)", "p(dog\n)", "p(owl)", "error"]
    assert table["labels"].tolist()[:2] == ["dog\n;owl", ""]
    assert table.isna().sum(axis=1).tolist() == [1, 1, 4]
