"""NetClassifier: frames in, classes out. Labels, seed, scale, split, the skorch net, probabilities."""

import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from .._device import resolve_device
from .._frames import check_frames, has_frames, map_frames, merge_moments, scale_of
from .._labels import class_prior
from ._batches import Batches, FramesDataset
from ._callbacks import plain
from ._checkpoint import checkpoint_path, stored_seed
from ._schedules import SCHEDULES
from ._state import TRAINING_ONLY, ArraysStateMixin
from ._targets import check_weight, class_weights, encode, learn_classes, split_by_group
from ._training import OPTIMIZERS, PREDICT_BATCH, copy_weights, history_columns, make_net, run

TORCH_GENERATORS = threading.RLock()  # held while torch draws from a seed of ours


@dataclass(eq=False, repr=False, kw_only=True)
class NetClassifier(
    ArraysStateMixin, ClassNamePrefixFeaturesOutMixin, ClassifierMixin, TransformerMixin, BaseEstimator
):
    """Base of all nets: a scikit-learn classifier of frames that trains a torch module with skorch.

    A net is a subclass with its own parameters and one method, ``_make_module(n_dims, n_classes)``, that returns a
    torch module with ``forward(frames, lengths)``: frames of shape (batch, n_frames, n_dims), padded at the end, and
    the number of frames of each clip in; logits out. For :meth:`transform` the module has ``embed(frames, lengths)``
    as well. Subclasses are dataclasses (``eq=False, repr=False``), which gives them a real ``__init__`` with the
    parameters below.

    Parameters
    ----------
    lr : float, default=0.001
        Learning rate.
    batch_size : int, default=32
        Clips in a training batch.
    max_epochs : int, default=50
        Times that training goes through all clips, at most.
    optimizer : {"adam", "adamw", "rmsprop", "sgd"} or torch.optim.Optimizer class, default="adam"
        What turns gradients into steps; "sgd" has a momentum of 0.9.
    weight_decay : float, default=0.0
        Penalty on the squares of the weights, as the optimizer has it.
    l1, l2 : float, default=0.0
        Penalties added to the loss: so many times the sum of the absolute values, and of the squares, of all weights
        (biases go free).
    lr_schedule : str or dict, default="constant"
        How the learning rate changes: "constant", "step", "piecewise", "plateau", "cosine", "one-cycle" or "warm-up";
        or a dict of "name" and settings, such as ``{"name": "plateau", "factor": 0.5, "patience": 3, "cooldown": 0}``.
        :mod:`sklaudio.nets._schedules` lists them.
    early_stopping : bool, default=False
        Whether to set clips aside, stop when the loss on them no longer improves, and keep the best epoch.
    validation_fraction : float, default=0.1
        Share of the clips (or of the groups) set aside for early stopping, where `fit` gets no `X_val`.
    n_iter_no_change : int, default=10
        Epochs without improvement before early stopping.
    class_weight : dict, "balanced" or None, default=None
        Weight of each class in the loss; "balanced" gives all classes the same sum.
    label_smoothing : float, default=0.0
        Share of the target probability spread evenly over all classes, in [0, 1).
    standardize : bool, default=True
        Whether to bring each dim to zero mean and unit deviation over the training frames. It changes nothing behind a
        :class:`~sklaudio.FrameScaler`.
    augment : callable, list of callables or None, default=None
        What happens to training batches, and to nothing else: those of :mod:`sklaudio.augment`, or any
        ``augment(frames, lengths) -> frames`` on tensors of shape (batch, n_frames, n_dims) and (batch,). It draws from
        torch's generator, which `random_state` seeds.
    gradient_clip : float or None, default=None
        Largest norm of the gradients of a step; longer ones are shortened to it. None lets them be.
    checkpoint : str, path-like or None, default=None
        A folder for a file that `fit` writes after each epoch. Killed at any moment and called again, `fit` goes on
        after the last whole epoch, and ends with the very weights of a training that was not interrupted; called again
        when it is done, it reads them. A call is known by class, parameters, data and `random_state`: those of a grid
        search share a folder. The state of `callbacks` of one's own is not kept.
    precision : {"float32", "bfloat16"}, default="float32"
        Of the products in training; "bfloat16" is faster where the processor has it (GPUs, recent CPUs), and keeps
        weights and losses in single precision. Predictions are always in single precision.
    compile : bool, default=False
        Whether :func:`torch.compile` makes the module faster, at the cost of a minute before the first batch.
    device : str, default="auto"
        "cpu", "cuda" or another torch device; "auto" is a GPU where there is one.
    random_state : int, RandomState or None, default=None
        Seed of weights, order, dropout and validation split. The global generators are left as they were.
    verbose : int, default=0
        1 prints a line per epoch.
    callbacks : list of skorch callbacks or None, default=None
        Called besides the net's own.
    net_params : dict or None, default=None
        Any other parameter of :class:`skorch.NeuralNetClassifier`; overrides what the parameters above set. Batches
        are taken from tensors, not by a DataLoader, whose own parameters do not apply.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    class_prior_ : ndarray of shape (n_classes,)
        Share of each class in training, which is the answer for a clip without frames.
    n_features_in_ : int
        Number of dims.
    net_ : skorch.NeuralNetClassifier
        The trained net. Pickles hold its weights as arrays, and rebuild it.
    history_ : pandas.DataFrame
        A row per epoch: epoch, train_loss, train_acc, valid_loss, valid_acc, lr, seconds. NaN without validation.
    n_frames_ : int
        Frames of the longest clip in training.
    n_parameters_ : int
        Number of trained parameters.
    mean_, scale_ : ndarray of shape (n_dims,)
        What frames are standardized by. Only with ``standardize=True``.
    """

    lr: float = 1e-3
    batch_size: int = 32
    max_epochs: int = 50
    optimizer: object = "adam"
    weight_decay: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    lr_schedule: str | dict = "constant"
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    class_weight: object = None
    label_smoothing: float = 0.0
    standardize: bool = True
    augment: object = None
    gradient_clip: float | None = None
    checkpoint: object = None
    precision: str = "float32"
    compile: bool = False
    device: str = "auto"
    random_state: object = None
    verbose: int = 0
    callbacks: list | None = None
    net_params: dict | None = None

    _parameter_constraints = {
        "lr": [Interval(Real, 0, None, closed="neither")],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "max_epochs": [Interval(Integral, 1, None, closed="left")],
        "optimizer": [StrOptions(set(OPTIMIZERS)), type],
        "weight_decay": [Interval(Real, 0, None, closed="left")],
        "l1": [Interval(Real, 0, None, closed="left")],
        "l2": [Interval(Real, 0, None, closed="left")],
        "lr_schedule": [StrOptions(set(SCHEDULES)), dict],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [dict, StrOptions({"balanced"}), None],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "standardize": ["boolean"],
        "augment": [callable, list, tuple, None],
        "gradient_clip": [Interval(Real, 0, None, closed="neither"), None],
        "checkpoint": [str, os.PathLike, None],
        "precision": [StrOptions({"float32", "bfloat16"})],
        "compile": ["boolean"],
        "device": [str],
        "random_state": ["random_state"],
        "verbose": ["verbose"],
        "callbacks": [list, None],
        "net_params": [dict, None],
    }

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None):
        """Train a new net.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.
        y : array-like of shape (n_clips,)
            Its class.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight in the loss; clips of weight 0 are left out.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to: early stopping never splits a group.
        X_val, y_val : as X and y, or None, default=None
            Clips to validate on after each epoch, in place of a share of `X`.

        Returns
        -------
        self : object
            The fitted classifier.

        Raises
        ------
        FloatingPointError
            If the loss is no number before one epoch is finished. Later than that, training ends with a
            ``ConvergenceWarning`` and the weights of the best epoch.
        """
        self._validate_params()
        for learned in ("net_", "classes_", "history_", "mean_", "scale_"):
            self.__dict__.pop(learned, None)  # if this fit fails, nothing is left that contradicts the rest
        frames = check_frames(self, X, reset=True, allow_empty=True)
        self.classes_, target = learn_classes(self, y)
        self._draw_seed()
        checkpoint = self._find_checkpoint(frames, target, sample_weight, groups, X_val, y_val)
        frames, target, weight, counts, groups = self._weigh(frames, target, sample_weight, groups)
        weight /= weight.mean()  # a weight of 2 on every clip changes nothing
        validation = None
        if X_val is not None or y_val is not None:
            validation = self._check_validation(X_val, y_val)
        elif self.early_stopping:
            kept, held_out = split_by_group(target, groups, self.validation_fraction, self._seed)
            validation = frames[held_out], target[held_out], weight[held_out]
            frames, target, weight, counts = frames[kept], target[kept], weight[kept], counts[kept]
        self._learn_scale(frames, counts)
        train = self._dataset(frames, target, weight)
        with self._seeded():
            self._build(train, None if validation is None else self._dataset(*validation), checkpoint=checkpoint)
            try:
                self._run(train)
            except FloatingPointError:  # what diverged at once is no fitted net
                del self.net_
                raise
        return self

    def partial_fit(self, X, y, classes=None, *, sample_weight=None):
        """Go on training for one epoch over the clips given, at the constant rate `lr`.

        Mean and deviation of the dims are those of the first call. The optimizer keeps its state from one call to the
        next, and begins anew after `fit` and after unpickling.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array-like or None, default=None
            All classes that will ever come; None takes those of the first `y`.

        Returns
        -------
        self : object
            The classifier.
        """
        self._validate_params()
        is_first = not hasattr(self, "net_")
        frames = check_frames(self, X, reset=is_first, allow_empty=True)
        if is_first:
            self.classes_, target = learn_classes(self, y, classes)
        else:
            if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(f"classes={list(classes)} are not those of the first call, {self.classes_.tolist()}.")
            target = encode(y, self.classes_, "y")
        frames, target, weight, counts, _ = self._weigh(frames, target, sample_weight, None)
        if is_first:
            self._draw_seed()
            self._learn_scale(frames, counts)
        train = self._dataset(frames, target, weight)
        with self._seeded():
            if is_first:
                self._build(train, goes_on=True)
            elif not self.net_.goes_on:
                self.net_ = make_net(self._as_built(), weights=copy_weights(self.net_.module_))
            self.net_.set_params(lr=self.lr)
            self._run(train, epochs=1)
        return self

    def predict_proba(self, X):
        """Probability of each class for each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_classes), float32
            In the order of ``classes_``. A clip without frames gets ``class_prior_``.
        """
        check_is_fitted(self)
        frames = check_frames(self, X, reset=False, allow_empty=True)
        is_there = has_frames(frames)
        if is_there.all():
            return self.net_.predict_proba(self._dataset(frames))
        proba = np.tile(self.class_prior_.astype(np.float32), (len(frames), 1))
        proba[is_there] = self.net_.predict_proba(self._dataset(frames[is_there]))
        return proba

    def predict(self, X):
        """The most probable class of each clip: array of shape (n_clips,); see :meth:`predict_proba`."""
        winner = self.predict_proba(X).argmax(axis=1)
        return self.classes_[winner]

    def transform(self, X):
        """What the net makes of each clip before its output layer.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_embedding), float32
            One row per clip.
        """
        check_is_fitted(self)
        dataset = self._dataset(check_frames(self, X, reset=False))
        module = plain(self.net_.module_).eval()
        with torch.no_grad():
            parts = [
                module.embed(inputs["frames"].to(self.net_.device), inputs["lengths"].to(self.net_.device))
                for inputs, _ in Batches(dataset, PREDICT_BATCH)
            ]
        return torch.cat(parts).cpu().numpy()

    def summary(self, n_frames=None):
        """Table of the layers: output shapes for one clip of `n_frames` frames, and parameters.

        Parameters
        ----------
        n_frames : int or None, default=None
            Number of frames of the clip; None takes `n_frames_`.

        Returns
        -------
        torchinfo.ModelStatistics
            Prints as the table.
        """
        import torchinfo

        check_is_fitted(self)
        n_frames = self.n_frames_ if n_frames is None else n_frames
        clip = torch.zeros(1, n_frames, self.n_features_in_), torch.tensor([n_frames])
        return torchinfo.summary(
            plain(self.net_.module_), input_data=clip, device=self.net_.device, verbose=0, mode="eval"
        )

    @property
    def n_parameters_(self):
        """Number of trained parameters."""
        check_is_fitted(self)
        return sum(parameter.numel() for parameter in self.net_.module_.parameters() if parameter.requires_grad)

    @property
    def _n_features_out(self):
        return plain(self.net_.module_).n_embedding

    def _make_module(self, n_dims, n_classes):
        raise NotImplementedError("A net defines _make_module(n_dims, n_classes), which returns a torch module.")

    def _weigh(self, frames, target, sample_weight, groups):
        """Clips that count, their classes, weights in the loss and as copies, and groups."""
        counts = check_weight(sample_weight, frames, target)
        weight = counts * class_weights(self.class_weight, self.classes_, target)
        self.class_prior_ = class_prior(np.arange(len(self.classes_)), target, counts)
        if not weight.any():
            raise ValueError(f"class_weight={self.class_weight!r} leaves no clip a weight above 0.")
        if groups is not None:
            groups = column_or_1d(groups)
            check_consistent_length(frames, groups)
        kept = (weight > 0) & has_frames(frames)
        if not kept.any():
            raise ValueError("X holds no frames of a clip with a weight above 0.")
        return frames[kept], target[kept], weight[kept], counts[kept], None if groups is None else groups[kept]

    def _check_validation(self, X_val, y_val):
        if X_val is None or y_val is None:
            raise ValueError("X_val and y_val belong together. Pass both or neither.")
        frames, target = check_frames(self, X_val, reset=False), encode(y_val, self.classes_, "y_val")
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

    def _find_checkpoint(self, *data):
        """File of this call of `fit`, whose seed is taken on if any would do; None without `checkpoint`."""
        if self.checkpoint is None:
            return None
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
        if hasattr(self, "mean_"):
            mean, scale = self.mean_.astype(np.float32), self.scale_.astype(np.float32)
            frames = map_frames(lambda clips: (clips - mean) / scale, frames)
        return FramesDataset(frames, target, weight)

    def _build(self, train, valid=None, goes_on=False, checkpoint=None):
        self.history_ = None
        self.n_frames_ = int(train.lengths.max())
        parameters = self.get_params(deep=False)
        self._built_with = {name: value for name, value in parameters.items() if name not in TRAINING_ONLY}
        self.net_ = make_net(self, None if goes_on else train, valid, checkpoint=checkpoint)

    def _run(self, train, epochs=None):
        n_before, past = len(self.net_.history), self.history_
        try:
            run(self.net_, train, epochs)
        finally:  # what was trained before a Ctrl-C is told as well
            history = pd.DataFrame(history_columns(self.net_.history[n_before:]))
            if past is not None:
                history["epoch"] = np.arange(len(history)) + 1 + len(past)
                history = pd.concat([past, history], ignore_index=True)
            self.history_ = history

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def check_sizes(name, sizes, *, may_be_empty=False):
    """Raise an error that names the parameter unless it holds whole numbers above 0, one for each layer."""
    if not sizes and not may_be_empty:
        raise ValueError(f"{name}={sizes!r} has no layer. Give one number of units for each.")
    if not all(isinstance(size, Integral) and size > 0 for size in sizes):
        raise ValueError(f"{name}={sizes!r} must hold a whole number above 0 for each layer.")
