"""predict_timeline: what is when in a recording of any length, window by window, in memory that does not grow."""

from itertools import chain, islice
from math import ceil, isfinite
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from .._inference import has_threshold, label_thresholds, prediction_kind, reading_whole_clips, sampling_rate
from .._introspect import features_of
from .._utils.progress import progress
from ..audio import iter_audio
from ..audio._sources import path_of
from ._cut import cut_windows
from ._events import predict_events, predict_frame_numbers
from ._formats import format_time, timeline_to_audacity, timeline_to_json
from ._merge import merge_timeline
from ._recording import as_recording, start_of
from ._windows import OF_WINDOWS

__all__ = ["format_time", "merge_timeline", "predict_timeline", "timeline_to_audacity", "timeline_to_json"]

SAMPLES_AT_ONCE = 2**20  # of the windows that the model is given together; more are slower on a CPU
DIGITS = 9  # of seconds, where the start of a Clip is added to them


@validate_params(
    {
        "sr": [Interval(Real, 0, None, closed="neither"), None],
        "window": [Interval(Real, 0, None, closed="neither")],
        "hop": [Interval(Real, 0, None, closed="neither")],
        "smoothing": [StrOptions({"median", "viterbi"}), None],
        "median_length": [Interval(Integral, 1, None, closed="left")],
        "stay": [Interval(Real, 0, 1, closed="neither")],
        "merge": ["boolean"],
        "proba": ["boolean"],
    },
    prefer_skip_nested_validation=False,
)
def predict_timeline(
    model,
    path,
    *,
    sr=None,
    window=3.0,
    hop=1.0,
    smoothing=None,
    median_length=5,
    stay=0.99,
    merge=False,
    proba=False,
):
    """Predict classes, labels, numbers or events over time, for a recording of any length.

    The file is decoded and resampled block by block, and windows are given to the model in batches: memory does not
    grow with the length of the recording, but for the rows of the result. What predicts every frame by itself has no
    windows, and `window`, `hop` and `proba` have no effect then: a model that ends in an EventDetector, or in a net
    that was fitted with numbers of every frame.

    Parameters
    ----------
    model : fitted classifier, regressor or detector of clips
        A Pipeline that begins with a FrameTransformer or FrameUnion, or a search, calibration or vote over such ones.
        Files are resampled to its `sr`. Its features see each window whole: their `duration`, `offset` and
        `memory` have no effect here. The model itself is left as it is.
    path : str, path-like, Clip, bytes, binary file, dict or array of shape (n_samples,)
        The recording, or a :class:`~sklaudio.Clip` of it: only that part is decoded, and windows begin with it. Else
        the content of a file, one of the dicts that `X` may hold, or samples, with `sr`.
    sr : float or None, default=None
        Sampling rate of samples, in hertz; None for all others, which have a native one.
    window : float, default=3.0
        Seconds that each prediction is about. Give about the length of the clips that the model has learned from.
    hop : float, default=1.0
        Seconds from the start of one window to the next. Below `window` they overlap, above it parts of the recording
        are left out.
    smoothing : {"median", "viterbi"} or None, default=None
        What neighbours have to say about a window. None takes each by itself. "median" replaces the probability of
        each class by its running median, scaled to a sum of 1. "viterbi" takes the most probable sequence of classes
        where each lasts on with probability `stay`; probabilities stay those of the windows, of which none counts as
        surer than 0.01 that it is not some class. Of several labels, each is smoothed by itself, and "viterbi" takes
        the most probable sequence of being there or not. Numbers have "median" alone, events neither.
    median_length : int, default=5
        Odd number of windows that "median" looks at.
    stay : float, default=0.99
        Probability, in (0, 1), with which "viterbi" lets a class last on into the next window.
    merge : bool, default=False
        Whether windows of one label that follow each other become one row, see :func:`merge_timeline`. Rows are
        windows otherwise. Numbers are not merged.
    proba : bool, default=False
        Whether to add a column ``p(label)`` for each class or label. A window that has none of several labels has a
        row then too, with a missing label, unless windows are merged.

    Returns
    -------
    DataFrame
        In order of time: `start` and `end` in seconds, the `label` as the model knows it, and its `probability`,
        which is the fraction of its vote where the model has no ``predict_proba``. Times count from the start of the
        recording, also where a Clip was passed: ``Clip(path, start, end)`` is the window of a row. ``attrs`` has `path`
        (of the recording; None where it has none), `sr`, `window` and `hop`. Of an EventDetector a row for each event,
        which may overlap; ``attrs`` has its `hop` and no `window`; of several labels a row for each label that a window
        has. Of a regressor, `start`, `end` and a column for each target, called as in its ``target_names_``, or else
        "prediction", or "prediction0", "prediction1", …; a row for each frame, with its `hop` and no `window` in
        ``attrs``, where it predicts these.

    Raises
    ------
    TypeError
        If `path` is nothing of these, or `model` predicts something else: if it is a clusterer, or predicts several
        labels of which it has no names.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    FileNotFoundError, IsADirectoryError, PermissionError, ValueError
        If the file cannot be read, as :func:`~sklaudio.load_audio` says; if a parameter is out of its range; if
        `smoothing` is to go by the probabilities of a model that decides at a threshold; or if `smoothing` or `merge`
        are not for what the model predicts.

    Notes
    -----
    Window k is ``y[round(k * hop * sr):][:round(window * sr)]`` of the waveform that :func:`~sklaudio.load_audio`
    gives, to the bit, and its prediction that of ``predict_proba`` for this waveform. The first window to reach the end
    is the last one, and as short as it comes out; a recording or Clip shorter than a window is one window.
    Features are computed for each window by itself, so that time grows with ``window / hop``.

    Events are those of ``model.predict([path])``, as far as features of a block, with 1 s before and after it, are
    those of the whole recording: not where they are scaled clip by clip, such as by ``FrameScaler(per="clip")``.
    Numbers of frames are predicted in the same blocks; those of recordings of up to 1280 frames are those of
    ``model.predict([path])``.

    References
    ----------
    .. [1] A. J. Viterbi, "Error bounds for convolutional codes and an asymptotically optimum decoding algorithm",
       IEEE Transactions on Information Theory 13 (1967).

    Examples
    --------
    >>> import numpy as np, os, soundfile, tempfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer, predict_timeline
    >>> low, high = (0.5 * np.sin(2 * np.pi * pitch * np.arange(22050) / 22050) for pitch in (200, 2000))
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit([low, high], ["low", "high"])
    >>> path = os.path.join(tempfile.mkdtemp(), "long.wav")
    >>> soundfile.write(path, np.concatenate([low, low, low, high, high]), 22050)
    >>> predict_timeline(model, path, window=1, hop=1, merge=True).round(1)
       start  end label  probability
    0    0.0  3.0   low          1.0
    1    3.0  5.0  high          1.0
    """
    clip = as_recording(path, sr)
    settings = {"smoothing": smoothing, "median_length": median_length}
    sr = check_settings(model, window=window, hop=hop, merge=merge, **settings)
    kind = prediction_kind(model)
    if kind in ("events", "curves"):
        timeline = predict_events(model, clip) if kind == "events" else predict_frame_numbers(model, clip, **settings)
        return merge_timeline(timeline) if merge else timeline
    predict, make_rows = OF_WINDOWS[kind]
    times, outputs = _predictions_over_time(predict, reading_whole_clips(model), clip, sr, window, hop)
    times = np.round(times + start_of(clip), DIGITS) if start_of(clip) else times
    timeline = make_rows(model, times, outputs, smoothing, median_length, stay, proba)
    timeline.attrs |= {"path": path_of(clip), "sr": int(sr), "window": float(window), "hop": float(hop)}
    return merge_timeline(timeline) if merge else timeline


def check_settings(model, *, window, hop, smoothing, median_length, merge=False):
    """Raise an error if settings of :func:`predict_timeline` do not fit each other or the model.

    Returns the sampling rate that windows are cut at, in hertz; None where there are none.
    """
    if median_length % 2 == 0:
        raise ValueError(f"median_length={median_length} must be odd. Use {median_length + 1}.")
    kind = prediction_kind(model)
    if kind == "events" and smoothing is not None:
        raise ValueError(f"smoothing={smoothing!r} is for windows, and an EventDetector smooths by itself. Use None.")
    if kind in ("numbers", "curves"):
        _check_number_settings(model, smoothing, merge)
    if kind in ("events", "curves"):
        return None
    sr = sampling_rate(features_of(model))
    for name, seconds in (("window", window), ("hop", hop)):
        if round(seconds * sr) < 1:
            raise ValueError(f"{name}={seconds} s is less than a sample at sr={sr} Hz. Raise it.")
    if smoothing is not None and kind == "classes" and has_threshold(model):
        raise ValueError(
            f"smoothing={smoothing!r} goes by the probabilities, and model ({type(model).__name__}) decides at a "
            "threshold. Use smoothing=None, or pass the model without its threshold."
        )
    if smoothing == "viterbi" and kind == "labels":
        _check_thresholds(label_thresholds(model))
    return sr


def _check_thresholds(thresholds):
    if thresholds is not None and (thresholds != 0.5).any():
        raise ValueError(
            "smoothing='viterbi' takes what is more probable than not for present, and model decides at other "
            "thresholds. Use smoothing='median', or pass the model without its thresholds."
        )


def _check_number_settings(model, smoothing, merge):
    if merge:
        raise ValueError(f"merge=True is for labels, and model ({type(model).__name__}) predicts numbers. Use False.")
    if smoothing == "viterbi":
        raise ValueError(
            f"smoothing='viterbi' is for labels, and model ({type(model).__name__}) predicts numbers. Use 'median'."
        )


def _predictions_over_time(predict, model, path, sr, window, hop):
    """Return start and end of each window in seconds, (n_windows, 2), and a tuple of arrays that `predict` returns."""
    windows = _watched_windows(path, sr, window, hop)
    n_at_once = max(1, int(SAMPLES_AT_ONCE / (window * sr)))
    times, batches = [], []
    while batch := list(islice(windows, n_at_once)):
        times.append(np.array([(start, start + len(y)) for start, y in batch]) / sr)
        batches.append(predict(model, [y for _, y in batch]))
    return np.concatenate(times), tuple(map(np.concatenate, zip(*batches, strict=True)))


def _watched_windows(path, sr, window, hop):
    """Iterate over the windows of a file, with a bar that knows how many there will be if the header does."""
    blocks = iter_audio(path, sr)
    first, seconds = next(blocks)
    total = 1 + ceil(max(0, seconds - window) / hop) if isfinite(seconds) else None
    rest = (y for y, _ in blocks)
    windows = cut_windows(chain([first], rest), round(window * sr), hop * sr)
    return iter(progress(windows, total=total, unit="window", desc="timeline"))
