"""Batches by index; one long clip among short ones costs its own size, in prediction and in training."""

import copy
import itertools

import numpy as np
import pytest
import torch

import sklaudio
from sklaudio import BLSTMClassifier, CNNClassifier, LSTMClassifier, SegmentVotingClassifier
from sklaudio._frames.validation import as_object_array
from sklaudio.augment import Gain
from sklaudio.nets._batches import MAX_NUMBERS, RUN_NUMBERS, SHORT, Batches, FramesDataset, PartedBatch, cut_runs
from sklaudio.nets._training import holds


def test_every_clip_comes_once_in_an_order_of_its_own(frames):
    X, _ = frames
    batches = Batches(FramesDataset(X, np.arange(30)), 8, shuffle=True)
    assert len(batches) == len(list(batches)) == 4
    first, second = (torch.cat([target for _, target in batches]).tolist() for _ in range(2))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first != second
    for inputs, target in batches:
        np.testing.assert_array_equal(inputs["frames"], X[target])


def test_a_batch_is_padded_to_its_own_longest_clip(ragged):
    X, _ = ragged
    batches = list(Batches(FramesDataset(X, np.arange(30)), 7))
    assert sum(len(target) for _, target in batches) == 30
    for inputs, target in batches:
        clips = [X[index] for index in target]
        assert inputs["frames"].shape[1] == max(map(len, clips))
        assert inputs["lengths"].tolist() == [len(clip) for clip in clips]
        for padded, clip in zip(inputs["frames"], clips, strict=True):
            np.testing.assert_array_equal(padded[: len(clip)], clip)
            assert not padded[len(clip) :].any()


def test_shuffled_clips_of_unequal_length_are_put_beside_their_like(rng):
    lengths = rng.integers(1, 100, size=512)
    X = as_object_array([np.full((n, 2), n, np.float32) for n in lengths])
    batches = Batches(FramesDataset(X, np.arange(512)), 16, shuffle=True)
    drawn = list(batches)
    assert sorted(index for _, target in drawn for index in target.tolist()) == list(range(512))
    computed = sum(inputs["frames"].shape[0] * inputs["frames"].shape[1] for inputs, _ in drawn)
    assert computed < 1.1 * lengths.sum()
    means = [inputs["lengths"].float().mean() for inputs, _ in drawn]
    assert means != sorted(means)  # the order of the batches is drawn as well
    again = list(batches)
    assert [t.tolist() for _, t in drawn] != [t.tolist() for _, t in again]


@pytest.mark.parametrize("data", ["frames", "ragged"])
def test_what_was_moved_gives_the_same_batches(data, request):
    X, _ = request.getfixturevalue(data)
    here, moved = FramesDataset(X, np.arange(30)), FramesDataset(X, np.arange(30))
    moved.move("cpu")
    assert moved.n_bytes == sum(clip.nbytes for clip in X)
    for (ours, target), (theirs, expected) in zip(Batches(moved, 7), Batches(here, 7), strict=True):
        assert target.tolist() == expected.tolist()
        assert torch.equal(ours["frames"], theirs["frames"])


def test_a_gpu_holds_what_leaves_it_half_of_its_memory(frames, monkeypatch):
    dataset = FramesDataset(frames[0])
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (3 * dataset.n_bytes, None))
    assert holds("cuda", dataset)
    assert not holds("cpu", dataset)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (dataset.n_bytes, None))
    assert not holds("cuda", dataset)


SHAPES = []


class Module(torch.nn.Module):
    """The mean over time; notes the shapes it is given."""

    def __init__(self, n_dims, n_classes):
        super().__init__()
        self.n_embedding = n_dims
        self.output = torch.nn.Linear(n_dims, n_classes)

    def forward(self, frames, lengths):
        return self.output(self.embed(frames, lengths))

    def embed(self, frames, lengths):
        SHAPES.append((self.training, *frames.shape))
        return frames.sum(dim=1) / lengths[:, None]


class ShapesNet(sklaudio.NetClassifier):
    """A net whose module notes shapes."""

    def _make_module(self, n_dims, n_classes):
        return Module(n_dims, n_classes)


def sizes(training):
    return [n * n_frames * n_dims for is_training, n, n_frames, n_dims in SHAPES if is_training == training]


@pytest.fixture
def one_long(rng):
    """255 short clips and one, in the middle, of 13,000 frames."""
    lengths = rng.integers(80, 120, size=256)
    lengths[100] = 13_000
    X = [rng.normal(size=(n, 13)).astype(np.float32) for n in lengths]
    return X, np.array(["a", "b"] * 128)


def test_one_long_clip_is_padded_to_by_no_other(one_long):
    X, y = one_long
    n_own = sum(clip.size for clip in X)
    net = ShapesNet(max_epochs=1, batch_size=16, random_state=0, early_stopping=True).fit(X, y)
    for method in ("predict_proba", "predict", "transform"):
        SHAPES.clear()
        answers = getattr(net, method)(X)
        assert sum(sizes(False)) < 1.5 * n_own
        assert max(sizes(False)) < 3 * 13_000 * 13
        for index in (0, 100, 255):
            if method == "predict":
                assert answers[index] == net.predict([X[index]])[0]
            else:
                np.testing.assert_allclose(answers[index], getattr(net, method)([X[index]])[0], rtol=1e-5, atol=1e-6)
    SHAPES.clear()
    net.fit(X[:50], y[:50], X_val=X, y_val=y)
    assert max(sizes(False)) < 3 * 13_000 * 13


@pytest.mark.parametrize("Net", [LSTMClassifier, BLSTMClassifier, CNNClassifier])
def test_answers_are_those_one_by_one_in_the_order_of_the_clips(Net, rng):
    lengths = [3, 700, 1, 20, 699, 2, 20, 90, 5, 41]
    X = [rng.normal(size=(n, 4)).astype(np.float32) for n in lengths]
    y = ["a", "b"] * 5
    net = (Net((4,)) if Net is CNNClassifier else Net(4, 1)).set_params(max_epochs=2, random_state=0).fit(X, y)
    for method in ("predict_proba", "transform"):
        one_by_one = np.concatenate([getattr(net, method)([clip]) for clip in X])
        np.testing.assert_allclose(getattr(net, method)(X), one_by_one, rtol=1e-4, atol=1e-6)
    assert net.predict(X).tolist() == [net.predict([clip])[0] for clip in X]
    X[4] = np.empty((0, 4), np.float32)
    answers = net.predict_proba(X)
    np.testing.assert_allclose(answers[4], net.class_prior_, rtol=1e-6)
    np.testing.assert_allclose(answers[5], net.predict_proba([X[5]])[0], rtol=1e-4, atol=1e-6)


def test_equal_clips_come_in_batches_of_bounded_size():
    dataset = FramesDataset(np.zeros((600, 10, 3), np.float32))
    assert [len(target) for _, target in Batches(dataset, 256)] == [256, 256, 88]
    n_frames = MAX_NUMBERS // 100
    long = FramesDataset(np.broadcast_to(np.zeros((1, 1, 1), np.float32), (250, n_frames, 1)))
    batches = Batches(long, 256)
    assert [len(index) for _, index in batches.draw()] == [100, 100, 50]
    assert len(batches) == 3
    huge = FramesDataset(np.broadcast_to(np.zeros((1, 1, 1), np.float32), (3, MAX_NUMBERS + 1, 1)))
    assert [len(index) for _, index in Batches(huge, 256).draw()] == [1, 1, 1]


def test_clips_on_a_disk_come_in_batches_of_bounded_size(tmp_path):
    stored = np.lib.format.open_memmap(tmp_path / "X.npy", mode="w+", dtype=np.float32, shape=(6, MAX_NUMBERS // 8, 3))
    net = ShapesNet(max_epochs=1, batch_size=1, random_state=0, standardize=False).fit(stored[:2, :4], [0, 1])
    SHAPES.clear()
    assert net.predict_proba(stored).shape == (6, 2)
    assert [n for _, n, _, _ in SHAPES] == [2, 2, 2]


@pytest.mark.parametrize(("narrow", "most", "padding"), [(False, MAX_NUMBERS, 2), (True, RUN_NUMBERS, 1.1)])
def test_runs_of_lengths(narrow, most, padding, rng):
    for _ in range(50):
        lengths = np.sort(rng.integers(1, 10 ** rng.integers(1, 7), size=rng.integers(1, 300))).tolist()
        runs = cut_runs(lengths, 13, 64, narrow=narrow)
        assert sum(runs) == len(lengths)
        for stop, n in zip(itertools.accumulate(runs), runs, strict=True):
            run = lengths[stop - n : stop]
            factor = 2 if sum(run) * 13 <= SHORT else padding
            assert n == 1 or (n <= 64 and n * max(run) * 13 <= most and n * max(run) <= factor * sum(run))


def trained(X, y, **parameters):
    """A net on the mean of each clip's frames, trained without their scale, and the sizes of what it was given."""
    SHAPES.clear()
    settings = {"max_epochs": 3, "batch_size": 16, "lr": 0.01, "random_state": 0, "standardize": False}
    return ShapesNet(**settings | parameters).fit(X, y), sizes(True)


@pytest.fixture
def two_very_long(rng):
    """46 short clips and two, so long that a batch with one of them is above the bound."""
    lengths = rng.integers(5, 10, size=48)
    lengths[[3, 20]] = 100_000, 200_000
    X = [rng.normal(size=(n, 3)).astype(np.float32) for n in lengths]
    for k, clip in enumerate(X):
        clip[:, 0] += 3 * (k % 2)
    return X, np.array(["a", "b"] * 24)


@pytest.mark.parametrize(
    "parameters", [{}, {"l1": 0.01, "l2": 0.1, "class_weight": {"a": 1, "b": 3}}, {"optimizer": "sgd"}]
)
def test_a_training_batch_in_parts_makes_the_same_step(parameters, two_very_long):
    """The module sees means alone, so that clips of few frames of the same means are the same to it, and no parts."""
    X, y = two_very_long
    parted, sizes_of_parts = trained(X, y, **parameters)
    short = [np.repeat(clip.mean(axis=0, keepdims=True), min(len(clip), 20 + k), axis=0) for k, clip in enumerate(X)]
    whole, sizes_of_batches = trained(short, y, **parameters)
    assert len(sizes_of_batches) == 3 * 3
    assert len(sizes_of_parts) > 3 * 3
    assert max(sizes_of_parts) == 2 * 200_000 * 3 < MAX_NUMBERS < 16 * 200_000 * 3
    np.testing.assert_allclose(parted.predict_proba(X), whole.predict_proba(short), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(parted.history_.train_loss, whole.history_.train_loss, rtol=1e-4)
    np.testing.assert_allclose(parted.history_.train_acc, whole.history_.train_acc, rtol=1e-6)


def test_parts_go_through_augmentation_and_batch_norms(two_very_long):
    X, y = two_very_long
    settings = {"max_epochs": 4, "batch_size": 16, "lr": 0.03, "random_state": 0}
    n_clips = []

    def gain(frames, lengths):
        n_clips.append(len(frames))
        return Gain((-1, 1))(frames, lengths)

    net = CNNClassifier((4,), augment=gain, gradient_clip=1.0, lr_schedule="one-cycle", **settings).fit(X, y)
    assert sum(n_clips) == 4 * 48
    assert len(n_clips) > 4 * 3
    assert net.score(X, y) == 1


def test_small_batches_are_whole(ragged):
    X, _ = ragged
    dataset = FramesDataset(X)
    assert not any(isinstance(batch, PartedBatch) for batch in Batches(dataset, 8, shuffle=True))


def test_votes_of_a_long_clip_come_in_bounded_batches(one_long):
    X, y = one_long
    net = ShapesNet(max_epochs=1, random_state=0)
    vote = SegmentVotingClassifier(net, segment_length=50).fit(X[:20], y[:20])
    SHAPES.clear()
    answers = vote.predict_proba(X)
    assert max(sizes(False)) <= 256 * 50 * 13
    np.testing.assert_allclose(answers[100], vote.predict_proba([X[100]])[0], rtol=1e-5)


def test_a_copy_of_a_net_answers_the_same(one_long):
    X, y = one_long
    net = LSTMClassifier(4, 1, max_epochs=1, random_state=0).fit(X[:20], y[:20])
    np.testing.assert_array_equal(copy.deepcopy(net).predict_proba(X), net.predict_proba(X))
