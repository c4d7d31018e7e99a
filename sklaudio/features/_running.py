"""How a function goes over many clips: threads or processes, batches for a device, files that cannot be read."""

import itertools
import warnings

import joblib
import numpy as np

from .._decode import check_is_file
from .._workers import dask_worker

SAMPLES_AT_A_TIME = 2**24  # on a GPU; their spectra take about 1 GB with the default frames
CLIPS_AT_A_TIME = 16  # in one job of a thread or process
LISTED = 20  # unreadable files that one message names


class UnreadableClipError(Exception):
    """A clip has no waveform; its first argument is the error that says why."""


def attempt(function, clip):
    """``function(clip)``, or the error where the clip cannot be read."""
    try:
        if not isinstance(clip, np.ndarray):
            check_is_file(clip)
        return function(clip)
    except UnreadableClipError as unreadable:
        return unreadable.args[0]
    except (OSError, ValueError) as error:
        if isinstance(clip, np.ndarray) or not str(error).startswith(str(clip)):
            raise
        return error


def judge_failures(outcomes, *, on_error, instead):
    """Pass outcomes through; what becomes of the errors among them is up to `on_error`.

    Parameters
    ----------
    outcomes : iterator of ndarray or Exception
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
    for outcome in outcomes:
        if not isinstance(outcome, Exception):
            if not errors:
                yield outcome
        elif on_error == "warn":
            warnings.warn(f"{outcome} The clip has no frames.", stacklevel=2)
            yield instead
        else:
            errors.append(outcome)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise _all_of(errors)


def _all_of(errors):
    """One error that names them all, of their type if they share one."""
    types = {type(error) for error in errors}
    listed = [f"  {error}" for error in errors[:LISTED]]
    if len(errors) > LISTED:
        listed.append(f"  and {len(errors) - LISTED} more")
    advice = 'Take them out of the list, or pass on_error="warn" to go on without them.'
    text = "\n".join([f"{len(errors)} clips cannot be read:", *listed, advice])
    return (types.pop() if len(types) == 1 else ValueError)(text)


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
