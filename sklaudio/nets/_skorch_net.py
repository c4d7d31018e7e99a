"""FramesNet: skorch's net, with augmentation, penalties, masks and weights of clips."""

import torch
from skorch import NeuralNet, NeuralNetClassifier, NeuralNetRegressor
from skorch.callbacks import EpochTimer, PassthroughScoring

from ._bar import TrainingLog
from ._batches import PartedBatch, take
from ._callbacks import BatchAccuracy, unwrap
from ._mode import Mode


class FramesNet(NeuralNet):
    """skorch's net for batches of frames, lengths and weights.

    Parameters
    ----------
    augment : callable, list of callables or None, default=None
        Applied to each training batch, and to nothing else; see :mod:`sklaudio.augment`.
    l1, l2 : float, default=0.0
        Penalties on the absolute values and the squares of the weights.
    precision : {"float32", "bfloat16"}, default="float32"
        Of what is multiplied in training; weights, losses and predictions are in single precision.
    mode : Mode, default=Mode.FIT
        What the net is made for.
    target : ClassTarget or like it
        What the net predicts: how its losses, predictions and scores are computed of logits.
    **settings
        As :class:`skorch.NeuralNet`.
    """

    def __init__(
        self, *args, augment=None, l1=0.0, l2=0.0, precision="float32", mode=Mode.FIT, target=None, **settings
    ):
        super().__init__(*args, **settings)
        self.augment = augment
        self.l1 = l1
        self.l2 = l2
        self.precision = precision
        self.mode = mode
        self.target = target

    @property
    def _default_callbacks(self):
        return [
            ("epoch_timer", EpochTimer()),
            ("train_loss", PassthroughScoring(name="train_loss", on_train=True)),
            ("valid_loss", PassthroughScoring(name="valid_loss")),
            ("print_log", TrainingLog(keys_ignored=["train_acc_best", "valid_acc_best"])),
        ]

    def train_step_single(self, batch, **fit_params):
        """Augment the batch, then take skorch's step; of a batch in parts, add up the gradients of the parts."""
        if not isinstance(batch, PartedBatch):
            return super().train_step_single(self.augmented(batch), **fit_params)
        loss, logits = 0.0, []
        for index in batch.parts:
            part = self.augmented(take(batch.dataset, index))
            step = self._part_step(part, len(index) / len(batch[1]), **fit_params)
            loss, logits = loss + step["loss"], [*logits, step["y_pred"]]
        return {"loss": loss, "y_pred": torch.cat(padded_alike(logits))}

    def _part_step(self, part, fraction, **fit_params):
        self._set_training(True)
        inputs, target = part
        y_pred = self.infer(inputs, **fit_params)
        loss = fraction * self.get_loss(y_pred, target, X=inputs, training=True)
        loss.backward()
        return {"loss": loss.detach(), "y_pred": y_pred.detach()}

    def augmented(self, batch):
        """Return a training batch on the device, and what `augment` makes of it."""
        inputs, target = batch
        inputs = {name: value.to(self.device) for name, value in inputs.items()}
        for step in [self.augment] if callable(self.augment) else self.augment or []:
            changed = step(inputs["frames"], inputs["lengths"])
            names = ("frames", "lengths", "partner", "fraction")
            inputs |= zip(names, changed if isinstance(changed, tuple) else (changed,), strict=False)
        return inputs, target

    def infer(self, x, **fit_params):
        """Compute the logits of a batch; its weights are for the loss alone."""
        frames, lengths = x["frames"].to(self.device), x["lengths"].to(self.device)
        if not self.module_.training:
            return unwrap(self.module_)(frames, lengths)  # what is loaded elsewhere, uncompiled, then predicts the same
        if self.precision == "float32":
            return self.module_(frames, lengths)
        with torch.autocast(frames.device.type, dtype=torch.bfloat16):
            return self.module_(frames, lengths).float()

    def get_loss(self, y_pred, y_true, X, training=False):
        """Weigh the loss of each clip, and average over the batch; in training, add penalties."""
        losses = self.target.losses(self.criterion_, y_pred, y_true.to(self.device), X)
        return (losses * X["weight"].to(self.device)).mean() + (self._penalty() if training else 0)

    def _penalty(self):
        weights = [parameter for parameter in self.module_.parameters() if parameter.ndim > 1]
        l1 = self.l1 * sum(weight.abs().sum() for weight in weights) if self.l1 else 0
        return l1 + (self.l2 * sum(weight.square().sum() for weight in weights) if self.l2 else 0)


class ClassifierNet(FramesNet, NeuralNetClassifier):
    """skorch's classifier, which records the accuracy of each epoch."""

    @property
    def _default_callbacks(self):
        return [
            ("batch_accuracy", BatchAccuracy()),
            ("train_acc", PassthroughScoring(name="train_acc", on_train=True, lower_is_better=False)),
            ("valid_acc", PassthroughScoring(name="valid_acc", lower_is_better=False)),
            *super()._default_callbacks,
        ]


class RegressorNet(FramesNet, NeuralNetRegressor):
    """skorch's regressor."""


def padded_alike(logits):
    """Return logits of several batches, those of every frame with zeros at the end as far as the longest goes."""
    if logits[0].ndim == 2:
        return logits
    n_frames = max(part.shape[1] for part in logits)
    return [torch.nn.functional.pad(part, (0, 0, 0, n_frames - part.shape[1])) for part in logits]


def copy_weights(module):
    """Copy weights and buffers to numpy arrays, by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in unwrap(module).state_dict().items()}
