"""What the benchmarks share: models under the same folds and seeds, and what came of it in numbers."""

import os
import pickle
import platform
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support
from tqdm.auto import tqdm

from sklaudio.features._cache import identity
from sklaudio.segments import last_step

PACKAGES = ("sklaudio", "scikit-learn", "skorch", "torch", "librosa", "numpy", "scipy", "soundfile", "soxr")


@dataclass
class Result:
    """Scores of one model over all folds and seeds."""

    name: str
    features: str
    segment_accuracy: list = field(default_factory=list)
    clip_accuracy: list = field(default_factory=list)
    fit_seconds: list = field(default_factory=list)
    predict_seconds: list = field(default_factory=list)
    runs: list = field(default_factory=list)  # (seed, fold) of each of these
    n_parameters: int = 0
    n_bytes: int = 0
    classes: list = field(default_factory=list)
    per_class: dict = field(default_factory=dict)
    confusion: list = field(default_factory=list)
    history: list = field(default_factory=list)  # of the first run, a dict per epoch


def versions():
    """Versions of what the figures depend on, and the size of the machine."""
    machine = {"python": platform.python_version(), "processors": os.cpu_count()}
    return machine | {package: version(package) for package in PACKAGES}


def data_hash(data):
    """Hash of the content of all clips, in order."""
    return joblib.hash([identity(clip if isinstance(clip, np.ndarray) else str(clip)) for clip in data])


def evaluate(models, frames, target, folds, seeds, *, n_jobs, label):
    """Fit each model on each fold with each seed.

    Parameters
    ----------
    models : dict of str to (str, estimator)
        Name of the features and a SegmentVotingClassifier on frames, by name of the model.
    frames : dict of str to array
        Frames of all clips, by name of the features.
    target : ndarray of shape (n_clips,)
        Their classes.
    folds : list of (ndarray, ndarray)
        Indices of the clips to train and to test on.
    seeds : list of int
        Values for `random_state`.
    n_jobs : int
        Number of processes.
    label : str
        Text before the progress bar.

    Returns
    -------
    list of Result
        In the order of the models.
    """
    tasks = [
        (name, features, seed, number, model, train, test)
        for name, (features, model) in models.items()
        for seed in seeds
        for number, (train, test) in enumerate(folds)
    ]
    jobs = (
        joblib.delayed(_run)(seeded(model, seed), frames[features], target, train, test)
        for _, features, seed, _, model, train, test in tasks
    )
    outcomes = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    results = {name: Result(name, features) for name, (features, _) in models.items()}
    answers = {name: ([], []) for name in models}
    bar = tqdm(outcomes, total=len(tasks), unit="fit", desc=f"{label}fits", disable=None, leave=False)
    for (name, _, seed, number, *_), outcome in zip(tasks, bar, strict=True):
        result = results[name]
        result.runs.append((seed, number))
        for column in ("segment_accuracy", "clip_accuracy", "fit_seconds", "predict_seconds"):
            getattr(result, column).append(outcome[column])
        if len(result.runs) == 1:
            result.n_parameters, result.n_bytes, result.history = (
                outcome[column] for column in ("n_parameters", "n_bytes", "history")
            )
        answers[name][0].append(outcome["truth"])
        answers[name][1].append(outcome["answer"])
    for name, result in results.items():
        _describe_classes(result, *map(np.concatenate, answers[name]), sorted(set(target.tolist())))
    return list(results.values())


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


def seeded(model, seed):
    """A clone of the model with every `random_state` in it set."""
    model = clone(model)
    states = {name: seed for name in model.get_params() if name.split("__")[-1] == "random_state"}
    return model.set_params(**states)


def _run(model, frames, target, train, test):
    """One fold: scores, answers and sizes."""
    start = time.perf_counter()
    model.fit(frames[train], target[train])
    fitted = time.perf_counter()
    votes, clip = model.predict_segments(frames[test])
    answer = model.predict(frames[test])
    predicted = time.perf_counter()
    return {
        "segment_accuracy": accuracy_score(target[test][clip], model.classes_[votes.argmax(axis=1)]),
        "clip_accuracy": accuracy_score(target[test], answer),
        "truth": target[test],
        "answer": answer,
        "fit_seconds": fitted - start,
        "predict_seconds": predicted - fitted,
        "n_parameters": count_parameters(model),
        "n_bytes": len(pickle.dumps(model)),
        "history": _history(model),
    }


def count_parameters(model):
    """Numbers that a fitted classifier keeps: weights, coefficients, support vectors, or nodes of trees."""
    model = last_step(model.estimator_)
    if hasattr(model, "n_parameters_"):
        return int(model.n_parameters_)
    if hasattr(model, "support_vectors_"):
        return int(model.support_vectors_.size + model.dual_coef_.size + model.intercept_.size)
    if hasattr(model, "coef_"):
        return int(model.coef_.size + model.intercept_.size)
    return int(sum(tree.tree_.node_count for tree in model.estimators_))


def _history(model):
    history = getattr(last_step(model.estimator_), "history_", None)
    return [] if history is None else history.to_dict("records")


def _describe_classes(result, truth, answer, classes):
    """Precision, recall, F1 and support of each class, and the confusion matrix, over all folds and seeds."""
    columns = precision_recall_fscore_support(truth, answer, labels=classes, zero_division=0)
    names = ("precision", "recall", "f1", "support")
    result.classes = classes
    result.per_class = {
        label: {name: column[index].item() for name, column in zip(names, columns, strict=True)}
        for index, label in enumerate(classes)
    }
    result.confusion = confusion_matrix(truth, answer, labels=classes).tolist()


def as_json(results):
    """The results as plain dicts."""
    return [asdict(result) for result in results]
