"""The classifiers that are compared: their names, and the Pipelines that these stand for, cheap ones first."""

from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from .. import encoders
from ..encoders import GroupedLogisticRegression
from ..encoders._registry import installed_names
from ..features import FrameSummary
from ..recipes import NETS, ON_MFCCS, make_classifier

SUMMARIES = ("majority", "mfcc-logistic", "mfcc-svm")
COMPARED_NETS = ("lstm", "cnn", "crnn")  # of make_classifier, the recipe last


def candidates(models="auto", *, sr=22050, random_state=None):
    """Make the classifiers that :func:`compare` compares.

    Parameters
    ----------
    models : "auto" or list of str, default="auto"
        Names, in the order of their fits: "majority" (the most frequent class), "mfcc-logistic" and "mfcc-svm" (mean
        and standard deviation of MFCCs, and a linear or a support vector classifier), a name of
        :func:`sklaudio.encoders.names` (the encoder and a logistic regression), a net that
        :func:`~sklaudio.make_classifier` knows, or a recurrent net on the frames of an encoder, such as
        "google-speech+blstm". "auto" takes the first three, each pretrained encoder that is
        installed, "lstm", "cnn" and "crnn"; encoders that are trained models of this package are not among them, as
        they may have been trained on the very recordings.
    sr : int, default=22050
        Sampling rate of all but the encoders, in hertz.
    random_state : int, RandomState or None, default=None
        Seed of the nets.

    Returns
    -------
    dict of str to Pipeline
        Unfitted classifiers by their names.

    Raises
    ------
    ValueError
        If there is no model of a name.

    Examples
    --------
    >>> list(candidates(["majority", "mfcc-svm", "digits", "digits+gru"]))
    ['majority', 'mfcc-svm', 'digits', 'digits+gru']
    """
    if isinstance(models, str):
        if models != "auto":
            raise ValueError(f"models={models!r} must be 'auto', a list of names, or a dict of names and estimators.")
        models = auto_names()
    known = [*SUMMARIES, *encoders.names(), *NETS]
    unknown = [name for name in models if name not in known and not _parts(name)]
    if unknown:
        raise ValueError(
            f"models: there is no {', '.join(map(repr, unknown))}. Take some of {', '.join(known)}, or a recurrent net "
            "on an encoder, such as 'google-speech+blstm'."
        )
    return {name: _make(name, sr, random_state) for name in models}


def auto_names():
    """List what "auto" compares, cheap ones first."""
    return [*SUMMARIES, *installed_names(), *COMPARED_NETS]


def _parts(name):
    """Encoder and net of a name such as "google-speech+blstm", else None."""
    encoder, _, kind = str(name).rpartition("+")
    return (encoder, kind) if encoder in encoders.names() and kind in ON_MFCCS else None


def _make(name, sr, random_state):
    if parts := _parts(name):
        return make_classifier(parts[1], encoder=parts[0], random_state=random_state)
    if name in NETS:
        return make_classifier(name, sr=sr, random_state=random_state)
    if name not in SUMMARIES:
        return make_classifier("encoder", encoder=name, random_state=random_state)
    steps = [("features", make_classifier("lstm", sr=sr)[0]), ("summary", FrameSummary())]
    if name == "majority":
        return Pipeline([*steps, ("head", DummyClassifier(strategy="prior"))])
    head = SVC(C=10.0) if name == "mfcc-svm" else GroupedLogisticRegression(random_state=random_state)
    return Pipeline([*steps, ("scaler", StandardScaler()), ("head", head)])
