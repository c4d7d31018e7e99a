"""The skorch net under every NetClassifier: how it is made, its loss, its run, its history."""

import warnings

import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import EarlyStopping, EpochTimer, GradientNormClipping, PassthroughScoring
from skorch.helper import predefined_split

from .._device import multiplies_bfloat16, resolve_device
from .._memory import reused_memory
from ._bar import TrainingLog
from ._batches import Batches
from ._callbacks import BatchAccuracy, BestEpoch, DivergedError, Divergence, EpochStart, callbacks_of, plain
from ._checkpoint import Checkpoint
from ._schedules import make_schedule

OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "sgd": (torch.optim.SGD, {"optimizer__momentum": 0.9}),
}
FUSED_OPTIMIZERS = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)  # one kernel for all weights of a step
FUSED_DEVICES = ("cpu", "cuda")
PREDICT_BATCH = 256  # clips at a time where nothing is learned
HISTORY = {  # column of history_: key in skorch's own history
    "epoch": "epoch",
    "train_loss": "train_loss",
    "train_acc": "train_acc",
    "valid_loss": "valid_loss",
    "valid_acc": "valid_acc",
    "lr": "lr",
    "seconds": "dur",
}


class FramesNet(NeuralNetClassifier):
    """skorch's classifier for batches of frames, lengths and weights.

    Parameters
    ----------
    augment : callable, list of callables or None, default=None
        Applied to each training batch, and to nothing else; see :mod:`sklaudio.augment`.
    l1, l2 : float, default=0.0
        Penalties on the absolute values and the squares of the weights.
    precision : {"float32", "bfloat16"}, default="float32"
        Of what is multiplied in training; weights, losses and predictions are in single precision.
    goes_on : bool, default=False
        Whether the net was made to be trained on, epoch by epoch, and has no schedule and no early stopping.
    **settings
        As :class:`skorch.NeuralNetClassifier`.
    """

    def __init__(self, *args, augment=None, l1=0.0, l2=0.0, precision="float32", goes_on=False, **settings):
        super().__init__(*args, **settings)
        self.augment = augment
        self.l1 = l1
        self.l2 = l2
        self.precision = precision
        self.goes_on = goes_on

    @property
    def _default_callbacks(self):
        return [
            ("epoch_timer", EpochTimer()),
            ("batch_accuracy", BatchAccuracy()),
            ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
            ("train_acc", PassthroughScoring(name="train_acc", on_train=True, lower_is_better=False)),
            ("valid_loss", PassthroughScoring(name="valid_loss")),
            ("valid_acc", PassthroughScoring(name="valid_acc", lower_is_better=False)),
            ("print_log", TrainingLog(keys_ignored=["train_acc_best", "valid_acc_best"])),
        ]

    def train_step_single(self, batch, **fit_params):
        """Augment the batch, then take skorch's step."""
        return super().train_step_single(self.augmented(batch), **fit_params)

    def augmented(self, batch):
        """A training batch on the device, and what `augment` makes of it."""
        inputs, target = batch
        inputs = {name: value.to(self.device) for name, value in inputs.items()}
        for step in [self.augment] if callable(self.augment) else self.augment or []:
            changed = step(inputs["frames"], inputs["lengths"])
            names = ("frames", "lengths", "partner", "share")
            inputs |= zip(names, changed if isinstance(changed, tuple) else (changed,), strict=False)
        return inputs, target

    def infer(self, x, **fit_params):
        """Logits of a batch; its weights are for the loss alone."""
        frames, lengths = x["frames"].to(self.device), x["lengths"].to(self.device)
        if not self.module_.training:
            return plain(self.module_)(frames, lengths)  # what is loaded elsewhere, uncompiled, then predicts the same
        if self.precision == "float32":
            return self.module_(frames, lengths)
        with torch.autocast(frames.device.type, dtype=torch.bfloat16):
            return self.module_(frames, lengths).float()

    def get_loss(self, y_pred, y_true, X, training=False):
        """Cross-entropy of each clip times its weight, mean over the batch; in training, penalties besides."""
        y_true = y_true.to(self.device)
        losses = self.criterion_(y_pred, y_true)
        if "partner" in X:
            losses = X["share"] * losses + (1 - X["share"]) * self.criterion_(y_pred, y_true[X["partner"]])
        return (losses * X["weight"].to(self.device)).mean() + (self._penalty() if training else 0)

    def _penalty(self):
        weights = [parameter for parameter in self.module_.parameters() if parameter.ndim > 1]
        l1 = self.l1 * sum(weight.abs().sum() for weight in weights) if self.l1 else 0
        return l1 + (self.l2 * sum(weight.square().sum() for weight in weights) if self.l2 else 0)


class NoOptimizer(torch.optim.Optimizer):
    """Stands where the optimizer of a net is that only answers.

    With the first real one torch imports its compiler, which takes as many seconds as all else of a prediction.
    """

    def __init__(self, params, **settings):
        self.state, self.param_groups = {}, [{"params": list(params), **settings}]

    def step(self, closure=None):
        """Raise an error."""
        raise RuntimeError("This net was loaded, and only answers. Call fit or partial_fit of its estimator.")


def make_net(estimator, train=None, valid=None, weights=None, checkpoint=None, *, only_answers=False):
    """Build the skorch net of a NetClassifier.

    Parameters
    ----------
    estimator : NetClassifier
        Its parameters, seed, classes and number of dims are used.
    train, valid : FramesDataset or None
        The clips of a whole training, and those to validate on; None makes a net to go on with, epoch by epoch.
    weights : dict of str to ndarray or None
        What to go on from; None draws new weights.
    checkpoint : Path or None
        File to go on from, and to write after each epoch.
    only_answers : bool, default=False
        Whether the net is not to be trained.

    Returns
    -------
    FramesNet
        Initialized. Call it within a fork of torch's generators, which it seeds.
    """
    optimizer, settings = OPTIMIZERS.get(estimator.optimizer, (estimator.optimizer, {}))
    device = resolve_device(estimator.device)
    if device.split(":")[0] in FUSED_DEVICES and optimizer in FUSED_OPTIMIZERS:
        settings = {"optimizer__fused": True, **settings}
    precision = estimator.precision
    if precision == "bfloat16" and not multiplies_bfloat16(device):
        precision = "float32"
        if train is not None:
            warnings.warn(
                "precision='bfloat16': this processor has no such products, the net is trained in float32.",
                stacklevel=2,
            )
    torch.manual_seed(estimator._seed)
    kind, others = net_kind(estimator, is_whole=train is not None)
    share = others.get("iterator_train__rank", 0), others.get("iterator_train__n_processes", 1)
    net = kind(
        **{
            "module": estimator._make_module(estimator.n_features_in_, len(estimator.classes_)),
            "classes": list(range(len(estimator.classes_))),
            "criterion": torch.nn.CrossEntropyLoss,
            "criterion__label_smoothing": estimator.label_smoothing,
            "criterion__reduction": "none",
            "optimizer": NoOptimizer if only_answers else optimizer,
            "optimizer__weight_decay": estimator.weight_decay,
            **settings,
            "lr": estimator.lr,
            "batch_size": estimator.batch_size,
            "max_epochs": estimator.max_epochs,
            "iterator_train": Batches,
            "iterator_train__shuffle": True,
            "iterator_valid": Batches,
            "iterator_valid__batch_size": PREDICT_BATCH,
            "train_split": None if valid is None else predefined_split(valid),
            "callbacks": _make_callbacks(estimator, train, valid, checkpoint, *share),
            "augment": estimator.augment,
            "l1": estimator.l1,
            "l2": estimator.l2,
            "precision": precision,
            "compile": estimator.compile,
            "goes_on": train is None and not only_answers,
            "device": device,
            "verbose": estimator.verbose,
            **others,
        }
    )
    net.initialize()
    if weights is not None:
        plain(net.module_).load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return net


def net_kind(estimator, *, is_whole):
    """Class of the net, and `net_params`; several processes share a whole training where these ask for accelerate."""
    others = dict(estimator.net_params or {})
    settings = others.pop("accelerate", None)
    if not settings or not is_whole:
        return FramesNet, others
    from ._accelerated import AcceleratedNet, shared_by

    return AcceleratedNet, {**shared_by(settings), **others}


def _make_callbacks(estimator, train, valid, checkpoint, rank, n_processes):
    n_before = 0 if estimator.history_ is None else len(estimator.history_)
    callbacks = [EpochStart(estimator._seed, n_before), Divergence()]
    if estimator.gradient_clip is not None:
        callbacks.append(GradientNormClipping(estimator.gradient_clip))
    if train is not None:
        schedule = make_schedule(
            estimator.lr_schedule,
            lr=estimator.lr,
            max_epochs=estimator.max_epochs,
            n_batches=-(-len(train) // (estimator.batch_size * n_processes)),
            monitor="train_loss" if valid is None else "valid_loss",
        )
        callbacks += [schedule] if schedule else []
        callbacks += [BestEpoch(estimator.n_iter_no_change)] if estimator.early_stopping else []
    callbacks += estimator.callbacks or []
    if train is not None and checkpoint is not None:
        callbacks.append(Checkpoint(checkpoint, estimator._seed, writes=rank == 0))
    return callbacks


def run(net, dataset, epochs=None):
    """Train `net` for its epochs, or until early stopping ends it; Ctrl-C is the user's and passes through."""
    if holds(net.device, dataset):
        dataset.move(net.device)
    net.notify("on_train_begin", X=dataset, y=None)
    epochs = net.max_epochs if epochs is None else epochs
    for checkpoint in callbacks_of(net, Checkpoint):
        epochs = 0 if checkpoint.is_done_ else epochs - len(net.history)
    try:
        with reused_memory():
            net.fit_loop(dataset, epochs=epochs)
    except DivergedError:
        callbacks_of(net, Divergence)[0].recover(net)
    except KeyboardInterrupt:
        # skorch's way to stop is Ctrl-C's: it was EarlyStopping, ours or the user's, if that has run out of patience.
        if not any(callback.misses_ >= callback.patience for callback in callbacks_of(net, EarlyStopping)):
            raise
    finally:
        for log in callbacks_of(net, TrainingLog):
            log.close()
    net.notify("on_train_end", X=dataset, y=None)
    net.train_split = None  # it holds the validation clips


def holds(device, dataset):
    """Whether a GPU has room for all clips, and as much again for training on them."""
    return str(device).startswith("cuda") and dataset.n_bytes < torch.cuda.mem_get_info(device)[0] / 2


def history_columns(history):
    """The history of skorch as columns, NaN where an epoch did not record one."""
    return {column: [epoch.get(key, float("nan")) for epoch in history] for column, key in HISTORY.items()}


def copy_weights(module):
    """Weights and buffers as numpy arrays, by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in plain(module).state_dict().items()}
