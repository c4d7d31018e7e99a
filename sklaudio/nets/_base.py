"""NetClassifier: frames in, classes out. Its parameters, and its training from the first call to the last."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin

from .._frames import check_frames
from .._undo import UndoneOnError
from .._workers import warn_of_shared_gpu
from ._answering import AnsweringMixin
from ._parameters import TRAINING
from ._preparing import PreparingMixin
from ._state import TRAINING_ONLY, ArraysStateMixin
from ._targets import encode, learn_classes
from ._training import history_columns, make_net, run
from ._warm_start import Start


@dataclass(eq=False, repr=False, kw_only=True)
class NetClassifier(
    ArraysStateMixin,
    PreparingMixin,
    AnsweringMixin,
    ClassNamePrefixFeaturesOutMixin,
    ClassifierMixin,
    TransformerMixin,
    BaseEstimator,
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
        search share a folder. The state of `callbacks` of one's own is not kept. With `warm_start`, a call is known by
        the weights it starts from as well: load them again, and it goes on.
    warm_start : bool, default=False
        Whether `fit` starts from the weights of the call before, in place of new ones; see the notes of :meth:`fit`.
    precision : {"float32", "bfloat16"}, default="float32"
        Of the products in training; "bfloat16" is faster where the processor has it (GPUs, recent CPUs; others warn
        and stay with "float32"), and keeps weights and losses in single precision. Predictions are always in single
        precision.
    compile : bool, default=False
        Whether :func:`torch.compile` makes the module faster, at the cost of a minute before the first batch.
    device : str, default="auto"
        "cpu", "cuda" or another torch device; "auto" is a GPU where there is one. Training on a GPU in one of several
        jobs of joblib's (``n_jobs`` of a search) warns: they share that GPU.
    random_state : int, RandomState or None, default=None
        Seed of weights, order, dropout and validation split. The global generators are left as they were.
    verbose : int, default=0
        1 draws a bar of epoch, losses and time left on a terminal or in a notebook, for what takes longer than two
        seconds, and prints a line per epoch elsewhere; 2 prints the lines everywhere.
    callbacks : list of skorch callbacks or None, default=None
        Called besides the net's own.
    net_params : dict or None, default=None
        Any other parameter of :class:`skorch.NeuralNetClassifier`; overrides what the parameters above set. Batches
        are taken from tensors, not by a DataLoader, whose own parameters do not apply. ``{"accelerate": True}``, or a
        dict of what :class:`accelerate.Accelerator` takes, lets the processes of ``accelerate launch`` share one `fit`
        of the same data: a batch is then `batch_size` clips for each of them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    class_count_ : ndarray of shape (n_classes,)
        Clips of each class, by weight, in the last `fit` and all calls of `partial_fit` for the same classes since.
    class_prior_ : ndarray of shape (n_classes,)
        Share of each class in them, which is the answer for a clip without frames.
    n_features_in_ : int
        Number of dims.
    net_ : skorch.NeuralNetClassifier
        The trained net. Pickles hold its weights as arrays, and rebuild it.
    history_ : pandas.DataFrame
        A row per epoch: epoch, train_loss, train_acc, valid_loss, valid_acc, lr, seconds. NaN without validation.
        `partial_fit`, and `fit` with ``warm_start=True``, add theirs to those before.
    n_frames_ : int
        Frames of the longest clip in the training that drew the weights.
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
    warm_start: bool = False
    precision: str = "float32"
    compile: bool = False
    device: str = "auto"
    random_state: object = None
    verbose: int = 0
    callbacks: list | None = None
    net_params: dict | None = None

    _parameter_constraints = TRAINING
    _reads_stored = True

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None):
        """Train a net: a new one, or with ``warm_start=True`` the one there is.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip. Arrays of three axes that are memory-mapped (:class:`numpy.memmap`) or chunked
            (zarr, HDF5, Dask) are read batch by batch, with no copy of the whole; chunks are shuffled chunk by chunk.
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
        ValueError
            If an argument or a parameter is not valid, or weights to start from do not fit the parameters.

        Notes
        -----
        With ``warm_start=True``, a fitted net trains on from its weights, with the learning rate, epochs, schedule and
        all else of the parameters as they are now, and with a new optimizer. Where the classes in `y` are not those
        before, its output layer is drawn anew for them; all other weights, and the running statistics of batch norms,
        stay and train on. ``mean_``, ``scale_`` and ``n_frames_``, which the weights belong to, stay as they are, and
        ``history_`` goes on. A call that fails leaves the net as it was. :func:`sklearn.base.clone` forgets weights.

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
        with UndoneOnError(self) as undone:
            train, validation, checkpoint = self._prepare(start, X, y, sample_weight, groups, X_val, y_val)
            with self._seeded():
                self._build(train, validation, start=start, checkpoint=checkpoint)
                undone.errors = FloatingPointError  # what any other error interrupts has been trained
                self._run(train)
        return self

    def partial_fit(self, X, y, classes=None, *, sample_weight=None):
        """Go on training for one epoch over the clips given, at the constant rate `lr`.

        Mean and deviation of the dims are those of the first call. The optimizer keeps its state from one call to the
        next, and begins anew after `fit`, after unpickling and with other classes.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.
        classes : array-like or None, default=None
            All classes that will ever come; None takes those of the first `y`, and later those known. With
            ``warm_start=True``, others than those known get a new output layer, on the weights there are.

        Returns
        -------
        self : object
            The classifier.

        Raises
        ------
        ValueError
            If `y` holds other classes, or `classes` are others without ``warm_start=True``.
        """
        self._validate_params()
        if (self.net_params or {}).get("accelerate"):
            raise ValueError("net_params={'accelerate': …} is for fit: processes share no partial_fit. Leave it out.")
        warn_of_shared_gpu(self.device)
        is_first = not hasattr(self, "net_")
        has_new_head = not is_first and self._are_others(classes)
        with UndoneOnError(self) as undone:
            frames = check_frames(self, X, reset=is_first, allow_empty=True, stored=True)
            start = Start.of(self) if not is_first and (has_new_head or not self.net_.goes_on) else None
            if is_first or has_new_head:
                self.classes_, target = learn_classes(self, y, classes)
            else:
                target = encode(y, self.classes_, "y", "Others take classes= and warm_start=True.")
            seen = 0.0 if is_first or has_new_head else getattr(self, "class_count_", 0.0)
            frames, target, weight, counts, _ = self._weigh(frames, target, sample_weight, None, seen)
            if is_first:
                self._draw_seed()
                self._learn_scale(frames, counts)
            train = self._dataset(frames, target, weight)
            with self._seeded():
                if is_first:
                    self._build(train, goes_on=True)
                elif start is not None:
                    self.net_ = start.make_net(self._as_built())
                self.net_.set_params(lr=self.lr)
                undone.errors = FloatingPointError
                self._run(train, epochs=1)
        return self

    def _make_module(self, n_dims, n_classes):
        raise NotImplementedError("A net defines _make_module(n_dims, n_classes), which returns a torch module.")

    def _are_others(self, classes):
        """Whether `classes` are not those known, which takes a warm start."""
        if classes is None or np.array_equal(np.unique(classes), self.classes_):
            return False
        if not self.warm_start:
            raise ValueError(
                f"classes={list(classes)} are not those of the first call, {self.classes_.tolist()}. "
                "Leave them out, or set warm_start=True to train on for these, with a new output layer."
            )
        return True

    def _build(self, train, validation=None, *, goes_on=False, start=None, checkpoint=None):
        if start is None:
            self.history_ = None
            self.n_frames_ = int(train.lengths.max())
        parameters = self.get_params(deep=False)
        self._built_with = {name: value for name, value in parameters.items() if name not in TRAINING_ONLY}
        make = make_net if start is None else start.make_net
        self.net_ = make(self, None if goes_on else train, validation, checkpoint=checkpoint)

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
        if hasattr(self.net_, "accelerator"):  # it is a net like others from here on, the same in all processes
            self.net_ = make_net(self._as_built(), weights=self.net_.shared_weights())

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
