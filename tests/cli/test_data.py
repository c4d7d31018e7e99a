"""Tables, wherever a folder is taken."""

import json

import numpy as np
import pandas as pd
import pytest

import sklaudio
from sklaudio.cli import _main as cli

from ..tones import PITCHES, write_tone

QUICK = ["--model", "gru", "--epochs", "1", "--jobs", "1", "--set", "hidden_size=8", "--set", "num_layers=1"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Six clips of three voices for each class, in a folder "audio" beside their table."""
    monkeypatch.chdir(tmp_path)
    rows = []
    for label, pitch in PITCHES.items():
        for k in range(6):
            name = f"voice{k % 3}-{label}-{k}.wav"
            write_tone(tmp_path / "audio" / name, pitch, 0.2 + 0.02 * k)
            rows.append({"filename": name, "fold": k % 3, "target": 7, "category": label, "speaker": f"v{k % 3}"})
    pd.DataFrame(rows).to_csv("meta.csv", index=False)
    return tmp_path


def table(**columns):
    """Write the table with other columns."""
    frame = pd.read_csv("meta.csv").assign(**columns)
    frame.to_csv("other.csv", index=False)
    return "other.csv"


def test_columns_are_guessed_and_said_and_folds_score(folder, capsys):
    assert cli.main(["train", "meta.csv", "--root", "audio", "-o", "m.skops", *QUICK]) == 0
    out, err = capsys.readouterr()
    assert err == (
        "sklaudio train: meta.csv: taken as --path filename --label category --group speaker --fold fold --task class\n"
    )
    first, second, _ = out.splitlines()
    assert "over 3 folds" in first
    assert first.endswith("18 clips of 3 groups)")
    assert second.startswith("trained gru on all 18 clips of 3 classes in 3 groups")
    assert sorted(sklaudio.load("m.skops").classes_) == sorted(PITCHES)


def test_columns_are_given(folder, capsys):
    options = ["--path", "audio/{filename}", "--label", "category", "--group-by", r"(voice\d)", "--validate", "0.34"]
    assert cli.main(["train", "meta.csv", "-o", "m.skops", *QUICK, *options, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "sklaudio train: meta.csv: taken as --fold fold --task class\n"
    told = json.loads(out)
    assert told["n_groups"] == 3
    assert len(told["held_out"]["accuracies"]) == 1


def test_files_that_cannot_be_read_are_left_out_of_the_folds(folder, capsys):
    (folder / "audio" / "voice0-low-0.wav").write_text("words")
    assert cli.main(["train", "meta.csv", "--root", "audio", "-o", "m.skops", *QUICK, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["held_out"]["n_clips"], len(told["unreadable"])) == (17, 1)


def test_evaluate_report_and_check(folder, model, capsys):
    given = ["--root", "audio", "--path", "filename", "--label", "category"]
    assert cli.main(["evaluate", model, "meta.csv", *given, "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["n_clips"], err) == (18, "")
    assert cli.main(["report", model, "meta.csv", *given, "--group", "speaker", "-o", "r.html"]) == 0
    assert "of 18 clips right" in capsys.readouterr().out
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert "--group speaker" in page
    assert cli.main(["check", "meta.csv", *given, "--no-near"]) in (0, 1)
    assert "in 18 clips" in capsys.readouterr().out
    frame = pd.read_csv("meta.csv")[["filename"]]
    frame.to_csv("files.csv", index=False)
    assert cli.main(["check", "files.csv", "--root", "audio", "--no-near"]) in (0, 1)


def test_compare(folder, capsys):
    options = ["--models", "majority,mfcc-logistic", "--sr", "8000", "--json"]
    assert cli.main(["compare", "meta.csv", "--root", "audio", *options]) == 0
    assert json.loads(capsys.readouterr().out)["folds"] == 3
    assert cli.main(["compare", "meta.csv", "--root", "audio", *options, "--folds", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["folds"] == 2


def test_classes_that_are_numbers_become_text(folder, capsys):
    numbers = np.repeat(range(len(PITCHES)), 6)
    options = ["--root", "audio", "--label", "number", "--validate", "0"]
    assert cli.main(["train", table(number=numbers), "-o", "m.skops", *QUICK, *options]) == 0
    assert sklaudio.load("m.skops").classes_.tolist() == ["0", "1", "2"]


@pytest.mark.skipif(not hasattr(sklaudio.audio, "Clip"), reason="Clip(path, start, end) is not there yet")
def test_parts_of_files(folder, model, capsys):
    spans = ["--start", "from", "--end", "to", "--root", "audio", "--path", "filename", "--label", "category"]
    begin = np.tile([0, 0.05, 0.1], 6)
    parts = table(**{"from": begin, "to": begin + 0.1})
    assert cli.main(["train", parts, "-o", "m.skops", *QUICK, *spans, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["held_out"]["n_clips"] == 18
    assert cli.main(["evaluate", model, parts, *spans, "--csv"]) == 0
    assert "voice1-low-1.wav[0.05:0.15" in capsys.readouterr().out
    assert cli.main(["report", model, parts, *spans, "-o", "r.html"]) == 0
    assert cli.main(["check", parts, *spans, "--no-near", "--min-duration", "0.2"]) == 1
    assert "in 18 clips: 18 short" in capsys.readouterr().out
    assert cli.main(["compare", parts, *spans, "--models", "majority,mfcc-logistic", "--sr", "8000"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "audio", "--path", "filename"], "--path: of a table, and audio is a folder"),
        (["train", "audio", "-o", "m", "--fold", "fold"], "--fold: of a table, and audio is a folder"),
        (["train", "meta.csv", "-o", "m", "--group", "speaker", "--group-by", "x"], "--group and --group-by: give one"),
        (
            ["train", "meta.csv", "-o", "m", "--fold", "fold", "--root", "audio", "--validate", "3"],
            "Leave out --validate",
        ),
        (
            ["compare", "meta.csv", "--fold", "fold", "--root", "audio", "--folds", "3"],
            "Leave out --validate or --folds",
        ),
        (["check", "nowhere.csv"], "'nowhere.csv' is no folder, and no table"),
        (["check", "audio/voice0-low-0.wav"], "is neither a folder nor a table"),
        (["evaluate", "MODEL", "bare.csv"], "bare.csv: which column is it? Give --path, one of a, b"),
        (
            ["train", "meta.csv", "-o", "m", "--root", "audio", "--label", "value", "--task", "class"],
            "holds numbers, not classes",
        ),
    ],
)
def test_wrong_use(arguments, told, folder, model, capsys):
    pd.read_csv("meta.csv").assign(value=0.5).to_csv("meta.csv", index=False)
    (folder / "bare.csv").write_text("a,b\n1,2\n")
    arguments = [model if argument == "MODEL" else argument for argument in arguments]
    try:
        code = cli.main(arguments)
    except SystemExit as error:
        code = error.code
    assert code == 2
    assert told in capsys.readouterr().err
    assert not (folder / "m").exists()


def test_columns_that_are_missing_and_files(folder, capsys):
    assert cli.main(["check", "meta.csv", "--path", "file"]) == 1
    assert "the table has no such column. It has filename, fold, target" in capsys.readouterr().err
    assert cli.main(["check", "meta.csv"]) == 1
    assert "18 of 18 files are missing" in capsys.readouterr().err


def test_the_only_column_left_is_the_label(folder, capsys):
    frame = pd.read_csv("meta.csv")[["filename", "fold", "speaker", "category"]]
    frame.rename(columns={"category": "what it is"}).to_csv("left.csv", index=False)
    assert cli.main(["compare", "left.csv", "--root", "audio", "--models", "majority", "--jobs", "1"]) == 0
    assert "--path filename --group speaker --fold fold --label 'what it is' --task class" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"one": 1, "two": 2}, "Give --label, one of one, two (see"),
        ({"tags": "a;b"}, "Give --label, one of tags, and --sep, such as --sep ';', if a clip has several (see"),
    ],
)
def test_a_label_that_is_not_sure_is_asked_for(folder, capsys, columns, message):
    pd.read_csv("meta.csv")[["filename", "speaker"]].assign(**columns).to_csv("left.csv", index=False)
    assert cli.main(["compare", "left.csv", "--root", "audio", "--models", "majority"]) == 2
    assert message in capsys.readouterr().err


def test_whole_numbers_are_classes_also_written_as_floats(folder, capsys):
    data = table(rating=pd.read_csv("meta.csv")["fold"].astype(float))
    columns = ["--root", "audio", "--label", "rating", "--group", "filename", "--models"]
    assert "1.0" in (folder / data).read_text()
    assert cli.main(["compare", data, *columns, "majority", "--jobs", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["classes"] == ["0", "1", "2"]
    assert "--task class (whole numbers; --task regression predicts them as numbers)" in err
    assert cli.main(["compare", data, *columns, "mean", "--task", "regression", "--jobs", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"] == ["rating"]
