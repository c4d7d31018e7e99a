"""Splits and folds of clips with several labels."""

import numpy as np
import pytest

from sklaudio._utils.group_split import LostClassError, lost_classes, split_by_group
from sklaudio._utils.label_folds import folds_of_labels


@pytest.fixture
def labels(rng):
    """Sixty clips of thirty recordings, and labels from common to rare."""
    Y = (rng.uniform(size=(60, 5)) < [0.5, 0.3, 0.2, 0.0, 0.0]).astype(int)
    Y[[4, 20, 41], 3] = 1
    Y[[0, 59], 4] = 1
    return Y, np.arange(60) // 2


def test_a_split_divides_no_group_and_leaves_each_label_to_train_on(labels):
    Y, groups = labels
    for seed in range(20):
        kept, held_out = split_by_group(Y, groups, 0.2, seed)
        assert not set(groups[kept]) & set(groups[held_out])
        assert sorted([*kept, *held_out]) == list(range(60))
        assert len(held_out) == 12
        assert Y[kept].any(axis=0).all()
        assert np.abs(Y[held_out].mean(axis=0) - Y.mean(axis=0))[:3].max() < 0.25


def test_recordings_that_a_label_needs_are_not_held_out():
    """Nine of ten recordings have each the only clips of a label."""
    Y = np.eye(10, 9, dtype=int)
    for seed in range(5):
        assert split_by_group(Y, None, 0.3, seed)[1].tolist() == [9]
    with pytest.raises(LostClassError, match=r"'dog' \(one clip\)"):
        split_by_group(np.eye(2, dtype=int), None, 0.5, 0, np.array(["dog", "rain"]))


def test_folds_divide_no_group_and_each_label_evenly(labels):
    Y, groups = labels
    folds = folds_of_labels(Y, groups, 3)
    assert sorted(np.concatenate([held_out for _, held_out in folds])) == list(range(60))
    counts = np.array([Y[held_out].sum(axis=0) for _, held_out in folds])
    assert np.ptp(counts, axis=0).max() <= 3
    assert counts[:, 3].tolist() == [1, 1, 1]
    assert sorted(counts[:, 4]) == [0, 1, 1]
    assert np.ptp([len(held_out) for _, held_out in folds]) <= 4
    for kept, held_out in folds:
        assert not set(groups[kept]) & set(groups[held_out])
        assert len(lost_classes(Y, kept)) == 0


def test_folds_are_fixed_by_a_seed(labels):
    Y, _ = labels
    first, again, other = (folds_of_labels(Y, None, 4, seed) for seed in (0, 0, 99))
    for fold in range(4):
        np.testing.assert_array_equal(first[fold][1], again[fold][1])
    assert any(not np.array_equal(first[fold][1], other[fold][1]) for fold in range(4))
    with pytest.raises(ValueError, match="4 folds need as many groups, and there are 2"):
        folds_of_labels(Y, np.arange(60) % 2, 4)


def test_clips_without_labels_are_dealt_out_too():
    folds = folds_of_labels(np.zeros((10, 2), dtype=int), None, 5)
    assert [len(held_out) for _, held_out in folds] == [2] * 5
