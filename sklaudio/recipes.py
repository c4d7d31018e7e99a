"""make_classifier: the Pipeline that the benchmarks measure, in one line."""

from math import log2
from numbers import Integral, Real

from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from . import nets
from .features import FrameSummary, MelSpectrogramTransformer, MFCCTransformer
from .nets._kinds import kinds
from .segments import SegmentVotingClassifier
from .segments._cut import MAX_WHOLE

__all__ = ["frame_sizes", "make_classifier"]

SR = 22050  # hertz
N_MELS = 64
N_MFCC = 13
FRAME, HOP = 0.05, 0.02  # seconds
SEGMENT = 3.0  # seconds in a segment, where clips are cut
SPEECH, SPEECH_HOP = 16000, 0.01  # hertz, up to; seconds
TELEPHONE, TELEPHONE_FRAME = (4000, 8000), 0.032  # hertz, above and up to; seconds

NETS = {kind: getattr(nets, name) for kind, name in kinds().items()}
ON_MELS = {kind: net for kind, net in NETS.items() if net._frames == "mel"}
ON_MFCCS = set(NETS) - set(ON_MELS)
ENCODER = "encoder"  # the kind that is no net
ON_ENCODER = {"dropout": 0.5, "label_smoothing": 0.1, "max_epochs": 30}  # parameters of a net on frames of an encoder
STATISTICS = ("mean", "std", "max")
AUGMENTED = "crnn"  # the kind that may see few clips often, as they are changed each time: its epochs are "auto"


def frame_sizes(sr):
    """Return length and step of frames for a sampling rate: the powers of two nearest to 50 ms and 20 ms.

    Up to 16 kHz, the rates of speech and of single notes, the step is 10 ms. Above 4 kHz and up to 8 kHz, as telephones
    have it, the length is nearest to 32 ms: longer frames tell the harmonics of a voice apart, which are the speaker's,
    not the word's.

    Parameters
    ----------
    sr : int
        Sampling rate in hertz.

    Returns
    -------
    dict
        `n_fft` and `hop_length`, in samples.

    Examples
    --------
    >>> frame_sizes(22050), frame_sizes(16000), frame_sizes(8000)["n_fft"]
    ({'n_fft': 1024, 'hop_length': 512}, {'n_fft': 1024, 'hop_length': 160}, 256)
    """
    lowest, highest = TELEPHONE
    frame = TELEPHONE_FRAME if lowest < sr <= highest else FRAME
    hop_length = max(1, round(SPEECH_HOP * sr)) if sr <= SPEECH else _nearest_power_of_two(HOP * sr)
    return {"n_fft": _nearest_power_of_two(frame * sr), "hop_length": hop_length}


def segment_frames(seconds, sr):
    """Return the frames of :func:`frame_sizes` in so many seconds, at least one: the `segment_length` of a net."""
    return max(1, round(seconds * sr / frame_sizes(sr)["hop_length"]))


@validate_params(
    {
        "kind": [StrOptions({*NETS, ENCODER})],
        "sr": [Interval(Integral, 1, None, closed="left")],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
        "features": [dict, None],
        "encoder": "no_validation",  # EncoderTransformer says what is wrong with it
    },
    prefer_skip_nested_validation=False,
)
def make_classifier(
    kind="crnn", *, sr=SR, duration=None, segment_length="auto", features=None, encoder=None, **net_params
):
    """Make a classifier of recordings: features, segments and a net, or a pretrained encoder and a linear model.

    Parameters
    ----------
    kind : {"crnn", "cnn", "dense", "parallel", "rnn", "lstm", "blstm", "gru", "encoder"}, default="crnn"
        The net. The first four take 64 mel bands in decibel, the next four 13 MFCCs. "encoder" trains no net: it takes
        mean, standard deviation and maximum of the frames of a pretrained network, standardized, and a logistic
        regression whose regularization is chosen by folds that keep groups.
    sr : int, default=22050
        Sampling rate in hertz: files are resampled to it, waveforms are taken to have it. Length and step of frames
        follow it, see :func:`frame_sizes`. An encoder has a rate of its own, which waveforms must have then (files are
        resampled): leave the default, or give that rate.
    duration : float or None, default=None
        Seconds of each clip to use: longer clips are cut, shorter ones padded with zeros. None uses each clip whole.
    segment_length : int, "auto" or None, default="auto"
        Frames in a segment: segments overlap by half, and vote. "auto" decides it in `fit`: where the median clip is
        longer than about 6 s, clips are cut into segments of 3 s, which suits music and other recordings that are
        longer than what tells their class; shorter clips are given to the net whole. None gives the net whole clips of
        any length. An encoder gets whole clips unless a number is given; its frames are counted then.
    features : dict or None, default=None
        Parameters of the feature step to change, such as ``{"n_mels": 40, "fmin": 50.0}``: those of
        :class:`MelSpectrogramTransformer`, :class:`MFCCTransformer` or :class:`EncoderTransformer`.
    encoder : str or other encoder, default=None
        What :class:`EncoderTransformer` takes, for ``kind="encoder"``, where None is "google-speech"; or for "rnn",
        "lstm", "blstm" and "gru", which take its frames in place of MFCCs then, with 30 epochs, a `dropout` of
        0.5 and a `label_smoothing` of 0.1.
    **net_params
        Parameters of the net, such as ``max_epochs=5`` or ``random_state=0``; here the default of `precision` is
        "auto", and that of `max_epochs` of a "crnn". With ``kind="encoder"`` those of
        :class:`~sklaudio.encoders.GroupedLogisticRegression`.

    Returns
    -------
    Pipeline
        Unfitted: "features", and "net"; or "vote" in its place, a :class:`SegmentVotingClassifier` around the net,
        where segments vote or it is decided in `fit` whether they do. With "auto" and a `duration` of up to 6 s there
        is nothing to decide, and it is "net". With ``kind="encoder"``: "features", "summary", "scaler" and "head", the
        last three inside a "vote" if there is one.

    Raises
    ------
    ValueError
        If `kind`, or a name in `features` or `net_params`, is not known, or another parameter is out of range.

    See Also
    --------
    sklaudio.published.make : The systems of the literature, which the benchmarks compare it with.

    Notes
    -----
    Groups of clips are passed to the last step: ``model.fit(X, y, vote__groups=…)``, or ``net__groups``, or
    ``head__groups``. An encoder that is not installed is an error in `fit`, which says how to get it.

    Examples
    --------
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(20, random_state=0)
    >>> model = make_classifier(sr=16000, duration=1.0, max_epochs=1, random_state=0)
    >>> list(model.named_steps)
    ['features', 'net']
    >>> model.fit(words.data, words.target).predict_proba(words.data).shape
    (20, 10)
    >>> model = make_classifier("encoder", encoder="digits").fit(words.data, words.target)
    >>> list(model.named_steps), model["head"].C_ > 0
    (['features', 'summary', 'scaler', 'head'], True)
    """
    if kind == ENCODER:
        return _on_encoder(encoder, sr, duration, segment_length, features, net_params)
    if encoder is not None:
        return _net_on_encoder(kind, encoder, sr, duration, segment_length, features, net_params)
    settings = {"sr": sr, "duration": duration, **frame_sizes(sr)}
    on_mels = kind in ON_MELS
    frames = (
        MelSpectrogramTransformer(N_MELS, **settings) if on_mels else MFCCTransformer(N_MFCC, n_mels=N_MELS, **settings)
    )
    frames = _changed(frames, features, kind, "features: ")
    epochs = {"max_epochs": "auto"} if kind == AUGMENTED else {}
    net = _changed(NETS[kind](precision="auto", **epochs), net_params, kind)
    auto_length = max(1, round(SEGMENT * sr / frames.hop_length))
    if segment_length == "auto" and duration is not None and duration <= MAX_WHOLE * SEGMENT:
        segment_length = None
    if segment_length is None:
        return Pipeline([("features", frames), ("net", net)])
    return Pipeline([("features", frames), ("vote", _vote(net, segment_length, auto_length))])


def _vote(estimator, segment_length, auto_length=None):
    """Segments that overlap by half."""
    if segment_length == "auto":
        sizes = {"segment_length": "auto", "hop_length": "auto", "auto_length": auto_length}
    else:
        sizes = {"segment_length": segment_length, "hop_length": max(1, segment_length // 2)}
    return SegmentVotingClassifier(estimator, **sizes)


def _encoder(encoder, sr, duration, features, kind):
    """The first step of a Pipeline on an encoder."""
    from .encoders import EncoderTransformer

    frames = EncoderTransformer(encoder, sr=None if sr == SR else sr, duration=duration)
    return _changed(frames, features, kind, "features: ", except_for=("encoder", "duration"))


def _net_on_encoder(kind, encoder, sr, duration, segment_length, features, net_params):
    """The Pipeline of an encoder and a net on its frames, which gets whole clips unless a number says otherwise."""
    if kind not in ON_MFCCS:
        raise ValueError(
            f"encoder={encoder!r} has no part in kind={kind!r}, which is for mel bands. Use kind='encoder' or one of "
            f"{', '.join(map(repr, sorted(ON_MFCCS)))}, or leave it out."
        )
    frames = _encoder(encoder, sr, duration, features, kind)
    net = _changed(NETS[kind](**ON_ENCODER), net_params, kind)
    if segment_length in ("auto", None):
        return Pipeline([("features", frames), ("net", net)])
    return Pipeline([("features", frames), ("vote", _vote(net, segment_length))])


def _on_encoder(encoder, sr, duration, segment_length, features, head_params):
    """The Pipeline of an encoder and a logistic regression."""
    from .encoders import GroupedLogisticRegression

    frames = _encoder("google-speech" if encoder is None else encoder, sr, duration, features, ENCODER)
    head = [
        ("summary", FrameSummary(STATISTICS)),
        ("scaler", StandardScaler()),
        ("head", _changed(GroupedLogisticRegression(), head_params, ENCODER)),
    ]
    if segment_length in ("auto", None):
        return Pipeline([("features", frames), *head])
    return Pipeline([("features", frames), ("vote", _vote(Pipeline(head), segment_length))])


def _nearest_power_of_two(n_samples):
    return 2 ** max(0, round(log2(n_samples)))


def _changed(estimator, parameters, kind, where="", except_for=("sr", "duration")):
    """The estimator with parameters set that it has, but for those that make_classifier sets."""
    parameters = parameters or {}
    known = sorted(set(estimator.get_params(deep=False)) - (set(except_for) if where else set()))
    unknown = sorted(map(str, set(parameters) - set(known)))
    if unknown:
        reason = f"{where}{', '.join(unknown)}: no parameter of " + ("" if where else "make_classifier or of ")
        taken = f" ({' and '.join(except_for)} are parameters of make_classifier itself)" if where else ""
        raise ValueError(f"{reason}{type(estimator).__name__} (kind={kind!r}), which takes {', '.join(known)}{taken}.")
    return estimator.set_params(**parameters)
