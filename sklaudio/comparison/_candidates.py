"""The models that are compared: their names, and the Pipelines that these stand for, cheap ones first."""

from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from .. import encoders
from .._utils.near_names import did_you_mean
from ..encoders import GroupedLogisticRegression, GroupedRidge
from ..encoders._registry import installed_names
from ..features import FrameSummary
from ..multilabel import LabelThresholdClassifier
from ..recipes import NETS, ON_MFCCS, make_classifier, make_detector, make_regressor
from ..recipes._detector import KINDS as DETECTORS

SUMMARIES = ("majority", "mfcc-logistic", "mfcc-svm")
SUMMARIES_OF = {  # task -> names
    "class": SUMMARIES,
    "multi-label": ("majority", "mfcc-logistic"),
    "regression": ("mean", "mfcc-ridge"),
    "events": (),
}
COMPARED_NETS = ("lstm", "cnn", "crnn")  # of make_classifier, the recipe last
COMPARED_DETECTORS = ("rnn", "lstm", "blstm", "cnn", "crnn")  # of make_detector, the simplest first


def candidates(models="auto", *, sr=22050, random_state=None, task="class"):
    """Make the models that :func:`compare` compares.

    Parameters
    ----------
    models : "auto" or list of str, default="auto"
        Names, in the order of their fits: "majority" (the most frequent class), "mfcc-logistic" and "mfcc-svm" (mean
        and standard deviation of MFCCs, and a linear or a support vector classifier), a name of
        :func:`sklaudio.encoders.names` (the encoder and a logistic regression), a net that
        :func:`~sklaudio.make_classifier` knows, or a recurrent net on the frames of an encoder, such as
        "google-speech+blstm". "auto" takes the first three, each pretrained encoder that is
        installed, "lstm", "cnn" and "crnn"; encoders that are trained models of this package are not among them, as
        they may have been trained on the very recordings. Of several labels there is no "mfcc-svm", and "majority"
        predicts how frequent each is. Of numbers, the first are "mean" (their mean) and "mfcc-ridge", encoders have a
        ridge regression, and nets are those of :func:`~sklaudio.make_regressor`. Of events there are the detectors of
        :func:`~sklaudio.make_detector` alone, and "auto" is "rnn", "lstm", "blstm", "cnn" and "crnn".
    sr : int, default=22050
        Sampling rate of all but the encoders, in hertz.
    random_state : int, RandomState or None, default=None
        Seed of the nets.
    task : {"class", "multi-label", "regression", "events"}, default="class"
        What they predict: one class of each clip, any of several labels, numbers, or events in time.

    Returns
    -------
    dict of str to Pipeline
        Unfitted models by their names.

    Raises
    ------
    ValueError
        If there is no model of a name.

    Examples
    --------
    >>> list(candidates(["majority", "mfcc-svm", "digits", "digits+gru"]))
    ['majority', 'mfcc-svm', 'digits', 'digits+gru']
    >>> list(candidates(["mean", "mfcc-ridge", "gru"], task="regression"))
    ['mean', 'mfcc-ridge', 'gru']
    >>> list(candidates(task="events"))
    ['rnn', 'lstm', 'blstm', 'cnn', 'crnn']
    """
    if isinstance(models, str):
        if models != "auto":
            raise ValueError(f"models={models!r} must be 'auto', a list of names, or a dict of names and estimators.")
        models = auto_names(task)
    known = DETECTORS if task == "events" else [*SUMMARIES_OF[task], *encoders.names(), *NETS]
    unknown = [name for name in models if name not in known and (task == "events" or not _parts(name))]
    if unknown:
        other = "" if task == "events" else ", or a recurrent net on an encoder, such as 'google-speech+blstm'"
        raise ValueError(
            f"models: there is no {', '.join(map(repr, unknown))}. Take some of {', '.join(known)}{other}."
            + did_you_mean(unknown[0], known)
        )
    return {name: _make(name, sr, random_state, task) for name in models}


def auto_names(task="class"):
    """List what "auto" compares, cheap ones first."""
    if task == "events":
        return list(COMPARED_DETECTORS)
    return [*SUMMARIES_OF[task], *installed_names(), *COMPARED_NETS]


def _parts(name):
    """Return encoder and net of a name such as "google-speech+blstm", else None."""
    encoder, _, kind = str(name).rpartition("+")
    return (encoder, kind) if encoder in encoders.names() and kind in ON_MFCCS else None


def _make(name, sr, random_state, task):
    if task == "events":
        return make_detector(name, sr=sr, random_state=random_state)
    make = make_regressor if task == "regression" else make_classifier
    if parts := _parts(name):
        return make(parts[1], encoder=parts[0], random_state=random_state)
    if name in NETS:
        return make(name, sr=sr, random_state=random_state)
    if name not in SUMMARIES_OF[task]:
        seed = {} if task == "regression" else {"random_state": random_state}  # a ridge has none
        return make("encoder", encoder=name, **seed)
    steps = [("features", make_classifier("lstm", sr=sr)[0]), ("summary", FrameSummary())]
    if name in ("majority", "mean"):
        return Pipeline([*steps, ("head", _constant(task))])
    return Pipeline([*steps, ("scaler", StandardScaler()), ("head", _head(name, random_state))])


def _constant(task):
    """Return a model that predicts the same of each clip."""
    if task == "regression":
        return DummyRegressor()
    prior = DummyClassifier(strategy="prior")
    return prior if task == "class" else LabelThresholdClassifier(prior, thresholds=0.5)  # which knows their names


def _head(name, random_state):
    if name == "mfcc-ridge":
        return GroupedRidge()
    return SVC(C=10.0) if name == "mfcc-svm" else GroupedLogisticRegression(random_state=random_state)
