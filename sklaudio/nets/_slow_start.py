"""A warning where a process of joblib's takes longer to start than to train."""

import multiprocessing
import time
import warnings

STARTED = time.process_time()  # seconds of the processor until nets were imported, and torch with them
SHORT = 0.5  # fraction of these below which a training is short

_is_first = True


def warn_of_slow_start(seconds):
    """Warn in a process that joblib started, after its first training, if that was short.

    The first search of a program with `n_jobs` starts processes, and each imports torch: a search of a few short
    trainings ends sooner in the process that is there.

    Parameters
    ----------
    seconds : float
        CPU time of the training.
    """
    global _is_first
    was_first, _is_first = _is_first, False
    if was_first and seconds < SHORT * STARTED and multiprocessing.current_process().name.startswith("Loky"):
        warnings.warn(
            f"n_jobs: this process took {STARTED:.1f} s to start, as it imports torch, and {seconds:.1f} s for its "
            "first training. Where a search has few trainings that short, n_jobs=None is faster.",
            stacklevel=2,
        )
