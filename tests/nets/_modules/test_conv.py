"""Dense, CNN, CRNN, and CNN beside LSTM: masks, shapes, what they can hear."""

import numpy as np
import pytest
import torch

from sklaudio import CNNClassifier, CRNNClassifier, DenseClassifier, ParallelCNNLSTMClassifier
from sklaudio.nets._modules._conv import BatchNorm, MaskedConvs
from sklaudio.nets._modules._residual import ResidualBlock, ResidualConvs

from ..small import assert_padding_is_masked

CONVS = {"cnn": CNNClassifier, "crnn": CRNNClassifier, "parallel": ParallelCNNLSTMClassifier}
POOLINGS = ["last", "mean", "max", "attention"]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("name", CONVS)
def test_padding_is_masked(name, pooling, ragged):
    """A clip has the same probabilities alone as beside a longer one, of odd and even lengths."""
    X, y = ragged
    net = CONVS[name](channels=(4, 8, 8), pooling=pooling, head=(6,), max_epochs=2, random_state=0).fit(X, y)
    assert len({len(clip) % 4 for clip in X}) == 4
    assert_padding_is_masked(net, X, atol=1e-4)


@pytest.mark.parametrize("name", CONVS)
def test_it_learns_from_clips_of_unequal_length(name, ragged):
    X, y = ragged
    net = CONVS[name](channels=(8, 16), lr=0.01, max_epochs=30, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.9


def test_a_convolution_finds_a_pattern_wherever_it_is(rng):
    """An upward or a downward sweep across the dims, somewhere in noise."""
    X, y = rng.normal(size=(120, 40, 12)), np.tile(["up", "down"], 60)
    for clip, label in zip(X, y, strict=True):
        start = rng.integers(0, 28)
        for step in range(12):
            clip[start + step, step if label == "up" else 11 - step] += 5
    net = CNNClassifier((8, 16), lr=0.01, max_epochs=15, pooling="max", random_state=0).fit(X[:80], y[:80])
    assert net.score(X[80:], y[80:]) > 0.9


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("name", ["crnn", "parallel"])
def test_cells(name, cell, frames):
    X, y = frames
    net = CONVS[name]((4,), 6, cell=cell, max_epochs=1).fit(X, y)
    assert net.net_.module_.recurrent.hidden_size == 6
    n_gates = {"gru": 3, "lstm": 4}[cell]
    n_read = {"crnn": 4 * 2, "parallel": 3}[name]  # four channels of half the dims, or the dims themselves
    recurrent = 2 * n_gates * 6 * (n_read + 6 + 2)
    n_embedding = 12 + 8  # both directions of the recurrent layer, and what the convolutions give
    convolution = {"crnn": 25 * 4, "parallel": 2 * 3 + 9 * 4}[name]  # 5 x 5; a norm of the dims, and 3 x 3
    expected = convolution + 2 * 4 + recurrent + 3 * (n_embedding + 1)
    assert net.n_parameters_ == expected
    assert net.transform(X).shape == (30, n_embedding)


def test_frames_and_dims_are_halved_and_never_lost():
    convs = MaskedConvs(5, (4, 4, 4), time_pools=(2, 2, 2), dim_pools=(2, 2, 2)).eval()
    out, lengths = convs(torch.randn(2, 9, 5), torch.tensor([9, 1]))
    assert out.shape == (2, 2, 4)
    assert lengths.tolist() == [2, 1]
    assert not out[1, 1:].any()
    assert convs.n_out == 4


def test_residual_blocks_halve_frames_three_times_and_dims_each_time():
    convs = ResidualConvs(9, (4, 6, 8, 10)).eval()
    out, lengths = convs(torch.randn(3, 35, 9), torch.tensor([35, 17, 1]))
    assert out.shape == (3, 5, 10)
    assert lengths.tolist() == [5, 3, 1]
    assert convs.n_out == 10
    for clip, length in zip(out, lengths, strict=True):
        assert clip[:length].any()
        assert not clip[length:].any()


def test_a_residual_block_without_convolutions_is_its_shortcut():
    block = ResidualBlock(2, 2, (2, 2)).eval()
    torch.nn.init.zeros_(block.second.weight)
    torch.nn.init.dirac_(block.shortcut.weight)
    x = torch.rand(1, 2, 6, 4)
    torch.testing.assert_close(block(x, lambda same: same), torch.nn.functional.max_pool2d(x, 2))


def test_batch_norm_survives_a_single_value():
    norm = BatchNorm(3)
    assert norm(torch.ones(1, 3)).shape == (1, 3)
    norm(torch.randn(50, 3) + 7)
    assert (norm.running_mean > 0.3).all()


@pytest.mark.parametrize("name", CONVS)
def test_a_single_row_is_no_trouble(name, frames):
    X, y = frames
    net = CONVS[name](channels=(4,), batch_size=29, max_epochs=2, random_state=0).fit(
        X[:, :1], y
    )  # batches of 29 and 1
    assert np.isfinite(net.predict_proba(X[:, :1])).all()
    assert np.isfinite(net.partial_fit(X[:1, :1], y[:1]).predict_proba(X[:, :1])).all()


def test_dense_hears_where_things_are(rng):
    X = rng.normal(size=(200, 6, 4))
    y = np.where(X[:, 4, 2] > X[:, 1, 3], "late", "early")
    net = DenseClassifier((32,), dropout=0.0, lr=0.01, random_state=0).fit(X[:150], y[:150])
    assert net.score(X[150:], y[150:]) > 0.8
    assert net.n_parameters_ == 24 * 32 + 32 + 32 * 2 + 2


def test_dense_pads_and_cuts_to_the_longest_of_training(frames):
    X, y = frames
    net = DenseClassifier((8,), max_epochs=2, random_state=0, standardize=False).fit(X, y)
    assert net.n_frames_ == 20
    longer = np.concatenate([X, X], axis=1)
    np.testing.assert_array_equal(net.predict_proba(longer), net.predict_proba(X))
    padded = np.concatenate([X[:, :12], np.zeros_like(X[:, 12:])], axis=1)
    np.testing.assert_array_equal(net.predict_proba(X[:, :12]), net.predict_proba(padded))


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.05), (0.01, 0.0)])
def test_penalties_shrink_weights(l1, l2, frames):
    X, y = frames

    def size(**penalties):
        net = DenseClassifier((8,), dropout=0.0, lr=0.01, random_state=0, **penalties).fit(X, y)
        return net.net_.module_.hidden[0].weight.abs().mean().item(), net.history_["valid_loss"]

    assert size(l1=l1, l2=l2)[0] < 0.7 * size()[0]


@pytest.mark.parametrize(
    ("net", "words"),
    [
        (DenseClassifier(()), "hidden_sizes"),
        (DenseClassifier((8, 0)), "hidden_sizes"),
        (CNNClassifier(()), "channels"),
        (CNNClassifier((8, "9")), "channels"),
        (CNNClassifier(head=(0,)), "head"),
        (CRNNClassifier(hidden_size=0), "hidden_size"),
        (CRNNClassifier(cell="rnn"), "cell"),
        (ParallelCNNLSTMClassifier(pooling="sum"), "pooling"),
        (CNNClassifier(l2=-1), "l2"),
        (CNNClassifier(lr_schedule={"name": "plateau", "patients": 3}), "takes .*patience"),
        (CNNClassifier(lr_schedule={"factor": 3}), "no known name"),
        (CNNClassifier(lr_schedule={"name": "piecewise", "fractions": (0.5,)}), "equally many"),
    ],
    ids=repr,
)
def test_bad_parameters_are_named(net, words, frames):
    X, y = frames
    with pytest.raises(ValueError, match=words):
        net.fit(X, y)
