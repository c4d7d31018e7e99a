"""What a skorch net is made for."""

from enum import Enum


class Mode(Enum):
    """What a skorch net is made for, which decides what it is made with."""

    FIT = "fit"  # a whole training: with schedule, early stopping, checkpoint, processes of accelerate
    PARTIAL_FIT = "partial_fit"  # to be trained on, epoch by epoch
    PREDICT = "predict"  # not to be trained: without an optimizer
