"""The benchmark of events in time, run small."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def events(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("events")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:y. no clip has the label")
def test_detectors_are_scored_on_both_tasks(events, tmp_path, capsys):
    sizes = ["--train-clips", "9", "--test-clips", "2", "--single-words", "12", "--epochs", "1", "--seeds", "0"]
    sizes += ["--clips", "80"]
    assert events.main([*sizes, "--output", str(tmp_path), "--results", str(tmp_path / "page.md")]) == 0
    assert all(line.startswith("[synthetic]") for line in capsys.readouterr().out.splitlines())
    results = json.loads((tmp_path / "results.json").read_text())["results"]
    assert list(results["words"]["scores"]) == [events.PLAIN, events.LEARNED, events.WINDOWS]
    assert list(results["soundscapes"]["scores"]) == [events.PLAIN, events.LEARNED]
    for task in results.values():
        for scores in task["scores"].values():
            assert all(0 <= f1 <= 1 for f1 in scores["event"] + scores["segment"])
    assert "\n### [synthetic] Events: words, 9 clips to train\n" in (tmp_path / "page.md").read_text()


def test_inner_folds_have_speakers_of_their_own(events):
    mixtures = importlib.import_module("lib.mixtures")
    arguments = events.parse(["--train-clips", "7", "--test-clips", "2"])
    parts = events.word_parts(mixtures.load_words(None, 120), 0, arguments)
    assert parts.train.clips.shape == (7, 48000)
    assert np.bincount(parts.groups).tolist() == [3, 2, 2]
    assert len(parts.test.events) == 2
    assert len(set(parts.sounds.groups)) == 8  # of 12 speakers


def test_true_events_have_the_highest_score(events):
    tables = [[(0.5, 1.0, "a"), (1.5, 2.0, "b")], [(0.2, 0.9, "a")]]
    assert events.scores_of(tables, tables) == {"event": 1.0, "segment": 1.0}
    late = [[(start + 0.3, end + 0.3, label) for start, end, label in table] for table in tables]
    assert events.scores_of(tables, late)["event"] == 0


def test_recordings_that_are_not_there_are_an_error_in_a_line(events, tmp_path, capsys):
    assert events.main(["--data-home", str(tmp_path), "--output", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("events.py: Speech Commands is not in")
    assert error.count("\n") == 1
