"""Depthwise-separable convolutions: masks, shapes, parameters, what they learn."""

import numpy as np
import pytest
import torch

from sklaudio import TinyCNNClassifier, TinyCNNRegressor
from sklaudio.nets._modules._separable import SeparableBlock, SeparableCNN

from ..small import assert_padding_is_masked

TRAINING = {"augment": None, "random_state": 0}


@pytest.mark.parametrize("pooling", ["last", "mean", "max", "attention"])
def test_padding_is_masked(pooling, ragged):
    X, y = ragged
    net = TinyCNNClassifier((4, 8, 8), pooling=pooling, head=(6,), max_epochs=2, **TRAINING).fit(X, y)
    assert_padding_is_masked(net, X, atol=1e-4)


def test_it_learns_from_clips_of_unequal_length(ragged):
    X, y = ragged
    assert TinyCNNClassifier((8, 16), lr=0.01, max_epochs=30, **TRAINING).fit(X, y).score(X, y) > 0.9


def test_it_learns_labels_and_numbers(rng):
    X = rng.normal(size=(60, 12, 8))
    Y = rng.integers(2, size=(60, 2))
    X[:, :, 2] += 3 * Y[:, :1]
    X[:, :, 5] += 3 * Y[:, 1:]
    labels = TinyCNNClassifier((8, 16), lr=0.01, max_epochs=30, **TRAINING).fit(X, Y)
    assert (labels.predict(X) == Y).mean() > 0.9
    numbers = TinyCNNRegressor((8, 16), lr=0.01, dropout=0.0, max_epochs=60, random_state=0).fit(
        X, 10 * Y[:, 0] + Y[:, 1]
    )
    assert numbers.score(X, 10 * Y[:, 0] + Y[:, 1]) > 0.8


def test_frames_and_dims_are_halved_where_channels_change():
    net = SeparableCNN(9, 2, channels=(4, 6, 6, 8), pooling="mean", head=(), dropout=0.0).eval()
    assert [block.has_shortcut for block in net.blocks] == [False, True, False]
    assert net.stride == 8
    assert net.over_dims.kernel_size == (1, 2)  # 9 dims, 5, 3, 2
    steps = net.steps(torch.randn(2, 35, 9), torch.tensor([35, 17]))
    assert steps.shape == (2, 5, 8)


def test_a_block_without_a_pointwise_convolution_is_its_shortcut():
    block = SeparableBlock(3, 3, 1).eval()
    torch.nn.init.zeros_(block.pointwise.weight)
    x = torch.rand(1, 3, 6, 4)
    torch.testing.assert_close(block(x), x)


def test_a_depthwise_convolution_looks_at_one_channel():
    """What changes in one channel changes no other before the 1 x 1 convolution, here the identity."""
    block = SeparableBlock(3, 3, 1).eval()
    torch.nn.init.dirac_(block.pointwise.weight)
    x = torch.rand(1, 3, 6, 4)
    changed = x.clone()
    changed[:, 1] += 1
    difference = (block(changed) - block(x)).abs().amax(dim=(0, 2, 3))
    assert (difference > 0).tolist() == [False, True, False]


@pytest.mark.parametrize("n_dims", [1, 2, 40])
def test_numbers_of_parameters(n_dims, rng):
    X, y = rng.normal(size=(12, 5, n_dims)), np.arange(12) % 3
    net = TinyCNNClassifier((4, 6, 6), max_epochs=1, **TRAINING).fit(X, y)
    n_left = (n_dims + 3) // 4
    stem, blocks = 25 * 4 + 8, (9 * 4 + 8 + 4 * 6 + 12) + (9 * 6 + 12 + 6 * 6 + 12)
    assert net.n_parameters_ == stem + blocks + 6 * n_left + 12 + 6 * 3 + 3
    assert net.transform(X).shape == (12, 6)


def test_by_default_it_is_as_small_as_it_is_said_to_be(rng):
    X, y = rng.normal(size=(18, 101, 40)), np.arange(18) % 9
    net = TinyCNNClassifier(max_epochs=1, random_state=0).fit(X, y)
    assert net.n_parameters_ == 22_425
    assert 2.5e6 < net.summary().total_mult_adds < 2.9e6


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"channels": ()}, "channels"),
        ({"channels": (8, 0)}, "channels"),
        ({"head": (0,)}, "head"),
        ({"pooling": "sum"}, "pooling"),
    ],
)
def test_bad_parameters_are_named(parameters, name, rng):
    with pytest.raises(ValueError, match=name):
        TinyCNNClassifier(**parameters).fit(rng.normal(size=(6, 4, 8)), [0, 1] * 3)
