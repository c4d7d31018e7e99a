"""The skorch net under every NetEstimator: how it is made, its run, its history."""

import warnings
from contextlib import contextmanager
from threading import RLock

import torch
from skorch.callbacks import EarlyStopping, GradientNormClipping
from skorch.helper import predefined_split

from .._utils.device import multiplies_bfloat16, resolve_device
from .._utils.malloc import reused_memory
from ._bar import TrainingLog
from ._batches import Batches
from ._callbacks import BestEpoch, DivergedError, Divergence, EpochStart, callbacks_of, seed_generators, unwrap
from ._checkpoint import Checkpoint
from ._mode import Mode
from ._python_parameters import with_python_parameters
from ._schedules import make_schedule
from ._steps import make_module, without_moves

OPTIMIZERS = {
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "sgd": (torch.optim.SGD, {"optimizer__momentum": 0.9}),
}
FUSED_OPTIMIZERS = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)  # one kernel for all weights of a step
FUSED_DEVICES = ("cpu", "cuda")
TORCH_GENERATORS = RLock()  # held while torch draws from a seed of ours
PREDICT_BATCH = 256  # clips at a time where nothing is learned
AUTO_EPOCHS = 20, 200  # of max_epochs="auto"
HISTORY = {  # column of history_: key in skorch's history
    "epoch": "epoch",
    "train_loss": "train_loss",
    "train_acc": "train_acc",
    "valid_loss": "valid_loss",
    "valid_acc": "valid_acc",
    "lr": "lr",
    "seconds": "dur",
}


class NoOptimizer(torch.optim.Optimizer):
    """Stand in for the optimizer of a net that only predicts.

    With the first real one torch imports its compiler, which takes as many seconds as all else of a prediction.
    """

    def __init__(self, params, **settings):
        self.state, self.param_groups = {}, [{"params": list(params), **settings}]

    def step(self, closure=None):
        """Raise an error."""
        raise RuntimeError("This net was loaded, and only predicts. Call fit or partial_fit of its estimator.")


@contextmanager
def seeded(device):
    """Let torch draw from our seed; afterwards its generators are as they were.

    They belong to the process, so that nets in several threads train one after the other.
    """
    devices = range(torch.cuda.device_count()) if resolve_device(device).startswith("cuda") else []
    with TORCH_GENERATORS, torch.random.fork_rng(devices=devices):
        yield


def make_net(estimator, mode, prepared=None, *, weights=None):
    """Build the skorch net of a NetEstimator.

    Parameters
    ----------
    estimator : NetEstimator
        Its parameters, seed, target and number of dims are used.
    mode : Mode
        What the net is for.
    prepared : Prepared or None, default=None
        The clips of a whole training, those to validate on, and the file of its checkpoint; for ``Mode.FIT``.
    weights : dict of str to ndarray or None, default=None
        What to go on from; None draws new weights.

    Returns
    -------
    FramesNet
        Initialized. Call it within :func:`seeded`, which leaves torch's generators alone.
    """
    estimator = with_python_parameters(estimator)
    target, device = estimator._target, resolve_device(estimator.device)
    validation = None if prepared is None else prepared.validation
    seed_generators(estimator._seed, device)
    kind, others = net_kind(target.net, estimator.net_params, mode)
    rank, n_processes = others.get("iterator_train__rank", 0), others.get("iterator_train__n_processes", 1)
    n_batches = 0 if prepared is None else -(-len(prepared.train) // (estimator.batch_size * n_processes))
    max_epochs = planned_epochs(estimator.max_epochs, n_batches, estimator._auto_steps, estimator.augment)
    net = kind(
        **{
            "module": make_module(estimator),
            **target.settings(),
            "target": target,
            **optimizer_settings(estimator, device, mode),
            "lr": estimator.lr,
            "batch_size": estimator.batch_size,
            "max_epochs": max_epochs,
            "iterator_train": Batches,
            "iterator_train__shuffle": True,
            "iterator_valid": Batches,
            "iterator_valid__batch_size": PREDICT_BATCH,
            "train_split": None if validation is None else predefined_split(validation),
            "callbacks": make_callbacks(estimator, prepared, max_epochs, n_batches, writes=rank == 0),
            "augment": augment_of(estimator, target),
            "l1": estimator.l1,
            "l2": estimator.l2,
            "precision": usable_precision(estimator, device, mode),
            "compile": estimator.compile,
            "mode": mode,
            "device": device,
            "verbose": estimator.verbose,
            **others,
        }
    )
    net.initialize()
    if weights is not None:
        unwrap(net.module_).load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return net


def augment_of(estimator, target):
    """Return what changes batches, for the scale of the frames: a list."""
    augment = estimator.augment
    steps = without_moves(augment) if target.is_stepwise else [augment] if callable(augment) else augment or []
    scale = getattr(estimator, "mean_", None), getattr(estimator, "scale_", None)
    return [step.on_scale(*scale) if hasattr(step, "on_scale") else step for step in steps]


def planned_epochs(max_epochs, n_batches, auto_steps, augment=None):
    """Count the epochs of a training; "auto" takes `auto_steps`, 20 to 200 epochs, none without a training set.

    Of these there are `epochs_factor` times as many where a step of `augment` has one.
    """
    if max_epochs != "auto":
        return max_epochs
    lowest, highest = AUTO_EPOCHS
    steps = [augment] if callable(augment) else augment or []
    factor = max([1, *(getattr(step, "epochs_factor", 1) for step in steps)])
    return factor * min(max(-(-auto_steps // n_batches), lowest), highest) if n_batches else 0


def net_kind(kind, net_params, mode):
    """Return class of the net, and `net_params`; with accelerate, several processes run a whole training."""
    others = dict(net_params or {})
    settings = others.pop("accelerate", None)
    if not settings or mode is not Mode.FIT:
        return kind, others
    from ._accelerated import accelerated, shared_by

    return accelerated(kind), {**shared_by(settings), **others}


def optimizer_settings(estimator, device, mode):
    """Return the optimizer and its parameters; a net that only predicts has none."""
    optimizer, settings = OPTIMIZERS.get(estimator.optimizer, (estimator.optimizer, {}))
    if device.split(":")[0] in FUSED_DEVICES and optimizer in FUSED_OPTIMIZERS:
        settings = {"optimizer__fused": True, **settings}
    optimizer = NoOptimizer if mode is Mode.PREDICT else optimizer
    if estimator._rates:
        groups = [(names, {"lr": rate}) for names, rate in estimator._rates.items()]
        settings = {**settings, "optimizer__param_groups": groups}
    return {"optimizer": optimizer, "optimizer__weight_decay": estimator.weight_decay, **settings}


def usable_precision(estimator, device, mode):
    """Return the precision, or "float32" where the device has no other; `fit` warns if another was asked for."""
    is_auto = estimator.precision == "auto"
    precision = estimator._auto_precision if is_auto else estimator.precision
    if precision != "bfloat16" or multiplies_bfloat16(device):
        return precision
    if mode is Mode.FIT and not is_auto:
        warnings.warn(
            "precision='bfloat16': this processor has no such products, the net is trained in float32.", stacklevel=3
        )
    return "float32"


def make_callbacks(estimator, prepared, max_epochs, n_batches, *, writes):
    """Return callbacks of skorch: a schedule, early stopping and a checkpoint in a whole training."""
    n_before = 0 if estimator.history_ is None else len(estimator.history_)
    callbacks = [EpochStart(estimator._seed, n_before), Divergence()]
    if estimator.gradient_clip is not None:
        callbacks.append(GradientNormClipping(estimator.gradient_clip))
    if prepared is not None:
        schedule = make_schedule(
            estimator.lr_schedule,
            lr=[*estimator._rates.values(), estimator.lr] if estimator._rates else estimator.lr,
            max_epochs=max_epochs,
            n_batches=n_batches,
            monitor="train_loss" if prepared.validation is None else "valid_loss",
        )
        callbacks += [schedule] if schedule else []
        callbacks += [BestEpoch(estimator.n_iter_no_change)] if estimator.early_stopping else []
    callbacks += estimator.callbacks or []
    if prepared is not None and prepared.checkpoint is not None:
        callbacks.append(Checkpoint(prepared.checkpoint, estimator._seed, writes=writes))
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
        callbacks_of(net, Divergence)[0].recover(net, "the loss is no longer a number")
    except KeyboardInterrupt:
        # skorch's way to stop is Ctrl-C's: it was EarlyStopping, ours or the user's, if that has run out of patience.
        if not any(callback.misses_ >= callback.patience for callback in callbacks_of(net, EarlyStopping)):
            raise
    finally:
        for log in callbacks_of(net, TrainingLog):
            log.close()
    net.notify("on_train_end", X=dataset, y=None)
    callbacks_of(net, Divergence)[0].judge(net)
    net.train_split = None  # it holds the validation clips


def holds(device, dataset):
    """Return whether a GPU has room for all clips, and as much again for training on them."""
    return str(device).startswith("cuda") and dataset.n_bytes < torch.cuda.mem_get_info(device)[0] / 2


def history_columns(history):
    """Return the history of skorch as columns, NaN where an epoch did not record one."""
    return {column: [epoch.get(key, float("nan")) for epoch in history] for column, key in HISTORY.items()}
