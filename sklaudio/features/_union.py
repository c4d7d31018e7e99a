"""FrameUnion: features side by side, from one spectrum."""

from array_api_compat import array_namespace
from sklearn.utils.metaestimators import _BaseComposition

from .._utils.terminal import shortened
from ._base import FrameTransformer
from ._chroma import ChromaTransformer
from ._mfcc import MFCCTransformer
from ._spectral import SpectralCentroidTransformer, SpectralContrastTransformer

SHARED = ("sr", "duration", "offset")  # one waveform serves all members


class FrameUnion(FrameTransformer, _BaseComposition):
    """Concatenate several features along `n_dims`; each clip is decoded once and each spectrum computed once.

    Parameters
    ----------
    transformers : list of (str, FrameTransformer or "drop")
        The features by name; a member may be a FrameUnion itself, and "drop" leaves a member out. Their `sr`,
        `duration` and `offset` must agree, and each must make equally many frames. Their `memory`, `n_jobs`,
        `device` and `on_error` are not used.
    memory : str, path-like, joblib.Memory or None, default=None
        Where to keep the frames of each clip, all features together. None keeps nothing.
    n_jobs : int or None, default=None
        Number of threads or processes over the clips; -1 uses all processors. See :class:`FrameTransformer`.
    device : str, default="cpu"
        Where frames are computed.
    on_error : {"raise", "warn"}, default="raise"
        What becomes of files that cannot be read; see :class:`FrameTransformer`.

    See Also
    --------
    genre_features : The 33 dims of the LSTM genre literature.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import FrameUnion, MFCCTransformer, RMSTransformer
    >>> union = FrameUnion([("mfcc", MFCCTransformer(n_mfcc=2)), ("rms", RMSTransformer())])
    >>> union.fit_transform(np.ones((3, 4096))).shape
    (3, 9, 3)
    >>> union.get_feature_names_out().tolist()
    ['mfcc__mfcc0', 'mfcc__mfcc1', 'rms__rms']
    >>> union.set_params(mfcc__n_mfcc=13).fit_transform(np.ones((3, 4096))).shape
    (3, 9, 14)
    >>> union.set_params(mfcc="drop").get_feature_names_out().tolist()
    ['rms__rms']
    """

    def __init__(self, transformers, *, memory=None, n_jobs=None, device="cpu", on_error="raise"):
        self.transformers = transformers
        self.memory = memory
        self.n_jobs = n_jobs
        self.device = device
        self.on_error = on_error

    _parameter_constraints = {
        **{name: FrameTransformer._parameter_constraints[name] for name in ("memory", "n_jobs", "device", "on_error")},
        "transformers": [list, tuple],
    }

    def get_params(self, deep=True):
        """Get the parameters, those of the members included; see scikit-learn."""
        return self._get_params("transformers", deep=deep)

    def set_params(self, **params):
        """Set parameters, those of the members as ``name__parameter``; see scikit-learn."""
        self._set_params("transformers", **params)
        return self

    @property
    def sr(self):
        """Sampling rate of the members, in hertz."""
        return self._first_member().sr

    @property
    def duration(self):
        """Seconds of each clip that the members use, or None."""
        return self._first_member().duration

    @property
    def offset(self):
        """Seconds that the members skip at the start of each clip."""
        return self._first_member().offset

    def _check_parameters(self):
        _check_structure(self, "transformers")
        first, _ = self._members_or_error()[0]
        for name, member in self._members():
            member._validate_params()
            member._check_parameters()
            for shared in SHARED:
                if getattr(member, shared) != getattr(self, shared):
                    raise ValueError(
                        f"transformers: {shared}={getattr(member, shared)} of {shortened(name)} differs from "
                        f"{getattr(self, shared)} of {first!r}. Give all members the same {shared}."
                    )

    def _members(self):
        """List the features by name, dropped ones left out and those of unions under both names: "union__feature"."""
        members = []
        for name, member in self.transformers:
            if type(member) is FrameUnion:  # a subclass may make something else of its members
                members += [(f"{name}__{inner_name}", inner) for inner_name, inner in member._members()]
            elif not is_dropped(member):
                members.append((name, member))
        return members

    def _members_or_error(self):
        if members := self._members():
            return members
        raise ValueError(f"transformers={shortened(self.transformers)}: all members are dropped. Keep at least one.")

    def _first_member(self):
        return self._members_or_error()[0][1]

    def __sklaudio_cache_key__(self):
        """Return what decides the frames: the members by name, in their order."""
        return dict(self._members())

    def _dim_names(self):
        return [f"{name}__{dim}" for name, member in self._members() for dim in member._dim_names()]

    def _signal(self, y):
        return shared_signals(self._members(), lambda member: member._signal(y))

    def _frames(self, signals):
        parts = frames_by_name(self._members(), signals, lambda member, signal: member._frames(signal))
        n_frames = {name: part.shape[-2] for name, part in parts.items()}
        if len(set(n_frames.values())) > 1:
            raise ValueError(f"transformers make unequal numbers of frames: {n_frames}. Give them the same hop_length.")
        xp = array_namespace(*parts.values())
        return xp.concat([xp.astype(part, xp.float32) for part in parts.values()], axis=-1)


def is_dropped(member):
    """Return whether a member of a union is "drop"."""
    return isinstance(member, str) and member == "drop"


def _check_structure(union, where):
    """Raise an error unless a union, named `where`, is a list of names and feature transformers, unions or "drop"."""
    if not union.transformers:
        raise ValueError(f"{where} is empty. Pass at least one (name, transformer).")
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in union.transformers):
        raise TypeError(f"{where}={shortened(union.transformers)} must be a list of pairs (name, transformer).")
    for name, member in union.transformers:
        if not isinstance(member, FrameTransformer) and not is_dropped(member):
            kind = shortened(member) if isinstance(member, str) else type(member).__name__
            raise TypeError(
                f"{where}: {shortened(name)} is {kind}; members are feature transformers, unions of them, or 'drop'."
            )
        if type(member) is FrameUnion:
            member._validate_params()
            _check_structure(member, f"{where} of {shortened(name)}")
    union._validate_names([name for name, _ in union.transformers])


def shared_signals(members, signal_of):
    """Make the signals of feature transformers: one for all whose spectra are the same.

    Parameters
    ----------
    members : list of (str, FrameTransformer)
        The features by name.
    signal_of : callable
        FrameTransformer -> Signal.

    Returns
    -------
    dict
        Those that :func:`frames_by_name` takes.
    """
    signals = {}
    for name, member in members:
        signal = signal_of(member)
        shared = signals.setdefault(_spectrum_of(name, member), signal)
        if shared is not signal:
            shared.double |= signal.double  # one member that needs it makes it cheapest for all
            shared.is_shared = True
    return signals


def frames_by_name(members, signals, frames_of):
    """Make the frames of each member of its signal, `frames_of` (member, signal): dict of (…, n_frames, n_dims)."""
    return {name: frames_of(member, signals[_spectrum_of(name, member)]) for name, member in members}


def _spectrum_of(name, member):
    """Return what decides whose spectra are the same: the frames, or a name for a member with another signal."""
    if type(member)._signal is not FrameTransformer._signal:
        return name
    signal = member._signal(None)
    return signal.n_fft, signal.hop_length


def genre_features(
    *,
    sr=22050,
    n_fft=2048,
    hop_length=512,
    duration=None,
    offset=0.0,
    memory=None,
    n_jobs=None,
    device="cpu",
    on_error="raise",
) -> FrameUnion:
    """Make the 33 features of the LSTM genre literature: 13 MFCCs, centroid, 12 chroma, 7 of spectral contrast.

    Parameters
    ----------
    sr, n_fft, hop_length : int
        Sampling rate in hertz, frame length and step in samples. The octaves of the spectral contrast reach beyond
        6400 Hz: below sr=12801, lower their number by ``set_params(contrast__n_bands=…)``.
    duration, offset : float
        Seconds of each clip to use, and to skip before; see :class:`FrameTransformer`.
    memory, n_jobs, device, on_error
        As in :class:`FrameUnion`.

    Returns
    -------
    FrameUnion
        Unfitted; its members are "mfcc", "centroid", "chroma" and "contrast".

    Examples
    --------
    >>> len(genre_features().get_feature_names_out())
    33
    """
    common = {"sr": sr, "n_fft": n_fft, "hop_length": hop_length, "duration": duration, "offset": offset}
    return FrameUnion(
        [
            ("mfcc", MFCCTransformer(n_mfcc=13, **common)),
            ("centroid", SpectralCentroidTransformer(**common)),
            ("chroma", ChromaTransformer(n_chroma=12, **common)),
            ("contrast", SpectralContrastTransformer(n_bands=6, **common)),
        ],
        memory=memory,
        n_jobs=n_jobs,
        device=device,
        on_error=on_error,
    )
