"""Predictions as text, CSV and JSON."""

import csv
import io
import json

import pytest

from sklaudio.cli._texts.class_predictions import as_csv, as_table, as_text
from sklaudio.cli._texts.json_predictions import as_json
from sklaudio.predict import FilePrediction

SURE = FilePrediction("a.wav", "rock", {"blues": 0.02, "folk\n": 0.0812345678, "rock": 0.8987654322}, None)
LONG = FilePrediction("somewhere/b.wav", "blues", {"blues": 1.0, "folk\n": 0.0, "rock": 0.0}, None)
BAD = FilePrediction("c\r\n.wav", None, None, "c\r\n.wav: nothing in it")
PLAIN = FilePrediction("d,.wav", 3, None, None)
CLASSES = ["blues", "folk\n", "rock"]


def text(*predictions, paths=None, **options):
    return "".join(as_text(predictions, paths or [prediction.path for prediction in predictions], CLASSES, **options))


def test_text_is_a_line_for_each_prediction_in_columns():
    assert text(SURE, BAD, LONG).splitlines() == [
        "a.wav            rock   0.899  folk\\n 0.081  blues  0.020",
        "somewhere/b.wav  blues  1.000  folk\\n 0.000  rock   0.000",
    ]


@pytest.mark.parametrize(("top", "n_shown"), [(1, 1), (2, 2), (99, 3)])
def test_text_shows_the_most_probable(top, n_shown):
    assert text(SURE, top=top).count("0.") == n_shown


def test_text_of_a_model_without_probabilities_is_the_label():
    assert text(PLAIN) == "d,.wav  3\n"


def test_letters_of_two_columns_and_of_none_keep_the_columns():
    wide, accent = SURE._replace(path="音.wav"), SURE._replace(path="e\u0301.wav")
    lines = text(wide, accent, SURE).splitlines()
    assert [line.index("rock") for line in lines] == [7, 9, 8]  # columns 8, 8, 8 of the terminal


def test_a_very_long_name_moves_its_own_line_only():
    lines = text(SURE, SURE._replace(path="x" * 200)).splitlines()
    assert lines[0].index("rock") == 62
    assert lines[1].index("rock") == 202


def test_csv_is_a_row_for_each_file():
    written = "".join(as_csv([SURE, BAD, LONG], CLASSES))
    assert list(csv.reader(io.StringIO(written))) == [
        ["path", "label", "probability", "p(blues)", "p(folk\n)", "p(rock)"],
        ["a.wav", "rock", "0.898765", "0.02", "0.081235", "0.898765"],
        ["c\r\n.wav", "", "", "", "", ""],
        ["somewhere/b.wav", "blues", "1.0", "1.0", "0.0", "0.0"],
    ]


def test_csv_of_a_model_without_probabilities_has_no_columns_for_them():
    written = "".join(as_csv([PLAIN], [3, 4], has_probabilities=False))
    assert written == 'path,label,probability\n"d,.wav",3,\n'


def test_a_table_has_no_error_where_there_is_none():
    table = as_table([SURE, BAD], CLASSES)
    assert table["error"].tolist()[1] == BAD.error
    assert table.isna().sum(axis=1).tolist() == [1, 5]  # an older pandas made the text "None" of no error


def test_json_is_an_array_with_an_object_in_each_line():
    written = "".join(as_json([SURE, BAD, PLAIN]))
    assert written.count("\n") == 5
    assert json.loads(written) == [
        {"path": "a.wav", "label": "rock", "probabilities": {"blues": 0.02, "folk\n": 0.081235, "rock": 0.898765}},
        {"path": "c\r\n.wav", "error": "c\r\n.wav: nothing in it"},
        {"path": "d,.wav", "label": "3", "probabilities": None},
    ]


def test_json_has_names_that_are_not_utf8():
    assert json.loads("".join(as_json([PLAIN._replace(path="\udcff.wav")])))[0]["path"] == "\udcff.wav"
