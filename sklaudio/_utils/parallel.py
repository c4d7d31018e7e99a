"""What a job knows of the joblib backend that runs it, and of the jobs beside it."""

import sys
import warnings

from joblib.parallel import BACKENDS, get_active_backend

from .device import resolve_device


def dask_worker():
    """Return the worker of Dask that runs this very task; None anywhere else."""
    if "distributed" not in sys.modules:
        return None
    try:
        return sys.modules["distributed"].get_worker()
    except ValueError:
        return None


def has_neighbours():
    """Return whether this is one of several jobs of joblib's that run at a time in threads or processes of a machine.

    Workers of Dask are distinguished no further than that: one that runs a task at a time may have a separate GPU.
    """
    worker = dask_worker()
    if worker is not None:
        return worker.state.nthreads > 1
    backend, _ = get_active_backend()
    return (backend.nesting_level or 0) > 0


def backend_is_open():
    """Return whether the caller decides what runs jobs: joblib's defaults are in force, and this is no job itself."""
    defaults = {"threads": BACKENDS["threading"], "processes": BACKENDS["loky"]}
    in_force = {kind: type(get_active_backend(prefer=kind)[0]) for kind in defaults}
    return in_force == defaults and not has_neighbours()


def warn_of_shared_gpu(device):
    """Warn where jobs beside this one train on the same GPU."""
    if has_neighbours() and resolve_device(device).startswith("cuda"):
        warnings.warn(
            f"n_jobs > 1 and device={device!r}: several nets are trained on one GPU at a time, and share its memory "
            "and its time. Set n_jobs=1 or device='cpu', or start workers that have a GPU each.",
            stacklevel=3,
        )
