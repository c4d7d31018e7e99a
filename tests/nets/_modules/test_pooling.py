"""Pooling over time, by hand."""

import pytest
import torch

from sklaudio.nets._modules._pooling import frame_mask, make_pooling

FRAMES = torch.tensor([[[1.0, -1.0], [2.0, -5.0], [9.0, 9.0]], [[4.0, 0.0], [2.0, 2.0], [0.0, 7.0]]])
LENGTHS = torch.tensor([2, 3])


def test_mask():
    assert frame_mask(LENGTHS, 3).tolist() == [[True, True, False], [True, True, True]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("last", [[2.0, -5.0], [0.0, 7.0]]),
        ("mean", [[1.5, -3.0], [2.0, 3.0]]),
        ("last+mean", [[2.0, -5.0, 1.5, -3.0], [0.0, 7.0, 2.0, 3.0]]),
        ("max", [[2.0, -1.0], [4.0, 7.0]]),
    ],
)
def test_pooling(name, expected):
    assert make_pooling(name, 2)(FRAMES, LENGTHS).tolist() == expected


def test_the_final_state_of_two_directions():
    assert make_pooling("last", 2, bidirectional=True)(FRAMES, LENGTHS).tolist() == [[2.0, -1.0], [0.0, 0.0]]


def test_attention_weighs_the_clips_own_frames():
    torch.manual_seed(0)
    pooling = make_pooling("attention", 2)
    pooled = pooling(FRAMES, LENGTHS)
    assert torch.allclose(pooled[:1], pooling(FRAMES[:1, :2], LENGTHS[:1]), atol=1e-6)
    low, high = FRAMES[0, :2].min(dim=0).values, FRAMES[0, :2].max(dim=0).values
    assert ((low <= pooled[0]) & (pooled[0] <= high)).all()
