"""The benchmark of tags in mixtures, run small."""

import importlib
import json
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def tags(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("tags")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:y. no clip has the label", "ignore:Label not")
def test_both_tasks_are_scored(tags, tmp_path, capsys):
    sizes = ["--train-mixtures", "12", "--test-mixtures", "12", "--clips", "80", "--epochs", "1"]
    sizes += ["--seeds", "0", "1"]
    assert tags.main([*sizes, "--output", str(tmp_path), "--results", str(tmp_path / "page.md")]) == 0
    assert all(line.startswith("[synthetic]") for line in capsys.readouterr().out.splitlines())
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    assert list(results) == ["words", "notes"]
    for task in results.values():
        assert list(task["scores"]) == ["MFCCs + logistic regression", "CRNN", "chance"]
        assert all(len(scores) == 2 and 0 <= min(scores) <= max(scores) <= 1 for scores in task["scores"].values())
    page = (tmp_path / "page.md").read_text()
    assert "## [synthetic] Tags of mixtures: notes, 12 to train\n" in page
    assert "mean ± standard deviation over 2 seeds" in page


def test_an_encoder_is_a_row(tags):
    arguments = tags.parse(["--encoder", "google-speech"])
    names = list(tags.models(16000, 3.0, 0, arguments))
    assert names == ["MFCCs + logistic regression", "google-speech + logistic regression", "CRNN"]


def test_recordings_that_are_not_there_are_an_error_in_a_line(tags, tmp_path, capsys):
    assert tags.main(["--data-home", str(tmp_path), "--output", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("tags.py: Speech Commands is not in")
    assert error.count("\n") == 1
