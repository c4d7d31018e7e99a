"""The benchmark of words in noise, run small."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "noise.py"


@pytest.mark.slow
def test_each_model_has_a_curve_and_every_line_says_that_it_is_synthetic(tmp_path):
    settings = "--clips 40 --folds 2 --only-folds 1 --epochs 1 --copies 1 --encoder digits".split()
    command = [sys.executable, str(SCRIPT), "--output", str(tmp_path), *settings]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    found = json.loads((tmp_path / "results.json").read_text())
    assert found["snr"] == ["inf", 20, 10, 5, 0]
    assert list(found["results"]) == ["CRNN", "CRNN with noise", "encoder", "encoder with noise"]
    for curves in found["results"].values():
        assert [len(curve) for curve in curves] == [5]
