"""How long a net is trained."""

import pytest

from sklaudio import CRNNClassifier, TinyCNNClassifier
from sklaudio.augment import MixNoise, SpecAugment
from sklaudio.nets._training import planned_epochs


@pytest.mark.parametrize(
    ("max_epochs", "n_batches", "expected"),
    [("auto", 3, 200), ("auto", 10, 150), ("auto", 70, 22), ("auto", 625, 20), ("auto", 0, 0), (7, 3, 7)],
)
def test_epochs_that_take_1500_steps(max_epochs, n_batches, expected):
    assert planned_epochs(max_epochs, n_batches, 1500) == expected


@pytest.mark.parametrize(("augment", "factor"), [
    (None, 1), (SpecAugment(), 1), (MixNoise("noises"), 2), ([MixNoise("noises"), SpecAugment()], 2),
])  # fmt: skip
def test_noise_asks_for_twice_as_many_epochs(augment, factor):
    assert planned_epochs("auto", 10, 1500, augment) == factor * 150
    assert planned_epochs(7, 10, 1500, augment) == 7


def test_a_tiny_net_takes_twice_as_many_steps():
    assert TinyCNNClassifier()._auto_steps == 2 * CRNNClassifier()._auto_steps
    assert planned_epochs("auto", 70, 3000) == 43
