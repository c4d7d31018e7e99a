"""train_on_files: an honest score on clips that training has not had, then a training on all of them."""

import copy
import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from .._frames.validation import stack_frames
from .._introspect import features_of, last_step
from .._utils.group_split import (
    LostClassError,
    classes_of_one_group,
    folds_by_group,
    lost_classes,
    name_classes,
    split_by_group,
    splits_of_kept,
)
from .._utils.label_folds import folds_of_labels
from .._utils.label_matrix import rows_of
from ..metrics import accuracy_interval
from ..segments._fit_with_validation import check_takes_validation, fit_with_validation
from ..segments._inner_estimator import fit_parameter
from ._labels import HeldOutLabels, check_labels_to_learn, hold_out_labels, labels_in_order_of


@dataclass
class HeldOut:
    """How well models predicted clips of groups that were not in their training.

    Attributes
    ----------
    accuracies : list of float
        Fraction of clips predicted correctly, of each fold; a single one where a fraction was held out.
    n_right, n_clips, n_groups : int
        Clips predicted correctly, and clips and groups held out, over all folds.
    interval : tuple of float
        Wilson's interval of 95% of ``n_right / n_clips``.
    """

    accuracies: list
    n_right: int
    n_clips: int
    n_groups: int

    @property
    def accuracy(self):
        """Fraction of all clips held out that were predicted correctly."""
        return self.n_right / self.n_clips

    @property
    def interval(self):
        """Wilson's interval of 95%, as (low, high)."""
        return accuracy_interval(self.n_right, self.n_clips)

    @property
    def std(self):
        """Standard deviation of the accuracies of the folds; None of a single one."""
        return float(np.std(self.accuracies, ddof=1)) if len(self.accuracies) > 1 else None

    @property
    def deviation(self):
        """Return `std`, by the name that it had."""
        warnings.warn("HeldOut.deviation is HeldOut.std now.", FutureWarning, stacklevel=2)
        return self.std


@dataclass
class Training:
    """What came of a training.

    Attributes
    ----------
    model : Pipeline
        Fitted on all clips that can be read.
    held_out : HeldOut, HeldOutLabels or None
        What to expect of it; None without validation.
    unreadable : list of str
        Files that were left out.
    n_clips, n_groups : int
        What it was fitted on.
    """

    model: Pipeline
    held_out: HeldOut | HeldOutLabels | None
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
):
    """Train a model of clips, after a score on clips that it was not trained on.

    Frames are made once for all trainings. Files that cannot be read are left out with a warning each.

    Parameters
    ----------
    model : Pipeline
        Unfitted: a FrameTransformer or FrameUnion, which learns nothing, then what learns. It is not changed.
    files : sequence of str
        The files.
    target : sequence of str, as long, or DataFrame or array of shape (n_files, n_labels)
        Class of each, or 0 and 1 for each of its labels, of which columns are the names.
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
        and it takes one class for each clip.

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
    learner, features = Pipeline(model.steps[1:]), features_of(model)[0]
    names = None
    if np.ndim(target) == 2:
        target, names = check_labels_to_learn(learner, target)
    files, target, groups = np.asarray(files), np.asarray(target), np.asarray(groups)
    if validation is not None:
        check_takes_validation(learner)
        y_val = validation[1] if names is None else labels_in_order_of(names, validation[1])
        validation = [np.asarray(validation[0]), np.asarray(y_val)]
    tell(f"reading {len(files)} files")
    frames, is_readable = _read(features, files, memory, n_jobs)
    unreadable = files[~is_readable].tolist()
    target, groups = target[is_readable], groups[is_readable]
    if validation is not None:
        tell(f"reading {len(validation[0])} files to validate on")
        validation_frames, is_kept = _read(features, validation[0], memory, n_jobs)
        unreadable += validation[0][~is_kept].tolist()
        validation = validation_frames, _target_of(validation[1], names, is_kept)
    if names is None and len(np.unique(target)) < 2:
        raise ValueError(
            f"there are clips of {len(np.unique(target))} class that can be read, and a classifier tells apart two or "
            "more. Make a folder per class."
        )
    held_out = None
    if splits or validate:
        splits = splits_of_kept(splits, is_readable) if splits else _splits(target, names, groups, validate, seed)
        held_out = _held_out(learner, frames, target, names, groups, splits, validation, tell)
    tell(f"training on all {len(target)} clips")
    learner = _fitted(learner, frames, _target_of(target, names), groups, validation)
    fitted = Pipeline([(model.steps[0][0], clone(model[0]).fit(files.tolist())), *learner.steps])
    _be_quiet(fitted)
    return Training(fitted, held_out, unreadable, len(target), len(np.unique(groups)))


def _read(features, files, memory, n_jobs):
    """Frames of the files that can be read, and which these are."""
    features = copy.deepcopy(features).set_params(on_error="warn", n_jobs=n_jobs)
    if memory is not None:
        features.set_params(memory=memory)
    frames = features.fit_transform(files.tolist())
    is_readable = np.array([len(clip) > 0 for clip in frames], dtype=bool)
    if is_readable.all():
        return frames, is_readable
    if not is_readable.any():
        raise ValueError(f"none of the {len(files)} files can be read.")
    return stack_frames([clip for clip in frames if len(clip)]), is_readable


def _target_of(target, names, index=slice(None)):
    """Classes of some clips, or their labels with names."""
    return target[index] if names is None else rows_of(target, names, index)


def _held_out(learner, frames, target, names, groups, splits, validation, tell):
    def fitted(number, kept, aside):
        fold = f"fold {number} of {len(splits)}: " if len(splits) > 1 else ""
        tell(f"{fold}training on {len(kept)} clips, for a score on {len(aside)} others")
        return _fitted(learner, frames[kept], _target_of(target, names, kept), groups[kept], validation)

    if names is not None:
        return hold_out_labels(fitted, frames, target, groups, splits, names)
    accuracies, n_right, n_clips, n_groups = [], 0, 0, 0
    for number, (kept, aside) in enumerate(splits, start=1):
        correct = fitted(number, kept, aside).predict(frames[aside]) == target[aside]
        accuracies.append(float(correct.mean()))
        n_right, n_clips = n_right + int(correct.sum()), n_clips + len(aside)
        n_groups += len(np.unique(groups[aside]))
    return HeldOut(accuracies, n_right, n_clips, n_groups)


def _splits(target, names, groups, validate, seed):
    """Return clips to train on and to hold out, without a group in common; every training has clips of all classes."""
    classes, indices = np.unique(target, return_inverse=True) if names is None else (names, target)
    try:
        if validate < 1:
            kept, held_out = split_by_group(indices, groups, validate, seed, classes, parameter="validate")
            _warn_of_single_groups(indices, groups, held_out, classes)
            return [(kept, held_out)]
        if names is not None:
            return folds_of_labels(target, groups, int(validate), seed)
        return folds_by_group(indices, groups, int(validate), shuffle=True, seed=seed, classes=classes)
    except LostClassError as error:
        raise ValueError(
            f"validate={validate}: {error} A model that never had a clip of a class cannot be scored on it. Take "
            "groups of which every class has two or more"
            + (", hold out a fraction such as validate=0.2," if validate >= 1 else ",")
            + " or use validate=0 to train on all clips with no score."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"validate={validate} cannot hold out some of {len(np.unique(groups))} groups and train on the others. "
            "Change it, or use 0 for no score."
        ) from error


def _warn_of_single_groups(target, groups, held_out, classes):
    unscored = np.intersect1d(classes_of_one_group(target, groups), lost_classes(target, held_out))
    if len(unscored):
        warnings.warn(
            f"the score on held-out clips says nothing of {name_classes(unscored, target, groups, classes)}: all clips "
            "of one group are needed to train on. Add clips of other groups.",
            stacklevel=4,
        )


def _fitted(learner, frames, target, groups, validation=None):
    learner = clone(learner)
    passed = fit_parameter(learner, "groups", groups)
    if validation is None:
        return learner.fit(frames, target, **passed)
    return fit_with_validation(learner, frames, target, *validation, **passed)


def _be_quiet(model):
    """Let the net print nothing when it is trained on: bars are for who trained it first."""
    net = last_step(model)
    for part in (net, getattr(net, "estimator", None), getattr(net, "estimator_", None)):
        if hasattr(part, "verbose"):
            part.verbose = 0
