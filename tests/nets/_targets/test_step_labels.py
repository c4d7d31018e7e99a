"""Labels of every frame: encoded, weighed, compared and refused."""

import numpy as np
import pandas as pd
import pytest
import torch

from sklaudio.nets._losses import LabelsCrossEntropy
from sklaudio.nets._targets import StepLabelsTarget, is_stepwise

Y = [np.array([[0, 1], [1, 1], [0, 0]]), np.array([[1, 0]])]


def learned(y=Y, **parameters):
    target, encoded = StepLabelsTarget(None, **parameters).learn(y, None)
    return target.count(encoded, np.ones(len(encoded))), encoded


def test_what_has_labels_of_every_frame():
    for y in (Y, np.zeros((2, 3, 4)), [[[0, 1]], [[1, 1]]], pd.Series(Y), [pd.DataFrame(Y[0])]):
        assert is_stepwise(y)
    for y in (["a", "b"], [0, 1], [[0, 1], [1, 0]], np.zeros((2, 3)), pd.DataFrame(Y[0]), None, np.zeros(3), []):
        assert not is_stepwise(y)


def test_labels_are_padded_and_counted():
    target, encoded = learned()
    assert encoded.dtype == np.uint8
    assert encoded.tolist() == [[[0, 1], [1, 1], [0, 0]], [[1, 0], [255, 255], [255, 255]]]
    assert target.class_count.tolist() == [2, 2]
    assert target.clip_count == 4
    target = target.count(encoded, np.array([0.0, 3.0]))
    assert target.class_count.tolist() == [5, 2]
    assert target.clip_count == 7
    np.testing.assert_array_equal(target.encode(np.stack([Y[0], Y[0]])), np.stack([Y[0], Y[0]]))


def test_the_loss_is_the_mean_over_the_frames_of_a_clip():
    target, encoded = learned()
    logits = torch.randn(2, 3, 2, generator=torch.Generator().manual_seed(0))
    losses = target.losses(LabelsCrossEntropy(), logits, torch.from_numpy(encoded), {})
    for clip, y in enumerate(Y):
        expected = torch.nn.functional.binary_cross_entropy_with_logits(logits[clip, : len(y)], torch.tensor(y).float())
        assert losses[clip].item() == pytest.approx(expected.item(), rel=1e-6)
    assert target.score(logits, torch.from_numpy(encoded)) == np.mean(
        [
            (row > 0).tolist() == label
            for rows, y in zip(logits, Y, strict=True)
            for row, label in zip(rows, y.tolist(), strict=False)
        ]
    )


def test_a_batch_of_shorter_clips_has_fewer_frames():
    target, encoded = learned()
    logits = torch.zeros(1, 1, 2)
    loss = target.losses(LabelsCrossEntropy(), logits, torch.from_numpy(encoded[1:]), {})
    assert loss.item() == pytest.approx(np.log(2))


def test_labels_of_a_mixture_are_mixed_and_end_with_the_longer_clip():
    target, encoded = learned()
    logits = torch.full((2, 3, 2), 2.0)
    mixing = {"partner": torch.tensor([1, 0]), "fraction": torch.tensor([0.25, 0.75])}
    losses = target.losses(LabelsCrossEntropy(), logits, torch.from_numpy(encoded), mixing)
    mixed = 0.25 * np.array(Y[0]) + 0.75 * np.array([[1, 0], [0, 0], [0, 0]])
    p = 1 / (1 + np.exp(-2.0))
    expected = -(mixed * np.log(p) + (1 - mixed) * np.log(1 - p)).mean()
    np.testing.assert_allclose(losses, [expected, expected], rtol=1e-6)


def test_balanced_labels_weigh_the_same_with_and_without():
    target, encoded = learned([np.array([[1], [0], [0], [0]])], class_weight="balanced")
    logits = torch.zeros(1, 4, 1, requires_grad=True)
    target.losses(LabelsCrossEntropy(), logits, torch.from_numpy(encoded), {}).sum().backward()
    assert logits.grad.sum().item() == pytest.approx(0, abs=1e-7)


def test_names_come_from_tables_and_stay():
    y = [pd.DataFrame(clip, columns=["siren", "dog"]) for clip in Y]
    target, _ = learned(y)
    assert target.names.tolist() == ["siren", "dog"]
    assert target.attributes["label_names_"].tolist() == ["siren", "dog"]
    assert StepLabelsTarget(None).learn(Y, None, before=target)[0].names.tolist() == ["siren", "dog"]
    with pytest.raises(ValueError, match=r"y has the labels \['dog', 'siren'\], and that of fit 2: \['siren', 'dog'\]"):
        target.encode([table[["dog", "siren"]] for table in y])
    with pytest.raises(ValueError, match=r"y\[1\] has no names of columns"):
        learned([y[0], Y[1]])


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([Y[0], np.array([[0.5, 0]])], r"y\[1\]\[0, 0\] is 0.5, and labels are 0 or 1"),
        ([Y[0], np.array([[0, np.nan]])], r"y\[1\]\[0, 1\] is nan"),
        ([Y[0], np.array([[0, 1, 0]])], r"y\[1\] is of shape \(1, 3\), not \(n_frames, 2\)"),
        ([np.zeros((3, 0))], r"y\[0\] is of shape \(3, 0\)"),
        (["a", "b"], "y holds no labels of every frame"),
    ],
)
def test_other_values_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        learned(y)


def test_as_many_labels_as_frames():
    target, encoded = learned()
    target.check_lengths(encoded, np.array([np.zeros((3, 5)), np.zeros((1, 5))], dtype=object))
    with pytest.raises(ValueError, match=r"y\[1\] has 1 rows, and that clip has 3 frames\. Give each frame one"):
        target.check_lengths(encoded, np.zeros((2, 3, 5)))


def test_a_label_of_no_frame_warns():
    with pytest.warns(UserWarning, match="no clip has the labels 1, which cannot be learned"):
        learned([np.array([[1, 0], [0, 0]])])
