"""FrameTransformer: clips in, frames out."""

import os
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from .._frames.validation import FramesOutMixin, stack_frames
from .._utils.device import resolve_device
from .._utils.malloc import reused_memory
from .._utils.progress import progress
from ..audio import UnreadableClipError, load_audio
from ..audio._clips import as_column, validate_clips
from ..audio._decode import Decoded
from ..audio._load import at_rate, read_part, skip_seconds
from ..audio._resample import fix_length
from ._cache import cached_extraction
from ._content import content_key
from ._map_clips import attempt, judge_failures, map_clips, runs_of_equal_length
from ._signal import Signal

MANY = 16  # clips, for which it is worthwhile to keep freed memory
NOT_OF_THE_FRAMES = {"memory", "n_jobs", "device", "on_error"}  # they say how frames are made, not what they are


@dataclass(eq=False, repr=False, kw_only=True)
class FrameTransformer(FramesOutMixin, BaseEstimator):
    """Decode clips, extract frames clip by clip, and cache them: base of all feature extractors.

    A feature is a subclass with two methods: ``_dim_names()`` lists the names of its dims, and ``_frames(signal)``
    makes the frames of one clip from its :class:`~sklaudio.features._signal.Signal`, whose spectra have the `n_fft`
    and `hop_length` of the subclass, or 2048 and 512 where it has no such parameters. What depends on more than one
    parameter is checked in ``_check_parameters()``.

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
        Where to keep the frames of each clip, by the content of the clip and of the parameters of the feature. None
        keeps nothing. Parameters whose content cannot be known, such as functions, raise an error then.
    n_jobs : int or None, default=None
        Number of threads or processes over the clips; -1 uses all processors. Files go to processes where the first
        ones show that all will take more than ten seconds on one core, and to threads else, as waveforms do; frames are
        the same. Under :func:`joblib.parallel_config` its backend is used instead.
    device : str, default="cpu"
        Where frames are computed: "cpu", a torch device such as "cuda", or "auto" for a GPU where there is one.
    on_error : {"raise", "warn"}, default="raise"
        What becomes of files that cannot be read: "raise" ends in an error that lists all of them; "warn" warns of
        each and gives it no frames, and the classifiers here then predict the class prior.

    Attributes
    ----------
    n_features_in_ : int
        Number of samples of a clip. Only if `X` was a 2-D array; later 2-D arrays must be as wide.
    """

    _takes_clips = True

    sr: int = 22050
    duration: float | None = None
    offset: float = 0.0
    memory: object = None
    n_jobs: int | None = None
    device: str = "cpu"
    on_error: str = "raise"

    _needs_double = True  # whether librosa's value depends on the last bits of its spectrum: steps, sharp valleys
    _parameter_constraints = {
        "sr": [Interval(Integral, 1, None, closed="left")],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "offset": [Interval(Real, 0, None, closed="left")],
        "memory": [str, os.PathLike, HasMethods("cache"), None],
        "n_jobs": [Integral, None],
        "device": [str],
        "on_error": [StrOptions({"raise", "warn"})],
    }

    def fit(self, X, y=None) -> Self:
        """Check parameters and clips; nothing is learned.

        Parameters
        ----------
        X : sequence, array or column of clips, or array of shape (n_clips, n_samples)
            The clips: paths, :class:`Clip`, waveforms, or what else :func:`sklaudio.audio.as_clips` lists.
        y : None
            Ignored.

        Returns
        -------
        self : object
            The transformer itself.
        """
        self._validate(X, reset=True)
        return self

    def fit_transform(self, X, y=None) -> np.ndarray:
        """Extract the frames of each clip, which is checked once for both; see :meth:`fit` and :meth:`transform`."""
        if (type(self).fit, type(self).transform) != (FrameTransformer.fit, FrameTransformer.transform):
            return super().fit_transform(X, y)  # a subclass learns, or makes something else of the frames
        return self._transform(self._validate(X, reset=True), X)

    def transform(self, X) -> np.ndarray:
        """Extract the frames of each clip.

        Parameters
        ----------
        X : sequence, array or column of clips, or array of shape (n_clips, n_samples)
            The clips: paths, :class:`Clip`, waveforms, or what else :func:`sklaudio.audio.as_clips` lists.

        Returns
        -------
        ndarray of shape (n_clips, n_frames, n_dims), float32
            The frames; where clips have unequal numbers of them, a 1-D object array of arrays
            ``(n_frames_i, n_dims)``. Those of a Series carry its index, so that a table made of them later has it; see
            :meth:`set_output`.

        Raises
        ------
        UnreadableClipError
            If a file cannot be read or a clip holds no samples, NaN or infinity. The message names all such files. It
            is a FileNotFoundError, IsADirectoryError, PermissionError or other OSError if all of them are, else a
            ValueError.
        """
        return self._transform(self._validate(X, reset=False), X)

    def _transform(self, clips, X):
        frames = progress(self._frames_of_each(clips), total=len(clips), unit="clip", desc="features")
        with reused_memory() if len(clips) >= MANY else nullcontext():
            return self._label(stack_frames(frames, n_clips=len(clips)), X)

    def iter_transform(self, X, batch_size=256):
        """Extract the frames of some clips at a time, for what does not fit into memory.

        Parameters
        ----------
        X : sequence, array or column of clips, or array of shape (n_clips, n_samples)
            The clips: paths, :class:`Clip`, waveforms, or what else :func:`sklaudio.audio.as_clips` lists.
        batch_size : int, default=256
            Clips at a time; the last batch may have fewer.

        Yields
        ------
        ndarray of shape (n_batch, n_frames, n_dims), float32, or object array of (n_frames_i, n_dims)
            As :meth:`transform` gives of these clips, in order.

        Raises
        ------
        UnreadableClipError
            As in :meth:`transform`, when the clip's turn comes.
        ValueError
            If `batch_size` is less than 1.

        Examples
        --------
        >>> import numpy as np
        >>> from sklaudio import MFCCTransformer
        >>> clips = np.zeros((5, 4096), dtype="float32")
        >>> [len(frames) for frames in MFCCTransformer().iter_transform(clips, batch_size=2)]
        [2, 2, 1]
        """
        self._validate_params()
        self._check_parameters()
        if batch_size < 1:
            raise ValueError(f"batch_size={batch_size} must be at least 1 clip.")
        X = as_column(X)
        if len(X) == 0:
            self._check_clips(X, reset=False)  # says what is wrong with it
        X = np.asarray(X) if isinstance(X, memoryview) else X  # which has no slices of several axes
        for start in range(0, len(X), batch_size):
            batch = _safe_indexing(X, slice(start, start + batch_size))
            try:
                clips = self._check_clips(batch, reset=False)
                frames = stack_frames(self._frames_of_each(clips), n_clips=len(clips))
            except UnreadableClipError as error:
                for one in error.errors:
                    one.index += start
                raise
            yield self._label(frames, batch)

    def get_feature_names_out(self, input_features=None):
        """Return the names of the dims.

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

    def _validate(self, X, *, reset):
        """Check parameters and clips; return the clips."""
        self._validate_params()
        self._check_parameters()
        if reset:
            self._settings()
        clips = self._check_clips(X, reset=reset)
        if reset:
            self._learn()
        return clips

    def _learn(self):
        """Set in `fit` what follows from the parameters alone; most features have nothing."""

    def _check_parameters(self):
        """Raise an error where parameters do not go together."""

    def _check_clips(self, X, *, reset):
        return validate_clips(self, X, reset=reset)

    def _settings(self):
        """Return name and hash of everything but the clip that decides the frames; None without a cache."""
        is_cached = getattr(self.memory, "store_backend", self.memory) is not None
        return f"{type(self).__qualname__} {content_key(self)}" if is_cached else None

    def __sklaudio_cache_key__(self):
        """Return what decides the frames beside the class: the parameters, and what a subclass has learned in `fit`."""
        parameters = self.get_params(deep=False).items()
        learned = sorted(name for name in vars(self) if name.endswith("_") and not name.startswith("_"))
        return {name: value for name, value in parameters if name not in NOT_OF_THE_FRAMES} | {
            name: vars(self)[name] for name in learned if name != "n_features_in_"
        }

    def _signal(self, y):
        frames = {name: getattr(self, name) for name in ("n_fft", "hop_length") if hasattr(self, name)}
        return Signal(y, sr=self.sr, double=self._needs_double, **frames)

    def _frames_of_each(self, clips):
        """Iterate over the frames of the clips, in order."""
        if resolve_device(self.device) != "cpu" and self.memory is None:
            frames = self._frames_on_device(clips)
        else:
            extract = cached_extraction(self.memory, self._settings(), self._extract, self._part)
            frames = map_clips(partial(attempt, extract), clips, self.n_jobs, processes=True)
        no_frames = np.empty((0, len(self._dim_names())), dtype=np.float32)
        return judge_failures(frames, on_error=self.on_error, instead=no_frames)

    def _frames_on_device(self, clips):
        """Iterate as :meth:`_frames_of_each`, many equally long clips at a time on the device; threads decode."""
        for run in runs_of_equal_length(map_clips(partial(attempt, self._waveform), clips, self.n_jobs)):
            yield from [run] if isinstance(run, Exception) else self._on_device(np.stack(run))

    def _on_device(self, y):
        """Compute frames of one clip (n_samples,) or more (n_clips, n_samples) on the device, as numpy array."""
        import torch

        signal = self._signal(torch.from_numpy(y).to(resolve_device(self.device)))
        return self._frames(signal).to("cpu", torch.float32).numpy()

    def _extract(self, clip):
        """Extract the frames of one clip: (n_frames, n_dims), float32."""
        y = self._waveform(clip)
        if resolve_device(self.device) != "cpu":
            return self._on_device(y)
        return np.array(self._frames(self._signal(y)), dtype=np.float32)

    def _waveform(self, clip):
        """Return the samples of one clip, or of what :meth:`_part` read of it, from `offset` on, `duration` long."""
        if isinstance(clip, np.ndarray):
            y = skip_seconds(clip, self.offset, self.sr)
        elif isinstance(clip, Decoded):
            y, _ = at_rate(clip, self.sr)
        else:
            y, _ = load_audio(clip, self.sr, offset=self.offset, duration=self.duration)
        return y if self.duration is None else fix_length(y, max(1, round(self.duration * self.sr)))

    def _part(self, clip):
        """Read what is used of a clip that is no array, at its native rate, as Decoded."""
        return read_part(clip, offset=self.offset, duration=self.duration)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


@dataclass(eq=False, repr=False, kw_only=True)
class SpectralTransformer(FrameTransformer):
    """Extract features of centred frames, with librosa's `n_fft` and `hop_length` by default: base of such features.

    A feature is a subclass with ``_dim_names()`` and ``_frames(signal)``, see :class:`FrameTransformer`. The signal has
    ``y`` (n_samples,), ``sr``, and computed when first asked for ``frames`` (n_frames, n_fft), ``magnitude`` and
    ``power`` (n_frames, 1 + n_fft // 2), and ``frequencies`` (1 + n_fft // 2,) in hertz.

    Parameters
    ----------
    n_fft : int, default=2048
        Length of a frame and of its transform, in samples.
    hop_length : int, default=512
        Samples from one frame to the next.
    sr, duration, offset, memory, n_jobs, device, on_error
        As in :class:`FrameTransformer`.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import SpectralTransformer
    >>> class PeakTransformer(SpectralTransformer):
    ...     def _dim_names(self):
    ...         return ["peak"]
    ...     def _frames(self, signal):
    ...         return signal.frequencies[signal.magnitude.argmax(axis=1)][:, None]
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(22050) / 22050)
    >>> round(float(PeakTransformer().fit_transform([tone])[0, 20, 0]))
    1001
    """

    n_fft: int = 2048
    hop_length: int = 512

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        "n_fft": [Interval(Integral, 2, None, closed="left")],
        "hop_length": [Interval(Integral, 1, None, closed="left")],
    }


class OneDimTransformer(SpectralTransformer):
    """Base of the features of a single dim, whose name is `_name`."""

    def _dim_names(self):
        return [self._name]
