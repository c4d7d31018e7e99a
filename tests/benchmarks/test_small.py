"""The benchmark of a net for microcontrollers, run small."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "small.py"


def run(tmp_path, *arguments):
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


@pytest.mark.slow
def test_pipeline_and_graphs_in_a_table_and_trained_models_are_kept(tmp_path):
    page = tmp_path / "results.md"
    first = run(tmp_path, "--folds", "3", "--only-folds", "1", "--models", "kept", "--results", str(page))
    assert first.returncode == 0, first.stderr
    assert all(line.startswith("[synthetic]") for line in first.stdout.splitlines())
    for words in ("Pipeline", "ONNX, float32", "ONNX, weights int8", "ONNX, int8 throughout", "core-seconds"):
        assert words in page.read_text()
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == ["fold0.json", "fold0.skops"]
    before = (tmp_path / "kept" / "fold0.skops").stat().st_mtime_ns
    second = run(tmp_path, "--folds", "3", "--only-folds", "1", "--models", "kept")
    assert second.stdout.splitlines()[0] == first.stdout.splitlines()[0]
    assert (tmp_path / "kept" / "fold0.skops").stat().st_mtime_ns == before


def test_a_folder_without_data_is_an_error_in_a_line(script, tmp_path):
    code, out, err = script("small.py", "--data-home", tmp_path)
    assert (code, out) == (1, "")
    assert err.startswith("small.py: ")
