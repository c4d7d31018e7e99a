"""What happens in every training between its batches and epochs: accuracies, seeds, the best epoch, divergence."""

import warnings
from copy import deepcopy
from math import isfinite

import torch
from sklearn.exceptions import ConvergenceWarning
from skorch.callbacks import Callback, EarlyStopping

from ._batches import take
from ._mode import Mode

N_JUDGED = 8  # clips that a net is judged by: one that has diverged predicts none of them


def unwrap(module):
    """Return the module itself, where accelerate or torch.compile has wrapped it."""
    if isinstance(module, torch.nn.parallel.DistributedDataParallel):
        module = module.module
    return getattr(module, "_orig_mod", module)


def callbacks_of(net, kind):
    """Return callbacks of a skorch net that are of a class, in the order in which they are called."""
    return [callback for _, callback in net.callbacks_ if isinstance(callback, kind)]


class BatchAccuracy(Callback):
    """Record the accuracy of each batch as it was seen: in training, before its step and with dropout."""

    def on_batch_end(self, net, batch=None, training=None, y_pred=None, **kwargs):
        net.history.record_batch("train_acc" if training else "valid_acc", net.target.score(y_pred, batch[1]))


class EpochStart(Callback):
    """Seed torch for each epoch, and record the learning rate that it begins with.

    The state of the generators is then a function of seed and epoch alone, not of what ran before.
    """

    def __init__(self, seed, n_before):
        self.seed = seed
        self.n_before = n_before  # epochs that another net trained, whose weights this one goes on from

    def on_epoch_begin(self, net, **kwargs):
        epoch = self.n_before + net.history[-1, "epoch"]
        seed_generators((self.seed + 1_000_003 * epoch) % 2**63, net.device)
        net.history.record("lr", net.optimizer_.param_groups[-1]["lr"])


def seed_generators(seed, device):
    """Seed torch, of all devices only where a net is on another than the processor.

    For each device that nothing has used yet torch notes the stack as text, which takes longer than some epochs.
    """
    if device == "cpu":
        torch.default_generator.manual_seed(int(seed))
    else:
        torch.manual_seed(seed)


class BestEpoch(EarlyStopping):
    """Stop when the validation loss no longer improves; keep the weights of the best epoch, however training ends."""

    def __init__(self, patience):
        super().__init__(monitor="valid_loss", patience=patience, threshold=0, load_best=True)

    def on_train_end(self, net, **kwargs):
        super().on_train_end(net, **kwargs)
        self.best_model_weights_ = None


class DivergedError(Exception):
    """Stop a training: the loss of a batch was NaN or infinite."""


class Divergence(Callback):
    """End training where the loss is no longer a number; keep the best epoch whose net predicts numbers."""

    def on_train_begin(self, net, X=None, **kwargs):
        self.batches_ = sample_batches(X)
        self.best_epoch_, self.best_loss_ = 0, float("inf")
        self.best_weights_ = deepcopy(unwrap(net.module_).state_dict())
        self.optimizer_ = deepcopy(net.optimizer_.state_dict()) if net.mode is Mode.PARTIAL_FIT else None

    def on_batch_end(self, net, training=False, **kwargs):
        if training and not isfinite(net.history[-1, "batches", -1, "train_loss"]):
            raise DivergedError

    def on_epoch_end(self, net, **kwargs):
        epoch = net.history[-1]
        loss = epoch.get("valid_loss", epoch["train_loss"])
        if loss < self.best_loss_ and predicts_numbers(net, self.batches_):
            self.best_epoch_, self.best_loss_ = epoch["epoch"], loss
            self.best_weights_ = deepcopy(unwrap(net.module_).state_dict())

    def judge(self, net):
        """Recover from a training whose last steps, which no loss has seen, have left a net that predicts NaN."""
        batches, self.batches_ = self.batches_, []
        if not predicts_numbers(net, batches):
            self.recover(net, "what the net predicts is not finite")

    def recover(self, net, what):
        """Put the best weights back and warn; raise an error where there are none."""
        epoch, lr = net.history[-1, "epoch"], net.optimizer_.param_groups[-1]["lr"]
        unwrap(net.module_).load_state_dict(self.best_weights_)
        message = (
            f"Training diverged in epoch {epoch}, at a learning rate of {lr:.3g}: {what}. "
            "Lower lr, set gradient_clip=1.0, or look for huge values in X or from augment"
        )
        if epoch != self.best_epoch_:
            del net.history[-1]
        if self.best_epoch_ == 0:
            if self.optimizer_ is not None:
                net.optimizer_.load_state_dict(self.optimizer_)
            raise FloatingPointError(f"{message}. No epoch was finished before.")
        warnings.warn(
            f"{message}. The weights are those of epoch {self.best_epoch_}.", ConvergenceWarning, stacklevel=2
        )


def sample_batches(dataset):
    """Take batches of `N_JUDGED` clips at equal distances, which are read once: each may be a chunk on a disk."""
    index = torch.linspace(0, len(dataset) - 1, min(len(dataset), N_JUDGED)).long()
    return [take(dataset, part) for part in dataset.parts(index)]


def predicts_numbers(net, batches):
    """Return whether a net predicts finite numbers for clips that it is trained on, and its batch norms are finite.

    Parameters
    ----------
    net : FramesNet
        With the weights to judge; it predicts as it will later, without dropout and in single precision.
    batches : list of batches
        The clips.

    Returns
    -------
    bool
        False where a prediction, running mean or running variance is NaN or infinite: an infinite variance makes all
        clips alike.
    """
    norms = [
        layer for layer in unwrap(net.module_).modules() if isinstance(layer, torch.nn.modules.batchnorm._NormBase)
    ]
    buffers = [buffer for layer in norms for buffer in (layer.running_mean, layer.running_var) if buffer is not None]
    if not all(bool(buffer.isfinite().all()) for buffer in buffers):
        return False
    predictions = (net.target.activation(net.evaluation_step(batch)) for batch in batches)
    return all(bool(prediction.isfinite().all()) for prediction in predictions)
