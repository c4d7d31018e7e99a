"""How a function goes over many clips: threads or processes, batches for a device, files that cannot be read."""

import itertools
import time
import warnings

import joblib
import numpy as np
from joblib.externals.loky.backend.reduction import dumps

from .._utils.parallel import backend_is_open, dask_worker
from ..audio import UnreadableClipError
from ..audio._errors import one_error
from ..audio._sources import check_is_there

SAMPLES_AT_A_TIME = 2**24  # on a GPU; their spectra take about 1 GB with the default frames
CLIPS_AT_A_TIME = 16  # in one job of a thread
SECONDS_AT_A_TIME = 0.5  # in one job of a process, which makes windows and filter banks anew for each
N_TIMED = 16  # clips that are made before it is known whether processes are worthwhile
LONG = 10.0  # seconds on one core: a process takes 1 to 2 to import what it needs, and threads gain a little as well
MAX_BYTES_SENT = 2**20  # of a function, with every job


def attempt(function, clip):
    """Return ``function(clip)``, or the error where the clip cannot be read."""
    try:
        if not isinstance(clip, np.ndarray):
            check_is_there(clip)
        return function(clip)
    except UnreadableClipError as error:
        return error


def judge_failures(outcomes, *, on_error, instead):
    """Pass outcomes through; what becomes of the errors among them is up to `on_error`.

    Parameters
    ----------
    outcomes : iterator of ndarray or UnreadableClipError
        What :func:`attempt` gave for each clip.
    on_error : {"raise", "warn"}
        "raise" goes on to the last clip, so that its error names all that cannot be read.
    instead : ndarray
        What "warn" yields in place of an error.

    Yields
    ------
    ndarray
        The outcomes.
    """
    errors = []
    for index, outcome in enumerate(outcomes):
        if not isinstance(outcome, UnreadableClipError):
            if not errors:
                yield outcome
            continue
        outcome.index = index
        if on_error == "warn":
            warnings.warn(f"{outcome} The clip has no frames.", stacklevel=2)
            yield instead
        else:
            errors.append(outcome)
    if errors:
        raise one_error(errors)


def map_clips(function, clips, n_jobs, *, processes=False):
    """Iterate over ``function(clip)`` in the order of the clips: threads or processes, or joblib's backend in force.

    Parameters
    ----------
    function : callable
        Clip -> anything.
    clips : sequence
        Paths, waveforms and other clips.
    n_jobs : int or None
        Threads or processes, as joblib counts them.
    processes : bool, default=False
        Whether processes may do it. They do where the first clips, which are timed, show that the others take longer
        than processes take to start: threads wait for each other at every step between NumPy's.

    Returns
    -------
    iterator
        The results. They do not depend on what made them.
    """
    is_task = n_jobs is None and dask_worker() is not None  # one of many already
    if len(clips) < 2 or is_task or joblib.effective_n_jobs(n_jobs) == 1:
        return map(function, clips)
    if processes and len(clips) >= 2 * N_TIMED and backend_is_open() and not isinstance(clips[0], np.ndarray):
        return _timed(function, clips, n_jobs)
    return _in_parallel(function, clips, n_jobs, prefer="threads")


def _timed(function, clips, n_jobs):
    """Make the first clips here, and the others in processes where these are sooner done than threads."""
    seconds = 0.0
    for index, clip in enumerate(clips[:N_TIMED]):
        start = time.perf_counter()
        result = function(clip)
        if index > 0:  # the first one waits for imports, and makes windows and filter banks
            seconds += time.perf_counter() - start
        yield result
    left = clips[N_TIMED:]
    seconds /= N_TIMED - 1
    if seconds * len(left) > LONG and _can_be_sent(function):
        n_at_once = max(1, round(SECONDS_AT_A_TIME / seconds))
        yield from _in_parallel(function, left, n_jobs, prefer="processes", n_at_once=n_at_once)
    else:
        yield from _in_parallel(function, left, n_jobs, prefer="threads")


def _can_be_sent(function):
    """Return whether a function goes to another process, and is small enough to go there with every job."""
    try:
        return len(dumps(function)) <= MAX_BYTES_SENT
    except Exception:  # of whatever a user-defined feature holds
        return False


def _in_parallel(function, clips, n_jobs, *, prefer, n_at_once=CLIPS_AT_A_TIME):
    n_at_once = max(1, min(n_at_once, len(clips) // (4 * joblib.effective_n_jobs(n_jobs))))
    chunks = (clips[start : start + n_at_once] for start in range(0, len(clips), n_at_once))
    jobs = (joblib.delayed(_map_chunk)(function, chunk) for chunk in chunks)
    try:
        lists = joblib.Parallel(n_jobs=n_jobs, prefer=prefer, return_as="generator")(jobs)
    except ValueError:  # the backend in force returns all results at once
        lists = joblib.Parallel(n_jobs=n_jobs, prefer=prefer)(jobs)
    return itertools.chain.from_iterable(lists)


def _map_chunk(function, clips):
    return [function(clip) for clip in clips]


def runs_of_equal_length(waveforms):
    """Group waveforms that follow each other and are equally long, up to `SAMPLES_AT_A_TIME`: lists of arrays.

    Errors that stand for a waveform are passed on by themselves.
    """
    run = []
    for y in waveforms:
        if isinstance(y, Exception):
            if run:
                yield run
            run = []
            yield y
            continue
        if run and (len(y) != len(run[0]) or (len(run) + 1) * len(y) > SAMPLES_AT_A_TIME):
            yield run
            run = []
        run.append(y)
    if run:
        yield run
