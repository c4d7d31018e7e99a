"""Batches by index."""

import numpy as np
import torch

from sklaudio.nets._batches import Batches, FramesDataset


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
