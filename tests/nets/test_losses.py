"""Losses of numbers and of labels: what they are equal to."""

import numpy as np
import pytest
import torch

from sklaudio.metrics import concordance_correlation
from sklaudio.nets._losses import ConcordanceLoss, LabelsCrossEntropy


def test_the_mean_over_clips_is_one_minus_the_coefficient(rng):
    y_true, y_pred = rng.normal(size=(2, 50, 3))
    y_pred += 0.8 * y_true
    losses = ConcordanceLoss()(torch.from_numpy(y_pred), torch.from_numpy(y_true))
    expected = 1 - concordance_correlation(y_true, y_pred, multioutput="raw_values")
    np.testing.assert_allclose(losses.mean(dim=0).numpy(), expected, rtol=1e-12)


def test_one_clip_and_equal_clips_have_finite_gradients():
    for n_clips in (1, 4):
        predicted = torch.zeros(n_clips, 1, requires_grad=True)
        ConcordanceLoss()(predicted, torch.zeros(n_clips, 1)).mean().backward()
        assert predicted.grad.isfinite().all()
    assert ConcordanceLoss()(torch.tensor([[1.0]]), torch.tensor([[3.0]])).item() == pytest.approx(1)


def test_labels_are_compared_as_binary_cross_entropy_does():
    logits = torch.tensor([[0.3, -2.0], [1.5, 40.0]])
    y = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    weight = torch.tensor([[2.0, 0.5], [1.0, 3.0]])
    presence_and_absence = torch.stack([weight * y, weight * (1 - y)], dim=2)
    for smoothing in (0.0, 0.2):
        expected = weight * torch.nn.functional.binary_cross_entropy_with_logits(
            logits, y * (1 - smoothing) + smoothing / 2, reduction="none"
        )
        torch.testing.assert_close(LabelsCrossEntropy(smoothing)(logits, presence_and_absence), expected)
