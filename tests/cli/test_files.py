"""What commands are given: lists of files, and standard input."""

import csv
import io
import json
import os
import sys

import numpy as np
import pandas as pd
import pytest

from sklaudio.cli import _main as cli
from sklaudio.cli._command import WrongUseError
from sklaudio.cli._files import clips_meant

from ..terminal import at_terminal
from ..tones import write_tone


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three files in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name, pitch in [("low", 200), ("high\n ", 3000), ("a[1]", 800)]:
        write_tone(tmp_path / "in" / f"{name}.wav", pitch, 0.2)
    return tmp_path


def test_lines_of_a_list_are_paths_as_they_stand(folder):
    (folder / "list").write_bytes(b"\xef\xbb\xbfin/low.wav\r\n\n  \nin/a[1].wav\nlost*.wav\nin/low.wav\n\xff.wav")
    expected = ["in/low.wav", "in/a[1].wav", "lost*.wav", os.fsdecode(b"\xff.wav")]
    assert clips_meant(None, "list") == {path: path for path in expected}
    assert list(clips_meant(["in/a*.wav", "in/low.wav"], "list")) == ["in/a[1].wav", "in/low.wav", *expected[2:]]


def test_paths_of_a_list_may_end_with_nulls(folder):
    (folder / "list").write_bytes(b"in/low.wav\0in/high\n .wav\0\0")
    assert list(clips_meant(None, "list", null=True)) == ["in/low.wav", "in/high\n .wav"]
    with pytest.raises(ValueError, match=r"list: its paths end with a null, not with a line\. Add --null"):
        clips_meant(None, "list")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None,), "give a FILE, or a list with --files-from"),
        ((["in"], None, True), "--null is about a list"),
        ((["-"], "-"), r"standard input is a list \(--files-from -\) or a recording \(-\), not both"),
    ],
)
def test_what_does_not_go_together_is_wrong_use(arguments, message):
    with pytest.raises(WrongUseError, match=message):
        clips_meant(*arguments)


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_a_list_of_nothing_is_an_error(content, folder):
    (folder / "list").write_text(content)
    with pytest.raises(ValueError, match="list: there is no path in it"):
        clips_meant(None, "list")


@pytest.mark.parametrize(("name", "message"), [("lost", "there is no file 'lost'"), ("in", "'in' is a folder")])
def test_a_list_that_is_none_is_wrong_use(name, message, folder, model, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["predict", model, "--files-from", name])
    assert message in capsys.readouterr().err


def test_a_list_comes_from_standard_input(folder, model, monkeypatch, capfd):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"in/low.wav\0in/high\n .wav\0")))
    assert cli.main(["predict", model, "--files-from", "-", "-0", "--jobs", "-1", "--csv"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    rows = list(csv.reader(io.StringIO(out, newline="")))
    assert [row[:2] for row in rows] == [["path", "label"], ["in/low.wav", "low"], ["in/high\n .wav", "high"]]


def test_a_recording_comes_from_standard_input(folder, model, monkeypatch, capsys):
    low = (folder / "in" / "low.wav").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(low)))
    assert cli.main(["predict", model, "-", "in/a[1].wav", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [(row["path"], row["label"]) for row in json.loads(out)] == [("-", "low"), ("in/a[1].wav", "middle")]
    assert err == ""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"words")))
    assert cli.main(["predict", model, "-"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sklaudio predict: -: this is not an audio file")


def test_nobody_types_a_recording(model):
    code, seen = at_terminal(["predict", model, "-"])
    assert code == 2
    assert seen.startswith("sklaudio predict: - reads a recording from standard input: pipe one in")


def test_a_file_is_written_whole_or_not_at_all(folder, model, monkeypatch, capsys):
    assert cli.main(["predict", model, "in", "--csv"]) == 0
    printed = capsys.readouterr().out
    assert cli.main(["predict", model, "in", "--csv", "-o", "out.csv"]) == 0
    assert capsys.readouterr().out == ""
    with open("out.csv", newline="") as file:
        assert file.read() == printed

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    assert cli.main(["predict", model, "in/low.wav", "--jsonl", "-o", "out.csv"]) == 130
    assert sorted(os.listdir(".")) == ["in", "out.csv"]
    with open("out.csv", newline="") as file:
        assert file.read() == printed


def test_lines_of_json_and_a_table_hold_what_the_array_does(folder, model, capsys):
    assert cli.main(["predict", model, "in", "lost.wav", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert cli.main(["predict", model, "in", "lost.wav", "--jsonl"]) == 1
    assert list(map(json.loads, capsys.readouterr().out.splitlines())) == rows
    pytest.importorskip("pyarrow")
    assert cli.main(["predict", model, "in", "lost.wav", "--parquet", "-o", "out.parquet"]) == 1
    table = pd.read_parquet("out.parquet")
    assert table["path"].tolist() == [row["path"] for row in rows]
    assert table["label"].tolist()[:3] == [row["label"] for row in rows[:3]]
    assert table["error"].tolist()[3] == rows[3]["error"]
    assert table.iloc[3, 1:-1].isna().all()
    np.testing.assert_allclose(table["p(low)"][:3], [row["probabilities"]["low"] for row in rows[:3]], atol=1e-6)


@pytest.mark.parametrize("command", [["predict", "MODEL"], ["embed"]])
def test_without_pyarrow_the_extra_is_named_before_any_work(command, folder, model, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    arguments = [model if word == "MODEL" else word for word in command]
    assert cli.main([*arguments, "in", "--parquet", "-o", "out.parquet"]) == 1
    assert "--parquet takes pyarrow, which is not installed: pip install 'sklaudio[parquet]'" in capsys.readouterr().err
    assert os.listdir(".") == ["in"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["in", "--resume"], "--resume takes --out FILE and one of --csv and --jsonl"),
        (["in", "--resume", "--json", "-o", "x"], "--resume takes --out FILE and one of"),
        (["-", "--resume", "--csv", "-o", "x"], "standard input has none"),
    ],
)
def test_what_cannot_be_gone_on_with_is_wrong_use(wrong, message, folder, model, capsys):
    assert cli.main(["predict", model, *wrong]) == 2
    assert message in capsys.readouterr().err
    assert os.listdir(".") == ["in"]
