"""What predict_files says of a file: its class, its labels, or its numbers."""

from typing import NamedTuple


class FilePrediction(NamedTuple):
    """What a model says of one file.

    Attributes
    ----------
    path : str
        The file, as ``path[start:end]`` where a :class:`Clip` was passed; of a clip without a path its place, such as
        "files[3]".
    label : object
        The class, as in ``classes_``: the most probable one, or that of a threshold that the model has; None if there
        is an error.
    probabilities : dict or None
        Probability of each class; None if there is an error, or the model has no ``predict_proba``.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    label: object
    probabilities: dict | None
    error: str | None


class FileLabels(NamedTuple):
    """What a model of several labels says of one file.

    Attributes
    ----------
    path : str
        The file, as in :class:`FilePrediction`.
    labels : tuple or None
        The labels that it has, in the order of ``label_names_``; empty where it has none; None if there is an error.
    probabilities : dict or None
        Probability of each label, which need not sum to 1; None if there is an error.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    labels: tuple | None
    probabilities: dict | None
    error: str | None


class FileNumbers(NamedTuple):
    """What a regressor says of one file.

    Attributes
    ----------
    path : str
        The file, as in :class:`FilePrediction`.
    numbers : dict or None
        The number of each target; None if there is an error.
    error : str or None
        Why there is no prediction, beginning with the path; None if there is one.
    """

    path: str
    numbers: dict | None
    error: str | None
