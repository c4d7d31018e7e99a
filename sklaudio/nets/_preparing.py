"""What a training needs before it begins: clips that count, their weights, clips to validate on, scale, seed."""

from contextlib import contextmanager
from numbers import Integral
from threading import RLock

import numpy as np
import torch
from sklearn.utils import check_consistent_length, column_or_1d

from .._device import resolve_device
from .._frames import check_frames, has_frames, map_frames, merge_moments, scale_of
from .._stored import StoredFrames, digest_of_stored
from ._batches import FramesDataset
from ._checkpoint import checkpoint_path, stored_seed
from ._stored import StoredDataset
from ._targets import check_weight, class_weights, encode, learn_classes, split_by_group
from ._warm_start import Start

TORCH_GENERATORS = RLock()  # held while torch draws from a seed of ours
LEARNED = ("net_", "classes_", "class_count_", "class_prior_", "history_", "mean_", "scale_")


class PreparingMixin:
    """Data and seed on their way into the training of a NetClassifier."""

    def _start(self):
        """What `fit` goes on from; None for new weights, and nothing is left then of what was learned before."""
        if not (self.warm_start and hasattr(self, "net_")):
            for learned in LEARNED:
                self.__dict__.pop(learned, None)
            return None
        if self.standardize != hasattr(self, "mean_"):
            raise ValueError(
                f"warm_start=True goes on from weights that were trained with standardize={not self.standardize}, and "
                f"standardize={self.standardize} now. Set it back, or warm_start=False."
            )
        return Start.of(self)

    def _prepare(self, start, X, y, sample_weight, groups, X_val, y_val):
        """Learn classes, seed and scale: clips to train on, clips to validate on or None, file of the checkpoint."""
        frames = check_frames(self, X, reset=start is None, allow_empty=True, stored=True)
        self.classes_, target = learn_classes(self, y)
        self._draw_seed()
        checkpoint = self._find_checkpoint(start, frames, target, sample_weight, groups, X_val, y_val)
        frames, target, weight, counts, groups = self._weigh(frames, target, sample_weight, groups)
        weight /= weight.mean()  # a weight of 2 on every clip changes nothing
        validation = None
        if X_val is not None or y_val is not None:
            validation = self._check_validation(X_val, y_val)
        elif self.early_stopping:
            kept, held_out = split_by_group(target, groups, self.validation_fraction, self._seed)
            validation = frames[held_out], target[held_out], weight[held_out]
            frames, target, weight, counts = frames[kept], target[kept], weight[kept], counts[kept]
        if start is None:
            self._learn_scale(frames, counts)
        train = self._dataset(frames, target, weight)
        return train, None if validation is None else self._dataset(*validation), checkpoint

    def _weigh(self, frames, target, sample_weight, groups, seen=0.0):
        """Clips that count, their classes, weights in the loss and as copies, and groups.

        `seen` is how many clips of each class came before.
        """
        counts = check_weight(sample_weight, frames, target)
        weight = counts * class_weights(self.class_weight, self.classes_, target)
        if not weight.any():
            raise ValueError(f"class_weight={self.class_weight!r} leaves no clip a weight above 0.")
        if groups is not None:
            groups = column_or_1d(groups)
            check_consistent_length(frames, groups)
        kept = (weight > 0) & has_frames(frames)
        if not kept.any():
            raise ValueError("X holds no frames of a clip with a weight above 0.")
        self.class_count_ = seen + np.bincount(target, counts, len(self.classes_))
        self.class_prior_ = self.class_count_ / self.class_count_.sum()
        return frames[kept], target[kept], weight[kept], counts[kept], None if groups is None else groups[kept]

    def _check_validation(self, X_val, y_val):
        if X_val is None or y_val is None:
            raise ValueError("X_val and y_val belong together. Pass both or neither.")
        frames, target = check_frames(self, X_val, reset=False, stored=True), encode(y_val, self.classes_, "y_val")
        if len(frames) != len(target):
            raise ValueError(f"X_val holds {len(frames)} clips and y_val {len(target)} labels. Give each clip one.")
        return frames, target

    def _draw_seed(self):
        if self.random_state is None:
            self._seed = int(np.random.SeedSequence().entropy % 2**32)
        elif isinstance(self.random_state, Integral):
            self._seed = int(self.random_state)
        else:
            self._seed = int(self.random_state.randint(2**31))
        if settings := (self.net_params or {}).get("accelerate"):
            from ._accelerated import shared_seed

            self._seed = shared_seed(self._seed, settings)

    def _find_checkpoint(self, start, *data):
        """File of this call of `fit`, whose seed is taken on if any would do; None without `checkpoint`."""
        if self.checkpoint is None:
            return None
        data = tuple(map(digest_of_stored, data))
        data = data if start is None else (*data, self.classes_, start.key)
        path = checkpoint_path(self.checkpoint, self, None if self.random_state is None else self._seed, *data)
        if self.random_state is None and path.exists():
            self._seed = stored_seed(path)
        return path

    @contextmanager
    def _seeded(self):
        """Let torch draw from our seed; afterwards its generators are as they were.

        They belong to the process, so that nets in several threads train one after the other.
        """
        devices = range(torch.cuda.device_count()) if resolve_device(self.device).startswith("cuda") else []
        with TORCH_GENERATORS, torch.random.fork_rng(devices=devices):
            yield

    def _learn_scale(self, frames, counts):
        if self.standardize:
            moments = None
            for clip, times in zip(frames, counts, strict=True):
                moments = merge_moments(moments, clip, times)
            n_frames, self.mean_, squares = moments
            self.scale_ = scale_of(np.sqrt(squares / n_frames), self.mean_)

    def _dataset(self, frames, target=None, weight=None):
        scaled = self._scaling()
        if isinstance(frames, StoredFrames):
            return StoredDataset(frames, scaled, target, weight)
        return FramesDataset(map_frames(scaled, frames), target, weight)

    def _scaling(self):
        """What standardizes an array of clips (n_clips, n_frames, n_dims)."""
        if not hasattr(self, "mean_"):
            return lambda clips: clips
        mean, scale = self.mean_.astype(np.float32), self.scale_.astype(np.float32)
        return lambda clips: (clips - mean) / scale
