"""Commands with a model of several labels and a table of such clips, as they are used."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

import sklaudio
from sklaudio.cli import _main as cli

from ...labels import label_model, write_mixtures
from ...tones import write_tone

TABLE = ["labels.csv", "--path", "path", "--label", "tones", "--sep", ";"]


@pytest.fixture(scope="module")
def labels_model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "labels.skops"
    sklaudio.save(label_model(), path)
    return str(path)


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_mixtures(tmp_path)


def test_scores_of_labels_and_averages_are_printed(table, labels_model, capsys):
    table["tones"] = table["tones"].replace("high; low", "high")
    table.to_csv("labels.csv", index=False)
    assert cli.main(["evaluate", labels_model, *TABLE]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    assert lines[0].startswith("mean average precision  0.")
    assert lines[1] == (
        "subset accuracy  0.857  (95% interval 0.487 to 0.974; all labels of 6 of 7 clips correct)"
    )  # fmt: skip
    assert lines[3:6] == [
        "label   precision  recall     f1     AP  ROC AUC  clips  predicted",
        "high        1.000   1.000  1.000  1.000    1.000      4          4",
        lines[5],
    ]
    assert lines[5].startswith("low         0.750   1.000  0.857  ")
    assert [line.split()[0] for line in lines[8:]] == ["micro", "macro"]


def test_what_cannot_be_read_and_what_one_side_lacks_is_named(table, labels_model, capsys):
    rows = table[~table["tones"].str.contains("low")]
    pd.concat([rows, pd.DataFrame({"path": ["bad.wav"], "tones": ["hum;high"]})]).to_csv("labels.csv", index=False)
    Path("bad.wav").write_text("words")
    assert cli.main(["evaluate", labels_model, *TABLE, "--json"]) == 1
    out, err = capsys.readouterr()
    bad, unknown, absent = err.splitlines()
    assert bad.startswith("sklaudio evaluate: bad.wav: this is not an audio file")
    assert unknown == "sklaudio evaluate: the model does not know 'hum', and predicts these of no clip"
    assert absent == "sklaudio evaluate: the model knows 'low' too, and no clip of labels.csv has these"
    found = json.loads(out)
    assert (found["n_clips"], found["n_unreadable"], found["subset_accuracy"]) == (4, 1, 0.75)
    assert found["per_label"]["high"]["recall"] == round(2 / 3, 6)
    assert found["per_label"]["low"]["recall"] is None
    assert set(found["averages"]) == {"micro", "macro"}
    assert found["unknown_labels"] == ["hum"]
    assert cli.main(["evaluate", labels_model, *TABLE]) == 1
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first.endswith("  (over the 3 clips that can be read)")
    assert second.endswith("all labels of 3 of 4 clips correct, 1 of them unreadable and counted as wrong)")
    assert found["predictions"][-1] == {"path": "bad.wav", "true": ["high", "hum"], "error": bad[19:]}
    assert found["predictions"][0]["labels"] == ["middle"]


def test_csv_has_the_labels_of_each_clip(table, labels_model, capsys):
    assert cli.main(["evaluate", labels_model, *TABLE, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["true"] for row in rows] == [text.replace("; ", ";") for text in table["tones"]]
    assert [row["labels"] for row in rows] == [row["true"] for row in rows]
    assert list(rows[0]) == ["path", "true", "labels", "correct", "error", "p(high)", "p(low)", "p(middle)"]


def test_files_are_predicted_and_gone_on_with(table, labels_model, capsys):
    files = table["path"].tolist()
    assert cli.main(["predict", labels_model, *files]) == 0
    assert capsys.readouterr().out.splitlines()[2].split(maxsplit=1)[1] == "low, middle"
    options = ["predict", labels_model, "--csv", "-o", "found.csv", "--resume"]
    assert cli.main([*options, *files[:2], "lost.wav"]) == 1
    assert cli.main([*options, *files, "lost.wav"]) == 1
    assert "found.csv has 3 of 8 files already" in capsys.readouterr().err
    found = pd.read_csv("found.csv").set_index("path")
    assert found.loc[files, "labels"].tolist() == [text.replace("; ", ";") for text in table["tones"]]
    assert found.loc["lost.wav"].isna().all()


def test_a_separator_is_of_labels_and_of_tables(table, model, labels_model, capsys):
    wrong = {
        "labels.csv: a model of several labels takes --sep, such as --sep ';'": [labels_model, *TABLE[:-2]],
        "the model tells several labels of each clip: give a table, and --sep": [labels_model, "folder"],
        "--sep: the model tells one class of each clip": [model, *TABLE],
        "--sep: of a table": [labels_model, "folder", "--sep", ";"],
    }
    write_tone(Path("folder/low/a.wav"), 200)
    for message, arguments in wrong.items():
        assert cli.main(["evaluate", *arguments]) == 2
        assert message in capsys.readouterr().err


def test_check_takes_clips_of_several_labels(table, capsys):
    table.assign(path=table["path"][0])[:1].to_csv("labels.csv", index=False)
    assert cli.main(["check", *TABLE]) == 0
    assert capsys.readouterr().out == "0 findings in 1 clips\n"
