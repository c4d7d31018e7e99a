"""Batches by index."""

import numpy as np
import pytest
import torch

from sklaudio._frames import as_object_array
from sklaudio.nets._batches import Batches, FramesDataset
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
    for inputs, target in Batches(FramesDataset(X, np.arange(30)), 7):
        own = [X[index] for index in target]
        assert inputs["frames"].shape[1] == max(map(len, own))
        assert inputs["lengths"].tolist() == [len(clip) for clip in own]
        for padded, clip in zip(inputs["frames"], own, strict=True):
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
