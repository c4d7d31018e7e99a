"""train_on_files: an honest score on clips that training has not had, then a training on all of them."""

import copy
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone, is_regressor
from sklearn.pipeline import Pipeline

from .._frames.validation import stack_frames
from .._inference import predicts_events
from .._introspect import features_of, last_step
from .._utils.group_split import splits_of_kept
from ..augmented._augmented import AugmentedEstimator
from ..segments._fit_with_validation import check_takes_validation, fit_with_validation
from ..segments._inner_estimator import fit_parameter
from ._classes import ClassesToLearn, HeldOut
from ._events import EventsToLearn, HeldOutEvents
from ._labels import HeldOutLabels, LabelsToLearn
from ._numbers import HeldOutNumbers, NumbersToLearn


@dataclass
class Training:
    """Hold the result of a training.

    Attributes
    ----------
    model : Pipeline
        Fitted on all clips that can be read.
    held_out : HeldOut, HeldOutLabels, HeldOutNumbers, HeldOutEvents or None
        What to expect of it; None without validation.
    unreadable : list of str
        Files that were left out.
    n_clips, n_groups : int
        What it was fitted on.
    """

    model: Pipeline
    held_out: HeldOut | HeldOutLabels | HeldOutNumbers | HeldOutEvents | None
    unreadable: list
    n_clips: int
    n_groups: int


def train_on_files(
    model,
    files,
    target,
    groups,
    *,
    validate=0.2,
    splits=None,
    validation=None,
    seed=0,
    memory=None,
    n_jobs=None,
    tell=None,
) -> Training:
    """Score a model of clips on held-out groups, then train it on all clips.

    Frames are made once for all trainings. Files that cannot be read are left out with a warning each.

    Parameters
    ----------
    model : Pipeline, AugmentedClassifier or AugmentedRegressor
        Unfitted: a FrameTransformer or FrameUnion, which learns nothing, then what learns. Or what trains such on
        changed copies; frames of clips are made once for all trainings then only with `memory`. It is not changed.
    files : sequence of str
        The files.
    target : sequence, as long, or DataFrame or array of shape (n_files, n_columns)
        Class of each, or 0 and 1 for each of its labels, of which columns are the names; for a regressor its number, or
        numbers, a named column of each; for an EventDetector a list of the tables of their events.
    groups : sequence of str, as long
        The recording, speaker or artist that it belongs to. Groups are never divided.
    validate : float or int, default=0.2
        Fraction of the groups to hold out, in (0, 1); or number of folds, from 2 on, each of which is held out once; 0
        for no score.
    splits : list of (train, test) or None, default=None
        Folds that are there, as indices into `files`, to hold out instead of those that `validate` asks for.
    validation : tuple of (files, target) or None, default=None
        Clips that the net is validated on after each epoch of each training, see :func:`fit_with_validation`. They are
        neither trained nor scored on. Labels have the names of `target`, or as many columns.
    seed : int, default=0
        Of the splits. That of the nets is a parameter of the model.
    memory : str or None, default=None
        Folder of a cache of frames.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors.
    tell : callable or None, default=None
        Called with a line of text before each part of the work.

    Returns
    -------
    Training
        The fitted model, its score, and what was left out.

    Raises
    ------
    ValueError
        If there are fewer than two classes, fewer groups than `validate` takes, or no way to hold groups out and have
        clips of every class to train on: where each class is of one group, there is no score to be had, and
        ``validate=0`` trains without one. If there is `validation`, and what learns takes none; or several labels,
        and it takes one class for each clip; or if numbers or events are not such, or there is no event at all.

    Examples
    --------
    >>> import soundfile
    >>> from sklaudio import make_classifier
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(20, random_state=0)
    >>> files = [f"{number:02d}.wav" for number in range(20)]
    >>> for file, y in zip(files, words.data):
    ...     soundfile.write(file, y, 16000)
    >>> model = make_classifier("gru", sr=16000, max_epochs=1, random_state=0)
    >>> training = train_on_files(model, files, words.target, groups=files, validate=0.25)
    >>> training.n_clips, training.held_out.n_clips
    (20, 5)
    """
    tell = tell or (lambda text: None)
    takes_files = isinstance(model, AugmentedEstimator)  # it changes clips, so that frames are of no use to it
    learner, features = clone(model) if takes_files else Pipeline(model.steps[1:]), features_of(model)[0]
    if takes_files:
        _set_reading(learner, features.memory if memory is None else memory, n_jobs)
    files, groups, target = np.asarray(files), np.asarray(groups), _target_to_learn(learner, target)
    if validation is not None:
        check_takes_validation(learner)
        validation = np.asarray(validation[0]), target.others(validation[1])
    tell(f"reading {len(files)} files")
    frames, is_readable = _read(features, files, memory, n_jobs, as_files=takes_files)
    unreadable = files[~is_readable].tolist()
    target, groups = target.kept(is_readable), groups[is_readable]
    if validation is not None:
        tell(f"reading {len(validation[0])} files to validate on")
        validation_frames, is_kept = _read(features, validation[0], memory, n_jobs, as_files=takes_files)
        unreadable += validation[0][~is_kept].tolist()
        validation = validation_frames, validation[1].rows(is_kept)
    target.check()
    held_out = None
    if splits or validate:
        splits = splits_of_kept(splits, is_readable) if splits else target.splits(groups, validate, seed)

        def models():
            for number, (kept, aside) in enumerate(splits, start=1):
                fold = f"fold {number} of {len(splits)}: " if len(splits) > 1 else ""
                tell(f"{fold}training on {len(kept)} clips, for a score on {len(aside)} others")
                yield _fitted(learner, frames[kept], target.rows(kept), groups[kept], validation), aside

        n_groups = sum(len(np.unique(groups[aside])) for _, aside in splits)
        held_out = target.hold_out(models(), frames, groups, n_groups)
    tell(f"training on all {len(target)} clips")
    learner = _fitted(learner, frames, target.rows(), groups, validation)
    if takes_files:
        whole = _set_reading(learner, features.memory, features.n_jobs)
    else:
        whole = Pipeline([(model.steps[0][0], clone(model[0]).fit(files.tolist())), *learner.steps])
    _be_quiet(whole)
    return Training(whole, held_out, unreadable, len(target), len(np.unique(groups)))


def _target_to_learn(learner, target):
    """Return what clips are, as what learns takes it."""
    if predicts_events(learner):
        return EventsToLearn(target, last_step(learner).hop)
    if is_regressor(learner):
        return NumbersToLearn.read(target)
    return LabelsToLearn.read(learner, target) if np.ndim(target) == 2 else ClassesToLearn(target)


def _set_reading(model, memory, n_jobs):
    """Set cache and threads of the features of a model, of the fitted ones too; returns the model."""
    for part in (*features_of(model), *features_of(model.estimator)):
        part.set_params(memory=memory, n_jobs=n_jobs)
    return model


def _read(features, files, memory, n_jobs, *, as_files):
    """Read the frames of the files that can be read, or these files, and which they are."""
    features = copy.deepcopy(features).set_params(on_error="warn", n_jobs=n_jobs)
    if memory is not None:
        features.set_params(memory=memory)
    frames = features.fit_transform(files.tolist())
    is_readable = np.array([len(clip) > 0 for clip in frames], dtype=bool)
    if as_files and is_readable.any():
        return files[is_readable], is_readable
    if is_readable.all():
        return frames, is_readable
    if not is_readable.any():
        raise ValueError(f"none of the {len(files)} files can be read.")
    return stack_frames([clip for clip in frames if len(clip)]), is_readable


def _fitted(learner, frames, target, groups, validation=None):
    learner = clone(learner)
    passed = fit_parameter(learner, "groups", groups)
    if validation is None:
        return learner.fit(frames, target, **passed)
    return fit_with_validation(learner, frames, target, *validation, **passed)


def _be_quiet(model):
    """Let the net print nothing when it is trained on: bars are for who trained it first."""
    net = last_step(model)
    inside = (getattr(net, name, None) for name in ("estimator", "estimator_"))
    for part in (net, *map(last_step, inside)):
        if hasattr(part, "verbose"):
            part.verbose = 0
