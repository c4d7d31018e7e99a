"""EncoderTransformer: clips in, frames of a pretrained network out."""

from functools import partial
from numbers import Integral, Real

import numpy as np
from sklearn.utils._param_validation import Interval

from .._utils.device import resolve_device
from ..features import FrameTransformer
from ..features._cache import cached_extraction
from ..features._map_clips import attempt, judge_failures, map_clips
from ..features._signal import Signal
from ._batches import encode
from ._opening import OpensEncoderMixin
from ._windows import lay_out


class _NotCachedError(Exception):
    """A clip is not in the cache; its argument is the waveform."""


class EncoderTransformer(OpensEncoderMixin, FrameTransformer):
    """Extract frames by a pretrained network, which was trained on much more sound than one data set has.

    Parameters
    ----------
    encoder : str, path-like, torch.nn.Module, torch.export.ExportedProgram or Encoder, default="google-speech"
        What to run: a name of :func:`sklaudio.encoders.names`; the path of an ``.onnx`` file; the folder of a model of
        the library transformers, or ``"hf:<id>"`` for one that :func:`sklaudio.encoders.fetch` has downloaded; a torch
        module or exported program that makes ``(batch, n_dims)`` or ``(batch, n_frames, n_dims)`` of samples
        ``(batch, n_samples)``; or an :class:`~sklaudio.encoders.Encoder`.
    layer : int, str, list of these or None, default=None
        Whose output to take, where the encoder has a choice. Its card says which there are. Several go side by side;
        "mean" is the mean of all layers of a model of transformers. None is the encoder's default.
    window : float or None, default=None
        Seconds that the encoder is given at once; clips that are longer are cut, and shorter ones padded with zeros
        as far as the encoder needs it. None is the encoder's default.
    hop : float or None, default=None
        Seconds from one window to the next. Where an encoder makes many frames of a window, those of overlapping
        windows are averaged; where it makes one, `hop` is the time between frames. None lays them end to end.
    sr : int or None, default=None
        Sampling rate that the encoder takes, in hertz: for ONNX files and torch modules that do not say it. None
        takes it from the encoder.
    duration : float or None, default=None
        Seconds of each clip to use: longer clips are cut, shorter ones padded with zeros at the end.
    offset : float, default=0.0
        Seconds to skip at the start of each clip.
    batch_size : int, default=16
        Windows that the network is given together, of one clip or several.
    memory : str, path-like, joblib.Memory or None, default=None
        Where to keep the frames of each clip, by the content of clip and encoder, layer and windows.
    n_jobs : int or None, default=None
        Number of threads that decode clips. The network has other threads.
    device : str, default="auto"
        Where a torch network runs: "auto" for a GPU where there is one, "cpu", or a torch device.
    on_error : {"raise", "warn"}, default="raise"
        What becomes of files that cannot be read; see :class:`FrameTransformer`.

    Attributes
    ----------
    encoder_hash_ : str
        Hash of the content of the encoder. A fitted, or loaded, transformer refuses to work with another.
    licence_ : str or None
        Licence of the weights, where it is known.
    frame_rate_ : float
        Frames in a second.
    n_features_in_ : int
        Number of samples of a clip. Only if `X` was a 2-D array.

    See Also
    --------
    sklaudio.encoders.names : The encoders that are known by name.
    sklaudio.encoders.check_encoder : Tests a user-defined encoder.
    FrameSummary : Makes one row of the frames of each clip, for classical estimators.

    Notes
    -----
    The network is not saved with a model: :func:`sklaudio.save` writes its name or path, its hash and its licence, and
    where the model is loaded the same network has to be there.

    Examples
    --------
    >>> import numpy as np, torch
    >>> class Bands(torch.nn.Module):
    ...     def forward(self, samples):                      # (batch, n_samples) -> (batch, n_frames, n_dims)
    ...         return samples.unfold(1, 400, 320).square()[..., :8]
    >>> encoder = EncoderTransformer(Bands(), sr=16000).fit([np.zeros(16000)])
    >>> encoder.transform([np.zeros(16000), np.zeros(16000)]).shape
    (2, 49, 8)
    >>> encoder.frame_rate_
    50.0
    """

    def __init__(
        self,
        encoder="google-speech",
        *,
        layer=None,
        window=None,
        hop=None,
        sr=None,
        duration=None,
        offset=0.0,
        batch_size=16,
        memory=None,
        n_jobs=None,
        device="auto",
        on_error="raise",
    ):
        self.encoder = encoder
        self.layer = layer
        self.window = window
        self.hop = hop
        self.sr = sr
        self.duration = duration
        self.offset = offset
        self.batch_size = batch_size
        self.memory = memory
        self.n_jobs = n_jobs
        self.device = device
        self.on_error = on_error

    _parameter_constraints = {
        **FrameTransformer._parameter_constraints,
        "encoder": "no_validation",  # open_encoder says what is wrong with it
        "layer": "no_validation",
        "window": [Interval(Real, 0, None, closed="neither"), None],
        "hop": [Interval(Real, 0, None, closed="neither"), None],
        "sr": [Interval(Integral, 1, None, closed="left"), None],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
    }

    @property
    def hop_length(self):
        """Samples at `sr` from one frame to the next."""
        encoder = self._open()
        return encoder.hop_length or self._sizes(encoder)[1]

    def _given_sizes(self, encoder):
        """Return `window` and `hop` in samples; None where they are None."""
        return [None if seconds is None else round(seconds * encoder.sr) for seconds in (self.window, self.hop)]

    def _sizes(self, encoder):
        """Return samples in a window and from one to the next, the encoder's default where the user does not say."""
        window, hop = self._given_sizes(encoder)
        window = encoder.window if window is None else window
        return window, encoder.hop_of_windows(window) if hop is None else hop

    def _check_parameters(self):
        encoder = self._open()
        window, hop = self._sizes(encoder)
        if encoder.is_fixed and window != encoder.window:
            raise ValueError(
                f"window={self.window} s is not what the encoder takes: {encoder.window / encoder.sr:.6g} s. Use None."
            )
        if window < encoder.frame_length:
            shortest = encoder.frame_length / encoder.sr
            raise ValueError(f"window={self.window} s is too short for the encoder. Use at least {shortest:.4g} s.")
        min_hop = encoder.hop_length or 1
        max_hop = encoder.hop_of_windows(window) if encoder.hop_length else hop
        if not min_hop <= hop <= max_hop:
            raise ValueError(
                f"hop={self.hop} s leaves frames out, or is less than one of them. With this window take "
                f"{min_hop / encoder.sr:.4g} to {max_hop / encoder.sr:.4g} s, or None."
            )
        if self.memory is not None and encoder.content_hash is None:
            raise ValueError(
                f"memory={self.memory!r}: frames cannot be cached, as what decides them in encoder "
                f"{type(self.encoder).__name__} cannot be known: {encoder.unknown}. Use memory=None."
            )

    def _check_clips(self, X, *, reset):
        clips = super()._check_clips(X, reset=reset)
        encoder = self._open()
        if reset:
            self._learn_content(encoder)
            self.frame_rate_ = encoder.sr / self.hop_length
        else:
            self._check_content(encoder, "transformer")
        return clips

    def _settings(self):
        """Describe as text everything but the clip that decides the frames."""
        return self._settings_with(self._open())

    def _settings_with(self, encoder):
        sizes = self._sizes(encoder), self._given_sizes(encoder)
        clip = encoder.sr, float(self.offset), self.duration and float(self.duration)
        return f"EncoderTransformer{(encoder.content_hash, encoder.dim_names, sizes, clip)!r}"

    def _dim_names(self):
        return list(self._open().dim_names)

    def _frames_of_each(self, clips):
        """Iterate over the frames of the clips, in order: from the cache, or made of many windows at a time."""
        encoder = self._open()
        settings = "" if self.memory is None else self._settings_with(encoder)
        reader = FrameTransformer(sr=encoder.sr, duration=self.duration, offset=self.offset)
        find = partial(_find, self.memory, settings, reader)
        found = map_clips(partial(attempt, find), clips, self.n_jobs)
        outcomes = self._encode_in_parts(zip(clips, found, strict=True), encoder, settings)
        no_frames = np.empty((0, len(encoder.dim_names)), dtype=np.float32)
        return judge_failures(outcomes, on_error=self.on_error, instead=no_frames)

    def _encode_in_parts(self, clips, encoder, settings):
        """Yield frames (or errors) in order; `clips` has pairs of a clip and its frames, error or waveform."""
        part, n_windows = [], 0
        for clip, found in clips:
            part.append((clip, found))
            if _is_waveform(found):
                padded = len(found) + 2 * encoder.padding_of(len(found))
                n_windows += len(lay_out(padded, encoder, *self._given_sizes(encoder)).starts)
            if n_windows >= self.batch_size or len(part) >= 4 * self.batch_size:
                yield from self._encode_part(part, encoder, settings)
                part, n_windows = [], 0
        yield from self._encode_part(part, encoder, settings)

    def _encode_part(self, part, encoder, settings):
        made = iter(self._encode([found for _, found in part if _is_waveform(found)], encoder))
        for clip, found in part:
            if _is_waveform(found):
                frames = next(made)
                found = cached_extraction(self.memory, settings, lambda _, frames=frames: frames, self._part)(clip)
            yield found

    def _encode(self, waveforms, encoder):
        """Encode waveforms: list of ndarray of shape (n_frames_i, n_dims), float32."""
        is_on_cpu = self.device == "auto" and not encoder.takes_device
        device = "cpu" if is_on_cpu else resolve_device(self.device)
        return encode(waveforms, encoder, *self._given_sizes(encoder), batch_size=self.batch_size, device=device)

    def _signal(self, y):
        """Return the clip, for a FrameUnion and for plots: its members have one rate and one hop."""
        return Signal(y, sr=self.sr, n_fft=self._open().frame_length, hop_length=self.hop_length)

    def _frames(self, signal):
        """Return frames of the clip of a FrameUnion, or of equally long ones: (n_clips, n_frames, n_dims)."""
        if isinstance(signal.y, np.ndarray):
            return self._encode([signal.y], self._open())[0]
        import torch

        frames = np.stack(self._encode(list(np.atleast_2d(signal.y.cpu().numpy())), self._open()))
        return torch.from_numpy(frames if signal.y.ndim == 2 else frames[0]).to(signal.y.device)


def _is_waveform(found):
    """Return whether what was found of a clip is its waveform, not its frames or an error."""
    return isinstance(found, np.ndarray) and found.ndim == 1


def _find(memory, settings, reader, clip):
    """Return the frames of a clip where they are cached, else its waveform."""

    def give_up(clip):
        raise _NotCachedError(reader._waveform(clip))

    try:
        return cached_extraction(memory, settings, give_up, reader._part)(clip)
    except _NotCachedError as error:
        return error.args[0]
