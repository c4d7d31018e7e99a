"""Memory that is used again."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="glibc alone gives memory back so readily, and can be told not to"
)

FAULTS = """
import ctypes, resource, sys, types
import numpy as np
from contextlib import nullcontext
from sklaudio._utils.malloc import reused_memory

def work():
    for _ in range(50):
        blocks = [np.ones(500_000) for _ in range(5)]  # 4 MB each

if sys.argv[1] == "another C library":
    ctypes.CDLL = lambda name: types.SimpleNamespace()  # without what only glibc has
work()
with nullcontext() if sys.argv[1] == "not reused" else reused_memory():
    work()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    work()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

RESIDENT = """
import resource
import numpy as np
from sklaudio._utils.malloc import reused_memory

def grown():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20 - start

def use_and_free():
    blocks = [np.ones(2**19) for _ in range(25)]  # 100 MiB

start = 0
start = grown()
with reused_memory():
    with reused_memory():
        use_and_free()
    print(grown())
print(grown())
try:
    with reused_memory():
        use_and_free()
        print(grown())
        raise KeyError
except KeyError:
    print(grown())
"""


def run(code, *arguments):
    return subprocess.check_output([sys.executable, "-c", code, *arguments], text=True)


def test_freed_blocks_are_used_again():
    faults = {how: int(run(FAULTS, how)) for how in ("reused", "not reused")}
    assert faults["reused"] < 1000  # 50 times 5 blocks of 977 pages are 244,000
    assert faults["not reused"] > 10 * faults["reused"]


def test_memory_is_kept_until_the_outermost_block_ends_and_given_back_then_and_after_an_error():
    within_the_outer, after_it, within, after_an_error = map(float, run(RESIDENT).split())  # MiB
    assert min(within_the_outer, within) > 90
    assert max(after_it, after_an_error) < 20


def test_another_c_library_is_left_alone():
    assert int(run(FAULTS, "another C library")) > 10_000
