"""Scores with intervals, from what clips are and what they were taken for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..evaluate._evaluation import Evaluation, probability_rows
from ..metrics import accuracy_interval
from ..metrics._interval import interval_of_groups

DRAWS = 2000
DRAWS_AT_ONCE = 50  # so that memory stays small with many clips


@dataclass
class ClassScore:
    """Scores of one class: `n` clips are of it, `n_said` were predicted as it, `n_right` are both.

    What is undefined is NaN: the precision of a class that is never predicted, recall and interval of one without
    clips.
    """

    name: str
    n: int
    n_said: int
    n_right: int
    precision: float
    recall: float
    interval: tuple
    f1: float


@dataclass
class Scores:
    """Scores of all clips; intervals are of 95 percent, as (low, high), or None where there are none."""

    n: int
    n_right: int
    n_errors: int
    accuracy: float
    accuracy_interval: tuple
    by_group: tuple | None
    n_groups: int | None
    macro_f1: float
    macro_f1_interval: tuple | None
    most_frequent: float  # fraction of the largest class: what a constant prediction would score
    calibration_error: float | None
    mean_confidence: float | None
    classes: list
    confusion: pd.DataFrame


def score(clips, model_classes):
    """Compute all scores of clips that have predictions.

    Parameters
    ----------
    clips : list of Clip
        With predictions; a clip with an error counts as wrong.
    model_classes : list of str
        What the model can say.

    Returns
    -------
    Scores
        The scores.
    """
    model_classes = list(dict.fromkeys(model_classes))  # as text, two may be one
    evaluation = Evaluation.from_predictions(
        [clip.true_label for clip in clips],
        [clip.predicted for clip in clips],
        probability_rows([clip.probabilities for clip in clips], model_classes),
        classes=model_classes,
        errors=[clip.error for clip in clips],
    )
    n_right = int(evaluation.predictions["correct"].sum())
    units = _units(clips)
    has_groups = clips[0].group is not None
    is_mixed = 0 < n_right < len(clips)  # else all draws are equal, which would pass for certainty
    by_unit = _bootstrap(clips, sorted(evaluation.confusion.index), units) if is_mixed and units.max() > 0 else None
    confidences = [clip.confidence for clip in clips if clip.confidence is not None]
    per_class = _per_class(evaluation)
    return Scores(
        n=len(clips),
        n_right=n_right,
        n_errors=int(evaluation.predictions["label"].isna().sum()),
        accuracy=evaluation.accuracy,
        accuracy_interval=evaluation.interval,
        by_group=by_unit[0] if has_groups and by_unit else None,
        n_groups=int(units.max()) + 1 if has_groups else None,
        macro_f1=float(np.mean([row.f1 for row in per_class if row.n])),
        macro_f1_interval=by_unit[1] if by_unit else None,
        most_frequent=max(row.n for row in per_class) / len(clips),
        calibration_error=evaluation.calibration_error,
        mean_confidence=float(np.mean(confidences)) if confidences else None,
        classes=per_class,
        confusion=evaluation.confusion,
    )


def interval_by_group(correct, groups):
    """Compute the interval of the fraction of clips that are correct, over draws of groups: (low, high).

    Parameters
    ----------
    correct : ndarray of shape (n_clips,), bool
        Whether the prediction of each clip is right.
    groups : list of str or None
        The group of each.

    Returns
    -------
    tuple of float or None
        95 percent; None without groups, of a single one, and where all clips are right, or all wrong.
    """
    if groups is None or len(set(groups)) < 2 or correct.all() or not correct.any():
        return None
    return interval_of_groups(np.divide, groups, correct, np.ones(len(correct)), n_draws=DRAWS)


def _per_class(evaluation):
    """Compute scores of each class, in order of name; those without a clip and never predicted are left out."""
    names = evaluation.per_class.index
    square = evaluation.confusion.reindex(index=names, columns=names, fill_value=0)
    rows = [
        ClassScore(
            name=row.Index,
            n=int(row.n_clips),
            n_said=int(row.n_predicted),
            n_right=int(n_right),
            precision=float(row.precision),
            recall=float(row.recall),
            interval=accuracy_interval(n_right, row.n_clips),
            f1=float(row.f1),
        )
        for row, n_right in zip(evaluation.per_class.itertuples(), square.to_numpy().diagonal(), strict=True)
        if row.n_clips or row.n_predicted
    ]
    return sorted(rows, key=lambda row: row.name)


def _units(clips):
    """Return what is drawn by the bootstrap, as a number for each clip: groups, or clips where there are none."""
    names = [number if clip.group is None else clip.group for number, clip in enumerate(clips)]
    return np.unique(names, return_inverse=True)[1]


def _bootstrap(clips, labels, units):
    """Compute intervals of accuracy and macro F1 over draws of units with replacement."""
    of_name = {name: number for number, name in enumerate(labels)}
    is_true, is_said = np.zeros((2, len(clips), len(labels)))
    for row, clip in enumerate(clips):
        is_true[row, of_name[clip.true_label]] = 1
        if clip.predicted in of_name:
            is_said[row, of_name[clip.predicted]] = 1
    counts = np.zeros((units.max() + 1, 3 * len(labels)))
    np.add.at(counts, units, np.hstack([is_true * is_said, is_true, is_said]))
    rng, accuracies, f1s = np.random.default_rng(0), [], []
    for _ in range(DRAWS // DRAWS_AT_ONCE):
        weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=DRAWS_AT_ONCE)
        right, n, n_said = np.split(weights @ counts, 3, axis=1)  # (draws, classes) each
        accuracies.append(right.sum(axis=1) / n.sum(axis=1))
        f1s.append(np.divide(2 * right, n + n_said, out=np.full(n.shape, np.nan), where=n > 0))
    bounds = np.percentile(np.concatenate(accuracies), [2.5, 97.5])
    f1_bounds = np.percentile(np.nanmean(np.concatenate(f1s), axis=1), [2.5, 97.5])
    return tuple(bounds.tolist()), tuple(f1_bounds.tolist())
