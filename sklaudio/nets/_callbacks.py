"""What happens in every training between its batches and epochs: accuracies, seeds, the best epoch, divergence."""

import warnings
from copy import deepcopy
from math import isfinite

import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback, EarlyStopping


def plain(module):
    """The module itself, where accelerate or torch.compile has wrapped it."""
    if isinstance(module, torch.nn.parallel.DistributedDataParallel):
        module = module.module
    return getattr(module, "_orig_mod", module)


def callbacks_of(net, kind):
    """Callbacks of a skorch net that are of a class, in the order in which they are called."""
    return [callback for _, callback in net.callbacks_ if isinstance(callback, kind)]


class BatchAccuracy(Callback):
    """Record the accuracy of each batch as it was seen: in training, before its step and with dropout."""

    def on_batch_end(self, net, batch=None, training=None, y_pred=None, **kwargs):
        is_right = y_pred.argmax(dim=1).cpu() == batch[1].cpu()
        net.history.record_batch("train_acc" if training else "valid_acc", is_right.float().mean().item())


class EpochStart(Callback):
    """Seed torch for each epoch, and record the learning rate that it begins with.

    The state of the generators is then a function of seed and epoch alone, not of what ran before.
    """

    def __init__(self, seed, n_before):
        self.seed = seed
        self.n_before = n_before  # epochs that another net trained, whose weights this one goes on from

    def on_epoch_begin(self, net, **kwargs):
        epoch = self.n_before + net.history[-1, "epoch"]
        torch.manual_seed((self.seed + 1_000_003 * epoch) % 2**63)
        net.history.record("lr", net.optimizer_.param_groups[0]["lr"])


class BestEpoch(EarlyStopping):
    """Stop when the validation loss no longer improves; keep the weights of the best epoch, however training ends."""

    def __init__(self, patience):
        super().__init__(monitor="valid_loss", patience=patience, threshold=0, load_best=True)

    def on_train_end(self, net, **kwargs):
        super().on_train_end(net, **kwargs)
        self.best_model_weights_ = None


class DivergedError(Exception):
    """The loss of a batch was no number."""


class Divergence(Callback):
    """End training where the loss is no longer a number; keep the weights of the best epoch until then."""

    def on_train_begin(self, net, **kwargs):
        self.best_epoch_, self.best_loss_ = 0, float("inf")
        self.best_weights_ = deepcopy(plain(net.module_).state_dict())

    def on_batch_end(self, net, training=False, **kwargs):
        if training and not isfinite(net.history[-1, "batches", -1, "train_loss"]):
            raise DivergedError

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        loss = epoch.get("valid_loss", epoch["train_loss"])
        if loss < self.best_loss_:
            self.best_epoch_, self.best_loss_ = epoch["epoch"], loss
            self.best_weights_ = deepcopy(plain(net.module_).state_dict())

    def recover(self, net):
        """Put the best weights back and warn; raise an error where there are none."""
        epoch, lr = net.history[-1, "epoch"], net.optimizer_.param_groups[0]["lr"]
        del net.history[-1]
        plain(net.module_).load_state_dict(self.best_weights_)
        message = (
            f"Training diverged in epoch {epoch}, at a learning rate of {lr:.3g}: the loss is no longer a number. "
            "Lower lr, set gradient_clip=1.0, or look for huge values in X"
        )
        if self.best_epoch_ == 0:
            raise FloatingPointError(f"{message}. No epoch was finished before.")
        warnings.warn(
            f"{message}. The weights are those of epoch {self.best_epoch_}.", ConvergenceWarning, stacklevel=2
        )
