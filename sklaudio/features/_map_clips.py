"""How a function goes over many clips: threads or processes, batches for a device, files that cannot be read."""

import itertools
import warnings

import joblib
import numpy as np

from .._utils.parallel import dask_worker
from ..audio import UnreadableClipError
from ..audio._errors import one_error
from ..audio._sources import check_is_there

SAMPLES_AT_A_TIME = 2**24  # on a GPU; their spectra take about 1 GB with the default frames
CLIPS_AT_A_TIME = 16  # in one job of a thread or process


def attempt(function, clip):
    """``function(clip)``, or the error where the clip cannot be read."""
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


def map_clips(function, clips, n_jobs):
    """Iterator over ``function(clip)`` in the order of the clips: threads, or the joblib backend in force."""
    is_task = n_jobs is None and dask_worker() is not None  # one of many already
    n_workers = 1 if is_task else joblib.effective_n_jobs(n_jobs)
    if n_workers == 1:
        return map(function, clips)
    n_at_once = max(1, min(CLIPS_AT_A_TIME, len(clips) // (4 * n_workers)))
    chunks = (clips[start : start + n_at_once] for start in range(0, len(clips), n_at_once))
    jobs = (joblib.delayed(_map_chunk)(function, chunk) for chunk in chunks)
    try:
        lists = joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs)
    except ValueError:  # the backend in force returns all results at once
        lists = joblib.Parallel(n_jobs=n_jobs, prefer="threads")(jobs)
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
