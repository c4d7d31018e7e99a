"""predict_files: what a model predicts of many files, in memory that does not grow with their number."""

import os
from collections.abc import Iterator
from numbers import Integral
from typing import Any

import joblib
import numpy as np

from .._inference import (
    ForeignPredictionsError,
    frame_hop,
    label_names_of,
    labels_of,
    prediction_kind,
    predictions_of,
    raising_errors,
    target_names_of,
)
from .._utils.predicted_names import names_of_targets
from .._utils.terminal import shortened
from ..audio import Clip
from ..audio._patterns import audio_files
from ..audio._sources import name_of, path_of
from ._onnx import OnnxModel, predict_by_graph
from ._predicted import (
    FileTimeline,
    class_prediction,
    frame_table,
    label_prediction,
    no_prediction,
    number_prediction,
    reason_of,
)

FILES_AT_ONCE = 32  # that the model is given together, or fewer that have
BYTES_AT_ONCE = 2**26  # (64 MiB): an hour of mp3, six minutes of wav
BYTES_A_SECOND = 192_000  # of a wav file of two channels


def predict_files(model, files, *, n_jobs=None, target_names=None) -> Iterator[Any]:
    """Predict the class, labels, numbers or events of each file, and continue where one cannot be read.

    Files are read and predicted some at a time, and predictions are yielded as soon as they are there.

    Parameters
    ----------
    model : fitted classifier, regressor or detector of clips, or OnnxModel
        A graph of :func:`load_onnx`, or a Pipeline that begins with a FrameTransformer or FrameUnion, or a search,
        calibration or vote over such ones. It takes files as it did in training: resampled to its `sr`, mixed down to
        one channel, and from `offset` on for `duration` seconds where its features have these. :func:`predict_timeline`
        goes through long recordings.
    files : str, path-like, Clip, or sequence or column of these and of other clips
        Files; folders, for the audio files in them at any depth; and patterns such as ``"music/**/*.wav"``. A
        :class:`Clip`, bytes, an open binary file, a waveform and whatever else ``X`` may hold is one clip.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors. None leaves it to the model's features.
    target_names : sequence of str or None, default=None
        Of a regressor: names of its targets. None takes its ``target_names_``, or else "prediction" of one target, and
        "prediction0", "prediction1", … of several.

    Returns
    -------
    iterator of FilePrediction, FileLabels, FileNumbers or FileTimeline
        A prediction for each file, in order: (path, label, probabilities, error); of a model of several labels
        (path, labels, probabilities, error); of a regressor (path, numbers, error); of an EventDetector, or a regressor
        of frames, (path, timeline, error).

    Raises
    ------
    TypeError
        If `model` neither classifies clips nor predicts numbers: if it is a clusterer, or predicts several labels of
        which it has no names (nets, votes and :class:`LabelThresholdClassifier` around any have them).
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    FileNotFoundError, ValueError
        If a pattern matches nothing, a folder holds no audio, there are no `files`, `n_jobs` is not a number of
        threads, or `target_names` are not as many as the targets.

    Notes
    -----
    Any error at a file is yielded in its place, also where the features have ``on_error="warn"``. Where one file of
    some cannot be read, each of these is predicted by itself.

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
    if isinstance(model, OnnxModel):
        if target_names is not None:
            raise ValueError("target_names: a graph has those that its model was exported with. Leave it out.")
        return predict_by_graph(raising_errors(model, n_jobs), files)
    kind = prediction_kind(model)
    if target_names is not None and kind not in ("numbers", "curves"):
        raise ValueError("target_names is for regressors, and model is none. Leave it out.")
    if n_jobs is not None and (not isinstance(n_jobs, Integral) or n_jobs == 0):
        raise ValueError(
            f"n_jobs={shortened(n_jobs)} is not a number of threads. Pass 1 or more, -1 for all processors, or None."
        )
    clips = audio_files(files)
    names = [name_of(clip, f"files[{index}]") for index, clip in enumerate(clips)]
    return predictions(raising_errors(model, n_jobs), clips, names, n_jobs, target_names)


def predictions(model, clips, names, n_jobs, target_names=None):
    """Predict clips that are taken as they are, by a model that raises at a clip it cannot read: an iterator."""
    if isinstance(model, OnnxModel):
        return model.predictions(clips, names)
    kind = prediction_kind(model)
    return _predictions(kind, *PREDICTED_BY[kind](model, target_names), model, clips, names, n_jobs)


def _predictions(kind, predict, make, model, clips, names, n_jobs):
    for name, result, error in results(model, clips, names, n_jobs, predict):
        yield make(name, result) if error is None else no_prediction(kind, name, error)


def _by_classes(model, _):
    """Return what predicts clips, a result for each, and what makes a prediction of a name and a result."""
    classes, has_probabilities = model.classes_.tolist(), hasattr(model, "predict_proba")

    def make(name, result):
        winner, votes = result
        return class_prediction(name, classes, winner, votes if has_probabilities else None)

    return _classes_of, make


def _classes_of(model, clips):
    """Return index of the class and (n_classes,) probabilities of each clip."""
    return zip(*predictions_of(model, clips), strict=True)


def _by_labels(model, _):
    labels = label_names_of(model).tolist()
    return _labels_of, lambda name, result: label_prediction(name, labels, *result)


def _labels_of(model, clips):
    """Return (n_labels,) of 0 and 1 and (n_labels,) probabilities of each clip."""
    return zip(*labels_of(model, clips), strict=True)


def _by_numbers(model, target_names):
    target_names = target_names_of(model) if target_names is None else target_names
    return _numbers_of, lambda name, result: number_prediction(
        name, names_of_targets(len(result), target_names), result
    )


def _numbers_of(model, clips):
    """Return the numbers of each clip: (n_clips, n_targets)."""
    return np.asarray(model.predict(clips), dtype=np.float64).reshape(len(clips), -1)


def _by_curves(model, target_names):
    hop, target_names = frame_hop(model), target_names_of(model) if target_names is None else target_names
    return _predicted, lambda name, result: FileTimeline(name, frame_table(result, hop, target_names), None)


def _by_events(model, _):
    return _predicted, lambda name, result: FileTimeline(name, result, None)


def _predicted(model, clips):
    return model.predict(clips)


PREDICTED_BY = {  # kind of model -> function that says how it predicts
    "classes": _by_classes,
    "labels": _by_labels,
    "numbers": _by_numbers,
    "curves": _by_curves,
    "events": _by_events,
}


def results(model, clips, names, n_jobs, predict):
    """Yield the name of each clip, what `predict` says of it, and why it says nothing; one of the two is None."""
    for some in _some_at_a_time(zip(clips, names, strict=True)):
        for (_, name), result in zip(some, _predictions_or_errors(model, some, n_jobs, predict), strict=True):
            yield (name, None, result) if isinstance(result, str) else (name, result, None)


def _some_at_a_time(named_clips):
    """Yield lists of (clip, name) that are few enough, and small enough together."""
    some, n_bytes = [], 0
    for clip, name in named_clips:
        some.append((clip, name))
        n_bytes += _size(clip)
        if len(some) == FILES_AT_ONCE or n_bytes >= BYTES_AT_ONCE:
            yield some
            some, n_bytes = [], 0
    if some:
        yield some


def _size(clip):
    """Return the bytes of a file, or those that a span would have as a wav file of two channels."""
    if not isinstance(clip, (str, Clip)):
        return getattr(clip, "nbytes", len(getattr(clip, "data", "")))
    try:
        n_bytes = os.stat(path_of(clip)).st_size
        seconds = getattr(clip, "duration", None)
        return n_bytes if seconds is None else min(n_bytes, seconds * BYTES_A_SECOND)
    except (OSError, ValueError):  # reading it will say why
        return 0


def _predictions_or_errors(model, some, n_jobs, predict):
    """Return what `predict` says of each clip, or text that says why there is no prediction."""
    try:
        return list(predict(model, [clip for clip, _ in some]))
    except ForeignPredictionsError:
        raise
    except Exception as error:  # whatever a model does with a file, the others are not to suffer
        if len(some) == 1:
            return [reason_of(error, some[0][1])]
    parallel = joblib.Parallel(n_jobs=n_jobs, require="sharedmem")
    alone = parallel(joblib.delayed(_predictions_or_errors)(model, [one], 1, predict) for one in some)
    return [prediction for (prediction,) in alone]
