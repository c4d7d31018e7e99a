"""Side by side: ours and a peer in turn, in one run, on as many cores as are asked for."""

import multiprocessing
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import numpy as np
from threadpoolctl import threadpool_limits

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class Row:
    """One comparison.

    `ours` and `peers` are seconds per `unit`; `agrees` is what was compared of the results and whether it held; `floor`
    is a part of the work that nobody can leave out; `profile` says where our time goes, in seconds per unit; `flop` is
    how many additions and multiplications a unit takes, 0 where they were not counted.
    """

    what: str
    unit: str
    clock: str
    target: str
    ours: float
    peers: dict
    agrees: dict
    floor: tuple = ("", 0.0)
    profile: dict = field(default_factory=dict)
    notes: dict = field(default_factory=dict)
    flop: float = 0.0

    def fraction_of(self, peak):
        """Return our operations in a second as a fraction of `peak`, that of a core; wall times have all cores."""
        return self.flop / self.ours / (peak * (n_cores() if self.clock == "wall" else 1))

    @property
    def ratios(self):
        """Peer over ours, by peer: above 1 we are faster."""
        return {name: seconds / self.ours for name, seconds in self.peers.items()}


@contextmanager
def one_core():
    """Keep libraries to one thread, torch included."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def peak_of_a_core(size=1024, repeats=20):
    """Measure the most operations in a second that one core does: a product of matrices in single precision."""
    import torch

    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(size, size)).astype(np.float32)
    tensor = torch.from_numpy(matrix)
    seconds = []
    with one_core():
        for product in [lambda: matrix @ matrix, lambda: tensor @ tensor] * repeats:
            start = time.process_time()
            product()
            seconds.append(time.process_time() - start)
    return 2 * size**3 / min(seconds)


def side_by_side(functions, *, repeats, n_units, clock=time.process_time, first_call=True):
    """Return median seconds per unit of each function, called in turn `repeats` times after a first, untimed call.

    Parameters
    ----------
    functions : dict of str to callable
        What is compared.
    repeats : int
        Calls of each.
    n_units : int
        Clips, files or epochs in a call.
    clock : callable, default=time.process_time
        Time of all threads of this process; :func:`time.perf_counter` for what runs on several cores.
    first_call : bool, default=True
        Whether to make the call that is not timed; False where the functions have been warmed up.

    Returns
    -------
    dict of str to float
        Seconds, in the order given.
    """
    for function in functions.values() if first_call else ():
        function()
    seconds = {name: [] for name in functions}
    for _ in range(repeats):
        for name, function in functions.items():
            start = clock()
            function()
            seconds[name].append((clock() - start) / n_units)
    return {name: statistics.median(values) for name, values in seconds.items()}


def apart(functions, *, repeats):
    """Time as :func:`side_by_side` on one core, each function in another process.

    What one does to its process (allocator, thread pools, libraries that it loads) then does not help or harm another.

    Parameters
    ----------
    functions : dict of str to callable
        Each is called once, without arguments, and returns what is timed; it must be one that can be pickled.
    repeats : int
        Calls of each.

    Returns
    -------
    dict of str to float
        Median CPU seconds of a call, in the order given.
    """
    context = multiprocessing.get_context("spawn")
    processes, pipes = [], {}
    with mock.patch.dict(os.environ, dict.fromkeys(ONE_THREAD, "1")):
        for name, function in functions.items():
            pipes[name], theirs = context.Pipe()
            processes.append(context.Process(target=_time_on_request, args=(function, theirs), daemon=True))
            processes[-1].start()
    seconds = {name: [] for name in functions}
    for turn in range(repeats + 1):
        for name, pipe in pipes.items():
            pipe.send(turn < repeats)
            seconds[name].append(pipe.recv())
    for process in processes:
        process.join()
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


def _time_on_request(make, pipe):
    """Time one call for each message in a child; the last message is False."""
    with one_core():
        function, goes_on = make(), True
        while goes_on:
            goes_on = pipe.recv()
            start = time.process_time()
            function()
            pipe.send(time.process_time() - start)


def outcome_of(child, *arguments):
    """Run ``child(pipe, *arguments)`` in a fresh process; what it sends, or None where it ends without a word."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=child, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    except EOFError:
        return None
    finally:
        process.join()


def status(name):
    """Read a line of /proc/self/status in bytes."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return 1024 * int(lines[name].split()[0])


def n_cores():
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
