"""What a training needs before it begins: clips that count, their weights, clips to validate on, scale, seed.

Functions of an estimator's parameters and of data, which set nothing on the estimator.
"""

from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

import numpy as np
from sklearn.utils import column_or_1d
from sklearn.utils.validation import _check_sample_weight

from .._frames.out_of_core import StoredFrames, digest_of_stored
from .._frames.validation import has_frames, map_frames, merge_moments, scale_of
from .._utils.lengths import check_equal_lengths
from .._utils.terminal import shortened
from .._utils.validation_part import NO_FRAMES, check_pair, errors_name_part
from ._batches import FramesDataset
from ._checkpoint import checkpoint_path, stored_seed
from ._python_parameters import as_python
from ._stored import StoredDataset
from ._targets import ClassTarget


@dataclass(frozen=True)
class Prepared:
    """All that a training begins with.

    Parameters
    ----------
    target : ClassTarget or like it
        What the net is to predict.
    seed : int
        Of weights, order, dropout and validation split.
    scale : tuple of two ndarray of shape (n_dims,), or None
        What frames are standardized by.
    train : FramesDataset
        Clips to train on.
    validation : FramesDataset or None, default=None
        Clips to validate on.
    checkpoint : Path or None, default=None
        File to go on from, and to write after each epoch.
    """

    target: ClassTarget
    seed: int
    scale: tuple | None
    train: FramesDataset
    validation: FramesDataset | None = None
    checkpoint: Path | None = None


def prepare(estimator, frames, y, *, start=None, sample_weight=None, groups=None, X_val=None, y_val=None):
    """Prepare a whole training.

    Parameters
    ----------
    estimator : NetEstimator
        Its parameters.
    frames : ndarray or StoredFrames
        As :func:`check_frames` returns them.
    y, sample_weight, groups, X_val, y_val
        As in ``fit``.
    start : Start or None, default=None
        What training goes on from, whose scale is kept.

    Returns
    -------
    Prepared
    """
    target, encoded = estimator._new_target(y).learn(y, estimator, before=None if start is None else start.target)
    seed = draw_seed(estimator)
    checkpoint = None
    if estimator.checkpoint is not None:
        data = [frames, encoded, sample_weight, groups, X_val, y_val]
        checkpoint, seed = find_checkpoint(estimator, seed, target, start, data)
    target, frames, encoded, weight, counts, groups = weigh(target, frames, encoded, sample_weight, groups)
    weight /= weight.mean()  # a weight of 2 on every clip changes nothing
    validation = None
    if X_val is not None or y_val is not None:
        validation = check_validation(estimator, target, X_val, y_val)
    elif estimator.early_stopping:
        kept, held_out = split(estimator, target, encoded, groups, seed)
        validation = frames[held_out], encoded[held_out], weight[held_out]
        frames, encoded, weight, counts = frames[kept], encoded[kept], weight[kept], counts[kept]
    scale = learn_scale(estimator, frames, counts) if start is None else start.scale
    train = make_dataset(frames, scale, target.as_trained(encoded), weight)
    if validation is not None:
        frames, encoded, *weight = sorted_by_length(*validation)
        validation = make_dataset(frames, scale, target.as_trained(encoded), *weight)
    return Prepared(target, seed, scale, train, validation, checkpoint)


def prepare_epoch(estimator, frames, y, *, known=None, scale=None, sample_weight=None, classes=None):
    """Prepare a call of ``partial_fit``.

    Parameters
    ----------
    estimator, frames, y, sample_weight
        As in :func:`prepare`.
    known : ClassTarget or like it, or None, default=None
        What the net predicts already; None learns it of `y`, and of `classes`.
    scale : tuple or None, default=None
        What frames are standardized by, of an estimator that has been trained.
    classes : array-like or None, default=None
        As in ``partial_fit``.

    Returns
    -------
    Prepared
    """
    if known is None:
        target, encoded = estimator._new_target(y).learn(y, estimator, classes=classes)
    else:
        target, encoded = known, known.encode(y, "y", "Others take classes= and warm_start=True.")
    target, frames, encoded, weight, counts, _ = weigh(target, frames, encoded, sample_weight)
    if hasattr(estimator, "net_"):
        seed = estimator._seed
    else:
        seed, scale = draw_seed(estimator), learn_scale(estimator, frames, counts)
    return Prepared(target, seed, scale, make_dataset(frames, scale, target.as_trained(encoded), weight))


def draw_seed(estimator):
    """Draw an int from `random_state`; the same in all processes of accelerate."""
    if estimator.random_state is None:
        seed = int(np.random.SeedSequence().entropy % 2**32)
    elif isinstance(estimator.random_state, Integral):
        seed = int(estimator.random_state)
    else:
        seed = int(estimator.random_state.randint(2**31))
    if settings := (estimator.net_params or {}).get("accelerate"):
        from ._accelerated import shared_seed

        seed = shared_seed(seed, settings)
    return seed


def find_checkpoint(estimator, seed, target, start, data):
    """Return the file of this call of `fit`, and the seed: the one in the file, if any would do."""
    data = tuple(map(digest_of_stored, data))
    data = data if start is None else (*data, target.key, start.key)
    path = checkpoint_path(estimator.checkpoint, estimator, None if estimator.random_state is None else seed, *data)
    if estimator.random_state is None and path.exists():
        seed = stored_seed(path)
    return path, seed


def weigh(target, frames, encoded, sample_weight, groups=None):
    """Count all clips in the target; return it and, of those that count, frames, labels, weights, copies and groups."""
    counts = check_weight(sample_weight, frames, encoded)
    if target.is_stepwise:
        target.check_lengths(encoded, frames)
    weight = counts * target.weigh(encoded)
    if not weight.any():
        raise ValueError(f"class_weight={shortened(target.class_weight)} leaves no clip a weight above 0.")
    if groups is not None:
        groups = column_or_1d(groups)
        check_equal_lengths(frames, groups=groups)
    kept = (weight > 0) & has_frames(frames)
    if not kept.any():
        raise ValueError("X holds no frames of a clip with a weight above 0.")
    target = target.count(encoded, counts)
    return target, frames[kept], encoded[kept], weight[kept], counts[kept], None if groups is None else groups[kept]


def check_weight(sample_weight, frames, encoded):
    """Return weights of clips: (n_clips,), float64; ones for None. Check that clips and labels are equally many."""
    check_equal_lengths(frames, y=encoded, sample_weight=sample_weight)
    weight = _check_sample_weight(sample_weight, encoded, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return weight


def split(estimator, target, encoded, groups, seed):
    """Return indices of the clips to train on, and of those to validate on."""
    try:
        return target.split(encoded, groups, as_python(estimator.validation_fraction), seed)
    except ValueError as error:
        raise ValueError(
            f"early_stopping=True cannot set clips aside: {error} Pass X_val and y_val, more clips or groups, "
            "another validation_fraction, or early_stopping=False."
        ) from error


def check_validation(estimator, target, X_val, y_val):
    """Return frames and labels of the clips to validate on, without clips that have no frames."""
    check_pair(X_val, y_val)
    with errors_name_part():
        frames = estimator._check_clips(X_val, reset=False, allow_empty=True)
    encoded = target.encode(y_val, "y_val")
    if target.is_stepwise:
        target.check_lengths(encoded, frames, "y_val")
    kept = has_frames(frames)
    if not kept.any():
        raise ValueError(NO_FRAMES)
    return frames[kept], encoded[kept]


def learn_scale(estimator, frames, counts):
    """Return mean and standard deviation of each dim; None without ``standardize``."""
    if not estimator._scales_frames:
        return None
    moments = None
    for clip, times in zip(frames, counts, strict=True):
        moments = merge_moments(moments, clip, times)
    n_frames, mean, squares = moments
    return mean, scale_of(np.sqrt(squares / n_frames), mean)


def make_dataset(frames, scale, encoded=None, weight=None):
    """Return the clips as tensors, standardized; those that are stored as they are read."""

    def standardize(clips):  # (n_clips, n_frames, n_dims)
        return clips if scale is None else (clips - mean) / std

    if scale is not None:
        mean, std = (values.astype(np.float32) for values in scale)
    if isinstance(frames, StoredFrames):
        return StoredDataset(frames, standardize, encoded, weight)
    return FramesDataset(map_frames(standardize, frames), encoded, weight)


def sorted_by_length(frames, *arrays):
    """Sort frames and arrays of as many rows, the shortest clip first, for little padding."""
    if frames.dtype != object:
        return frames, *arrays
    order = np.argsort([len(clip) for clip in frames], kind="stable")
    return frames[order], *(array[order] for array in arrays)
