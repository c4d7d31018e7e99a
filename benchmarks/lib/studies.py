"""Studies of a net as grid searches under the folds of a benchmark: a table, a plot, and a sentence on each parameter.

A study is a grid of settings of the Pipeline "features", "vote" (segments), "scaler", "net". Each setting is named by
the value of each parameter, as ``{"layers": "2", "features": "mfcc"}``, so that all that is shown comes from the names.
"""

import itertools
import os
import sys
import tempfile
import threading
from dataclasses import dataclass

import numpy as np
from scipy.stats import t
from sklearn.model_selection import GridSearchCV
from tqdm.auto import tqdm

from sklaudio import StudyDisplay

from .presentation import spread, table

NET = "vote__estimator__net"
FRAMES_PER_SECOND = 22050 / 512
MAX_FRAMES = 10**6  # more than any clip here has: a shorter clip is one segment


@dataclass
class Study:
    """What is compared, and with which settings.

    `settings` is a list of (names, parameters): the value of each axis as shown, and what `set_params` takes.
    """

    title: str
    settings: list

    @property
    def axes(self):
        """Names of what is varied, and the values of each, in order."""
        names = [names for names, _ in self.settings]
        return {axis: list(dict.fromkeys(values[axis] for values in names)) for axis in names[0]}


def crossed(title, **axes):
    """Make a study of all combinations: each axis is a dict from a value as shown to the parameters it stands for."""
    settings = []
    for values in itertools.product(*(axis.items() for axis in axes.values())):
        names = dict(zip(axes, (name for name, _ in values), strict=True))
        settings.append((names, {key: value for _, parameters in values for key, value in parameters.items()}))
    return Study(title, settings)


def of_net(parameter, values):
    """Make an axis of a parameter of the net."""
    return {str(value): {f"{NET}__{parameter}": value} for value in values}


def of_segments(seconds):
    """Make an axis of the length of segments, half overlapped, up to the whole clip."""
    lengths = {f"{length:g} s": max(1, round(length * FRAMES_PER_SECOND)) for length in seconds}
    axis = {
        name: {"vote__segment_length": n_frames, "vote__hop_length": max(1, n_frames // 2)}
        for name, n_frames in lengths.items()
    }
    return axis | {"whole clip": {"vote__segment_length": MAX_FRAMES, "vote__hop_length": MAX_FRAMES}}


def run_study(study, pipeline, data, folds, arguments, *, label):
    """Score each setting on each fold with each seed.

    Returns
    -------
    scores : ndarray of shape (n_settings, n_folds, n_seeds)
        Accuracy per clip.
    seconds : ndarray of shape (n_settings,)
        Time of a fit.
    """
    seeds = arguments.seeds
    grid = [
        {key: [value] for key, value in parameters.items()} | {f"{NET}__random_state": seeds}
        for _, parameters in study.settings
    ]
    search = GridSearchCV(pipeline, grid, cv=folds, refit=False, n_jobs=arguments.n_jobs, error_score="raise")
    n_fits = len(study.settings) * len(seeds) * len(folds)
    search_with_bar(search, data.clips, data.target, n_fits=n_fits, label=label)
    scores = np.array([search.cv_results_[f"split{k}_test_score"] for k in range(len(folds))])
    scores = scores.reshape(len(folds), len(study.settings), len(seeds)).transpose(1, 0, 2)
    seconds = search.cv_results_["mean_fit_time"].reshape(len(study.settings), len(seeds)).mean(axis=1)
    return scores, seconds


def search_with_bar(search, X, y, *, n_fits, label):
    """Fit a GridSearchCV, with a progress bar where somebody is watching: each score leaves a mark in a folder."""
    if not sys.stderr.isatty():
        return search.fit(X, y)
    with (
        tempfile.TemporaryDirectory() as folder,
        tqdm(total=n_fits, unit="fit", desc=f"{label}fits", leave=False) as bar,
    ):
        is_done = threading.Event()

        def watch():
            while not is_done.wait(0.5):
                bar.update(len(os.listdir(folder)) - bar.n)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            return search.set_params(scoring=_MarkingScorer(folder)).fit(X, y)
        finally:
            is_done.set()
            watcher.join()


@dataclass
class _MarkingScorer:
    """Accuracy, and a file in `folder` for each time it was asked for."""

    folder: str

    def __call__(self, estimator, X, y):
        tempfile.mkstemp(dir=self.folder)
        return estimator.score(X, y)


def study_table(study, scores, seconds):
    """Format a line per setting; the best is marked."""
    best = scores.mean(axis=(1, 2)).argmax()
    rows = [
        [*names.values(), spread(accuracies), f"{duration:.1f}", "<- best" if index == best else ""]
        for index, ((names, _), accuracies, duration) in enumerate(zip(study.settings, scores, seconds, strict=True))
    ]
    return table([*study.axes, "accuracy/clip", "fit s", ""], rows)


def conclusions(study, scores, folds):
    """Write a sentence on each axis: its best value against each other one, folds paired, other axes averaged.

    The standard error of a difference is that of Nadeau and Bengio (2003, eq. 7): the parts to train on overlap, so
    that it is the standard deviation over folds times the root of ``1 / n_folds + n_test / n_train``. A difference is
    called one where Student's t at 5 %, with one degree of freedom less than there are folds, says so; several of them
    are not corrected for.
    """
    return [_conclusion(study, scores, folds, axis) for axis in study.axes]


def _conclusion(study, scores, folds, axis):
    values = study.axes[axis]
    chosen = np.array([[names[axis] == value for names, _ in study.settings] for value in values])
    by_fold = np.array([scores[rows].mean(axis=(0, 2)) for rows in chosen])  # (n_values, n_folds)
    best = int(by_fold.mean(axis=1).argmax())
    above, undecided = [], []
    for other in np.flatnonzero(np.arange(len(values)) != best):
        difference = by_fold[best] - by_fold[other]
        error = _standard_error(difference, folds)
        text = f"{values[other]} ({abs(difference.mean()):+.3f}" + ("" if error is None else f" ± {error:.3f}") + ")"
        is_one = error is not None and difference.mean() > t.ppf(0.975, len(folds) - 1) * error
        (above if is_one else undecided).append(text)
    others = "" if len(study.axes) == 1 else f", mean over {' and '.join(name for name in study.axes if name != axis)}"
    sentence = f"{axis}: {values[best]} has the best mean, {by_fold[best].mean():.3f}{others}"
    if above:
        sentence += f"; it is above {', '.join(above)} (t-test, 5 %)"
    if undecided:
        sentence += f"; these folds do not tell it from {', '.join(undecided)}"
    return f"{sentence}."


def _standard_error(difference, folds):
    """Compute the standard error of the mean of paired differences over folds; None from a single fold."""
    if len(folds) < 2:
        return None
    train, test = folds[0]
    return float(difference.std(ddof=1) * np.sqrt(1 / len(folds) + len(test) / len(train)))


def draw_study(study, scores, title):
    """Draw accuracy over the values of the last axis, a line for each setting of the others, a dot for each fold."""
    *others, last = study.axes
    lines = [", ".join(names[axis] for axis in others) for names, _ in study.settings]
    axes = {last: study.axes[last], ", ".join(others): list(dict.fromkeys(lines))}
    values, distinct_lines = axes.values()
    laid_out = np.full((len(values), len(distinct_lines), scores.shape[1]), np.nan)
    for (names, _), line, accuracies in zip(study.settings, lines, scores, strict=True):
        laid_out[values.index(names[last]), distinct_lines.index(line)] = accuracies.mean(axis=1)  # over seeds
    if not others:
        axes, laid_out = {last: values}, laid_out[:, 0]
    display = StudyDisplay(axes, laid_out, score_name="accuracy per clip").plot(kind="lines")
    display.ax_.set(ylim=(0, 1), title=title.replace(": ", "\n"))
    return display.figure_
