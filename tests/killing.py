"""Work that is interrupted: child processes that are killed at random moments, and Ctrl-C after a checkpoint."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time

import numpy as np
from tqdm.auto import tqdm

MAX_WAIT = 120  # seconds for a child to get anywhere at all


def kill_at_random(function, arguments, *, n_kills, longest, progress):
    """Run a function in children that are killed, every other one only after it got somewhere.

    Parameters
    ----------
    function, arguments : callable, tuple
        What each child runs.
    n_kills : int
        How many children.
    longest : float
        Seconds to wait at most, before the kill, after the start or after the progress.
    progress : callable
        Without arguments; what it returns changes when a child got somewhere.

    Returns
    -------
    int
        How many children were killed before they had ended.
    """
    rng = np.random.default_rng(0)
    n_killed = 0
    for number in range(n_kills):
        before = progress()
        child = multiprocessing.get_context("fork").Process(target=_run_alone, args=(function, arguments))
        child.start()
        give_up = time.monotonic() + MAX_WAIT
        while number % 2 == 0 and progress() == before and child.is_alive() and time.monotonic() < give_up:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, longest))
        n_killed += child.is_alive()
        child.kill()  # SIGKILL, unless it has ended
        child.join()
    return n_killed


def _run_alone(function, arguments):
    """With a lock of its own around bars: forks share that of tqdm, and one that is killed never gives it back."""
    tqdm.set_lock(threading.RLock())
    function(*arguments)


@contextlib.contextmanager
def forked(function, *arguments):
    """Run a function in a child, which has imported all that this process has; its result is the exit code.

    Yields the child, and what can be read of its stdout and stderr; when the block is left, the child has ended.
    """
    streams = os.pipe(), os.pipe()
    child = multiprocessing.get_context("fork").Process(
        target=_run_as_a_program, args=(function, arguments, [write for _, write in streams])
    )
    child.start()
    for _, write in streams:
        os.close(write)
    with open(streams[0][0]) as stdout, open(streams[1][0]) as stderr:
        try:
            yield child, stdout, stderr
        finally:
            child.join(MAX_WAIT)
            child.kill()


def _run_as_a_program(function, arguments, streams):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", closefd=False) for number in (1, 2))
    sys.exit(function(*arguments))


def interrupt_after_checkpoint(monkeypatch, number):
    """From now on, the checkpoint of this number that is put in its place in this process is followed by Ctrl-C."""
    replace, written = os.replace, []

    def replace_and_interrupt(source, target):
        replace(source, target)
        written.extend([target] * str(target).endswith(".npz"))
        if len(written) == number:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace_and_interrupt)
