"""``sklaudio timeline``, as it is used."""

import csv
import io
import json
import os
import subprocess
import sys
from glob import glob

import numpy as np
import pytest
import soundfile

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.datasets import load_annotations, load_table

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
    assert list(rows[0]) == ["path", "start", "end", "label", "probability", "p(high)", "p(low)", "p(middle)"]
    assert (rows[1]["path"], rows[1]["start"]) == ("long.wav", "0.5")


@pytest.fixture
def night(recording):
    """The recording, two more in a folder below, and one that is none."""
    for name, labels in {"night/one.wav": ["high", "low"], "night/late/two\n.wav": ["middle"]}.items():
        os.makedirs(os.path.dirname(name), exist_ok=True)
        soundfile.write(name, np.concatenate([tone(PITCHES[label], 2.0) for label in labels]), 22050)
    with open("night/bad.wav", "w") as file:
        file.write("words")


@pytest.fixture
def timelines(model, night, capsys):
    def timelines(*arguments):
        code = cli.main(["timeline", model, "--window", "1", "--hop", "1", "--merge", *arguments])
        return code, *capsys.readouterr()

    return timelines


def test_several_recordings_are_below_their_names(timelines):
    code, out, err = timelines("night", "long.wav")
    assert code == 1
    blocks = [block.splitlines() for block in out.split("\n\n")]
    assert [block[0] for block in blocks] == ["night/late/two\\n.wav", "night/one.wav", "long.wav"]
    assert [[line.split()[2] for line in block[1:]] for block in blocks] == [
        ["middle"],
        ["high", "low"],
        ["low", "high"],
    ]
    first, last = err.splitlines()
    assert first.startswith("sklaudio timeline: night/bad.wav: this is not an audio file")
    assert last == "sklaudio timeline: 1 of 4 recordings cannot be read"


def test_csv_of_several_is_a_table_of_clips(timelines, model):
    code, out, _ = timelines("night", "long.wav", "--csv")
    assert code == 1
    with open("spans.csv", "w", newline="") as file:
        file.write(out)
    clips = load_table("spans.csv", start="start", end="end", groups="path")
    assert clips.target.tolist() == ["middle", "high", "low", "low", "high"]
    assert sklaudio.load(model).predict(clips.data).tolist() == clips.target.tolist()


def test_json_of_several_is_an_array(timelines):
    code, out, err = timelines("night/*.wav", "--json")
    assert (code, err) == (1, "sklaudio timeline: 1 of 2 recordings cannot be read\n")
    bad, one = json.loads(out)
    assert bad["error"].startswith("night/bad.wav: this is not an audio file")
    assert (one["path"], [row["label"] for row in one["rows"]]) == ("night/one.wav", ["high", "low"])
    with open("list", "w") as file:
        file.write("long.wav\n")
    code, out, err = timelines("--files-from", "list", "--json")  # an array, however many there are
    assert (code, err, len(json.loads(out))) == (0, "", 1)


def test_each_recording_has_a_label_track_that_is_read_back(timelines):
    code, out, err = timelines("night", "--audacity", "-o", "labels/")
    assert (code, out, err.count("\n")) == (1, "", 2)
    tracks = sorted(glob("labels/**", recursive=True))
    assert tracks == ["labels/", "labels/late", "labels/late/two\n.wav.txt", "labels/one.wav.txt"]
    spans = load_annotations("labels/one.wav.txt", root="night")
    assert spans["label"].tolist() == ["high", "low"]
    assert spans[["start", "end"]].to_numpy().tolist() == [[0, 2], [2, 4]]
    assert timelines("long.wav", "--audacity", "-o", "labels") == (0, "", "")
    assert os.path.exists("labels/long.wav.txt")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["night", "--audacity"], "give a folder for them with --out"),
        (["night", "--audacity", "-o", "long.wav"], "--out long.wav is a file"),
        (["night", "--csv", "-o", "night"], "--out night is a folder"),
        (["-"], "standard input cannot be read in windows"),
        ([], "give a FILE"),
    ],
)
def test_what_cannot_be_written_is_wrong_use(timelines, wrong, message):
    code, out, err = timelines(*wrong)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_settings_that_are_wrong_for_all_are_said_once(timelines):
    code, out, err = timelines("night", "long.wav", "--hop", "0.00001")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "hop=1e-05 s is less than a sample" in err


def test_where_all_fail_nothing_is_written(timelines):
    assert timelines("night/bad.wav", "lost.wav", "--csv", "-o", "spans.csv")[0] == 1
    assert not os.path.exists("spans.csv")


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
    os.mkdir("void")
    for file in ("lost.wav", "void"):
        assert cli.main(["timeline", model, file]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"sklaudio timeline: {file}")
        assert err.count("\n") == 1


@pytest.mark.slow
def test_a_reader_that_has_seen_enough_is_no_error(model, recording):
    command = f"{sys.executable} -m sklaudio timeline '{model}' {recording} --hop 0.001 | head -n 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
