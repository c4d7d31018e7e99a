"""``sklaudio compare`` and ``train --model auto``, as they are used."""

import json
import subprocess
import sys

import pytest

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.cli.compare import SUMMARIES, budget
from sklaudio.comparison import _candidates

from ..tones import PITCHES, write_tone


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Six clips of three speakers for each class, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for label, pitch in PITCHES.items():
        for k in range(6):
            write_tone(tmp_path / "in" / label / f"speaker{k % 3}-{k}.wav", pitch, 0.2 + 0.02 * k)
    return tmp_path


@pytest.mark.slow
def test_the_best_is_written_by_the_program_itself(folder):
    arguments = [
        "in",
        "--group-by",
        r"speaker(\d)",
        "--models",
        "majority,mfcc-logistic",
        "--folds",
        "3",
        "--jobs",
        "1",
    ]
    command = [sys.executable, "-m", "sklaudio", "compare", *arguments, "--budget", "10m", "--out", "best.skops"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["accuracy", "low", "high", "p_value", "log_loss", "seconds", "bytes"]
    assert [line.split()[0] for line in lines[2:4]] == ["mfcc-logistic", "majority"]
    assert lines[-1].startswith("mfcc-logistic fitted on all clips and written to best.skops (")
    files = [str(file) for file in sorted((folder / "in").rglob("*.wav"))]
    assert sklaudio.load("best.skops").score(files, [file.split("/")[-2] for file in files]) == 1.0


def test_json_is_one_object_and_what_cannot_be_read_is_left_out(folder, capsys):
    (folder / "in" / next(iter(PITCHES)) / "speaker0-bad.wav").write_text("words")
    arguments = ["compare", "in", "--models", "majority,mfcc-svm", "--folds", "2", "--jobs", "1", "--json"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert "speaker0-bad.wav: this is not an audio file" in err
    found = json.loads(out)
    assert (found["best"], found["out"], found["folds"]) == ("mfcc-svm", None, 2)
    assert [row["model"] for row in found["models"]] == ["mfcc-svm", "majority"]
    assert found["models"][0]["log_loss"] is None
    assert [name.split("/")[-1] for name in found["unreadable"]] == ["speaker0-bad.wav"]
    assert found["classes"] == sorted(PITCHES)


def test_train_takes_the_best(folder, capsys):
    arguments = ["train", "in", "-o", "best.skops", "--model", "auto", "--budget", "0.001s", "--validate", "3"]
    assert cli.main([*arguments, "--card", "card.md", "--jobs", "1", "--group-by", r"speaker(\d)"]) == 0
    assert "## Models compared" in (folder / "card.md").read_text(encoding="utf-8")
    out = capsys.readouterr().out
    assert "majority fitted on all clips and written to best.skops" in out
    assert out.count("the budget of 0.001 s was spent") == len(_candidates.auto_names()) - 1
    assert len(sklaudio.load("best.skops").classes_) == len(PITCHES)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("0.5m", 30)])
def test_times_have_units(text, seconds):
    assert budget(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "10x", "-3m", "0", "nan"])
def test_what_is_no_time_is_wrong_use(text, folder, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["compare", "in", f"--budget={text}"])
    assert "--budget" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["compare", "in", "--models", "forest"], "--models: there is no 'forest'"),
        (["train", "in", "-o", "x.skops", "--budget", "3m"], "--budget is an option of --model auto alone"),
        (["train", "in", "-o", "x.skops", "--model", "auto", "--epochs", "3"], "--epochs: no options of --model auto"),
        (["train", "in", "-o", "x.skops", "--model", "auto", "--validate", "0"], "--validate 0 leaves"),
    ],
)
def test_wrong_use_is_named_before_anything_is_read(folder, capsys, arguments, message):
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_names_in_the_help_are_those_there_are():
    assert tuple(dict.fromkeys(name for names in _candidates.SUMMARIES_OF.values() for name in names)) == SUMMARIES


def test_folds_are_as_many_as_groups_where_these_are_few(folder, capsys):
    arguments = ["compare", "in", "--group-by", r"speaker(\d)", "--models", "majority", "--jobs", "1", "--json"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["folds"] == 3
    assert err == "sklaudio compare: 3 groups, so --folds 3\n"
    assert cli.main([*arguments, "--folds", "4"]) == 1  # what is asked for is not changed
    assert "groups" in capsys.readouterr().err
