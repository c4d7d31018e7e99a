"""Platt's scaling: probabilities made to agree with how often they are right."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from .._utils.label_matrix import log_odds


def fit_platt(has_label, probabilities, weight):
    """Learn a slope and an intercept for the log-odds of one label.

    Targets are drawn towards the middle by how few clips there are, so that few of them teach no certainty [1]_. The
    slope is at least 0: the order of the clips stays, or is lost where the probabilities tell nothing.

    Parameters
    ----------
    has_label : ndarray of shape (n_clips,)
        0 and 1.
    probabilities : ndarray of shape (n_clips,)
        Of the label, by a model that was not trained on these clips.
    weight : ndarray of shape (n_clips,)
        Weight of each clip.

    Returns
    -------
    slope, intercept : float
        1 and 0, which change nothing, where all clips have the label or none has.

    References
    ----------
    .. [1] J. Platt, "Probabilistic outputs for support vector machines and comparisons to regularized likelihood
       methods", Advances in Large Margin Classifiers, 1999. Sec. 2.2.
    """
    positives, negatives = (float((weight * kind).sum()) for kind in (has_label, 1 - has_label))
    if not positives or not negatives:
        return 1.0, 0.0
    odds = log_odds(probabilities)
    target = np.where(has_label == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(parameters):
        logits = parameters[0] * odds + parameters[1]
        off = weight * (expit(logits) - target)
        value = weight @ (np.logaddexp(0, logits) - target * logits)
        return value / weight.sum(), np.array([off @ odds, off.sum()]) / weight.sum()

    found = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
    return tuple(found.x.tolist())


def apply_platt(probabilities, slopes, intercepts):
    """Scale the log-odds of each label: (n_clips, n_labels) -> the same, of the same dtype."""
    scaled = expit(slopes * log_odds(probabilities) + intercepts)
    return scaled.astype(probabilities.dtype)
