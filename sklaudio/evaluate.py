"""evaluate_files: how right a model is on files whose classes are known."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from ._progress import progress
from .metrics import accuracy_interval, expected_calibration_error
from .predict import predict_files

__all__ = ["UNREADABLE", "Evaluation", "evaluate_files"]

UNREADABLE = "(unreadable)"  # column of the confusion matrix


@dataclass
class Evaluation:
    """How right a model was.

    Attributes
    ----------
    answers : DataFrame
        A row per file: path, true, label (None where there is no answer), is_right, error (None, or why there is no
        answer), and a column ``p(class)`` for each class of the model where it has probabilities.
    accuracy : float
        Share of files told right; one that cannot be read is told wrong.
    interval : tuple of float
        Its Wilson interval of 95%.
    per_class : DataFrame
        A row per class of the files or the model: precision, recall, f1 (NaN where undefined), n_clips, n_predicted.
    confusion : DataFrame
        Counts: a row per true class, a column per label, and one for what cannot be read if there is any.
    calibration_error : float or None
        Over the answers, see :func:`~sklaudio.metrics.expected_calibration_error`; None without probabilities.
    unknown : list of str
        Classes of the files that the model does not know: their clips can only be told wrong.
    unheard : list of str
        Classes of the model that no file is of.
    """

    answers: pd.DataFrame
    accuracy: float
    interval: tuple
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    calibration_error: float | None
    unknown: list = field(default_factory=list)
    unheard: list = field(default_factory=list)


def evaluate_files(model, files, target, *, n_jobs=None):
    """Compare the answers of a model with the classes of files.

    Parameters
    ----------
    model : fitted classifier of clips
        As in :func:`~sklaudio.predict.predict_files`.
    files : sequence of str or path-like
        The files.
    target : sequence of str, as long
        Class of each. Classes are compared as text.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors. None leaves it to the model's features.

    Returns
    -------
    Evaluation
        Answers, scores, and tables by class.

    Raises
    ------
    ValueError
        If `files` and `target` are of unequal length or empty, or the model knows none of the classes.
    TypeError, sklearn.exceptions.NotFittedError
        If `model` is no fitted classifier of clips.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer
    >>> low, high = (np.sin(2 * np.pi * f * np.arange(22050) / 22050) for f in (200, 2000))
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit([low, high], ["low", "high"])
    >>> soundfile.write("tone.flac", high, 22050)
    >>> evaluation = evaluate_files(model, ["tone.flac", "lost.wav"], ["high", "high"])
    >>> evaluation.accuracy, float(evaluation.per_class.loc["high", "recall"])
    (0.5, 0.5)
    """
    files, target = [str(file) for file in files], [str(label) for label in target]
    if len(files) != len(target) or not files:
        raise ValueError(f"files holds {len(files)} and target {len(target)}. Pass one class for each of the files.")
    known = [str(label) for label in getattr(model, "classes_", [])]
    classes = list(dict.fromkeys([*known, *sorted(set(target))]))
    unknown = [label for label in classes if label not in known]
    if known and not set(target) & set(known):
        raise ValueError(
            f"model knows none of the classes {', '.join(unknown)}; it tells apart {', '.join(known)}. "
            "Name the folders as the model does, or take another model."
        )
    predictions = predict_files(model, files, n_jobs=n_jobs)
    answers = _answers(progress(predictions, total=len(files), unit="file", desc="evaluating"), target)
    labels, n_right = answers["label"].fillna(UNREADABLE), int(answers["is_right"].sum())
    return Evaluation(
        answers=answers,
        accuracy=n_right / len(files),
        interval=accuracy_interval(n_right, len(files)),
        per_class=_per_class(target, labels, classes),
        confusion=_confusion(target, labels, classes, known),
        calibration_error=_calibration_error(answers, known) if hasattr(model, "predict_proba") else None,
        unknown=unknown,
        unheard=[label for label in known if label not in target],
    )


def _answers(predictions, target):
    rows = []
    for (path, label, probabilities, error), true in zip(predictions, target, strict=True):
        label = None if error is not None else str(label)
        row = {"path": path, "true": true, "label": label, "is_right": label == true, "error": error}
        if probabilities is not None:
            row |= {f"p({one})": probability for one, probability in probabilities.items()}
        rows.append(row)
    table = pd.DataFrame(rows)
    for name in ("label", "error"):  # None stays None
        table[name] = pd.Series([row[name] for row in rows], dtype=object)
    return table


def _per_class(target, labels, classes):
    """Precision, recall and F1; precision of a class that is never told is undefined, and so on."""
    scores = precision_recall_fscore_support(target, labels, labels=classes, zero_division=np.nan)
    table = pd.DataFrame(dict(zip(["precision", "recall", "f1", "n_clips"], scores, strict=True)), index=classes)
    table["n_predicted"] = [int((labels == label).sum()) for label in classes]
    return table.rename_axis("class")


def _confusion(target, labels, classes, known):
    every = [*classes, UNREADABLE]
    table = pd.DataFrame(confusion_matrix(target, labels, labels=every), index=every, columns=every)
    columns = [*known, UNREADABLE] if table[UNREADABLE].any() else known
    return table.loc[sorted(set(target), key=classes.index), columns]


def _calibration_error(answers, known):
    """Over what was answered; None where nothing was, or there are no two classes to tell apart."""
    answered = answers[answers["error"].isna()]
    if answered.empty or len(known) < 2:
        return None
    proba = answered[[f"p({label})" for label in known]].to_numpy(dtype=float)
    return calibration_of_answers(answered["true"].tolist(), proba, known)


def calibration_of_answers(truths, proba, labels):
    """Expected calibration error of clips that may be of classes unknown to the model, whose probability is 0.

    Parameters
    ----------
    truths : list of str
        Class of each clip.
    proba : array-like of shape (n_clips, n_labels)
        Probabilities.
    labels : list of str
        What their columns are of.

    Returns
    -------
    float
        See :func:`~sklaudio.metrics.expected_calibration_error`.
    """
    others = sorted(set(truths) - set(labels))
    proba = np.pad(np.asarray(proba, dtype=float), ((0, 0), (0, len(others))))
    return expected_calibration_error(truths, proba, labels=[*labels, *others])
