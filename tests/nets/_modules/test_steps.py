"""Steps of modules: interpolated between, for each clip by itself."""

import numpy as np
import pytest
import torch

from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    LSTMClassifier,
    ParallelCNNLSTMClassifier,
    TinyCNNClassifier,
)
from sklaudio.nets._modules._steps import steps_to_frames

NETS = {  # with the frames of a step
    "lstm": (LSTMClassifier(4, 1), 1),
    "lstm, attention": (LSTMClassifier(4, 1, pooling="attention", head=(3,)), 1),
    "blstm": (BLSTMClassifier(4, 1), 1),
    "cnn": (CNNClassifier((2, 4)), 4),
    "crnn": (CRNNClassifier((2, 3, 4), 4), 8),
    "parallel": (ParallelCNNLSTMClassifier((2, 4), 4), 1),
    "tiny": (TinyCNNClassifier((2, 3, 3, 4)), 8),
}


def test_frames_in_the_middle_of_a_step_have_its_value_and_others_lie_between():
    steps = torch.tensor([[[0.0], [4.0], [8.0]]])
    frames = steps_to_frames(steps, torch.tensor([6]), 2, 6)
    assert frames.flatten().tolist() == [0, 1, 3, 5, 7, 8]  # steps are in the middle of frames 0|1, 2|3 and 4|5


def test_the_last_step_of_a_shorter_clip_goes_on_in_place_of_padding():
    steps = torch.tensor([[[1.0], [3.0], [100.0]], [[1.0], [3.0], [5.0]]])
    frames = steps_to_frames(steps, torch.tensor([3, 6]), 2, 6)  # the first clip has two steps
    assert frames[0].flatten().tolist() == [1, 1.5, 2.5, 3, 3, 3]


@pytest.mark.parametrize("net", NETS)
def test_a_clip_has_the_same_curve_alone_as_beside_a_longer_one(net):
    net, stride = NETS[net]
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 6)).astype("float32") for n in (9, 40, 23)]
    y = [rng.integers(2, size=(len(clip), 2)) for clip in X]
    net = type(net)(**net.get_params() | {"max_epochs": 1, "random_state": 0, "augment": None}).fit(X, y)
    assert net.net_.module_.net.stride == stride
    together = net.predict_proba(X)
    assert [clip.shape for clip in together] == [(9, 2), (40, 2), (23, 2)]
    for clip, curve in zip(X, together, strict=True):
        np.testing.assert_allclose(net.predict_proba([clip])[0], curve, atol=1e-6)
    np.testing.assert_allclose(net.transform(X)[:1], net.transform(X[:1]), atol=1e-6)
