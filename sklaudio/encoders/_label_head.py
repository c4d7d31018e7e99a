"""Logistic regressions of several labels, one for each, with one C: what GroupedLogisticRegression does of labels."""

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from .._utils.label_matrix import MIN_PROBABILITY, log_odds


def fit_labels(X, matrix, names, weight, C, settings):
    """Fit a regression for each label.

    Parameters
    ----------
    X : ndarray of shape (n_clips, n_columns)
        A row for each clip.
    matrix : ndarray of shape (n_clips, n_labels)
        0 and 1.
    names : ndarray of shape (n_labels,)
        The labels.
    weight : ndarray of shape (n_clips,)
        Weight of each clip.
    C : float
        Inverse of the strength of regularization.
    settings : dict
        `max_iter` and `class_weight`.

    Returns
    -------
    coef : ndarray of shape (n_labels, n_columns)
        Zeros for a label that no clip has, or every clip.
    intercept : ndarray of shape (n_labels,)
        Log-odds of such a label are those of its fraction.
    n_iter : int
        Number of steps of the slowest solver.
    """
    coef, intercept, n_iter = np.zeros((matrix.shape[1], X.shape[1])), np.zeros(matrix.shape[1]), 0
    for index, (has_label, name) in enumerate(zip(matrix.T, names.tolist(), strict=True)):
        if has_label[weight > 0].min() == has_label[weight > 0].max():
            intercept[index] = log_odds(float(has_label[weight > 0][0]))
            continue
        of_label = _weight_of(settings["class_weight"], name)
        model = LogisticRegression(C=C, max_iter=settings["max_iter"], class_weight=of_label)
        model.fit(X, has_label, sample_weight=weight)
        coef[index], intercept[index] = model.coef_[0], model.intercept_[0]
        n_iter = max(n_iter, int(model.n_iter_[0]))
    return coef, intercept, n_iter


def best_regularization(X, matrix, names, weight, Cs, folds, settings):
    """Return the C of the least log loss on what folds hold out, mean over the labels; parameters as of fit_labels."""
    losses = {}
    for C in Cs:
        total = 0.0
        for kept, held_out in folds:
            coef, intercept, _ = fit_labels(X[kept], matrix[kept], names, weight[kept], C, settings)
            p = np.clip(expit(X[held_out] @ coef.T + intercept), MIN_PROBABILITY, 1 - MIN_PROBABILITY)
            is_there = matrix[held_out] == 1
            total -= weight[held_out] @ np.log(np.where(is_there, p, 1 - p)).mean(axis=1)
        losses[C] = total
    return min(Cs, key=losses.get)


def label_scores(odds, method):
    """Return what a method says of the log-odds of labels, (n_clips, n_labels)."""
    if method == "decision_function":
        return odds
    return expit(odds) if method == "predict_proba" else (odds > 0).astype(np.int64)


def _weight_of(class_weight, name):
    return {0: 1, 1: class_weight.get(name, 1)} if isinstance(class_weight, dict) else class_weight
