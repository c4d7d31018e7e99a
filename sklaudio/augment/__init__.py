"""What happens to a training batch, and only to a training batch; in `waveform`, to the sound before any features."""

from . import waveform
from ._batches import FilterAugment, FrequencyWarp, Gain, Mixup, Noise, Pitch, SpecAugment, Stretch, Tempo, TimeShift
from ._mix_noise import MixNoise
from .waveform import BackgroundNoise, ImpulseResponse

__all__ = [
    "BackgroundNoise",
    "FilterAugment",
    "FrequencyWarp",
    "Gain",
    "ImpulseResponse",
    "MixNoise",
    "Mixup",
    "Noise",
    "Pitch",
    "SpecAugment",
    "Stretch",
    "Tempo",
    "TimeShift",
    "waveform",
]
