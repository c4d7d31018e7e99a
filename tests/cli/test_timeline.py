"""``sklaudio timeline``, as it is used."""

import csv
import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sklaudio.cli import _main as cli

from ..tones import PITCHES, tone


@pytest.fixture
def recording(tmp_path, monkeypatch):
    """Three seconds low, two high, in the working directory."""
    monkeypatch.chdir(tmp_path)
    soundfile.write("long.wav", np.concatenate([tone(PITCHES["low"], 3.0), tone(PITCHES["high"], 2.0)]), 22050)
    return "long.wav"


@pytest.fixture
def timeline(model, recording, capsys):
    def timeline(*arguments):
        code = cli.main(["timeline", model, recording, "--window", "1", "--hop", "0.5", *arguments])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return out

    return timeline


def test_text_has_times_labels_and_probabilities(timeline):
    lines = timeline().splitlines()
    assert len(lines) == 9
    assert lines[0].split()[:3] == ["00:00.0", "00:01.0", "low"]
    assert lines[8].split()[:3] == ["00:04.0", "00:05.0", "high"]
    assert 0.5 < float(lines[8].split()[3]) <= 1
    merged = timeline("--merge", "--smoothing", "median", "--median-length", "3").splitlines()
    assert [line.split()[2] for line in merged] == ["low", "high"]
    assert timeline("--merge", "--smoothing", "viterbi", "--stay", "0.9").count("\n") == 2


def test_json_audacity_and_csv(timeline, model):
    found = json.loads(timeline("--json", "--merge"))
    assert (found["path"], found["window"], found["hop"]) == ("long.wav", 1.0, 0.5)
    assert [row["label"] for row in found["rows"]] == ["low", "high"]
    labels = timeline("--audacity").splitlines()
    assert [line.split("\t")[2] for line in labels] == ["low", "high"]
    assert labels[-1].split("\t")[1] == "5.000000"
    rows = list(csv.DictReader(io.StringIO(timeline("--csv"))))
    assert len(rows) == 9
    assert list(rows[0]) == ["start", "end", "label", "probability", "p(high)", "p(low)", "p(middle)"]
    assert rows[1]["start"] == "0.5"


def test_a_file_is_written_whole_or_not_at_all(timeline, model, recording, monkeypatch, capsys):
    assert timeline("--audacity", "-o", "labels.txt") == ""
    with open("labels.txt") as file:
        before = file.read()
    assert before.count("\n") == 2

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    assert cli.main(["timeline", model, recording, "-o", "labels.txt"]) == 130
    assert sorted(os.listdir(".")) == ["labels.txt", recording]
    with open("labels.txt") as file:
        assert file.read() == before


@pytest.mark.parametrize(
    "wrong",
    [
        ["--window", "0"],
        ["--hop", "x"],
        ["--smoothing", "mean"],
        ["--median-length", "4"],
        ["--stay", "1"],
        ["--json", "--csv"],
        ["-o", "nowhere/labels.txt"],
    ],
)
def test_wrong_use_is_exit_code_2(model, recording, wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["timeline", model, recording, *wrong])
    assert capsys.readouterr().err.count("\n") == 1


def test_failures_are_one_line(model, recording, capsys):
    for file in ("lost.wav", "."):
        assert cli.main(["timeline", model, file]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"sklaudio timeline: {file}")
        assert err.count("\n") == 1


def test_a_reader_that_has_seen_enough_is_no_error(model, recording):
    command = f"{sys.executable} -m sklaudio timeline '{model}' {recording} --hop 0.001 | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
