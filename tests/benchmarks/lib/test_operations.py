"""Operations are counted as formulas say, and set against what a core can do."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def lib(monkeypatch):
    """Modules of benchmarks/lib, by name."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    return lambda name: importlib.import_module(f"lib.{name}")


def test_spectra_have_a_transform_for_each_frame(lib):
    count = lib("operations").of_spectra
    assert count(1, 1024) == 1024 + 2.5 * 1024 * 10 + 3 * 513
    assert count(7, 1024) == 7 * count(1, 1024)


def test_mel_bands_have_two_operations_for_each_weight_that_is_not_zero(lib):
    operations = lib("operations")
    more = operations.of_mel(3, 2048, 128, 22050) - operations.of_spectra(3, 2048)
    assert more % 6 == 0
    assert 1000 < more / 6 < 3000  # weights: triangles that overlap by half, two for each of the 1025 bins at most


def test_a_linear_layer_takes_three_products(lib):
    """Forward, and the gradients of the weights and of what came in, where that has one."""
    net = torch.nn.Sequential(torch.nn.Linear(10, 20), torch.nn.Linear(20, 5))
    found = lib("operations").of_training(net, (torch.zeros(32, 10),), torch.zeros(32, dtype=torch.long))
    first, second = 2 * 32 * 10 * 20, 2 * 32 * 20 * 5
    assert found == 2 * first + 3 * second


def test_an_lstm_is_counted_step_by_step(lib):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(13, 64, batch_first=True)

        def forward(self, frames):
            return self.lstm(frames)[0][:, -1]

    found = lib("operations").of_training(Net(), (torch.zeros(4, 50, 13),), torch.zeros(4, dtype=torch.long))
    forward = 2 * 4 * 50 * 4 * 64 * (13 + 64)
    assert 2 * forward < found <= 3 * forward


def test_a_fraction_of_the_peak_is_of_as_many_cores_as_the_clock_has(lib):
    timing = lib("timing")
    one, others = (
        timing.Row("work", "clip", clock, "", 2.0, {}, {}, flop=1e9).fraction_of(1e9) for clock in ("CPU", "wall")
    )
    assert one == 0.5
    assert others == 0.5 / timing.n_cores()


def test_the_peak_is_at_least_what_a_product_reaches(lib):
    peak = lib("timing").peak_of_a_core(size=64, repeats=3)
    assert np.isfinite(peak)
    assert peak > 1e7
