"""make_classifier: the Pipeline that the benchmarks measure, in one line."""

from sklearn.utils._param_validation import validate_params

from .. import nets
from ..nets._kinds import kinds
from ..segments import SegmentVotingClassifier
from ._pipeline import CONSTRAINTS, SR, Task, make_pipeline

NETS = {kind: getattr(nets, name) for kind, name in kinds().items()}


def _head():
    from ..encoders import GroupedLogisticRegression

    return GroupedLogisticRegression()


TASK = Task(
    name="make_classifier",
    nets=NETS,
    settings={kind: {"max_epochs": "auto"} for kind in ("crnn", "tiny")},  # few clips are seen often, changed each time
    on_encoder={"dropout": 0.5, "label_smoothing": 0.1, "max_epochs": 30},
    make_head=_head,
    segments=SegmentVotingClassifier,
    segments_step="vote",
)


@validate_params(CONSTRAINTS, prefer_skip_nested_validation=False)
def make_classifier(
    kind="crnn", *, sr=SR, duration=None, segment_length="auto", features=None, encoder=None, **net_params
):
    """Make a classifier of recordings: features, segments and a net, or a pretrained encoder and a linear model.

    Parameters
    ----------
    kind : {"crnn", "cnn", "dense", "parallel", "tiny", "rnn", "lstm", "blstm", "gru", "encoder"}, default="crnn"
        The net. The first four take 64 mel bands in decibel; "tiny", which fits a microcontroller, 40; the next four 13
        MFCCs. "encoder" trains no net: it takes mean, standard deviation and maximum of the frames of a pretrained
        network, standardized, and a logistic regression whose regularization is chosen by folds that keep groups.
    sr : int, default=22050
        Sampling rate in hertz: files are resampled to it, waveforms are taken to have it. Length and step of frames
        follow it and the `fmin` of `features`, see :func:`frame_sizes`. An encoder has a fixed rate, which
        waveforms must have then (files are resampled): leave the default, or give that rate.
    duration : float or None, default=None
        Seconds of each clip to use: longer clips are cut, shorter ones padded with zeros. None uses each clip whole.
    segment_length : int, "auto" or None, default="auto"
        Frames in a segment: segments overlap by half, and vote. "auto" decides it in `fit`: where the median clip is
        longer than about 6 s, clips are cut into segments of 3 s, which suits music and other recordings that are
        longer than what tells their class; shorter clips are given to the net whole. None gives the net whole clips of
        any length. An encoder gets whole clips unless a number is given; its frames are counted then.
    features : dict or None, default=None
        Parameters of the feature step to change, such as ``{"n_mels": 40, "fmin": 50.0}``, or ``{"fmin": 15000.0}``
        of bats, whose frames last 2 ms then: those of
        :class:`MelSpectrogramTransformer`, :class:`MFCCTransformer` or :class:`EncoderTransformer`.
    encoder : str or other encoder, default=None
        What :class:`EncoderTransformer` takes, for ``kind="encoder"``, where None is "google-speech"; or for "rnn",
        "lstm", "blstm" and "gru", which take its frames in place of MFCCs then, with 30 epochs, a `dropout` of
        0.5 and a `label_smoothing` of 0.1.
    **net_params
        Parameters of the net, such as ``max_epochs=5`` or ``random_state=0``; here the default of `precision` is
        "auto", and that of `max_epochs` of "crnn" and "tiny". With ``kind="encoder"`` those of
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
    return make_pipeline(TASK, kind, sr, duration, segment_length, features, encoder, net_params)
