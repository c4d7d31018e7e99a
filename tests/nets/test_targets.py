"""Validation splits respect recordings and classes."""

import numpy as np
import pytest

from sklaudio.nets._targets import class_weights, split_by_group

TARGET = np.repeat([0, 1, 2], 20)


def test_groups_are_never_divided():
    groups = np.arange(60) // 4
    for seed in range(10):
        kept, held_out = split_by_group(TARGET, groups, 0.2, seed)
        assert not set(groups[kept]) & set(groups[held_out])
        assert sorted([*kept, *held_out]) == list(range(60))
        assert len(held_out) == 12


def test_classes_are_shared_out_evenly():
    for seed in range(10):
        _, held_out = split_by_group(TARGET, None, 0.2, seed)
        assert np.bincount(TARGET[held_out]).min() >= 3


def test_no_class_is_lost_to_training_if_it_can_be_helped():
    target = np.array([0] * 20 + [1] * 2)
    for seed in range(10):
        kept, _ = split_by_group(target, None, 0.1, seed)
        assert set(target[kept]) == {0, 1}


def test_the_seed_decides():
    first, again, other = (split_by_group(TARGET, None, 0.2, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_balanced_classes_have_equal_sums():
    target = np.array([0] * 3 + [1] * 9)
    weight = class_weights("balanced", np.array(["x", "y"]), target)
    assert weight[:3].sum() == pytest.approx(weight[3:].sum())
    np.testing.assert_allclose(class_weights({"x": 2}, np.array(["x", "y"]), target), [2] * 3 + [1] * 9)
