"""make_detector: the Pipeline of events in time that make_classifier is of classes."""

from numbers import Integral

from sklearn.pipeline import Pipeline
from sklearn.utils._param_validation import Interval, StrOptions, validate_params

from ..events import EventDetector
from ._classifier import NETS, make_classifier
from ._pipeline import CONSTRAINTS, SR, check_kind

SEGMENT = 10.0  # seconds in a piece of a long recording, in training
KINDS = sorted(set(NETS) - {"dense"})  # those with steps in time
OF_DETECTOR = ("threshold", "median_length", "min_duration", "cv", "n_jobs")


@validate_params(
    {
        "kind": CONSTRAINTS["kind"],
        "sr": CONSTRAINTS["sr"],
        "segment_length": [Interval(Integral, 1, None, closed="left"), StrOptions({"auto"}), None],
    },
    prefer_skip_nested_validation=False,
)
def make_detector(kind="crnn", *, sr=SR, segment_length="auto", features=None, **params):
    """Make a detector of events in recordings: features, and an EventDetector around a net that predicts every frame.

    Parameters
    ----------
    kind : {"crnn", "cnn", "parallel", "tiny", "rnn", "lstm", "blstm", "gru"}, default="crnn"
        The net. The first three take 64 mel bands in decibel, "tiny", which fits a microcontroller, 40, the others
        13 MFCCs.
    sr : int, default=22050
        Sampling rate in hertz: files are resampled to it, waveforms are taken to have it. Length and step of frames
        follow it, see :func:`~sklaudio.recipes.frame_sizes`.
    segment_length : int, "auto" or None, default="auto"
        Frames up to which recordings are left whole in training; longer ones are cut into pieces about equally long.
        "auto" is as many as last 10 s; None trains on whole recordings, however long they are.
    features : dict or None, default=None
        Parameters of the feature step to change, as for :func:`~sklaudio.make_classifier`.
    **params
        `threshold`, `median_length`, `min_duration`, `cv` and `n_jobs` of the :class:`~sklaudio.EventDetector`; others
        are those of the net, such as ``batch_size=8`` or ``random_state=0``. The default of its `max_epochs` is
        "auto" here, which counts in steps: few long recordings are few of them.

    Returns
    -------
    Pipeline
        Unfitted: "features" and "detector", which has the `hop` of the features.

    Raises
    ------
    ValueError
        If `kind`, or a name in `features` or `params`, is not known, or another parameter is out of range.

    Notes
    -----
    Groups of clips are passed to the last step: ``model.fit(X, y, detector__groups=…)``, where `y` is a list of tables
    of events, see :func:`~sklaudio.events.events_by_clip`.

    Examples
    --------
    >>> from sklaudio.datasets import make_soundscapes
    >>> scenes = make_soundscapes(8, n_labels=2, duration=3, random_state=0)
    >>> model = make_detector("gru", sr=16000, max_epochs=1, random_state=0).fit(scenes.data, scenes.events)
    >>> model.predict(scenes.data[:1])[0].columns.tolist()
    ['start', 'end', 'label', 'probability']
    """
    check_kind("make_detector", kind, KINDS)
    of_net = {"max_epochs": "auto"} | {name: value for name, value in params.items() if name not in OF_DETECTOR}
    frames, net = make_classifier(kind, sr=sr, segment_length=None, features=features, **of_net)
    hop = frames.hop_length / frames.sr
    of_detector = {name: value for name, value in params.items() if name in OF_DETECTOR}
    length = max(1, round(SEGMENT / hop)) if segment_length == "auto" else segment_length
    return Pipeline(
        [("features", frames), ("detector", EventDetector(net, hop=hop, segment_length=length, **of_detector))]
    )
