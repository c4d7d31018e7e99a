"""Walk down a model: into Pipelines, searches, votes, calibrations, stacks, thresholds and frozen models.

What these wrappers are is written here alone; everything that looks for features, nets or last steps asks here.
"""

import copy
from types import FunctionType

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

FITTED = ("best_estimator_", "estimators_", "estimator_")  # of searches, votes, others; a bag has the last unfitted
SHARED = ("estimators_", "calibrated_classifiers_")  # predictions are made of those of these, and are other ones
UNFITTED = ("estimator", "estimators")
WITHOUT_PARTS = (type(None), bool, int, float, str, np.generic, type, FunctionType)


def takes_clips(estimator):
    """Return whether an estimator is a feature transformer, which clips come to."""
    return getattr(type(estimator), "_takes_clips", False)


def steps_of(pipeline):
    """Return the steps of a Pipeline that do anything."""
    steps = [step for _, step in pipeline.steps if does_anything(step)]
    return [step for step in steps if not isinstance(step, Pipeline) or steps_of(step)]


def stages_of(model, name="model"):
    """List what the input goes through, in order: the steps of Pipelines, searches and frozen models, however deep.

    Parameters
    ----------
    model : estimator
        The model; a list of itself alone where it is of no such kind.
    name : str, default="model"
        What to call it.

    Returns
    -------
    list of (str, estimator)
        The name of the innermost step that holds it, and the estimator, fitted where the model is.
    """
    if isinstance(model, Pipeline):
        return [stage for name, step in model.steps if does_anything(step) for stage in stages_of(step, name)]
    predicts_as_inside = getattr(model, "_predicts_as_inside", False) and hasattr(model, "estimator_")
    if isinstance(model, FrozenEstimator) or hasattr(model, "best_estimator_") or predicts_as_inside:
        return stages_of(*inner_models(model), name)
    return [(name, model)]


def does_anything(step):
    """Return whether a step of a Pipeline is neither None nor "passthrough"."""
    return step is not None and step != "passthrough"


def first_step(model):
    """Return the first step of a Pipeline that does anything, frozen or not; else the model itself."""
    while isinstance(model, (Pipeline, FrozenEstimator)):
        model = next(iter(steps_of(model)), None) if isinstance(model, Pipeline) else model.estimator
    return model


def last_step(estimator):
    """Return the last step of a Pipeline, however deep; else the estimator itself."""
    while isinstance(estimator, Pipeline):
        estimator = estimator.steps[-1][1]
    return estimator


def is_warm(estimator):
    """Return whether the last step has a warm start."""
    return bool(getattr(last_step(estimator), "warm_start", False))


def inner_models(model):
    """Return the estimators that an estimator other than a Pipeline gives its input to, fitted where it is fitted.

    Such as the model that a search found, the members of a vote, those that a calibration averages over.
    """
    if isinstance(model, FrozenEstimator):
        return [model.estimator]
    if hasattr(model, "calibrated_classifiers_"):
        return [calibrated.estimator for calibrated in model.calibrated_classifiers_]
    name = next((name for name in (*FITTED, *UNFITTED) if getattr(model, name, None) is not None), None)
    inside = getattr(model, name) if name else []
    if not isinstance(inside, (list, tuple, np.ndarray)):
        return [inside]
    members = np.ravel(inside) if isinstance(inside, np.ndarray) else inside
    members = [member[-1] if isinstance(member, tuple) else member for member in members]  # (name, estimator)
    return [member for member in members if hasattr(member, "fit")]


def deciders_of(model):
    """Return the model and, from the outside in, each estimator whose predictions are those of the model."""
    deciders = [model]
    while True:
        last = deciders[-1]
        inside = steps_of(last)[-1:] if isinstance(last, Pipeline) else inner_models(last)
        is_shared = not isinstance(last, Pipeline) and any(hasattr(last, name) for name in SHARED)
        if is_shared or len(inside) != 1:
            return deciders
        deciders += inside


def estimators_in(name, value):
    """List the estimators that a parameter holds, fitted or not: [(name, estimator)], none if it is of another kind."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [(name, value)]
    if not isinstance(value, (list, tuple)):
        return []
    pairs = [item for item in value if isinstance(item, tuple) and len(item) >= 2]
    return [(str(inner), estimator) for inner, estimator, *_ in pairs if hasattr(estimator, "get_params")]


def objects_in(model, *, skip=()):
    """List a model and all objects in it, each once, whatever they are: estimators, trees, networks.

    Parameters
    ----------
    model : object
        Where to begin.
    skip : collection of str, default=()
        Names of attributes not to go into.

    Returns
    -------
    list
        Objects other than numbers, text, classes and functions; containers and arrays of objects are gone through.
    """
    seen, found, left = {}, [], [model]
    while left:
        part = left.pop()
        if id(part) in seen or isinstance(part, WITHOUT_PARTS):
            continue
        seen[id(part)] = part
        if isinstance(part, dict):
            left += part.values()
        elif isinstance(part, (list, tuple, set)):
            left += part
        elif isinstance(part, np.ndarray):
            left += part.flat if part.dtype == object else ()
        else:
            found.append(part)
            left += [value for name, value in getattr(part, "__dict__", {}).items() if name not in skip]
    return found


def features_of(model):
    """Return the feature transformers that clips come to; none if any part of the model begins with something else."""
    if takes_clips(model):
        return [model]
    inside = steps_of(model)[:1] if isinstance(model, Pipeline) else inner_models(model)
    lists = [features_of(part) for part in inside]
    return [features for found in lists for features in found] if all(lists) else []


def parts_with(model, has):
    """Return what is inside a model, however deep, and fulfils a condition: the last such step of each Pipeline.

    Parameters
    ----------
    model : estimator
        The model; returned itself if it fulfils the condition.
    has : callable
        Estimator -> bool.

    Returns
    -------
    list of estimators
        In order, each once: the one net of a Pipeline, those of all folds of a calibration, or none.
    """
    if not isinstance(model, FrozenEstimator) and has(model):
        return [model]
    if isinstance(model, Pipeline):
        return next((found for step in reversed(steps_of(model)) if (found := parts_with(step, has))), [])
    found = [part for inside in inner_models(model) for part in parts_with(inside, has)]
    return list({id(part): part for part in found}.values())


def with_features(model, change):
    """Return the model with others in place of its feature transformers.

    Parameters
    ----------
    model : estimator
        One of which :func:`features_of` finds some.
    change : callable
        Feature transformer -> the one to put in its place.

    Returns
    -------
    estimator
        A copy as far as the features; what is behind them, such as nets, is that of the model.
    """
    if takes_clips(model):
        return change(model)
    changed = copy.copy(model)
    if isinstance(model, Pipeline):
        first = steps_of(model)[0]
        changed.steps = [(name, with_features(step, change) if step is first else step) for name, step in model.steps]
    elif isinstance(model, FrozenEstimator):
        changed.estimator = with_features(model.estimator, change)
    elif hasattr(model, "calibrated_classifiers_"):
        changed.calibrated_classifiers_ = [copy.copy(calibrated) for calibrated in model.calibrated_classifiers_]
        for calibrated in changed.calibrated_classifiers_:
            calibrated.estimator = with_features(calibrated.estimator, change)
    else:
        name = next(name for name in FITTED if getattr(model, name, None) is not None)
        inside = getattr(model, name)
        if isinstance(inside, (list, tuple)):
            inside = [with_features(member, change) if hasattr(member, "fit") else member for member in inside]
        else:
            inside = with_features(inside, change)
        setattr(changed, name, inside)
    return changed
