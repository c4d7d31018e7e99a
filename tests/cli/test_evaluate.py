"""``sklaudio evaluate``, as it is used."""

import csv
import io
import json
import shutil

import pytest
from sklearn.linear_model import RidgeClassifier

import sklaudio
from sklaudio.cli import _main as cli

from ..tones import PITCHES, tone_model, write_tone


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two clips of each class in the working directory; one in "low" sounds high."""
    monkeypatch.chdir(tmp_path)
    for label, pitch in PITCHES.items():
        for k in range(2):
            write_tone(tmp_path / "in" / label / f"{k}.wav", pitch)
    write_tone(tmp_path / "in" / "low" / "0.wav", PITCHES["high"])
    return tmp_path


def test_scores_classes_and_confusion_are_printed(folder, model, capsys):
    assert cli.main(["evaluate", model, "in"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0] == "accuracy  0.833  (95% interval 0.436 to 0.970; 5 of 6 clips correct)"
    assert lines[1].startswith("expected calibration error  0.")
    assert lines[3:7] == [
        "class   precision  recall     f1  clips  predicted",
        "high        0.667   1.000  0.800      2          3",
        "low         1.000   0.500  0.667      2          1",
        "middle      1.000   1.000  1.000      2          2",
    ]
    assert lines[8:] == [
        "true       1 2 3  <- predicted",
        "1 high     2 . .",
        "2 low      1 1 .",
        "3 middle   . . 2",
    ]


def test_unreadable_clips_and_unknown_classes_are_named(folder, model, capsys):
    (folder / "in" / "low" / "bad\n.wav").write_text("words")
    write_tone(folder / "in" / "hum" / "0.wav", 190)
    for file in (folder / "in" / "middle").iterdir():
        file.unlink()
    (folder / "in" / "middle").rmdir()
    assert cli.main(["evaluate", model, "in"]) == 1
    out, err = capsys.readouterr()
    bad, unknown, absent = err.splitlines()
    assert bad.startswith("sklaudio evaluate: in/low/bad\\n.wav: this is not an audio file")
    assert unknown == "sklaudio evaluate: the model does not know 'hum'; clips that count as wrong for it: 1"
    assert absent == "sklaudio evaluate: the model knows 'middle' too, and there is no folder of that name"
    assert "3 of 6 clips correct, 1 of them unreadable and counted as wrong" in out
    assert "- hum    . 1 . .\n" in out
    assert out.splitlines()[-1] == "columns without a row: 3 middle, 4 (unreadable)"


def test_json_is_one_object(folder, model, capsys):
    (folder / "in" / "low" / "bad.wav").write_text("words")
    assert cli.main(["evaluate", model, "in", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["accuracy"] == round(5 / 7, 6)
    assert (found["n_clips"], found["n_unreadable"]) == (7, 1)
    assert found["per_class"]["low"] == {
        "precision": 1.0,
        "recall": round(1 / 3, 6),
        "f1": 0.5,
        "n_clips": 3,
        "n_predicted": 1,
    }
    assert found["confusion"]["low"] == {"high": 1, "low": 1, "middle": 0, "(unreadable)": 1}
    predictions = {row["path"]: row for row in found["predictions"]}
    assert predictions["in/low/0.wav"]["label"] == "high"
    assert sum(predictions["in/low/0.wav"]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert set(predictions["in/low/bad.wav"]) == {"path", "true", "error"}


def test_what_is_undefined_is_a_hyphen_and_null(folder, model, capsys):
    """No clip is of middle, and it is never predicted."""
    shutil.rmtree(folder / "in" / "middle")
    assert cli.main(["evaluate", model, "in"]) == 0
    assert "middle          -       -      -      0          0\n" in capsys.readouterr().out
    assert cli.main(["evaluate", model, "in", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)  # no NaN
    middle = {"precision": None, "recall": None, "f1": None, "n_clips": 0, "n_predicted": 0}
    assert found["per_class"]["middle"] == middle


def test_csv_is_a_row_for_each_clip(folder, model, capsys):
    (folder / "in" / "low" / "bad\n.wav").write_text("words")
    assert cli.main(["evaluate", model, "in", "--csv"]) == 1
    out = capsys.readouterr().out
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(out))}
    assert list(rows["in/low/0.wav"])[:5] == ["path", "true", "label", "correct", "error"]
    assert rows["in/low/0.wav"]["correct"] == "False"
    assert float(rows["in/low/0.wav"]["p(high)"]) > 0.5
    assert rows["in/low/bad\n.wav"]["label"] == ""
    assert "not an audio file" in rows["in/low/bad\n.wav"]["error"]


def test_models_without_probabilities(folder, capsys):
    sklaudio.save(tone_model(RidgeClassifier()), "ridge.skops")
    assert cli.main(["evaluate", "ridge.skops", "in"]) == 0
    assert "calibration" not in capsys.readouterr().out
    assert cli.main(["evaluate", "ridge.skops", "in", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["calibration_error"] is None
    assert found["predictions"][0]["probabilities"] is None


def test_a_folder_that_the_model_knows_nothing_of_is_a_failure(folder, model, capsys):
    write_tone(folder / "others" / "hum" / "0.wav", 190)
    assert cli.main(["evaluate", model, "others"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "trained on none of the classes hum; its classes are high, low, middle" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("wrong", [["in"], ["nowhere.skops", "in"], ["M", "nowhere"], ["M", "in", "--json", "--csv"]])
def test_wrong_use_is_exit_code_2(folder, model, wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["evaluate", *(model if word == "M" else word for word in wrong)])
    assert capsys.readouterr().err.count("\n") == 1
