"""Kinds of nets, as `make_classifier` and the command line name them: derived from the public names."""

import re


def kinds(task="Classifier"):
    """Return the name of the class of each kind of net on frames: dict of str to str, without loading torch.

    The kind is the first word of the class's name in lower case: "crnn" is CRNNClassifier, and "parallel"
    ParallelCNNLSTMClassifier.

    Parameters
    ----------
    task : str, default="Classifier"
        What the names end in.

    Examples
    --------
    >>> kinds()["blstm"]
    'BLSTMClassifier'
    """
    from . import __all__ as public

    names = [name for name in public if name.endswith(task) and name not in (f"Net{task}", f"Encoder{task}")]
    return {re.match(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", name)[0].lower(): name for name in names}
