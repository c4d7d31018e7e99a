"""FrameTransformer: clips in, frames out."""

import os
from dataclasses import dataclass
from numbers import Integral, Real

import joblib
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import validate_data

from .._device import resolve_device
from .._frames import FramesOutMixin, stack_frames
from .._progress import progress
from ..audio import INTEGER_SAMPLES, as_clips, fix_length, holds_clips, load_audio, scale_integers
from ._cache import cached_extraction
from ._spectrum import Signal

NOT_OF_THE_FRAMES = {"memory", "n_jobs", "device"}  # parameters that say how frames are made, not what they are


@dataclass(eq=False, repr=False, kw_only=True)
class FrameTransformer(FramesOutMixin, BaseEstimator):
    """Base of all feature extractors: decodes clips, extracts frames clip by clip, and caches them.

    A feature is a subclass with two methods: ``_dim_names()`` lists the names of its dims, and ``_frames(signal)``
    makes the frames of one clip from its :class:`~sklaudio.features._spectrum.Signal`. What depends on more than one
    parameter is checked in ``_check_parameters()``. A cache made by an older version of such a subclass is not known
    to be old: clear it (``memory.clear()``) after a change.

    Parameters
    ----------
    sr : int, default=22050
        Sampling rate in hertz that files are resampled to, and that waveforms are taken to have.
    duration : float or None, default=None
        Seconds of each clip to use: longer clips are cut, shorter ones padded with zeros at the end. None uses each
        clip whole.
    offset : float, default=0.0
        Seconds to skip at the start of each clip.
    memory : str, path-like, joblib.Memory or None, default=None
        Where to keep the frames of each clip, by the content of the clip and the parameters of the feature. None
        keeps nothing.
    n_jobs : int or None, default=None
        Number of threads over the clips; -1 uses all processors. Under :func:`joblib.parallel_config` its backend is
        used instead.
    device : str, default="cpu"
        Where frames are computed: "cpu", a torch device such as "cuda", or "auto" for a GPU where there is one.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip. Only if `X` was a 2-D array; later 2-D arrays must be as wide.
    """

    sr: int = 22050
    duration: float | None = None
    offset: float = 0.0
    memory: object = None
    n_jobs: int | None = None
    device: str = "cpu"

    _parameter_constraints = {
        "sr": [Interval(Integral, 1, None, closed="left")],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "offset": [Interval(Real, 0, None, closed="left")],
        "memory": [str, os.PathLike, HasMethods("cache"), None],
        "n_jobs": [Integral, None],
        "device": [str],
    }

    def fit(self, X, y=None):
        """Check parameters and clips; nothing is learned.

        Parameters
        ----------
        X : list, array or Series of paths, list of waveforms, or array of shape (n_clips, n_samples)
            The clips.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.
        """
        self._validate_params()
        self._check_parameters()
        self._check_clips(X, reset=True)
        return self

    def transform(self, X):
        """Extract the frames of each clip.

        Parameters
        ----------
        X : list, array or Series of paths, list of waveforms, or array of shape (n_clips, n_samples)
            The clips.

        Returns
        -------
        ndarray of shape (n_clips, n_frames, n_dims), float32
            The frames; where clips have unequal numbers of them, a 1-D object array of arrays
            ``(n_frames_i, n_dims)``.

        Raises
        ------
        FileNotFoundError, IsADirectoryError, ValueError
            If a file cannot be read or a clip holds no samples, NaN or infinity. The message names it.
        """
        self._validate_params()
        self._check_parameters()
        clips = self._check_clips(X, reset=False)
        extract = cached_extraction(self.memory, self._settings(), self._extract)
        jobs = (joblib.delayed(extract)(clip) for clip in clips)
        frames = _parallel(self.n_jobs)(jobs)
        return self._name_dims(stack_frames(progress(frames, total=len(clips), unit="clip", desc="features")))

    def get_feature_names_out(self, input_features=None):
        """Names of the dims.

        Parameters
        ----------
        input_features : None
            Ignored: samples have no names.

        Returns
        -------
        ndarray of str, shape (n_dims,)
            Such as "mfcc0".
        """
        return np.asarray(self._dim_names(), dtype=object)

    def _check_parameters(self):
        """Raise an error where parameters do not go together."""

    def _check_clips(self, X, *, reset):
        if holds_clips(X):
            if reset and hasattr(self, "n_features_in_"):
                del self.n_features_in_
            return as_clips(X)
        if isinstance(X, np.ndarray) and X.dtype in INTEGER_SAMPLES:
            X = scale_integers(X)
        try:
            return list(validate_data(self, X, dtype=np.float32, order="C", reset=reset))
        except ValueError as error:
            if "could not convert string" in str(error):
                raise ValueError(
                    f"X is a table of text ({error}). Pass the column of the paths, such as df['path'], not the table."
                ) from error
            if "features, but" not in str(error):
                raise
            raise ValueError(
                f"{error}. A 2-D array is data of fixed width; pass a list of 1-D arrays for clips of any length."
            ) from error

    def _settings(self):
        """Everything but the clip that decides the frames, as text."""
        parameters = {
            name: _plain(value) for name, value in self.get_params(deep=False).items() if name not in NOT_OF_THE_FRAMES
        }
        return f"{type(self).__module__}.{type(self).__qualname__}({parameters!r})"

    def _extract(self, clip):
        """Frames of one clip: (n_frames, n_dims), float32."""
        y = self._waveform(clip)
        device = resolve_device(self.device)
        if device == "cpu":
            return np.array(self._frames(self._signal(y)), dtype=np.float32)
        import torch

        frames = self._frames(self._signal(torch.from_numpy(y).to(device)))
        return frames.to("cpu", torch.float32).numpy()

    def _waveform(self, clip):
        """Samples of one clip, from `offset` on, `duration` long."""
        if isinstance(clip, np.ndarray):
            y = clip[int(self.offset * self.sr) :]  # as load_audio counts
            if len(y) == 0:
                raise ValueError(
                    f"offset={self.offset} s is past the end of a clip of {len(clip)} samples at sr={self.sr}. "
                    "Use a smaller offset."
                )
        else:
            y, _ = load_audio(clip, self.sr, offset=self.offset, duration=self.duration)
        return y if self.duration is None else fix_length(y, max(1, round(self.duration * self.sr)))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def _parallel(n_jobs):
    """Threads by default; results one by one, where the backend in force can do that."""
    try:
        return joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")
    except ValueError:
        return joblib.Parallel(n_jobs=n_jobs, prefer="threads")


def _plain(value):
    """Equal numbers of other types are the same setting: 3, 3.0 and np.float64(3)."""
    return float(value) if isinstance(value, Real) else value


@dataclass(eq=False, repr=False, kw_only=True)
class SpectralTransformer(FrameTransformer):
    """Base of the features of centred frames: adds `n_fft` and `hop_length`, with librosa's defaults."""

    n_fft: int = 2048
    hop_length: int = 512

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }

    def _signal(self, y):
        return Signal(y, sr=self.sr, n_fft=self.n_fft, hop_length=self.hop_length)


class OneDimTransformer(SpectralTransformer):
    """Base of the features of a single dim, whose name is `_name`."""

    def _dim_names(self):
        return [self._name]
