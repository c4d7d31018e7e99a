"""benchmarks/gpu.py, run on the processor where there is no GPU."""

import json

import pytest
import torch


def test_every_row_runs_on_the_processor(script, tmp_path):
    arguments = ["--device", "cpu", "--clips", "32", "--repeats", "1", "--output", tmp_path]
    code, out, _ = script("gpu.py", *arguments)
    assert code == 0
    assert all(line.startswith("[synthetic]") for line in out.splitlines())
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert found["device"] == "cpu"
    assert {row[0].split(",")[0] for row in found["rows"]} == {
        "epoch", "predict a clip", "mel spectrogram of a clip of 3 s", "MFCC of a clip of 3 s", "embed a clip of 1 s",
    }  # fmt: skip
    assert all(float(row[1].removesuffix(" ms")) > 0 for row in found["rows"])


def test_rows_that_the_time_does_not_suffice_for_are_named(script, tmp_path):
    code, _, _ = script("gpu.py", "--device", "cpu", "--clips", "32", "--minutes", "0", "--output", tmp_path)
    found = json.loads((tmp_path / "gpu.json").read_text())
    assert (code, found["rows"]) == (0, [])
    assert "embedding" in found["left out for want of time"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_so(script, tmp_path):
    code, _, err = script("gpu.py", "--output", tmp_path / "out")
    assert code == 1
    assert "torch finds no GPU here" in err
    assert not (tmp_path / "out").exists()
