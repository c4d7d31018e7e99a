"""train_on_files: an honest score on clips that training has not heard, then a training on all of them."""

import copy
from dataclasses import dataclass

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from ._frames import stack_frames
from ._inner import fit_parameter, last_step
from ._models import features_of
from .metrics import accuracy_interval
from .nets._targets import split_by_group

__all__ = ["HeldOut", "Training", "train_on_files"]


@dataclass
class HeldOut:
    """How right models were on clips of groups that their training had not heard.

    Attributes
    ----------
    accuracies : list of float
        Share of clips told right, of each fold; a single one where a share was held out.
    n_right, n_clips, n_groups : int
        Clips told right, and clips and groups held out, over all folds.
    interval : tuple of float
        Wilson's interval of 95% of ``n_right / n_clips``.
    """

    accuracies: list
    n_right: int
    n_clips: int
    n_groups: int

    @property
    def accuracy(self):
        """Share of all clips held out that were told right."""
        return self.n_right / self.n_clips

    @property
    def interval(self):
        """Wilson's interval of 95%, as (low, high)."""
        return accuracy_interval(self.n_right, self.n_clips)

    @property
    def deviation(self):
        """Standard deviation of the accuracies of the folds; None of a single one."""
        return float(np.std(self.accuracies, ddof=1)) if len(self.accuracies) > 1 else None


@dataclass
class Training:
    """What came of a training.

    Attributes
    ----------
    model : Pipeline
        Fitted on all clips that can be read.
    held_out : HeldOut or None
        What to expect of it; None without validation.
    unreadable : list of str
        Files that were left out.
    n_clips, n_groups : int
        What it was fitted on.
    """

    model: Pipeline
    held_out: HeldOut | None
    unreadable: list
    n_clips: int
    n_groups: int


def train_on_files(model, files, target, groups, *, validate=0.2, seed=0, memory=None, n_jobs=None, tell=None):
    """Train a model of clips, after a score on clips that it has not heard.

    Frames are made once for all trainings. Files that cannot be read are left out with a warning each.

    Parameters
    ----------
    model : Pipeline
        Unfitted: a FrameTransformer or FrameUnion, which learns nothing, then what learns. It is not changed.
    files : sequence of str
        The files.
    target, groups : sequence of str, as long
        Class of each, and the recording, speaker or artist that it belongs to. Groups are never divided.
    validate : float or int, default=0.2
        Share of the groups to hold out, in (0, 1); or number of folds, from 2 on, each of which is held out once; 0
        for no score.
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
        If there are fewer than two classes, or fewer groups than `validate` takes.

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
    files, target, groups = np.asarray(files), np.asarray(target), np.asarray(groups)
    tell(f"reading {len(files)} files")
    frames, is_readable = _read(features_of(model)[0], files, memory, n_jobs)
    unreadable = files[~is_readable].tolist()
    target, groups = target[is_readable], groups[is_readable]
    if len(np.unique(target)) < 2:
        raise ValueError(
            f"there are clips of {len(np.unique(target))} class that can be read, and a classifier tells apart two or "
            "more. Make a folder per class."
        )
    held_out = _held_out(Pipeline(model.steps[1:]), frames, target, groups, validate, seed, tell) if validate else None
    tell(f"training on all {len(target)} clips")
    features, learner = clone(model[0]).fit(files.tolist()), _fitted(Pipeline(model.steps[1:]), frames, target, groups)
    fitted = Pipeline([(model.steps[0][0], features), *learner.steps])
    _be_quiet(fitted)
    return Training(fitted, held_out, unreadable, len(target), len(np.unique(groups)))


def _read(features, files, memory, n_jobs):
    """Frames of the files that can be read, and which these are."""
    features = copy.deepcopy(features).set_params(on_error="warn", n_jobs=n_jobs)
    if memory is not None:
        features.set_params(memory=memory)
    frames = features.fit_transform(files.tolist())
    is_readable = np.array([len(own) > 0 for own in frames], dtype=bool)
    if is_readable.all():
        return frames, is_readable
    if not is_readable.any():
        raise ValueError(f"none of the {len(files)} files can be read.")
    return stack_frames([own for own in frames if len(own)]), is_readable


def _held_out(learner, frames, target, groups, validate, seed, tell):
    splits = _splits(target, groups, validate, seed)
    accuracies, n_right, n_clips, n_groups = [], 0, 0, 0
    for number, (kept, aside) in enumerate(splits, start=1):
        fold = f"fold {number} of {len(splits)}: " if len(splits) > 1 else ""
        tell(f"{fold}training on {len(kept)} clips, for a score on {len(aside)} others")
        model = _fitted(learner, frames[kept], target[kept], groups[kept])
        is_right = model.predict(frames[aside]) == target[aside]
        accuracies.append(float(is_right.mean()))
        n_right, n_clips = n_right + int(is_right.sum()), n_clips + len(aside)
        n_groups += len(np.unique(groups[aside]))
    return HeldOut(accuracies, n_right, n_clips, n_groups)


def _splits(target, groups, validate, seed):
    """Lists of clips to train on and to hold out, that share no group."""
    _, classes = np.unique(target, return_inverse=True)
    try:
        if validate < 1:
            return [split_by_group(classes, groups, validate, seed)]
        folds = StratifiedGroupKFold(int(validate), shuffle=True, random_state=seed)
        return list(folds.split(classes, classes, groups))
    except ValueError as error:
        raise ValueError(
            f"validate={validate} cannot hold out some of {len(np.unique(groups))} groups and train on the others. "
            "Change it, or use 0 for no score."
        ) from error


def _fitted(learner, frames, target, groups):
    learner = clone(learner)
    return learner.fit(frames, target, **fit_parameter(learner, "groups", groups))


def _be_quiet(model):
    """Let the net print nothing when it is trained on: bars are for who trained it first."""
    net = last_step(model)
    for own in (net, getattr(net, "estimator", None), getattr(net, "estimator_", None)):
        if hasattr(own, "verbose"):
            own.verbose = 0
