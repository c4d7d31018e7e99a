"""What happens to a training batch, and only to a training batch."""

from ._batches import FilterAugment, FrequencyWarp, Gain, Mixup, Noise, Pitch, SpecAugment, Stretch, Tempo, TimeShift

__all__ = [
    "FilterAugment",
    "FrequencyWarp",
    "Gain",
    "Mixup",
    "Noise",
    "Pitch",
    "SpecAugment",
    "Stretch",
    "Tempo",
    "TimeShift",
]
