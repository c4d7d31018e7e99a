"""Losses of numbers and of labels, for each clip."""

import torch
from torch.nn.functional import softplus

MIN_SPREAD = 1e-8  # below which a batch has no spread to be relative to


class ConcordanceLoss(torch.nn.Module):
    r"""One minus the concordance correlation coefficient of a batch, as a mean over its clips.

    .. math:: 1 - \rho_c = \frac{\overline{(\hat y - y)^2}}{\sigma_{\hat y}^2 + \sigma_y^2 + (\bar{\hat y} - \bar y)^2}

    Losses of clips are the squared errors over the denominator, which is that of the whole batch [1]_. A batch of one
    clip has no spread: its loss is 1, and nothing is learned of it.

    References
    ----------
    .. [1] L. I. Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45 (1989),
       255-268.
    """

    def forward(self, predicted, expected):
        """Map (batch, n_targets) twice -> (batch, n_targets)."""
        spread = predicted.var(dim=0, correction=0) + expected.var(dim=0, correction=0)
        spread = spread + (predicted.mean(dim=0) - expected.mean(dim=0)).square()
        return (predicted - expected).square() / spread.clamp_min(MIN_SPREAD)


class LabelsCrossEntropy(torch.nn.Module):
    """Binary cross-entropy of each label, with a weight for its presence and one for its absence.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        Fraction of each weight that is spread evenly over presence and absence.
    """

    def __init__(self, label_smoothing=0.0):
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, logits, weights):
        """Map (..., n_labels), (..., n_labels, 2) -> (..., n_labels)."""
        weights = torch.lerp(weights, weights.mean(dim=-1, keepdim=True), self.label_smoothing)
        present, absent = weights.unbind(dim=-1)
        return present * softplus(-logits) + absent * softplus(logits)


LOSSES = {
    "mse": (torch.nn.MSELoss, {"criterion__reduction": "none"}),
    "mae": (torch.nn.L1Loss, {"criterion__reduction": "none"}),
    "huber": (torch.nn.HuberLoss, {"criterion__reduction": "none"}),
    "ccc": (ConcordanceLoss, {}),
}
