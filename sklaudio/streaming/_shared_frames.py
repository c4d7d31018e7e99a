"""Features of windows that overlap: what is of one frame alone is computed once, for all windows that hold the frame.

A frame is the same in two windows if both hold all of its samples and start a whole number of frames apart. Frames at
the edges of a window reach into the zeros that it is padded with, and are computed for each window.
"""

import copy
from functools import cached_property

import numpy as np

from .._utils.device import resolve_device
from ..features import FrameTransformer, FrameUnion
from ..features._signal import Signal
from ..features._union import shared_signals


def can_share_frames(features):
    """Return whether a feature transformer makes frames of a Signal on the CPU, so that windows may share them."""
    makes_signal = type(features)._signal in (FrameTransformer._signal, FrameUnion._signal)
    has_usual_extract = type(features)._extract is FrameTransformer._extract
    return makes_signal and has_usual_extract and resolve_device(features.device) == "cpu"


class SharedFrames:
    """Make the signals of a feature transformer for windows of a stream, one after the other.

    Parameters
    ----------
    features : FrameTransformer
        One that :func:`can_share_frames`.

    Attributes
    ----------
    start : int
        Index, in the stream, of the first sample of the window whose signal is made next.
    """

    def __init__(self, features):
        self.features = features
        self.reset()

    def reset(self):
        """Begin anew, with another stream."""
        self.start = 0
        self._stored = {}

    def in_features(self):
        """Return a copy of the transformer that takes its signals from here; it is given one window at a time."""
        features = copy.copy(self.features)
        features.n_jobs = 1  # another thread or process would not know which window it has
        features._signal = self.signal_of  # in place of the method
        return features

    def hop_lengths(self):
        """List the steps of frames, in samples, that features have used in the windows so far."""
        return [hop_length for (_, hop_length), stored in self._stored.items() if stored]

    def signal_of(self, y):
        """Return what ``features._signal`` returns for a window, with signals that share frames where they can."""
        if isinstance(self.features, FrameUnion):
            return shared_signals(self.features._members(), lambda member: self._signal_of(member, y))
        return self._signal_of(self.features, y)

    def _signal_of(self, features, y):
        signal = features._signal(y)
        if not _has_usual_signal(features):
            return signal
        stored = self._stored.setdefault((signal.n_fft, signal.hop_length), {})
        latest = max((start for start, *_ in stored.values()), default=0)
        for key in [key for key, (start, *_) in stored.items() if start < latest]:
            del stored[key]  # not used by the window before, such as a lambda, which is another one each time
        return WindowSignal(signal, self.start, stored)


def _has_usual_signal(features):
    return type(features)._signal is FrameTransformer._signal


class WindowSignal(Signal):
    """The signal of a window, which takes from the window before what both share.

    Parameters
    ----------
    signal : Signal
        That of the window by itself.
    start : int
        Index of its first sample in the stream.
    stored : dict
        Rows that earlier windows have computed: (function, parameters, precision) -> (start, stop, rows), where rows
        from the first inner frame up to `stop` are of inner frames of a window that began at `start`.
    """

    def __init__(self, signal, start, stored):
        super().__init__(signal.y, sr=signal.sr, n_fft=signal.n_fft, hop_length=signal.hop_length, double=signal.double)
        self.start = start
        self._stored = stored
        self._parts = {}

    @cached_property
    def magnitude(self):
        """Magnitude spectrum: (n_frames, 1 + n_fft // 2), float32."""
        return self.by_frame(_magnitude)

    @cached_property
    def power(self):
        """Power spectrum: (n_frames, 1 + n_fft // 2), float32."""
        return self.by_frame(_power)

    def by_frame(self, function, *parameters):
        """Apply a function that makes a row of each frame, to frames that the window before does not have.

        Rows cannot be written to: the next window takes them.
        """
        n_frames = 1 + (len(self.y) + 2 * (self.n_fft // 2) - self.n_fft) // self.hop_length
        first = -(-(self.n_fft // 2) // self.hop_length)  # of the frames that lie wholly inside
        stop = 1 + (len(self.y) - self.n_fft + self.n_fft // 2) // self.hop_length
        key = function, parameters, self.double
        start_before, stop_before, before = self._stored.get(key, (self.start, 0, None))
        n_passed, remainder = divmod(self.start - start_before, self.hop_length)
        n_shared = 0 if remainder or n_passed < 0 else min(stop, stop_before - n_passed) - first
        if n_shared <= 0:
            rows = np.asarray(function(self._part(0, n_frames), *parameters))
        else:
            edges = [(0, first), (first + n_shared, n_frames)]
            head, tail = (
                function(self._part(*edge), *parameters) if edge[0] < edge[1] else before[:0] for edge in edges
            )
            rows = np.concatenate([head, before[first + n_passed :][:n_shared], tail])
        rows.flags.writeable = False
        self._stored[key] = self.start, stop, rows
        return rows

    def _part(self, first, stop):
        """Return the signal of some frames, made once for all functions: it keeps its spectra."""
        if (first, stop) not in self._parts:
            self._parts[first, stop] = self.part(first, stop)
            self._parts[first, stop].is_shared = True
        return self._parts[first, stop]


def _magnitude(signal):
    return signal.magnitude


def _power(signal):
    return signal.power
