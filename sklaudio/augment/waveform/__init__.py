"""What changes the sound itself: steps on the waveforms of clips, before any feature is made of them.

A step is a callable ``(samples, sr) -> samples``: a 1-D array of float32 and its rate in hertz in, the changed one out.
Give one or a list as `augment` to :class:`~sklaudio.AugmentedClassifier`; or call it. Numbers are drawn from
`random_state`, a seed or a generator, or else from NumPy's global generator. Any other such callable counts as well,
such as a ``Compose`` of audiomentations.
"""

from ._codec import Codec
from ._level import Clipping, Gain
from ._noise import BackgroundNoise
from ._room import ImpulseResponse
from ._time import PitchShift, TimeShift, TimeStretch

__all__ = [
    "BackgroundNoise",
    "Clipping",
    "Codec",
    "Gain",
    "ImpulseResponse",
    "PitchShift",
    "TimeShift",
    "TimeStretch",
]
