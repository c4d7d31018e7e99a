"""Losses of numbers: what they are equal to."""

import numpy as np
import pytest
import torch

from sklaudio.metrics import concordance_correlation
from sklaudio.nets._losses import ConcordanceLoss


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
