"""Interrupted training goes on: all that the next epoch depends on, in one file after each epoch.

A file is numpy arrays and JSON, nothing pickled. Generators are not in it: each epoch is seeded by its number.
"""

import json
import os
import tempfile
from pathlib import Path
from zipfile import BadZipFile

import joblib
import numpy as np
import torch
from skorch.callbacks import Callback, EarlyStopping, LRScheduler
from skorch.history import History

from .._utils.code_key import class_key, code_key
from .._utils.version import __version__
from ._callbacks import Divergence, callbacks_of, unwrap
from ._python_parameters import python_parameters

NOT_OF_THE_CALL = {
    "checkpoint",
    "verbose",
    "device",
    "random_state",
    "warm_start",
}  # seed and start are compared apart
BEST = {  # callbacks that remember a best epoch: their numbers, and the name of the weights
    EarlyStopping: (("misses_", "dynamic_threshold_", "best_epoch_"), "best_model_weights_"),
    Divergence: (("best_epoch_", "best_loss_"), "best_weights_"),
}


def checkpoint_path(folder, estimator, seed, *data):
    """Return the file of one call of `fit`: the same class, parameters, seed, data and version give the same name.

    Classes and functions are the same while their code is, see :func:`~sklaudio._utils.code_key.class_key`.

    Parameters
    ----------
    folder : str or path-like
        Where checkpoints are; made if it is not there.
    estimator : NetClassifier
        Whose training it is.
    seed : int or None
        None for any: the one in the file is used then.
    *data : arrays or None
        All that `fit` was given, and what it starts from.

    Returns
    -------
    Path
        In `folder`.

    Raises
    ------
    ValueError
        If a parameter, such as a lambda, cannot be distinguished from others.
    """
    parameters = {name: value for name, value in python_parameters(estimator).items() if name not in NOT_OF_THE_CALL}
    try:
        code = [class_key(type(estimator)), code_key(parameters)]  # joblib knows functions and classes by name alone
        name = joblib.hash([__version__, code, parameters, seed, data])
    except Exception as error:
        raise ValueError(
            f"checkpoint={folder!r} needs parameters that can be pickled, to know this call again ({error}). "
            "Name the functions in augment, callbacks and net_params in a module of yours."
        ) from error
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) / f"{name}.npz"


class Checkpoint(Callback):
    """Write a file after each epoch, and go on from it when training begins. It comes after all other callbacks.

    Of several processes that share a training one `writes`, and all go on from what it has written.
    """

    def __init__(self, path, seed, writes=True):
        self.path = path
        self.seed = seed
        self.writes = writes

    def initialize(self):
        """Begin with nothing known."""
        self.is_done_ = False
        return self

    def on_train_begin(self, net, **kwargs):
        # Of processes that were killed while they wrote; the parts of others that train the same now come and go later.
        self.left_over_ = list(Path(self.path).parent.glob(f"{Path(self.path).name}.*.part"))
        if Path(self.path).exists():
            meta, arrays = read(self.path)
            restore(net, meta, arrays)
            self.is_done_ = meta["is_done"]

    def on_epoch_end(self, net, **kwargs):
        if self.writes:
            self._write(net, is_done=False)

    def on_train_end(self, net, **kwargs):
        if not self.writes:
            return
        self._write(net, is_done=True)
        for part in self.left_over_:
            part.unlink(missing_ok=True)

    def _write(self, net, *, is_done):
        meta, arrays = state_of(net)
        write(self.path, {**meta, "seed": self.seed, "is_done": is_done}, arrays)


def state_of(net):
    """Return what the next epoch depends on: a dict for JSON, and a dict of arrays."""
    arrays = {f"module/{name}": value for name, value in unwrap(net.module_).state_dict().items()}
    optimizer = net.optimizer_.state_dict()
    for index, values in optimizer["state"].items():
        arrays |= {f"optimizer/{index}/{name}": value for name, value in values.items() if torch.is_tensor(value)}
    meta = {
        "history": [{**epoch, "batches": []} for epoch in net.history.to_list()],
        "param_groups": optimizer["param_groups"],
        "schedules": [callback.lr_scheduler_.state_dict() for callback in callbacks_of(net, LRScheduler)],
        "best": [],
    }
    for number, (callback, numbers, weights) in enumerate(_remembering(net)):
        meta["best"].append({name: getattr(callback, name) for name in numbers})
        best = getattr(callback, weights) or {}
        arrays |= {f"best/{number}/{name}": value for name, value in best.items()}
    return meta, {name: value.detach().cpu().numpy() for name, value in arrays.items()}


def restore(net, meta, arrays):
    """Bring a net that has just begun to the state of :func:`state_of`."""
    tensors = {name: torch.from_numpy(value) for name, value in arrays.items()}
    unwrap(net.module_).load_state_dict(_below("module/", tensors))
    net.history = History(meta["history"])
    state = {}
    for name, value in _below("optimizer/", tensors).items():
        index, key = name.split("/")
        state.setdefault(int(index), {})[key] = value
    for group in meta["param_groups"]:
        group.update({name: tuple(value) for name, value in group.items() if name == "betas"})
    net.optimizer_.load_state_dict({"state": state, "param_groups": meta["param_groups"]})
    for schedule, schedule_state in zip(callbacks_of(net, LRScheduler), meta["schedules"], strict=True):
        schedule.lr_scheduler_.load_state_dict(schedule_state)
        schedule.batch_idx_ = sum(epoch["train_batch_count"] for epoch in meta["history"])
    for number, ((callback, _, weights), remembered) in enumerate(zip(_remembering(net), meta["best"], strict=True)):
        vars(callback).update(remembered)
        setattr(callback, weights, _below(f"best/{number}/", tensors) or None)


def write(path, meta, arrays):
    """Write a checkpoint whole or not at all."""
    text = np.frombuffer(json.dumps(meta, default=float).encode(), dtype=np.uint8)
    handle, part = tempfile.mkstemp(dir=Path(path).parent, prefix=f"{Path(path).name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, meta=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def read(path):
    """Read a checkpoint: a dict and a dict of arrays."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        return json.loads(arrays.pop("meta").tobytes()), arrays
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"{path}: this checkpoint cannot be read ({error}). Delete it, and training begins anew."
        ) from error


def stored_seed(path):
    """Return the seed of the training in a file."""
    return read(path)[0]["seed"]


def _remembering(net):
    """List each callback with a best epoch, the names of its numbers and of its weights."""
    return [(callback, *names) for kind, names in BEST.items() for callback in callbacks_of(net, kind)]


def _below(prefix, tensors):
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
