"""Memory that is used again."""

import subprocess
import sys

import pytest

from sklaudio import _memory

FAULTS = """
import resource, sys
import numpy as np
from contextlib import nullcontext
from sklaudio._memory import reused_memory

def work():
    for _ in range(50):
        blocks = [np.ones(500_000) for _ in range(5)]  # 4 MB each

work()
with reused_memory() if sys.argv[1] == "reused" else nullcontext():
    work()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    work()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(_memory._glibc() is None, reason="glibc alone gives memory back so readily")
def test_freed_blocks_are_used_again():
    faults = {
        how: int(subprocess.check_output([sys.executable, "-c", FAULTS, how], text=True)) for how in ("reused", "not")
    }
    assert faults["reused"] < 1000  # 50 times 5 blocks of 977 pages are 244,000
    assert faults["not"] > 10 * faults["reused"]


def test_it_may_be_entered_inside_itself_and_is_left_after_an_error():
    with _memory.reused_memory(), _memory.reused_memory():
        assert _memory._n_inside == 2
    with pytest.raises(KeyError), _memory.reused_memory():
        raise KeyError
    assert _memory._n_inside == 0


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(_memory, "_glibc", lambda: None)
    with _memory.reused_memory():
        assert _memory._n_inside == 0
