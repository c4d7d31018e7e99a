"""Work that is interrupted: child processes that are killed at random moments, and Ctrl-C after a checkpoint."""

import multiprocessing
import os
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


def interrupt_after_checkpoint(monkeypatch, number):
    """From now on, the checkpoint of this number that is put in its place in this process is followed by Ctrl-C."""
    replace, written = os.replace, []

    def replace_and_interrupt(source, target):
        replace(source, target)
        written.extend([target] * str(target).endswith(".npz"))
        if len(written) == number:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", replace_and_interrupt)
