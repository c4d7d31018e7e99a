"""NetEstimator: what all nets are, from their parameters through `fit` to predictions and pickles.

What a net is trained to predict is a target object (:mod:`sklaudio.nets._targets`); which layers it has, a class of its
architecture (such as :class:`~sklaudio.nets._rnn.LSTMNet`).
"""

import time
import warnings
from dataclasses import dataclass
from numbers import Integral
from typing import Self

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._frames.validation import check_frames, has_frames, stack_frames, with_index
from .._utils.device import resolve_device
from .._utils.loaded import LoadedMixin
from .._utils.parallel import warn_of_shared_gpu
from .._utils.rollback import RollbackOnError
from .._utils.terminal import shortened
from ._batches import Batches
from ._callbacks import unwrap
from ._mode import Mode
from ._parameters import TRAINING, merged_constraints, with_shared_parameters
from ._preparation import make_dataset, prepare, prepare_epoch, sorted_by_length
from ._python_parameters import as_python, python_parameters
from ._skorch_net import copy_weights
from ._slow_start import warn_of_slow_start
from ._state import TRAINING_ONLY, check_shapes
from ._steps import predict_steps
from ._training import PREDICT_BATCH, history_columns, make_net, run, seeded
from ._warm_start import Start

LEARNED = ("net_", "history_", "mean_", "scale_", "_is_loaded")


@dataclass(eq=False, repr=False, kw_only=True)
class NetEstimator(LoadedMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Base of all nets: a scikit-learn estimator of frames that trains a torch module with skorch.

    A kind of net, such as :class:`NetClassifier`, has a target object. A net has other parameters and
    ``_make_module(n_dims, n_outputs)``.

    Parameters
    ----------
    lr : float, default=0.001
        Learning rate.
    batch_size : int, default=32
        Clips in a training batch. A batch of clips of unequal length is padded to its longest; above 2**23 numbers with
        the padding, it goes through the net in parts of clips about as long, whose gradients are added up: the same
        step, but that batch norms see each part by itself and `augment` draws for each.
    max_epochs : int or "auto", default=50
        Times that training goes through all clips, at most. "auto" counts in steps: as many epochs as take about 1500
        batches (3000 of tiny nets), 20 at least and 200 at most, so that few clips are seen often enough and many do
        not take for ever. With :class:`~sklaudio.augment.MixNoise` in `augment` it is twice as many.
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
        Fraction of the clips (or of the groups) set aside for early stopping, where `fit` gets no `X_val`. Fewer are,
        if a class would be left with none to train on.
    n_iter_no_change : int, default=10
        Epochs without improvement before early stopping.
    standardize : bool, default=True
        Whether to bring each dim to zero mean and unit standard deviation over the training frames. It changes
        nothing behind a :class:`~sklaudio.FrameScaler`.
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
        search share a folder. The state of user-defined `callbacks` is not kept. With `warm_start`, a call is known by
        the weights it starts from as well: load them again, and it goes on.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the call before, in place of new ones; see the notes of :meth:`fit`.
    precision : {"auto", "float32", "bfloat16"}, default="float32"
        Of the products in training; "bfloat16" is faster where the processor has it (GPUs, recent CPUs; others warn
        and stay with "float32"), and keeps weights and losses in single precision. Predictions are always in single
        precision. "auto" is "bfloat16" for nets with convolutions where the processor has it, "float32" elsewhere: the
        same seed gives other weights on another kind of processor then.
    compile : bool, default=False
        Whether :func:`torch.compile` makes the module faster, at the cost of a minute before the first batch.
    device : str, default="auto"
        "cpu", "cuda" or another torch device; "auto" is a GPU where there is one. Training on a GPU in one of several
        jobs of joblib's (``n_jobs`` of a search) warns: they share that GPU.
    random_state : int, RandomState or None, default=None
        Seed of weights, order, dropout and validation split. The global generators are left as they were.
    verbose : int, default=0
        1 draws a bar of epoch, losses and time left on a terminal or in a notebook, where its last state stays, for
        what takes longer than two seconds, and prints a line per epoch elsewhere; 2 prints the lines everywhere.
    callbacks : list of skorch callbacks or None, default=None
        Called besides those of the net.
    net_params : dict or None, default=None
        Any other parameter of :class:`skorch.NeuralNet`; overrides what the parameters above set. Batches
        are taken from tensors, not by a DataLoader, whose parameters do not apply. ``{"accelerate": True}``, or a
        dict of what :class:`accelerate.Accelerator` takes, lets the processes of ``accelerate launch`` share one `fit`
        of the same data: a batch is then `batch_size` clips for each of them.

    """

    lr: float = 1e-3
    batch_size: int = 32
    max_epochs: int | str = 50
    optimizer: object = "adam"
    weight_decay: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    lr_schedule: str | dict = "constant"
    early_stopping: bool = False
    validation_fraction: float = 0.1
    n_iter_no_change: int = 10
    standardize: bool = True
    augment: object = None
    gradient_clip: float | None = None
    checkpoint: object = None
    warm_start: bool = False
    precision: str = "float32"
    compile: bool = False
    device: str = "auto"
    random_state: object = None
    verbose: int = 0
    callbacks: list | None = None
    net_params: dict | None = None

    _parameter_constraints = TRAINING
    _training_parameters = tuple(TRAINING)
    _learned_of_target = ()  # attributes that its target is made of
    _reads_stored = True
    _auto_precision = "float32"  # of a net that does not gain by less
    _auto_steps = 1500  # of max_epochs="auto"; docs/recipe_log.md has figures
    _frames = "mel"  # what make_classifier puts before it: mel bands, or "mfcc"
    _learned_of_input = ("n_features_in_",)

    def __init_subclass__(cls, **kwargs):
        """Merge the constraints of all bases, and fill in the documentation of what a class shares with them."""
        super().__init_subclass__(**kwargs)
        cls._parameter_constraints = merged_constraints(cls)
        if cls.__doc__:
            cls.__doc__ = with_shared_parameters(cls)

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None) -> Self:
        """Train a net: a new one, or with ``warm_start=True`` the one there is.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip. Arrays of three axes that are memory-mapped (:class:`numpy.memmap`) or chunked
            (zarr, HDF5, Dask) are read batch by batch, with no copy of the whole; chunks are shuffled chunk by chunk.
        y : array-like of shape (n_clips,), or array-like, DataFrame or sparse matrix of shape (n_clips, n_labels)
            Its class, or 0 and 1 for each of several labels, or of those of each frame (see :class:`NetClassifier`); of
            a regressor its number, or its numbers, (n_clips, n_targets).
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Its weight in the loss; clips of weight 0 are left out.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist it belongs to: early stopping never splits a group, and never sets aside
            one that has all clips of a class.
        X_val, y_val : as X and y, or None, default=None
            Clips to validate on after each epoch, in place of a fraction of `X`.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        FloatingPointError
            If the loss, or what the net predicts after its last step, is not finite before one epoch has ended well.
            Later than that, training ends with a ``ConvergenceWarning`` and the weights of the best epoch.
        ValueError
            If an argument or a parameter is not valid, weights to start from do not fit the parameters, or each group
            has all clips of a class, so that early stopping can set none aside.

        Notes
        -----
        With ``warm_start=True``, a fitted net trains on from its weights, with the learning rate, epochs, schedule and
        all else of the parameters as they are now, and with a new optimizer. Where the classes in `y` are not those
        before, or labels or targets are others, its output layer is drawn anew; all other weights, and the running
        statistics of batch norms, stay and train on. ``mean_``, ``scale_`` and ``n_frames_``, which the weights belong
        to, stay as they are, and ``history_`` goes on. A call that fails leaves the net as it was.
        :func:`sklearn.base.clone` forgets weights.

        In a Pipeline, what comes before the net is fitted anew, and a scaler that learns would show the net
        other numbers than those it knows: let what is fitted stay as it is with
        ``model[-1].fit(model[:-1].transform(files), labels)``. Behind features alone, or
        ``FrameScaler(per="clip")``, which learns nothing, ``model.fit(files, labels)`` is the same.

        Examples
        --------
        What four rates of swinging taught helps with two others, of which there are few clips:

        >>> import numpy as np
        >>> from sklaudio import GRUClassifier
        >>> rng = np.random.default_rng(0)
        >>> def swing(rates):                                  # cycles per frame, from any phase, in noise
        ...     phase = rng.uniform(size=(len(rates), 1))
        ...     X = np.sin(2 * np.pi * (np.array(rates)[:, None] * np.arange(30) + phase))
        ...     return (X + rng.normal(scale=0.3, size=X.shape))[:, :, None], np.array(rates).astype(str)
        >>> net = GRUClassifier(16, 1, pooling="mean", lr=0.01, batch_size=16, max_epochs=10, random_state=0)
        >>> net = net.fit(*swing([0.04, 0.1, 0.2, 0.35] * 50))
        >>> few, many = swing([0.06, 0.28] * 10), swing([0.06, 0.28] * 50)
        >>> net.set_params(max_epochs=3, warm_start=True).fit(*few).score(*many) > 0.9
        True
        >>> net.set_params(warm_start=False).fit(*few).score(*many) > 0.9
        False
        """
        self._validate_params()
        warn_of_shared_gpu(self.device)
        start = self._start()
        with RollbackOnError(self) as undone:
            prepared = prepare(
                self,
                self._check_clips(X, reset=start is None, allow_empty=True),  # let go of before training
                y,
                start=start,
                sample_weight=sample_weight,
                groups=groups,
                X_val=X_val,
                y_val=y_val,
            )
            self._set_learned(prepared, has_new_weights=start is None)
            self._built_with = self._parameters_of_weights()
            with seeded(self.device):
                self.net_ = (make_net if start is None else start.make_net)(self, Mode.FIT, prepared)
                undone.errors = FloatingPointError  # what any other error interrupts has been trained
                self._train(prepared.train)
        return self

    def _check_clips(self, X, *, reset, allow_empty=False):
        """Return the frames of the clips, as :func:`check_frames` returns them."""
        return check_frames(self, X, reset=reset, allow_empty=allow_empty, stored=True)

    def _start(self):
        """Return what `fit` goes on from; None for new weights, and forget then what was learned before."""
        if not (self.warm_start and hasattr(self, "net_")):
            for learned in (*LEARNED, *self._learned_of_target):
                self.__dict__.pop(learned, None)
            return None
        if self._scales_frames != hasattr(self, "mean_"):
            raise ValueError(
                f"warm_start=True goes on from weights that were trained with standardize={not self.standardize}, and "
                f"standardize={self.standardize} now. Set it back, or warm_start=False."
            )
        return Start.of(self)

    def _set_learned(self, prepared, *, has_new_weights):
        """Set what was learned from the data. Scale and number of frames belong to the weights, and come with them."""
        for learned in self._learned_of_target:  # of labels there are others than of classes
            vars(self).pop(learned, None)
        vars(self).update(prepared.target.attributes)
        self._seed = prepared.seed
        if has_new_weights:
            self.history_, self.n_frames_ = None, int(prepared.train.lengths.max())
            if prepared.scale is not None:
                self.mean_, self.scale_ = prepared.scale

    def _parameters_of_weights(self):
        return {name: value for name, value in python_parameters(self).items() if name not in TRAINING_ONLY}

    def _make_module(self, n_dims, n_outputs):
        raise NotImplementedError("A net defines _make_module(n_dims, n_outputs), which returns a torch module.")

    def _train(self, dataset, epochs=None):
        n_before, past, start = len(self.net_.history), self.history_, time.process_time()
        try:
            run(self.net_, dataset, epochs)
        finally:  # epochs before a Ctrl-C are in the history as well
            history = pd.DataFrame(history_columns(self.net_.history[n_before:]))
            if past is not None:
                history["epoch"] = np.arange(len(history)) + 1 + len(past)
                history = pd.concat([past, history], ignore_index=True)
            self.history_ = history
        if hasattr(self.net_, "accelerator"):  # it is a net like others from here on, the same in all processes
            self.net_ = make_net(self._as_built(), Mode.PARTIAL_FIT, weights=self.net_.shared_weights())
        warn_of_slow_start(time.process_time() - start)

    def _fit_epoch(self, X, y, sample_weight, *, classes=None, has_new_target=False):
        """Go on training for one epoch, as ``partial_fit`` does.

        `classes` are all that will ever come, of a classifier; `has_new_target` tells that they are others than before.
        """
        self._validate_params()
        if (self.net_params or {}).get("accelerate"):
            raise ValueError("net_params={'accelerate': …} is for fit: processes share no partial_fit. Leave it out.")
        warn_of_shared_gpu(self.device)
        is_first = not hasattr(self, "net_")
        with RollbackOnError(self) as undone:
            has_optimizer = not is_first and not has_new_target and self.net_.mode is Mode.PARTIAL_FIT
            start = None if is_first or has_optimizer else Start.of(self)
            known = None if is_first or has_new_target else self._target
            prepared = prepare_epoch(
                self,
                self._check_clips(X, reset=is_first, allow_empty=True),
                y,
                known=known,
                scale=self._scale,
                sample_weight=sample_weight,
                classes=classes,
            )
            self._set_learned(prepared, has_new_weights=is_first)
            with seeded(self.device):
                if is_first:
                    self._built_with = self._parameters_of_weights()
                    self.net_ = make_net(self, Mode.PARTIAL_FIT)
                elif start is not None:
                    self.net_ = start.make_net(self._as_built(), Mode.PARTIAL_FIT)
                self._set_rates()
                undone.errors = FloatingPointError
                self._train(prepared.train, epochs=1)
        return self

    def _set_rates(self):
        """Let the optimizer go on at the rates of the parameters, and the loss with the counts of all clips so far."""
        self.net_.set_params(lr=as_python(self.lr))
        self.net_.target = self._target
        for index, rate in enumerate(self._rates.values()):
            self.net_.set_params(**{f"optimizer__param_groups__{index}__lr": as_python(rate)})

    def _predict_rows(self, X):
        """Predict each clip by the net, after its activation: (n_clips, n_outputs), float32."""
        check_is_fitted(self)
        frames = self._check_clips(X, reset=False, allow_empty=True)
        is_there = has_frames(frames)
        if self._target.is_stepwise:
            rows = self._predict_frames(frames, is_there)
        elif is_there.all():
            rows = self._forward(self.net_.predict_proba, frames)
        else:
            rows = np.tile(self._row_without_frames().astype(np.float32), (len(frames), 1))
            if is_there.any():
                rows[is_there] = self._forward(self.net_.predict_proba, frames[is_there])
        return self._finite(rows, frames)

    def _predict_frames(self, frames, is_there):
        """Predict each frame by the net: array, or object array, of (n_frames_i, n_outputs), float32."""
        clips = [np.zeros((0, self._target.n_outputs), dtype=np.float32)] * len(frames)
        if is_there.any():
            (found, order) = sorted_by_length(frames if is_there.all() else frames[is_there], np.flatnonzero(is_there))
            predicted = predict_steps(self.net_, make_dataset(found, self._scale), PREDICT_BATCH)
            for clip, rows in zip(order.tolist(), predicted, strict=True):
                clips[clip] = rows
        return stack_frames(clips)

    def transform(self, X) -> np.ndarray:
        """Return what the net makes of each clip before its output layer.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips, n_embedding), float32
            One row per clip. With pandas output, the index is that of the Series or DataFrame that the frames were made
            of.

        Raises
        ------
        ValueError
            If a clip has no frames.
        FloatingPointError
            If a number of a row is not finite, as that of a clip of huge values.
        """
        check_is_fitted(self)
        frames = self._check_clips(X, reset=False)
        return with_index(self, self._finite(self._forward(self._embed, frames), frames), X)

    def _forward(self, function, frames):
        """Return the rows that `function` makes of the dataset of the clips, in the order of the clips."""
        (frames, order) = sorted_by_length(frames, np.arange(len(frames)))
        rows = function(make_dataset(frames, self._scale))
        return rows if frames.dtype != object else rows[np.argsort(order)]

    def _finite(self, rows, frames):
        """Return the rows, or arrays of rows, of all clips; raise an error where those of one hold NaN or infinity."""
        is_finite = np.array([bool(np.isfinite(of_clip).all()) for of_clip in rows])
        if not is_finite.all():
            first = int(np.argmin(is_finite))
            raise FloatingPointError(
                f"{type(self).__name__} gives NaN or infinity for {(~is_finite).sum()} of {len(rows)} clips. The first "
                f"is X[{first}], with values up to {np.abs(frames[first]).max():.3g}. Look for huge values in X; if "
                "there are none, train the net again with a lower lr or gradient_clip=1.0."
            )
        return rows

    def _embed(self, dataset):
        module = unwrap(self.net_.module_).eval()
        with torch.no_grad():
            parts = [
                module.embed(inputs["frames"].to(self.net_.device), inputs["lengths"].to(self.net_.device))
                for inputs, _ in Batches(dataset, PREDICT_BATCH)
            ]
        return torch.cat(parts).cpu().numpy()

    def summary(self, n_frames=None):
        """Return a table of the layers: output shapes for one clip of `n_frames` frames, and parameters.

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
        clip = torch.zeros(1, n_frames, self._n_dims), torch.tensor([n_frames])
        return torchinfo.summary(
            unwrap(self.net_.module_), input_data=clip, device=self.net_.device, verbose=0, mode="eval"
        )

    @property
    def n_parameters_(self):
        """Number of trained parameters."""
        check_is_fitted(self)
        return sum(parameter.numel() for parameter in self.net_.module_.parameters() if parameter.requires_grad)

    @property
    def _n_features_out(self):
        return unwrap(self.net_.module_).n_embedding

    @property
    def _scales_frames(self):
        """Whether frames are standardized before they come to the module."""
        return self.standardize

    @property
    def _n_dims(self):
        """Dims of the frames that come to the module."""
        return self.n_features_in_

    @property
    def _rates(self):
        """Learning rates other than `lr`, by the pattern of the names of the weights that have them."""
        return {}

    @property
    def _scale(self):
        """What frames are standardized by: mean and standard deviation of each dim, or None."""
        return (self.mean_, self.scale_) if hasattr(self, "mean_") else None

    def __getstate__(self):
        """Replace the net by its weights, the history by its columns."""
        state = dict(super().__getstate__())
        if "net_" in state:
            state["weights"] = copy_weights(state.pop("net_").module_)
            state["history_"] = {name: column.to_numpy() for name, column in state["history_"].items()}
        return state

    def __setstate__(self, state):
        weights = state.pop("weights", None)
        super().__setstate__(state)
        if weights is not None:
            self.history_ = pd.DataFrame(self.history_)
            built = self._as_built()
            check_shapes(built, weights)
            with seeded(built.device):
                self.net_ = make_net(built, Mode.PREDICT, weights=weights)

    def _as_built(self):
        """Return an estimator with the parameters that the weights belong to, whatever `set_params` changed since."""
        built = type(self)(**self._built_with)
        for name in TRAINING_ONLY:
            setattr(built, name, getattr(self, name))
        try:
            built.device = resolve_device(self.device)
        except ValueError as error:
            warnings.warn(f"{error} The net is on the CPU.", stacklevel=2)
            built.device = "cpu"
        learned = (*self._learned_of_target, *self._learned_of_input, "n_frames_", "history_", "_seed")
        vars(built).update({name: value for name, value in vars(self).items() if name in learned})
        return built

    def __sklearn_is_fitted__(self):
        return hasattr(self, "net_")

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags


def check_sizes(name, sizes, *, may_be_empty=False):
    """Raise an error that names the parameter unless it holds whole numbers above 0, one for each layer."""
    if not len(sizes) and not may_be_empty:
        raise ValueError(f"{name}={shortened(sizes)} has no layer. Give one number of units for each.")
    if not all(isinstance(size, Integral) and size > 0 for size in sizes):
        raise ValueError(f"{name}={shortened(sizes)} must hold a whole number above 0 for each layer.")
