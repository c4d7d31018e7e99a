"""Learning-rate schedules by name."""

from math import ceil

from skorch.callbacks import LRScheduler
from torch.optim import lr_scheduler

SCHEDULES = {"constant", "step", "piecewise", "plateau", "cosine", "one-cycle", "warm-up"}


def make_schedule(name, *, lr, max_epochs, n_batches, monitor):
    """Make the callback that changes the learning rate while a net trains.

    Parameters
    ----------
    name : str
        - "constant": `lr` throughout (no callback).
        - "step": a tenth of the rate after each third of the training.
        - "piecewise": a tenth of `lr` from 30% of the training on, a hundredth from 60% on.
        - "plateau": a tenth of the rate when the monitored loss has not improved for 5 epochs; then a pause of 10.
        - "cosine": half a cosine from `lr` down to 0 (Loshchilov and Hutter 2017, eq. 5, without restarts).
        - "one-cycle": up to `lr` over the first 30% of the batches, then down by a cosine to a 250,000th of it
          (Smith and Topin 2019).
        - "warm-up": linearly from a tenth of `lr` up to `lr` over the first 10% of the epochs, then constant.
    lr : float
        The learning rate of the net; the highest of the schedule.
    max_epochs, n_batches : int
        Epochs of the training, batches of an epoch.
    monitor : str
        The loss that "plateau" watches: "train_loss" or "valid_loss".

    Returns
    -------
    LRScheduler or None
        A skorch callback.
    """

    def reached(fraction):
        return max(1, ceil(fraction * max_epochs))

    if name == "constant":
        return None
    if name == "step":
        return LRScheduler(lr_scheduler.StepLR, step_size=reached(1 / 3), gamma=0.1)
    if name == "piecewise":
        return LRScheduler(lr_scheduler.MultiStepLR, milestones=[reached(0.3), reached(0.6)], gamma=0.1)
    if name == "plateau":
        return LRScheduler(lr_scheduler.ReduceLROnPlateau, monitor=monitor, factor=0.1, patience=5, cooldown=10)
    if name == "cosine":
        return LRScheduler(lr_scheduler.CosineAnnealingLR, T_max=max_epochs)
    if name == "one-cycle":
        n_steps = max_epochs * n_batches
        return LRScheduler(lr_scheduler.OneCycleLR, max_lr=lr, total_steps=n_steps, step_every="batch")
    if name == "warm-up":
        return LRScheduler(lr_scheduler.LinearLR, start_factor=0.1, total_iters=reached(0.1))
    raise ValueError(f"lr_schedule={name!r} is not known. Take one of {sorted(SCHEDULES)}.")
