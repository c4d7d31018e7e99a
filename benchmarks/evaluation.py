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
from sklearn.model_selection import StratifiedKFold
from tqdm.auto import tqdm

from sklaudio._frames import has_frames
from sklaudio.features._cache import identity
from sklaudio.segments import SegmentVotingClassifier, cut_segments, last_step

PACKAGES = ("sklaudio", "scikit-learn", "skorch", "torch", "librosa", "numpy", "scipy", "soundfile", "soxr")

UNREAD = "(unread)"  # the answer for a clip without frames, which is never right


@dataclass
class Model:
    """A row of a table: features of clips and a classifier of frames.

    `figure` is what was published of it, for systems of the literature.
    """

    name: str
    features_name: str
    features: object
    classifier: object
    figure: str = ""


@dataclass
class Result:
    """Scores of one model over all folds and seeds. Without segments, their accuracy is that of clips."""

    name: str
    features: str
    figure: str
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
    """Hash of the content of all clips, in order; a file that cannot be read has its name instead."""
    return joblib.hash([_identity(clip if isinstance(clip, np.ndarray) else str(clip)) for clip in data])


def _identity(clip):
    try:
        return identity(clip)
    except (OSError, ValueError):
        return clip


def extract(models, clips, *, n_jobs, on_error, say):
    """Frames of all clips for each of the features that the models share: {features as text: frames}."""
    frames = {}
    for model in models:
        if repr(model.features) not in frames:
            start = time.perf_counter()
            own = clone(model.features).set_params(n_jobs=n_jobs, on_error=on_error).fit_transform(clips)
            frames[repr(model.features)] = own
            seconds = time.perf_counter() - start
            say(f"{model.features_name}: {own[0].shape[1]} dims of {len(clips)} clips in {seconds:.1f} s")
    return frames


def evaluate(models, frames, target, folds, seeds, *, n_jobs, label, protocol="grouped"):
    """Fit each model on each fold with each seed.

    Parameters
    ----------
    models : list of Model
        The rows.
    frames : dict of str to array
        What :func:`extract` made for them.
    target : ndarray of shape (n_clips,)
        The classes of the clips.
    folds : list of (ndarray, ndarray)
        Indices of the clips to train and to test on.
    seeds : list of int
        Values for `random_state`.
    n_jobs : int
        Number of processes.
    label : str
        Text before the progress bar.
    protocol : {"grouped", "published"}, default="grouped"
        "published" shuffles, so that segments of one recording, or clips of one speaker, stand on both sides of a
        split, as many papers have it: rows of models with segments are segments then, and the folds as many as `folds`.

    Returns
    -------
    list of Result
        In the order of the models.
    """
    tasks = []
    for model in models:
        X, y, own_folds, classifier = frames[repr(model.features)], target, folds, model.classifier
        if protocol == "published":
            if isinstance(classifier, SegmentVotingClassifier):
                X, clip = cut_segments(X, classifier.segment_length, classifier.hop_length)
                y, classifier = target[clip], classifier.estimator
            own_folds = list(StratifiedKFold(max(2, len(folds)), shuffle=True, random_state=0).split(X, y))
        for seed in seeds:
            for number, (train, test) in enumerate(own_folds):
                tasks.append((model, seed, number, seeded(classifier, seed), X, y, train, test))
    jobs = (joblib.delayed(_run)(*task[3:]) for task in tasks)
    outcomes = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    results = {model.name: Result(model.name, model.features_name, model.figure) for model in models}
    answers = {model.name: ([], []) for model in models}
    bar = tqdm(outcomes, total=len(tasks), unit="fit", desc=f"{label}fits", disable=None, leave=False)
    for (model, seed, number, *_), outcome in zip(tasks, bar, strict=True):
        _add(results[model.name], outcome, (seed, number))
        answers[model.name][0].append(outcome["truth"])
        answers[model.name][1].append(outcome["answer"])
    for name, result in results.items():
        _describe_classes(result, *map(np.concatenate, answers[name]), sorted(set(target.tolist())))
    return list(results.values())


def _add(result, outcome, run):
    result.runs.append(run)
    for column in ("segment_accuracy", "clip_accuracy", "fit_seconds", "predict_seconds"):
        getattr(result, column).append(outcome[column])
    if len(result.runs) == 1:
        for column in ("n_parameters", "n_bytes", "history"):
            setattr(result, column, outcome[column])


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
    answer = model.predict(frames[test])
    predicted = time.perf_counter()
    # The prior that stands in for a clip that could not be read is no merit of the model where it happens to be right.
    answer = np.where(has_frames(frames[test]), answer, UNREAD)
    segment_answer, clip = answer, np.arange(len(test))
    if isinstance(model, SegmentVotingClassifier):
        votes, clip = model.predict_segments(frames[test])
        unread = np.flatnonzero(answer == UNREAD)  # one wrong segment each
        segment_answer = np.concatenate([model.classes_[votes.argmax(axis=1)], answer[unread]])
        clip = np.concatenate([clip, unread])
    return {
        "segment_accuracy": accuracy_score(target[test][clip], segment_answer),
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
    model = last_step(getattr(model, "estimator_", model))
    if hasattr(model, "n_parameters_"):
        return int(model.n_parameters_)
    if hasattr(model, "support_vectors_"):
        return int(model.support_vectors_.size + model.dual_coef_.size + model.intercept_.size)
    if hasattr(model, "coef_"):
        return int(model.coef_.size + model.intercept_.size)
    return int(sum(tree.tree_.node_count for tree in model.estimators_))


def _history(model):
    history = getattr(last_step(getattr(model, "estimator_", model)), "history_", None)
    return [] if history is None else history.to_dict("records")


def _describe_classes(result, truth, answer, classes):
    """Precision, recall, F1 and support of each class, and the confusion matrix, over all folds and seeds."""
    if UNREAD in answer:
        classes = [*classes, UNREAD]
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
