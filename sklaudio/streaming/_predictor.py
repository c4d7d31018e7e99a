"""StreamPredictor: blocks of live sound in, rows of a timeline out, in memory that does not grow."""

from itertools import chain
from numbers import Real

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import Interval, validate_params

from .._inference import prediction_kind, reading_whole_clips, sampling_rate
from .._introspect import features_of, with_features
from ..timeline._cut import WindowCutter
from ..timeline._windows import OF_WINDOWS
from ._blocks import BlocksToWaveform
from ._shared_frames import SharedFrames, can_share_frames

QUIET = 1e-3  # level of the noise that a first window is made of


class StreamPredictor:
    """Predict live sound, block by block: the rows are those that :func:`predict_timeline` gives for the whole.

    Parameters
    ----------
    model : fitted classifier or regressor of clips
        As :func:`predict_timeline` takes it: of one class or several labels for each clip, or of numbers. One that
        predicts every frame, such as an EventDetector, sees half a minute at a time, and is refused.
    window : float
        Seconds that each prediction is about: about the length of the clips that the model has learned from.
    hop : float
        Seconds from the start of one window to the next. Where it is a whole number of frames of the features,
        ``n * hop_length / sr``, windows that overlap share them; see `shares_frames`.
    reject_below : float or None, default=None
        Probability, in (0, 1], below which a prediction is rejected: the row of a window has a missing label then, and
        with several labels for each clip there is no row for it.
    proba : bool, default=False
        Whether to add a column ``p(label)`` for each class or label.

    Attributes
    ----------
    sr : int
        Sampling rate in hertz that blocks are resampled to: that of the features.
    shares_frames : bool
        Whether frames that windows have in common are computed once. Not by an EncoderTransformer, whose networks see
        each window whole, by features of the samples themselves, nor with a `hop` that is no whole number of frames.

    Raises
    ------
    TypeError
        If `model` is none of those, or `reject_below` is given for numbers.
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    predict_timeline : The same for a file, with smoothing.

    Notes
    -----
    Each window is predicted when its last sample has come. Blocks of another rate than `sr` are resampled by a filter
    that looks about 40 ms ahead (longer for rates below 16 kHz), so that predictions come later by as much.

    Shared are spectra, and what is made of single frames of them: mel bands, centroids, peaks and valleys. What goes
    by the whole window, such as the level that decibels are cut at, and frames at its edges, which reach into the
    zeros around it, are computed for each window as they are for a clip. Numbers equal those of
    :func:`predict_timeline` up to the rounding of float32.

    Memory does not grow: it holds a window of sound, its frames, and what the resampler holds.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer, StreamPredictor
    >>> low, high = (0.5 * np.sin(2 * np.pi * pitch * np.arange(22050) / 22050) for pitch in (200, 2000))
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit([low, high], ["low", "high"])
    >>> stream = StreamPredictor(model, window=1.0, hop=0.5)
    >>> for block in np.split(np.concatenate([low, high]), 10):                 # as a microphone would give them
    ...     for row in stream.push(block, sr=22050).itertuples():
    ...         print(row.start, row.end, row.label)
    0.0 1.0 low
    0.5 1.5 high
    1.0 2.0 high
    >>> len(stream.flush())
    0
    """

    @validate_params(
        {
            "window": [Interval(Real, 0, None, closed="neither")],
            "hop": [Interval(Real, 0, None, closed="neither")],
            "reject_below": [Interval(Real, 0, 1, closed="right"), None],
            "proba": ["boolean"],
        },
        prefer_skip_nested_validation=False,
    )
    def __init__(self, model, *, window, hop, reject_below=None, proba=False):
        kind = prediction_kind(model)
        if kind not in OF_WINDOWS:
            raise TypeError(
                f"model ({type(model).__name__}) predicts every frame, and needs half a minute of sound at a time. "
                "Record the sound and use predict_timeline, or pass a model of clips."
            )
        if kind == "numbers" and reject_below is not None:
            raise TypeError(f"reject_below={reject_below} is for probabilities, and model predicts numbers. Use None.")
        features = features_of(model)
        self.model = model
        self.window = float(window)
        self.hop = float(hop)
        self.reject_below = reject_below
        self.proba = proba
        self.sr = int(sampling_rate(features))
        for name, seconds in (("window", window), ("hop", hop)):
            if round(seconds * self.sr) < 1:
                raise ValueError(f"{name}={seconds} s is less than a sample at sr={self.sr} Hz. Raise it.")
        self._predict, self._make_rows = OF_WINDOWS[kind]
        self._shared = {}
        self._in_use = with_features(reading_whole_clips(model), self._sharing)
        self._begin()
        self._no_rows = self._table_of_a_first_window()[:0]

    @property
    def shares_frames(self):
        """Whether frames that windows have in common are computed once."""
        hop = round(self.hop * self.sr)
        is_whole = abs(self.hop * self.sr - hop) < 1e-6
        return is_whole and bool(self._hop_lengths) and all(hop % length == 0 for length in self._hop_lengths)

    def push(self, block, sr) -> pd.DataFrame:
        """Take the next block of sound; return a row for each window that ends in it.

        Parameters
        ----------
        block : array of shape (n_samples,) or (n_samples, n_channels)
            Any number of samples, none among them. Floats are in [-1, 1]; integers are divided by their full scale.
            Channels are averaged.
        sr : float
            Its sampling rate in hertz, the same in all blocks of a stream.

        Returns
        -------
        DataFrame
            As :func:`predict_timeline` returns it: `start`, `end` (seconds from the start of the stream), and `label`
            and `probability`, or a column for each number. Without rows where no window ends in the block.

        Raises
        ------
        TypeError
            If `block` is no array of samples.
        ValueError
            If it holds NaN or infinity, or `sr` is no rate or not that of the blocks before. The stream goes on as if
            the block had not come.
        """
        return self._rows(self._cutter.push(self._waveform.push(block, sr)))

    def flush(self) -> pd.DataFrame:
        """End the stream; return the rows that are left, and be ready for another stream.

        Returns
        -------
        DataFrame
            As :meth:`push` returns it: of the windows that the resampler held back, and of the last one, which is as
            short as it comes out, unless the last window ended with the stream.
        """
        left = chain(self._cutter.push(self._waveform.finish()), self._cutter.finish())
        try:
            return self._rows(left)
        finally:
            self._begin()

    def _begin(self):
        self._waveform = BlocksToWaveform(self.sr)
        self._cutter = WindowCutter(round(self.window * self.sr), self.hop * self.sr)
        for shared in self._shared.values():
            shared.reset()

    def _sharing(self, features):
        if not can_share_frames(features):
            return features
        shared = self._shared.setdefault(id(features), SharedFrames(features))
        return shared.in_features()

    def _table_of_a_first_window(self):
        """Predict a window of noise, to show errors before the first sound and load what is lazy; return its row."""
        y = QUIET * np.random.default_rng(0).standard_normal(round(self.window * self.sr), dtype=np.float32)
        rows = self._rows([(0, y)])
        self._hop_lengths = [length for shared in self._shared.values() for length in shared.hop_lengths()]
        self._begin()
        return rows

    def _rows(self, windows):
        times, outputs = [], []
        for start, y in windows:
            for shared in self._shared.values():
                shared.start = start
            outputs.append(self._predict(self._in_use, [y]))
            times.append((start / self.sr, (start + len(y)) / self.sr))
        if not times:
            return self._no_rows.copy()
        rows = self._make_rows(
            self.model,
            np.array(times),
            tuple(map(np.concatenate, zip(*outputs, strict=True))),
            None,
            1,
            0.5,
            self.proba,
        )
        if self.reject_below is not None:
            rows = self._without_rejected(rows)
        rows.attrs |= {"path": None, "sr": self.sr, "window": self.window, "hop": self.hop}
        return rows

    def _without_rejected(self, rows):
        is_rejected = rows["probability"].to_numpy() < self.reject_below
        if rows.attrs.get("events"):  # any number of labels
            kept = rows[~is_rejected].reset_index(drop=True)
            kept.attrs = rows.attrs
            return kept
        labels = rows["label"].to_numpy(dtype=object, copy=True)
        labels[is_rejected] = None
        rows["label"] = pd.Series(labels, dtype=object)
        return rows
