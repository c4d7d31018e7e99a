"""Learning-rate schedules by name.

Each takes `lr` (the highest rate, or those of several groups of weights), `max_epochs`, `n_batches` of an epoch and the
loss to `monitor`, and further settings after them; it returns a skorch callback, or None for a constant rate.
"""

from inspect import signature
from math import ceil

from skorch.callbacks import LRScheduler
from torch.optim import lr_scheduler

from .._utils.near_names import did_you_mean
from .._utils.terminal import shortened


def constant(lr, max_epochs, n_batches, monitor):
    """Keep `lr` throughout."""


def step(lr, max_epochs, n_batches, monitor, *, fraction=1 / 3, factor=0.1):
    """Multiply the rate by `factor` after each `fraction` of the training."""
    return LRScheduler(lr_scheduler.StepLR, step_size=epochs(fraction, max_epochs), gamma=factor)


def piecewise(lr, max_epochs, n_batches, monitor, *, fractions=(0.3, 0.6), factors=(0.1, 0.01)):
    """Take ``factors[k]`` times `lr` from ``fractions[k]`` of the training on."""
    if len(fractions) != len(factors):
        raise ValueError(f"fractions={fractions} and factors={factors} of 'piecewise' must be equally many.")
    starts = [epochs(fraction, max_epochs) for fraction in fractions]

    def scale(epoch):
        return ([1.0] + [factor for start, factor in zip(starts, factors, strict=True) if epoch >= start])[-1]

    return LRScheduler(lr_scheduler.LambdaLR, lr_lambda=scale)


def plateau(lr, max_epochs, n_batches, monitor, *, factor=0.1, patience=5, cooldown=10):
    """Multiply the rate by `factor` when the loss has not improved for `patience` epochs; then pause for `cooldown`."""
    settings = {"factor": factor, "patience": patience, "cooldown": cooldown}
    return LRScheduler(lr_scheduler.ReduceLROnPlateau, monitor=monitor, **settings)


def cosine(lr, max_epochs, n_batches, monitor):
    """Follow half a cosine from `lr` down to 0 (Loshchilov and Hutter 2017, eq. 5, without restarts)."""
    return LRScheduler(lr_scheduler.CosineAnnealingLR, T_max=max_epochs)


def one_cycle(lr, max_epochs, n_batches, monitor, *, fraction=0.3):
    """Rise from a 25th to `lr` in `fraction` of the batches, then fall as a cosine to about 0 (Smith, Topin 2019)."""
    settings = {"max_lr": lr, "total_steps": max_epochs * n_batches, "pct_start": fraction}
    return LRScheduler(lr_scheduler.OneCycleLR, step_every="batch", **settings)


def warm_up(lr, max_epochs, n_batches, monitor, *, fraction=0.1, start=0.1):
    """Rise linearly from `start` times `lr` up to `lr` in `fraction` of the epochs, then stay constant."""
    return LRScheduler(lr_scheduler.LinearLR, start_factor=start, total_iters=epochs(fraction, max_epochs))


def epochs(fraction, max_epochs):
    """Return so many epochs, one at least."""
    return max(1, ceil(fraction * max_epochs))


SCHEDULES = {
    "constant": constant,
    "step": step,
    "piecewise": piecewise,
    "plateau": plateau,
    "cosine": cosine,
    "one-cycle": one_cycle,
    "warm-up": warm_up,
}


def make_schedule(lr_schedule, **training):
    """Make the callback that changes the learning rate while a net trains.

    Parameters
    ----------
    lr_schedule : str or dict
        Name of a schedule, or a dict of "name" and its settings.
    **training
        `lr`, `max_epochs`, `n_batches` and `monitor`, see the module.

    Returns
    -------
    LRScheduler or None
        A skorch callback.

    Raises
    ------
    ValueError
        If the name or a setting is not known.
    """
    settings = {"name": lr_schedule} if isinstance(lr_schedule, str) else dict(lr_schedule)
    name = settings.pop("name", None)
    if name not in SCHEDULES:
        raise ValueError(
            f"lr_schedule={shortened(lr_schedule)} has no known name. Take one of {sorted(SCHEDULES)}."
            + did_you_mean(name, SCHEDULES)
        )
    known = set(signature(SCHEDULES[name]).parameters) - training.keys()
    if not settings.keys() <= known:
        raise ValueError(
            f"lr_schedule={shortened(lr_schedule)}: {shortened(name)} takes {sorted(known) or 'no settings'}."
        )
    return SCHEDULES[name](**training, **settings)
