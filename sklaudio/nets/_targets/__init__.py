"""What a net is trained to predict: how `y` becomes a tensor, which loss it has, and what logits become.

A target object is all that nets differ by in `fit` and `predict`. It is frozen, and has

- ``learn(y)``, ``encode(y)``, ``count(encoded, counts)`` and ``as_trained(encoded)``: from `y` to rows of a tensor;
- ``weigh(encoded)`` and ``split(encoded, groups, fraction, seed)``: weights of clips, and clips to validate on;
- ``net`` and ``settings()``: class of the skorch net, its loss and what else it takes;
- ``losses``, ``activation`` and ``score``: what a batch of logits is compared by, becomes and is worth;
- ``decode(outputs)``: what ``predict`` returns;
- ``is_stepwise``: whether there is an output for every frame; ``check_lengths(encoded, frames)`` then compares them;
- ``attributes``: what an estimator keeps of it, from which it is made again.
"""

from ._classes import ClassTarget
from ._labels import LabelsTarget
from ._numbers import NumberTarget
from ._step_labels import StepLabelsTarget
from ._step_numbers import StepNumbersTarget
from ._stepwise import is_stepwise

__all__ = ["ClassTarget", "LabelsTarget", "NumberTarget", "StepLabelsTarget", "StepNumbersTarget", "is_stepwise"]
