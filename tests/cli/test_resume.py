"""Predictions of long lists: killed and started again, no line is missing, twice or half."""

import fcntl
import json
import os

import pytest

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.cli._resume import resumed

from ..killing import kill_at_random
from ..tones import write_tone

HEADER = "path,label,probability,p(high),p(low)\n"


def is_of_model(row):
    return row.get("probabilities") is None or list(row["probabilities"]) == ["high", "low"]


CSV = [HEADER, "a.wav,low,0.9,0.1,0.9\n", '"b\n""c"", d\r\n.wav",,,,\n', "e.wav,high,0.6,0.6,0.4\n"]
JSON = [
    json.dumps(row) + "\n"
    for row in (
        {"path": "a.wav", "label": "low", "probabilities": {"high": 0.1, "low": 0.9}},
        {"path": 'b\n"c", d\r\n.wav', "error": "why"},
        {"path": "e.wav", "label": "high", "probabilities": {"high": 0.6, "low": 0.4}},
    )
]
NAMES = {"a.wav": False, 'b\n"c", d\r\n.wav': True, "e.wav": False}


@pytest.mark.parametrize(("header", "lines"), [(HEADER, CSV), ("", JSON)], ids=["csv", "jsonl"])
def test_what_is_not_whole_is_cut_off_wherever_it_ends(header, lines, tmp_path):
    file, whole = tmp_path / "out", "".join(lines).encode()
    for n_bytes in range(len(whole) + 1):
        file.write_bytes(whole[:n_bytes])
        with resumed(str(file), header, is_of_model) as (write, done):
            begin = file.read_bytes()
            write("next\n")
        n_lines = max(n for n in range(len(lines) + 1) if len("".join(lines[:n]).encode()) <= n_bytes)
        assert begin == "".join(lines[: max(n_lines, bool(header))]).encode()
        assert done == dict(list(NAMES.items())[: n_lines - (bool(header) and n_lines > 0)])
        assert file.read_bytes() == begin + b"next\n"


@pytest.mark.parametrize(
    ("header", "content"),
    [
        (HEADER, "words"),
        (HEADER, "path,label,probability,p(high),p(middle)\na.wav,low,0.9,0.1,0.9\n"),
        (HEADER, HEADER + "a.wav,low\n" + "b.wav,low,0.9,0.1,0.9\n"),
        (HEADER, HEADER + "\0" * 40 + "\n"),
        (HEADER, JSON[0]),
        ("", "words"),
        ("", HEADER),
        ("", "3\n"),
        ("", '{"label": "low"}\n'),
        ("", JSON[0].replace("high", "middle")),
    ],
)
def test_a_file_of_something_else_is_left_as_it_is(header, content, tmp_path):
    (tmp_path / "out").write_text(content)
    with (
        pytest.raises(ValueError, match=r"out holds something else than predictions of this model"),
        resumed(str(tmp_path / "out"), header, is_of_model),
    ):
        pass
    assert (tmp_path / "out").read_text() == content


def test_two_do_not_write_to_one_file(tmp_path):
    with open(tmp_path / "out", "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with (
            pytest.raises(BlockingIOError, match=r"out: another sklaudio predict"),
            resumed(str(file.name), "", is_of_model),
        ):
            pass


@pytest.fixture
def many(tmp_path, monkeypatch):
    """Two hundred files and a faulty one, in the working directory."""
    monkeypatch.chdir(tmp_path)
    first = write_tone(tmp_path / "in" / "000.wav", 200, 0.1)
    for k in range(1, 200):
        os.link(first, f"in/{k:03d}.wav")
    os.unlink("in/100.wav")
    (tmp_path / "in" / "100.wav").write_text("words")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_killed_and_started_again_it_goes_on(form, many, model, capfd):
    arguments = ["predict", model, "in", f"--{form}", "--jobs", "1", "-o"]
    assert cli.main([*arguments, "whole"]) == 1
    resuming = [*arguments, "out", "--resume"]

    def n_bytes():
        return os.path.getsize("out") if os.path.exists("out") else 0

    n_killed = kill_at_random(cli.main, (resuming,), n_kills=5, longest=0.02, progress=n_bytes)
    assert n_killed > 1
    with open("out") as file:
        n_before = file.read().count("\n")
    assert 0 < n_before < 200
    capfd.readouterr()
    assert cli.main(resuming) == 1
    with open("out", "rb") as file, open("whole", "rb") as whole:
        assert file.read() == whole.read()
    err = capfd.readouterr().err.splitlines()
    assert err[0].startswith("sklaudio predict: out has ")
    assert err[-1] == "sklaudio predict: 1 of 200 files cannot be predicted"
    assert cli.main(resuming) == 1
    with open("out", "rb") as file, open("whole", "rb") as whole:
        assert file.read() == whole.read()
    assert capfd.readouterr().err.splitlines()[0] == "sklaudio predict: out has 200 of 200 files already"


def test_files_that_come_later_are_added(many, model, capsys):
    arguments = ["predict", model, "--csv", "-o", "out.csv", "--resume"]
    assert cli.main([*arguments, "in/001.wav"]) == 0
    assert capsys.readouterr().err == ""
    assert cli.main([*arguments, "in/000.wav", "in/001.wav", "in/002.wav"]) == 0
    with open("out.csv") as file:
        assert [line.split(",")[0] for line in file] == ["path", "in/001.wav", "in/000.wav", "in/002.wav"]
    sklaudio.save(sklaudio.load_pretrained("digits"), "other.skops")
    arguments[1] = "other.skops"
    assert cli.main([*arguments, "in/003.wav"]) == 1
    assert "out.csv holds something else" in capsys.readouterr().err
