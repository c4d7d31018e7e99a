"""The benchmark of graphs, run small."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sklaudio.encoders import card

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "export.py"
SPEAKERS = ("anna", "bo", "cai")


@pytest.fixture
def recordings(tmp_path, rng):
    """Tones in the form of the Free Spoken Digits, 30 clips of half a second: the folder of their folder."""
    folder = tmp_path / "data" / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    for digit in range(10):
        for speaker in SPEAKERS:
            tone = np.sin(2 * np.pi * (200 + 150 * digit) * np.arange(4000) / 8000)
            soundfile.write(folder / f"{digit}_{speaker}_0.wav", 0.3 * tone + 0.01 * rng.normal(size=4000), 8000)
    return folder.parents[1]


@pytest.mark.slow
def test_graphs_of_trained_models_and_of_models_on_encoders_are_in_a_table(recordings, tmp_path):
    command = [sys.executable, str(SCRIPT), "--data-home", str(recordings), "--tasks", "digits", "--max-clips", "6"]
    command += ["--output", str(tmp_path / "out"), "--results", str(tmp_path / "results.md")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["rows"]
    on_encoders = ["digits, google-speech", "digits, blstm on google-speech"]
    assert [row["model"] for row in rows] == ["digits", *(on_encoders if card("google-speech")["installed"] else [])]
    for row in rows:
        assert 5 <= row["clips"] <= 6
        assert row["same class, float32"] == 1
        assert row["largest difference, float32"] < 1e-4
        assert 0 < row["largest difference, int8"] < 0.1
        assert row["bytes"]["int8"] < 0.5 * row["bytes"]["float32"]
        assert min(row["milliseconds"].values()) > 0
    page = (tmp_path / "results.md").read_text()
    assert "## Size\n\n### Graphs of ONNX" in page
    assert "Free Spoken Digits, 30 clips" in page


def test_a_folder_without_recordings_is_an_error_in_a_line(script, tmp_path):
    code, out, err = script("export.py", "--data-home", tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("export.py: ")
    assert len(err.splitlines()) == 1
