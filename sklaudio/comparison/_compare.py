"""compare: fit and score all candidates on the same folds, within a budget of time."""

import os
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from numbers import Real

import joblib
import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.metrics import get_scorer
from sklearn.pipeline import Pipeline
from sklearn.utils import _safe_indexing, check_random_state

from .._inference import check_is_no_graph
from .._introspect import features_of, parts_with
from .._utils.lengths import check_equal_lengths
from .._utils.progress import bar
from ..metrics import accuracy_interval
from ..nets._training import planned_epochs
from ..segments._inner_estimator import fit_parameter
from ._candidates import candidates
from ._result import Comparison, corrected_t_test
from ._tasks import task_of

LAYOUT = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
LIKELY = 1.25  # times that an estimate may be off before a model is left out


class _NoTimeError(Exception):
    """A model does not fit into what is left of the budget."""


@dataclass
class _Clock:
    """Seconds since the beginning, and how many there are."""

    budget: float | None
    start: float = field(default_factory=time.monotonic)

    def check(self, needed=0.0):
        """Raise an error unless so many seconds are left."""
        if self.budget is None:
            return
        left = self.budget - (time.monotonic() - self.start)
        if left <= 0:
            raise _NoTimeError(f"not fitted: the budget of {self.budget:g} s was spent")
        if needed > left * LIKELY:
            raise _NoTimeError(f"not fitted: it needs about {needed:.0f} s, and {left:.0f} s of the budget were left")


@dataclass
class _Row:
    """What came of one model."""

    scores: list = field(default_factory=list)
    n_right: int = 0
    n_clips: int = 0
    second: float = np.nan
    seconds: float = 0.0
    n_bytes: float = np.nan
    error: str | None = None
    is_pooled: bool = True

    @property
    def score(self):
        """Over all clips an accuracy, the mean over the folds any other score."""
        return self.n_right / self.n_clips if self.is_pooled else float(np.mean(self.scores))


def compare(
    X,
    y,
    *,
    groups=None,
    models="auto",
    cv=5,
    budget=None,
    scoring=None,
    random_state=None,
    sr=22050,
    memory=None,
    n_jobs=None,
    task="auto",
) -> Comparison:
    """Compare models of recordings on the same folds, and fit the best on all of them.

    Parameters
    ----------
    X : sequence of length n_clips
        Clips, as feature transformers take them: paths, or waveforms at `sr`. An encoder takes waveforms to have its
        rate.
    y : array-like of shape (n_clips,), or array-like or DataFrame of shape (n_clips, n_columns)
        Class of each; or 0 and 1 for each of several labels; or its number, or numbers. Of events, a list of tables
        (start, end, label), as :class:`~sklaudio.EventDetector` takes them; or, where clips are paths, the table of
        :func:`~sklaudio.datasets.load_annotations`, in which a clip that is not there has no events.
    groups : array-like of shape (n_clips,) or None, default=None
        The recording, speaker or artist that each belongs to, which no fold divides; None makes each clip a separate
        one.
    models : "auto", list of str or dict of str to estimator, default="auto"
        What to compare, see :func:`~sklaudio.comparison.candidates`; or any models of clips by name. They are fitted in
        this order.
    cv : int, splitter or iterable of (train, test), default=5
        Number of folds, stratified and shuffled, of whole groups, with clips of all classes in each training, and of
        labels, also those of events, where they allow it; or what scikit-learn takes.
    budget : float or None, default=None
        Seconds for all of it but the last fit. A model that does not fit into what is left is a row that says so; the
        first is always fitted, and no training is broken off. None takes as long as it takes.
    scoring : str, callable or None, default=None
        What to compare by: None is the accuracy of classes, the mean average precision of labels, R2 of numbers,
        mean over the targets, and F1 of events, over all labels, see :func:`~sklaudio.metrics.event_scores`. Or a
        scorer of scikit-learn, such as "neg_mean_absolute_error"; "segment_f1" of events; or a function of a fitted
        model, clips and what they hold.
    random_state : int, RandomState or None, default=None
        Seed of folds and nets.
    sr : int, default=22050
        Sampling rate for "auto" and names of models, in hertz.
    memory : str, path-like or None, default=None
        Folder of a cache of frames, for another time. Within a call frames are made once for all models that take the
        same.
    n_jobs : int or None, default=None
        Number of threads or processes over the clips where frames are made.
    task : {"auto", "class", "multi-label", "regression", "events"}, default="auto"
        What `y` is. "auto" takes tables of start, end and label for events, several columns of 0 and 1 for labels,
        other columns and numbers with a fraction for numbers, and all else for classes; with detectors among `models`
        events, with regressors numbers.

    Returns
    -------
    Comparison
        ``table_``, and ``best_estimator_``, the best by the score, fitted on all clips.

    Raises
    ------
    ValueError
        If a parameter is out of its range, if groups do not allow the folds, or if no model could be scored. What fails
        in one model is a row of the table.

    Notes
    -----
    The score of the best of several is a little too good, as it was chosen by that score. Clips that took no part in
    the comparison say how good it is.

    Examples
    --------
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(40, random_state=0)
    >>> found = compare(words.data, words.target, groups=words.groups, models=["majority", "mfcc-logistic"], cv=2,
    ...                 sr=16000, random_state=0)
    >>> found.best_, found.table_.index.tolist()
    ('mfcc-logistic', ['mfcc-logistic', 'majority'])
    """
    if budget is not None and not (isinstance(budget, Real) and budget > 0):
        raise ValueError(f"budget={budget!r} must be a number of seconds above 0, or None.")
    task = task_of(X, y, task, models, scoring)
    groups = None if groups is None else np.asarray(groups)
    check_equal_lengths(X, y=task.y, groups=groups)
    random_state = check_random_state(random_state).randint(2**31 - 1)
    if not isinstance(models, dict):
        models = candidates(models, sr=sr, random_state=random_state, task=task.name)
    if not models:
        raise ValueError("models holds none. Name one or more.")
    for model in models.values():
        check_is_no_graph(model)
    folds, score, name = task.folds(X, groups, cv, random_state), _scorer(scoring, task), _name_of(scoring, task)
    if score is None:
        task.check_folds(folds)
    study = _Study(X, task, groups, folds, score, _Clock(budget), memory, n_jobs)
    rows = study.run(models)
    best = _best_of(rows, task.second_sign)
    fitted = study.fit_on_all(models[best])
    table = _table(rows, best, folds, name, task.second_name, is_pooled=study.is_pooled)
    columns = {name: row.scores if row.error is None else [np.nan] * len(folds) for name, row in rows.items()}
    return Comparison(table, pd.DataFrame(columns).T.loc[table.index], folds, best, fitted)


class _Study:
    """Clips, folds and frames that all models share."""

    def __init__(self, X, task, groups, folds, score, clock, memory, n_jobs):
        self.X, self.task, self.groups, self.folds, self.score = X, task, groups, folds, score
        self.is_pooled = task.is_pooled and score is None
        self.clock, self.memory, self.n_jobs = clock, memory, n_jobs
        self.frames = {}

    def run(self, models):
        """Fit and score each model: dict of str to _Row."""
        rows = {}
        total = len(models) * len(self.folds)
        with closing(bar(total=total, unit="fit", desc="comparing", bar_format=LAYOUT)) as progress:
            for number, (name, model) in enumerate(models.items()):
                progress.set_description_str(name, refresh=False)
                rows[name] = self._row(model, progress, is_first=number == 0)
                progress.update((number + 1) * len(self.folds) - progress.n)
        return rows

    def _row(self, model, progress, is_first):
        row, start = _Row(is_pooled=self.is_pooled), time.monotonic()
        clock = _Clock(None) if is_first else self.clock
        try:
            clock.check()
            learner, X = self._with_frames(model)
            self._estimate(learner, X, clock)
            found, fitted = [], None
            for number, (train, test) in enumerate(self.folds):
                began = time.monotonic()
                fitted = self._fit(learner, X, train)
                found.append(self._judge(fitted, X, test, row))
                progress.update()
                n_left = len(self.folds) - number - 1
                if n_left:
                    clock.check(n_left * (time.monotonic() - began))
            row.second = self.task.second(found, self.folds)
            row.seconds = time.monotonic() - start
            row.n_bytes = _size_of(self._whole(model, fitted))
        except _NoTimeError as error:
            row.error = str(error)
        except Exception as error:  # a row, not the end
            row.error = f"{type(error).__name__}: {error}"
        if row.error is not None:
            row.seconds = time.monotonic() - start
        return row

    def _with_frames(self, model):
        """Return what learns from frames, and the frames; model and clips where it does not begin with features."""
        features = _first_features(model)
        if features is None:
            return model, self.X
        key = _content_of(features)
        if key not in self.frames:
            features = clone(features)
            changes = {"memory": self.memory, "n_jobs": self.n_jobs}
            features.set_params(**{name: value for name, value in changes.items() if value is not None})
            self.frames[key] = features.fit_transform(self.X)
        return Pipeline(model.steps[1:]), self.frames[key]

    def _estimate(self, learner, X, clock):
        """Time one epoch of a net, and raise an error if all trainings would take longer than there is left."""
        epochs = [name for name in learner.get_params() if name.split("__")[-1] == "max_epochs"]
        if clock.budget is None or len(epochs) != 1:
            return
        n_epochs, short = learner.get_params()[epochs[0]], clone(learner).set_params(**{epochs[0]: 1})
        seconds = []
        for _ in range(2):  # the first loads and compiles what the others have then
            began = time.monotonic()
            fitted = self._fit(short, X, self.folds[0][0])
            seconds.append(time.monotonic() - began)
            clock.check()
        [net] = parts_with(fitted, lambda part: hasattr(part, "net_"))
        n_epochs = planned_epochs(n_epochs, net.net_.history[-1, "train_batch_count"], net._auto_steps, net.augment)
        clock.check(min(seconds) * n_epochs * len(self.folds))

    def _fit(self, learner, X, rows):
        groups = {} if self.groups is None else fit_parameter(learner, "groups", self.groups[rows])
        return clone(learner).fit(_safe_indexing(X, rows), self.task.rows(rows), **groups)

    def _judge(self, fitted, X, test, row):
        """Add to the row what the model makes of the test clips; return what the second score is made of."""
        clips = _safe_indexing(X, test)
        score, found = self.task.judge(fitted, clips, test)
        if self.task.is_pooled:  # a number of clips
            row.n_right, score = row.n_right + score, score / len(test)
        row.scores.append(score if self.score is None else float(self.score(fitted, clips, self.task.rows(test))))
        row.n_clips += len(test)
        return found

    def _whole(self, model, learner):
        """Return the model with features before what learns from frames."""
        features = _first_features(model)
        if features is None:
            return learner
        return Pipeline([(model.steps[0][0], clone(features).fit(self.X)), *learner.steps])

    def fit_on_all(self, model):
        """Fit the model on all clips."""
        learner, X = self._with_frames(model)
        return self._whole(model, self._fit(learner, X, np.arange(len(self.task.y))))


def _first_features(model):
    """Return the feature transformer that a Pipeline begins with and that alone takes clips; None of other models."""
    if isinstance(model, Pipeline) and len(model.steps) > 1 and features_of(model) == [model.steps[0][1]]:
        return model.steps[0][1]
    return None


def _content_of(features):
    """Return what decides the frames: a hash of the parameters, or the object itself where they have none."""
    try:
        return joblib.hash((type(features), features.get_params()))
    except Exception:  # such as a class that is defined in a function, which cannot be pickled
        return features


def _scorer(scoring, task):
    """Return a function of fitted model, clips and what they are; None for the score of the task."""
    if scoring in (None, task.score_name):
        return None
    if isinstance(scoring, str) and not task.has_scorers:
        raise ValueError(
            f"scoring={scoring!r} is no score of {task.name}. Take {task.score_name!r}, {task.second_name!r}, or a "
            "function of a fitted model, clips and what they hold."
        )
    return get_scorer(scoring)


def _name_of(scoring, task):
    """Return the name of the column of the score, which the second one does not have."""
    if scoring is None:
        return task.score_name
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "score")
    if name == task.second_name:
        raise ValueError(f"scoring is called {name!r}, as another column of the table is. Rename the function.")
    return name


def _best_of(rows, second_sign):
    """Return the name of the largest mean score; of equal ones, the better second score, then the earlier one."""
    scored = {name: row for name, row in rows.items() if row.error is None}
    if not scored:
        listed = "; ".join(f"{name}: {row.error}" for name, row in rows.items())
        raise ValueError(f"no model could be scored ({listed}).")
    second = {name: np.nan_to_num(second_sign * row.second, nan=-np.inf) for name, row in scored.items()}
    return max(scored, key=lambda name: (scored[name].score, second[name]))


def _table(rows, best, folds, score, second, *, is_pooled):
    n_train, n_test = (float(np.mean([len(part[side]) for part in folds])) for side in (0, 1))
    lines = {}
    for name, row in rows.items():
        line = {score: np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, second: np.nan}
        if row.error is None:
            mean = row.score
            if is_pooled:
                interval = accuracy_interval(row.n_right, row.n_clips)
            else:
                half_width = corrected_t_test(row.scores, n_train, n_test)[1]
                interval = mean - half_width, mean + half_width
            line |= {score: mean, "low": interval[0], "high": interval[1], second: row.second}
            if name != best:
                against = np.subtract(row.scores, rows[best].scores)
                line["p_value"] = corrected_t_test(against, n_train, n_test)[0]
        lines[name] = line | {"seconds": row.seconds, "bytes": row.n_bytes, "error": row.error}
    table = pd.DataFrame(list(lines.values()), index=pd.Index(list(lines), name="model"))
    table["error"] = table["error"].astype(object).where(table["error"].notna(), None)
    order = sorted(
        lines, key=lambda name: (name != best, rows[name].error is not None, -np.nan_to_num(lines[name][score]))
    )
    return table.loc[order]


def _size_of(model):
    """Return the bytes of the file of a model; NaN where it cannot be saved."""
    from ..persistence import save

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.skops")
        try:
            save(model, path)
        except Exception:  # of a user-defined class
            return np.nan
        return float(os.path.getsize(path))
