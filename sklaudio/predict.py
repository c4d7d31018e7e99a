"""predict_files: which class each of many files is, in memory that does not grow with their number."""

import os
from numbers import Integral
from typing import NamedTuple

import joblib

from ._files import audio_files
from ._models import check_classifies_clips, telling_errors, votes_of

__all__ = ["FilePrediction", "predict_files"]

FILES_AT_ONCE = 32  # that the model is given together, or fewer that have
BYTES_AT_ONCE = 2**26  # (64 MiB): an hour of mp3, six minutes of wav


class FilePrediction(NamedTuple):
    """What a model says of one file.

    Attributes
    ----------
    path : str
        The file.
    label : object
        The most probable class, as in ``classes_``; None if there is an error.
    probabilities : dict or None
        Probability of each class; None if there is an error, or the model has no ``predict_proba``.
    error : str or None
        Why there is no answer, beginning with the path; None if there is one.
    """

    path: str
    label: object
    probabilities: dict | None
    error: str | None


def predict_files(model, files, *, n_jobs=None):
    """Tell the class of each file, and go on where one cannot be read.

    Files are read and predicted some at a time, and answers come as soon as they are there.

    Parameters
    ----------
    model : fitted classifier of clips
        A Pipeline that begins with a FrameTransformer or FrameUnion, or a search, calibration or vote over such ones.
        It hears files as it did in training: resampled to its `sr`, mixed down to one channel, and from `offset` on for
        `duration` seconds where its features have these. :func:`predict_timeline` goes through long recordings.
    files : str, path-like, or sequence of them
        Files; folders, for the audio files in them at any depth; and patterns such as ``"music/**/*.wav"``.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors. None leaves it to the model's features.

    Returns
    -------
    iterator of FilePrediction
        An answer for each file, in order: (path, label, probabilities, error).

    Raises
    ------
    TypeError
        If `model` does not classify clips.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    FileNotFoundError, ValueError
        If a pattern matches nothing, a folder holds no audio, there are no `files`, or `n_jobs` is no number of
        threads.

    Notes
    -----
    Any error at a file becomes its answer, also where the features have ``on_error="warn"``. Where one file of some
    cannot be read, each of these is predicted by itself.

    Examples
    --------
    >>> import os, tempfile, numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer
    >>> low, high = (np.sin(2 * np.pi * f * np.arange(22050) / 22050) for f in (200, 2000))
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit([low, high], ["low", "high"])
    >>> soundfile.write("tone.flac", np.column_stack([high, high]), 44100)
    >>> for path, label, probabilities, error in predict_files(model, ["*.flac", "lost.wav"]):
    ...     print(path, label, "error" if error else round(probabilities[label], 1))
    tone.flac high 1.0
    lost.wav None error
    """
    check_classifies_clips(model)
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
        raise ValueError(f"n_jobs={n_jobs!r} is no number of threads. Pass 1 or more, -1 for all processors, or None.")
    return predictions(telling_errors(model, n_jobs), audio_files(files), n_jobs)


def predictions(model, paths, n_jobs):
    """Answers to paths that are taken as they are; the model is one that tells errors."""
    classes = model.classes_.tolist()
    has_probabilities = hasattr(model, "predict_proba")
    for some in _some_at_a_time(paths):
        for path, votes in zip(some, _votes_or_errors(model, some, n_jobs), strict=True):
            if isinstance(votes, str):
                yield FilePrediction(path, None, None, votes)
                continue
            probabilities = dict(zip(classes, votes.tolist(), strict=True)) if has_probabilities else None
            yield FilePrediction(path, classes[votes.argmax()], probabilities, None)


def _some_at_a_time(paths):
    """Lists of files that are few enough, and small enough together."""
    some, n_bytes = [], 0
    for path in paths:
        some.append(path)
        n_bytes += _size(path)
        if len(some) == FILES_AT_ONCE or n_bytes >= BYTES_AT_ONCE:
            yield some
            some, n_bytes = [], 0
    if some:
        yield some


def _size(path):
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):  # reading it will say why
        return 0


def _votes_or_errors(model, paths, n_jobs):
    """Probability of each class for each file, (n_classes,), or text that says why there is none."""
    try:
        return list(votes_of(model, paths))
    except Exception as error:  # whatever a model does with a file, the others are not to suffer
        if len(paths) == 1:
            return [_reason(error, paths[0])]
    parallel = joblib.Parallel(n_jobs=n_jobs, require="sharedmem")
    return [own for (own,) in parallel(joblib.delayed(_votes_or_errors)(model, [path], 1) for path in paths)]


def _reason(error, path):
    text = str(error) or type(error).__name__
    if text.startswith(path):
        return text
    kind = "" if isinstance(error, (OSError, ValueError)) else f"{type(error).__name__}: "
    return f"{path}: {kind}{text}"
