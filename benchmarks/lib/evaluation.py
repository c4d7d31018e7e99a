"""Models under the same folds and seeds, and their scores."""

import os
import platform
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version

import joblib
import numpy as np
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline
from tqdm.auto import tqdm

from sklaudio.evaluate import Evaluation
from sklaudio.features._cache import identity
from sklaudio.segments import SegmentVotingClassifier, cut_segments

from .calibration import pooled_error
from .fold import run_fold

PACKAGES = ("sklaudio", "scikit-learn", "skorch", "torch", "librosa", "numpy", "scipy", "soundfile", "soxr")


@dataclass
class Model:
    """A row of a table: features of clips and a classifier of frames.

    `figure` is what was published of it, for systems of the literature; with `calibrate`, a temperature is learned too,
    with the first seed alone, since it takes three more trainings.
    """

    name: str
    features_name: str
    features: object
    classifier: object
    figure: str = ""
    calibrate: bool = False


@dataclass
class Result:
    """Scores of one model over all folds and seeds. Without segments, their accuracy is that of clips.

    Calibration errors are one for each seed, over the clips of all folds; none where there are no probabilities, or no
    temperature was learned, which happens with the first seed alone. `ensemble_accuracy` is that of the mean of all
    seeds' probabilities, one for each fold: that of a soft `VotingClassifier` of them. None with one seed.
    `per_class` holds precision, recall and F1 (NaN where undefined) and support by class; `confusion` has a row and a
    column for each of `classes`, and a last column for clips that could not be read if there are any.
    """

    name: str
    features: str
    figure: str
    segment_accuracy: list = field(default_factory=list)
    clip_accuracy: list = field(default_factory=list)
    fit_seconds: list = field(default_factory=list)
    predict_seconds: list = field(default_factory=list)
    temperature: list = field(default_factory=list)
    runs: list = field(default_factory=list)  # (seed, fold) of each of these
    ensemble_accuracy: list = field(default_factory=list)
    calibration_error: list = field(default_factory=list)
    calibration_error_with_temperature: list = field(default_factory=list)
    n_parameters: int = 0
    n_bytes: int = 0
    classes: list = field(default_factory=list)
    per_class: dict = field(default_factory=dict)
    confusion: list = field(default_factory=list)
    history: list = field(default_factory=list)  # of the first run, a dict per epoch


def versions():
    """Return the versions of what the figures depend on, and the size of the machine."""
    machine = {"python": platform.python_version(), "processors": os.cpu_count()}
    return machine | {package: version(package) for package in PACKAGES}


def data_hash(data):
    """Hash the content of all clips, in order; a file that cannot be read has its name instead."""
    return joblib.hash([_identity(clip if isinstance(clip, np.ndarray) else str(clip)) for clip in data])


def _identity(clip):
    try:
        return identity(clip)
    except (OSError, ValueError):
        return clip


def key_of(features):
    """Return a hash of all parameters of a feature extractor: the text of a large one is shortened."""
    return joblib.hash(features)


def extract(models, clips, *, n_jobs, on_error, say):
    """Extract the frames of all clips once for each of the features: {key of the features: frames}."""
    frames = {}
    for model in models:
        if key_of(model.features) not in frames:
            start = time.perf_counter()
            extracted = reading(model.features, n_jobs=n_jobs, on_error=on_error).fit_transform(clips)
            frames[key_of(model.features)] = extracted
            seconds = time.perf_counter() - start
            say(f"{model.features_name}: {extracted[0].shape[1]} dims of {len(clips)} clips in {seconds:.1f} s")
    return frames


def reading(features, **settings):
    """Clone features, or a Pipeline that begins with them, with other settings for reading files."""
    step = f"{features.steps[0][0]}__" if isinstance(features, Pipeline) else ""
    return clone(features).set_params(**{f"{step}{name}": value for name, value in settings.items()})


def evaluate(models, frames, target, folds, seeds, *, n_jobs, label, groups=None, protocol="grouped"):
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
    groups : ndarray of shape (n_clips,) or None
        What the inner folds of a temperature keep together.
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
        X, y, splits, classifier = frames[key_of(model.features)], target, folds, model.classifier
        if protocol == "published":
            X, y, classifier = shuffled_rows(X, y, classifier)
            splits = list(StratifiedKFold(max(2, len(folds)), shuffle=True, random_state=0).split(X, y))
        for seed in seeds:
            for number, (train, test) in enumerate(splits):
                train_groups = None if groups is None or protocol == "published" else groups[train]
                job = seeded(classifier, seed), X, y, train, test, train_groups, model.calibrate and seed == seeds[0]
                tasks.append((model.name, (seed, number), job))
    jobs = (joblib.delayed(run_fold)(*job) for _, _, job in tasks)
    found = joblib.Parallel(n_jobs=n_jobs, return_as="generator")(jobs)
    outcomes = {model.name: {} for model in models}
    bar = tqdm(found, total=len(tasks), unit="fit", desc=f"{label}fits", disable=None, leave=False)
    for (name, run, _), outcome in zip(tasks, bar, strict=True):
        outcomes[name][run] = outcome
    classes = sorted(set(target.tolist()))
    return [
        _summed_up(Result(model.name, model.features_name, model.figure), outcomes[model.name], classes)
        for model in models
    ]


def shuffled_rows(X, y, classifier):
    """Return rows, their classes and a classifier of them, for a split that ignores what recording they are of."""
    members = [member for _, member in classifier.estimators] if isinstance(classifier, VotingClassifier) else []
    votes = members or [classifier]
    if not all(isinstance(vote, SegmentVotingClassifier) for vote in votes):
        return X, y, classifier
    X, clip = cut_segments(X, votes[0].segment_length, votes[0].hop_length)
    if members:
        named = [(name, vote.estimator) for name, vote in classifier.estimators]
        return X, y[clip], clone(classifier).set_params(estimators=named)
    return X, y[clip], classifier.estimator


def _summed_up(result, outcomes, classes):
    """Set the scores of a result from all runs, {(seed, fold): outcome}."""
    first = next(iter(outcomes.values()))
    result.runs = list(outcomes)
    for column in ("segment_accuracy", "clip_accuracy", "fit_seconds", "predict_seconds", "temperature"):
        setattr(result, column, [outcome[column] for outcome in outcomes.values() if outcome[column] is not None])
    for column in ("n_parameters", "n_bytes", "history"):
        setattr(result, column, first[column])
    seeds = dict.fromkeys(seed for seed, _ in outcomes)
    by_seed = [[outcomes[run] for run in outcomes if run[0] == seed] for seed in seeds]
    for error, column in (("", "proba"), ("_with_temperature", "calibrated_proba")):
        errors = [pooled_error(runs, column, classes) for runs in by_seed if runs[0][column] is not None]
        setattr(result, f"calibration_error{error}", [error for error in errors if error is not None])
    if len(seeds) > 1 and first["proba"] is not None:
        folds = dict.fromkeys(fold for _, fold in outcomes)
        by_fold = [[outcomes[run] for run in outcomes if run[1] == fold] for fold in folds]
        result.ensemble_accuracy = [_accuracy_together(runs, np.array(classes)) for runs in by_fold]
    _describe_classes(result, outcomes.values(), classes)
    return result


def _accuracy_together(outcomes, classes):
    """Compute the accuracy of the mean of the probabilities of several models of one fold."""
    first = outcomes[0]
    y_pred = classes[np.mean([outcome["proba"] for outcome in outcomes], axis=0).argmax(axis=1)]
    is_readable = np.array([label is not None for label in first["y_pred"]])
    return float(np.mean((y_pred == first["y_true"]) & is_readable))


def seeded(model, seed):
    """Clone a model, with `seed` added to every `random_state` in it: those of an ensemble stay apart."""
    model = clone(model)
    states = {name: value for name, value in model.get_params().items() if name.split("__")[-1] == "random_state"}
    states = {name: seed + (state or 0) for name, state in states.items()}
    return model.set_params(**states)


def _describe_classes(result, outcomes, classes):
    """Set the scores of each class and the confusion matrix, over all folds and seeds."""
    y_true, y_pred = (np.concatenate([outcome[name] for outcome in outcomes]) for name in ("y_true", "y_pred"))
    evaluation = Evaluation.from_predictions(y_true, y_pred, classes=classes)
    table = evaluation.per_class.drop(columns="n_predicted").rename(columns={"n_clips": "support"})
    result.classes = table.index.tolist()
    result.per_class = table.to_dict("index")
    result.confusion = evaluation.confusion.reindex(table.index, fill_value=0).to_numpy().tolist()


def as_json(results):
    """Return the results as dicts."""
    return [asdict(result) for result in results]
