"""Scores with intervals, from what clips are and what they were taken for."""

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import precision_recall_fscore_support

from ..evaluate import calibration_of_answers
from ..metrics import accuracy_interval

DRAWS = 2000
DRAWS_AT_ONCE = 50  # so that memory stays small with many clips


@dataclass
class ClassScore:
    """Scores of one class: `n` clips are of it, `n_said` were taken for it, `n_right` are both."""

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
    """Scores of all clips; intervals are of 95 percent, as (low, high), or None where there is nothing to tell."""

    n: int
    n_right: int
    n_errors: int
    accuracy: float
    accuracy_interval: tuple
    by_group: tuple | None
    n_groups: int | None
    macro_f1: float
    macro_f1_interval: tuple | None
    most_frequent: float  # share of the largest class: what an answer without listening would score
    calibration_error: float | None
    mean_confidence: float | None
    classes: list


def score(clips, model_classes):
    """All scores of clips that have answers.

    Parameters
    ----------
    clips : list of Clip
        With answers; a clip with an error counts as wrong.
    model_classes : list of str
        What the model can say.

    Returns
    -------
    Scores
        The scores.
    """
    truths = sorted({clip.truth for clip in clips})
    n_right = sum(clip.is_right for clip in clips)
    units = _units(clips)
    has_groups = clips[0].group is not None
    is_mixed = 0 < n_right < len(clips)  # else all draws are equal, which would pass for certainty
    by_unit = _bootstrap(clips, truths, units) if is_mixed and units.max() > 0 else None
    per_class = _per_class(clips, [*truths, *(name for name in model_classes if name not in truths)])
    sure = [clip for clip in clips if clip.confidence is not None]
    return Scores(
        n=len(clips),
        n_right=n_right,
        n_errors=sum(clip.error is not None for clip in clips),
        accuracy=n_right / len(clips),
        accuracy_interval=accuracy_interval(n_right, len(clips)),
        by_group=by_unit[0] if has_groups and by_unit else None,
        n_groups=int(units.max()) + 1 if has_groups else None,
        macro_f1=float(np.mean([own.f1 for own in per_class if own.n])),
        macro_f1_interval=by_unit[1] if by_unit else None,
        most_frequent=max(own.n for own in per_class) / len(clips),
        calibration_error=_calibration_error(sure) if sure else None,
        mean_confidence=float(np.mean([clip.confidence for clip in sure])) if sure else None,
        classes=per_class,
    )


def _per_class(clips, names):
    """Scores of each class, in order of name; those without a clip and never said are left out."""
    of_name = {name: number for number, name in enumerate(names)}
    y_true = [of_name[clip.truth] for clip in clips]
    y_pred = [-1 if clip.error else of_name[clip.said] for clip in clips]  # no class is -1
    labels = range(len(names))
    precision, recall, f1, n = precision_recall_fscore_support(y_true, y_pred, labels=labels, zero_division=0)
    n_said = np.bincount([k for k in y_pred if k >= 0], minlength=len(names))
    n_right = np.rint(recall * n).astype(int)
    rows = [
        ClassScore(
            name,
            int(n[k]),
            int(n_said[k]),
            int(n_right[k]),
            float(precision[k]),
            float(recall[k]),
            accuracy_interval(int(n_right[k]), int(n[k])) if n[k] else (0.0, 1.0),
            float(f1[k]),
        )
        for name, k in of_name.items()
        if n[k] or n_said[k]
    ]
    return sorted(rows, key=lambda row: row.name)


def _units(clips):
    """What is drawn by the bootstrap, as a number for each clip: groups, or clips where there are none."""
    names = [number if clip.group is None else clip.group for number, clip in enumerate(clips)]
    return np.unique(names, return_inverse=True)[1]


def _bootstrap(clips, truths, units):
    """Intervals of accuracy and macro F1 over draws of units with replacement."""
    of_name = {name: number for number, name in enumerate(truths)}
    is_true, is_said = np.zeros((2, len(clips), len(truths)))
    for row, clip in enumerate(clips):
        is_true[row, of_name[clip.truth]] = 1
        if clip.said in of_name:
            is_said[row, of_name[clip.said]] = 1
    counts = np.zeros((units.max() + 1, 3 * len(truths)))
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


def _calibration_error(clips):
    """Of clips that have probabilities; a class that the model does not know has one of 0."""
    names = list(clips[0].probabilities)
    y_proba = [[clip.probabilities[name] for name in names] for clip in clips]
    return calibration_of_answers([clip.truth for clip in clips], y_proba, names)
