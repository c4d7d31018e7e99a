"""Few clips with trained weights and without: the benchmark, run small."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from sklaudio import pretrained_names

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def transfer(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module("transfer")


def test_few_of_each_takes_so_many_of_each_class_among_the_candidates(transfer, rng):
    target, candidates = np.tile(["a", "b"], 10), np.arange(4, 20)
    chosen = transfer.few_of_each(target, candidates, 3, rng)
    assert sorted(target[chosen].tolist()) == ["a"] * 3 + ["b"] * 3
    assert len(set(chosen.tolist())) == 6
    assert np.isin(chosen, candidates).all()


@pytest.mark.slow
@pytest.mark.parametrize("weights", pretrained_names())
def test_three_ways_are_scored(transfer, weights, capsys, monkeypatch):
    monkeypatch.setattr(transfer, "make_words", lambda n_clips, random_state: make_words(60, random_state=random_state))
    make_words = importlib.import_module("sklaudio.datasets").make_words
    assert transfer.main(["--weights", weights, "--seeds", "0", "--epochs", "1", "--clips", "2"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][1:]
    assert len(lines) == 3
    assert all(0 <= float(line.split("|")[2].split()[0]) <= 1 for line in lines)


def test_weights_that_cannot_serve_are_an_error_in_a_line(transfer, capsys):
    assert transfer.main(["--weights", "whales"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("transfer.py: ")
    assert "no pretrained model" in error
    assert error.count("\n") == 1
