"""Windows are those of the whole waveform, whatever the blocks, and no more of it is kept than they need."""

import numpy as np
import pytest

from sklaudio.timeline._cut import WindowCutter, cut_windows


def test_windows_are_cut_the_same_whatever_the_blocks(rng):
    y = rng.normal(size=200).astype(np.float32)
    for n_samples in (1, 5, 10, 20, 199, 200):
        for length, hop in [(10, 10), (10, 3.3), (3, 10), (10, 25.5), (300, 1)]:
            whole = list(cut_windows([y[:n_samples]], length, hop))
            blocks = np.split(y[:n_samples], range(0, n_samples, 7))
            cut = list(cut_windows(blocks, length, hop))
            assert [start for start, _ in cut] == [start for start, _ in whole]
            assert all(np.array_equal(samples, y[start : min(start + length, n_samples)]) for start, samples in cut)
            assert all(len(samples) == length for _, samples in cut[:-1])
            assert hop > length or cut[-1][0] + len(cut[-1][1]) == n_samples


@pytest.mark.parametrize("n_at_once", [1, 7, 64, 1000])
@pytest.mark.parametrize(("length", "hop"), [(100, 25.3), (100, 100), (100, 730.7)])
def test_what_is_held_does_not_grow(n_at_once, length, hop, rng):
    y = rng.normal(size=20_000).astype(np.float32)
    cutter = WindowCutter(length, hop)
    for first in range(0, len(y), n_at_once):
        for start, samples in cutter.push(y[first : first + n_at_once]):
            np.testing.assert_array_equal(samples, y[start : start + length])
        held = max((len(array) for array in vars(cutter).values() if isinstance(array, np.ndarray)), default=0)
        assert held <= 2 * (length + n_at_once)


def test_windows_that_were_not_taken_come_with_the_next_block():
    cutter = WindowCutter(2, 2)
    assert next(iter(cutter.push(np.arange(6))))[0] == 0
    assert [start for start, _ in cutter.push(np.arange(6, 8))] == [2, 4, 6]


def test_windows_do_not_change_when_more_comes():
    cutter = WindowCutter(3, 1)
    (_, first), *_ = cutter.push(np.arange(4))
    list(cutter.push(np.arange(4, 40)))
    assert first.tolist() == [0, 1, 2]
