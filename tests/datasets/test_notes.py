"""Synthetic notes: what they are said to be, and hard enough to be worth learning."""

import numpy as np
import pytest

from sklaudio.datasets import make_notes
from sklaudio.datasets._notes import INSTRUMENTS, play

from .synthetic import assert_clips_and_labels, assert_linear_model_learns_some


def test_clips_and_labels():
    assert_clips_and_labels(make_notes, n_classes=8)


@pytest.mark.parametrize("name", ["organ", "guitar", "clarinet"])
def test_notes_are_in_tune(name):
    y = play(INSTRUMENTS[name], 69, 1.0, 16000, np.random.default_rng(0))
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 17))
    fundamental = spectrum[: int(660 / 16000 * (1 << 17))].argmax() * 16000 / (1 << 17)
    assert abs(12 * np.log2(fundamental / 440)) < 0.25


def test_groups_are_pitches():
    notes = make_notes(80, random_state=0)
    assert notes.groups[0] == f"{notes.target[0]}-{notes.pitch[0]}"


def test_a_linear_model_learns_something_and_not_everything():
    assert_linear_model_learns_some(make_notes)


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="n_clips=0"):
        make_notes(0)
    with pytest.raises(ValueError, match="less than a sample"):
        make_notes(10, duration=0)
