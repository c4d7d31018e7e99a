"""make_classifier: the Pipeline that the benchmarks measure, in one line."""

from math import log2
from numbers import Integral, Real

from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from .features import MelSpectrogramTransformer, MFCCTransformer
from .nets import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    GRUClassifier,
    LSTMClassifier,
    ParallelCNNLSTMClassifier,
    RNNClassifier,
)
from .segments import SegmentVotingClassifier

__all__ = ["frame_sizes", "make_classifier"]

N_MELS = 64
N_MFCC = 13
FRAME, HOP = 0.05, 0.02  # seconds
SPEECH, SPEECH_HOP = 16000, 0.01  # hertz, up to; seconds
TELEPHONE, TELEPHONE_FRAME = (4000, 8000), 0.032  # hertz, above and up to; seconds

ON_MELS = {
    "crnn": CRNNClassifier,
    "cnn": CNNClassifier,
    "dense": DenseClassifier,
    "parallel": ParallelCNNLSTMClassifier,
}
ON_MFCCS = {"rnn": RNNClassifier, "lstm": LSTMClassifier, "blstm": BLSTMClassifier, "gru": GRUClassifier}
NETS = ON_MELS | ON_MFCCS


def frame_sizes(sr):
    """Length and step of frames for a sampling rate: the powers of two nearest to 50 ms and 20 ms.

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
    """Frames of :func:`frame_sizes` in so many seconds, at least one: the `segment_length` of a net."""
    return max(1, round(seconds * sr / frame_sizes(sr)["hop_length"]))


@validate_params(
    {
        "kind": [StrOptions(set(NETS))],
        "sr": [Interval(Integral, 1, None, closed="left")],
        "duration": [Interval(Real, 0, None, closed="neither"), None],
        "segment_length": [Interval(Integral, 1, None, closed="left"), None],
    },
    prefer_skip_nested_validation=False,
)
def make_classifier(kind="crnn", *, sr=22050, duration=None, segment_length=None, **net_params):
    """Make a classifier of recordings: features, segments and a net, with the settings that the benchmarks use.

    Parameters
    ----------
    kind : {"crnn", "cnn", "dense", "parallel", "rnn", "lstm", "blstm", "gru"}, default="crnn"
        The net. The first four hear 64 mel bands in decibel, the others 13 MFCCs.
    sr : int, default=22050
        Sampling rate in hertz: files are resampled to it, waveforms are taken to have it. Length and step of frames
        follow it, see :func:`frame_sizes`.
    duration : float or None, default=None
        Seconds of each clip to use: longer clips are cut, shorter ones padded with zeros. None uses each clip whole.
    segment_length : int or None, default=None
        Frames in a segment, for recordings that are longer than what tells their class: segments overlap by half, and
        vote. None gives the net the whole clip.
    **net_params
        Parameters of the net, such as ``max_epochs=5`` or ``random_state=0``.

    Returns
    -------
    Pipeline
        Unfitted: "features", and "net", or "vote" where segments vote.

    Raises
    ------
    ValueError
        If `kind` or one of `net_params` is not known, or another parameter is out of range.

    See Also
    --------
    sklaudio.published.make : The systems of the literature, which the benchmarks compare it with.

    Examples
    --------
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(20, random_state=0)
    >>> model = make_classifier(sr=16000, duration=1.0, max_epochs=1, random_state=0)
    >>> list(model.named_steps)
    ['features', 'net']
    >>> model.fit(words.data, words.target).predict_proba(words.data).shape
    (20, 10)
    """
    settings = {"sr": sr, "duration": duration, **frame_sizes(sr)}
    if kind in ON_MELS:
        steps = [("features", MelSpectrogramTransformer(N_MELS, **settings))]
    else:
        steps = [("features", MFCCTransformer(N_MFCC, n_mels=N_MELS, **settings))]
    net = _make_net(kind, net_params)
    if segment_length is None:
        return Pipeline([*steps, ("net", net)])
    hop_length = max(1, segment_length // 2)
    vote = SegmentVotingClassifier(net, segment_length=segment_length, hop_length=hop_length)
    return Pipeline([*steps, ("vote", vote)])


def _nearest_power_of_two(n_samples):
    return 2 ** max(0, round(log2(n_samples)))


def _make_net(kind, net_params):
    net = NETS[kind]()
    unknown = sorted(set(net_params) - set(net.get_params(deep=False)))
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: no parameter of make_classifier or of {type(net).__name__} (kind={kind!r}), "
            f"which takes {', '.join(sorted(net.get_params(deep=False)))}."
        )
    return net.set_params(**net_params)
