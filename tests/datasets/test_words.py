"""Synthetic words: what they are said to be, and hard enough to be worth learning."""

import pytest

from sklaudio.datasets import make_words

from .synthetic import assert_clips_and_labels, assert_linear_model_learns_some


def test_clips_and_labels():
    assert_clips_and_labels(make_words, n_classes=10)


def test_groups_are_speakers():
    words = make_words(100, n_speakers=5, random_state=0)
    assert sorted(set(words.groups.tolist())) == [f"speaker{k:02d}" for k in range(5)]
    assert all(set(words.target[words.groups == group]) == set(words.target_names) for group in set(words.groups))


def test_a_linear_model_learns_something_and_not_everything():
    assert_linear_model_learns_some(make_words)


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="n_speakers=0"):
        make_words(10, n_speakers=0)
    with pytest.raises(ValueError, match="cannot hold a word"):
        make_words(10, sr=8000)
