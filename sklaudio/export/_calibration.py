"""Calibrated probabilities in graphs, in double precision as in Python."""

import torch
from torch import nn

from .._utils.label_matrix import MIN_PROBABILITY

EPS = 1e-12  # that scikit-learn adds to probabilities before the logarithm
METHODS = ("sigmoid", "temperature")


class LabelCalibration(nn.Module):
    """Platt's scaling of each label, as in a LabelThresholdClassifier."""

    def __init__(self, classifier):
        super().__init__()
        self.register_buffer("slopes", torch.from_numpy(classifier.slopes_))
        self.register_buffer("intercepts", torch.from_numpy(classifier.intercepts_))

    def forward(self, probabilities):
        """Map (batch, n_labels) -> the same."""
        p = probabilities.double().clamp(MIN_PROBABILITY, 1 - MIN_PROBABILITY)
        return (self.slopes * (p / (1 - p)).log() + self.intercepts).sigmoid().float()


class ClassCalibration(nn.Module):
    """What a fitted CalibratedClassifierCV does: the mean of calibrated members.

    Parameters
    ----------
    members : list of (nn.Module, list of calibrators, bool)
        Of each the part that gives probabilities, or scores where the last says so, and the calibrators.
    method : {"sigmoid", "temperature"}
        Of all of them.
    """

    def __init__(self, members, method):
        super().__init__()
        self.members = nn.ModuleList([module for module, _, _ in members])
        self.is_scores = [is_scores for _, _, is_scores in members]
        self.method = method
        names = ("a_", "b_") if method == "sigmoid" else ("beta_",)
        for name in names:
            values = [[float(getattr(each, name)) for each in calibrators] for _, calibrators, _ in members]
            self.register_buffer(name, torch.tensor(values, dtype=torch.float64))

    def forward(self, x):
        """Map what comes to the members -> (batch, n_classes)."""
        calibrate = self._sigmoid if self.method == "sigmoid" else self._temperature
        found = [calibrate(number, member(x).double()) for number, member in enumerate(self.members)]
        return torch.stack(found).mean(dim=0).float()

    def _sigmoid(self, number, outputs):
        """Return the outputs of a member: probabilities, or scores with one column of two classes."""
        if self.a_.shape[1] == 1:
            p = (-(self.a_[number] * outputs[:, -1:] + self.b_[number])).sigmoid()
            return torch.cat([1 - p, p], dim=1)
        p = (-(self.a_[number] * outputs + self.b_[number])).sigmoid()
        total = p.sum(dim=1, keepdim=True)
        return torch.where(total > 0, p / total, torch.full_like(p, 1 / p.shape[1]))

    def _temperature(self, number, outputs):
        if not self.is_scores[number]:
            logits = (outputs + EPS).log()
        else:
            logits = torch.cat([-outputs, outputs], dim=1) if outputs.shape[1] == 1 else outputs
        return (self.beta_[number] * logits).softmax(dim=1)
