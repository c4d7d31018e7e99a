"""Clips whose label may be wrong, and clips that are far from all others of their class."""

import warnings

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MAX_DIMS = 50  # principal components that distances, t-SNE and UMAP are of
FAR = 3.5  # robust z-score from which on a value is an outlier, after Iglewicz and Hoaglin (1993)


def find_suspects(embedding, y, groups, cv, random_state):
    """Find clips whose label may be wrong.

    Each clip is predicted by a logistic regression that was not trained on it, nor on its group. As in confident
    learning [1]_, a clip is suspect if another class is predicted with a probability that is at least the mean one of
    clips that have this class as their label.

    Parameters
    ----------
    embedding : ndarray of shape (n_clips, n_dims)
        What the clips are predicted by.
    y : ndarray of shape (n_clips,)
        Their labels.
    groups : array-like of shape (n_clips,) or None
        Clips that belong together.
    cv : int
        Folds, fewer where a class has not as many clips or groups.
    random_state : int, RandomState or None
        Seed of the folds.

    Returns
    -------
    DataFrame
        `row`, `label`, `predicted` and `score`, which is 1 less the probability of the label, the largest first. Clips
        of classes that have one clip, or one group, cannot be suspect.

    References
    ----------
    .. [1] C. Northcutt, L. Jiang and I. Chuang, "Confident learning: estimating uncertainty in dataset labels", JAIR 70
       (2021), 1373-1411.
    """
    groups = np.arange(len(y)) if groups is None else np.asarray(groups)
    counts = pd.DataFrame({"y": y, "group": groups}).groupby("y")["group"].nunique()
    rows = np.flatnonzero(np.isin(y, counts[counts > 1].index.to_numpy()))
    known, columns = np.unique(y[rows], return_inverse=True)
    if len(known) < 2:
        return pd.DataFrame({"row": [], "label": [], "predicted": [], "score": []})
    p = _out_of_fold(embedding[rows], columns, groups[rows], min(cv, counts[known].min()), random_state)
    given = p[np.arange(len(rows)), columns]
    thresholds = np.array([given[columns == column].mean() for column in range(len(known))])
    predicted = p.argmax(axis=1)
    is_sure = p[np.arange(len(rows)), predicted] >= thresholds[predicted]
    found = np.flatnonzero((predicted != columns) & is_sure)
    found = found[np.argsort(given[found], kind="stable")]
    labels = {"label": known[columns[found]], "predicted": known[predicted[found]]}
    return pd.DataFrame({"row": rows[found], **labels, "score": 1 - given[found]})


def _out_of_fold(embedding, columns, groups, n_splits, random_state):
    """Predict the probability of each class by folds that keep groups: (n_clips, n_classes)."""
    has_groups = len(np.unique(groups)) < len(groups)
    splitter = StratifiedGroupKFold if has_groups else StratifiedKFold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a class has fewer clips than there are folds
        folds = list(splitter(n_splits, shuffle=True, random_state=random_state).split(embedding, columns, groups))
    n_components = min(MAX_DIMS, embedding.shape[1], *(len(train) for train, _ in folds))
    reduced = PCA(n_components, random_state=0, svd_solver="full")
    model = make_pipeline(StandardScaler(), reduced, LogisticRegression(C=0.1, max_iter=1000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # that folds lack a class, which is then never predicted there
        return cross_val_predict(model, embedding, columns, cv=folds, method="predict_proba")


def find_outliers(embedding, y, n_neighbors):
    """Find clips that are far from the clips of their class that are nearest to them.

    Parameters
    ----------
    embedding : ndarray of shape (n_clips, n_dims)
        Where the clips are.
    y : ndarray of shape (n_clips,) or None
        Their labels; None takes all clips for one class.
    n_neighbors : int
        Clips that the mean distance is of.

    Returns
    -------
    DataFrame
        `row`, `label` and `score`, the largest first: the mean distance to the nearest clips of the class, as median
        absolute deviations of these from their median, of those where it is above 3.5.
    """
    y = np.zeros(len(embedding), dtype=int) if y is None else y
    score = np.zeros(len(embedding))
    for label in np.unique(y):
        rows = np.flatnonzero(y == label)
        n = min(n_neighbors, len(rows) - 1)
        if n < 2:
            continue
        near = NearestNeighbors(n_neighbors=n).fit(embedding[rows])
        distance = near.kneighbors()[0].mean(axis=1)
        off = distance - np.median(distance)
        spread = 1.4826 * np.median(np.abs(off))
        score[rows] = off / spread if spread > 0 else 0
    found = np.flatnonzero(score > FAR)
    found = found[np.argsort(-score[found], kind="stable")]
    return pd.DataFrame({"row": found, "label": y[found], "score": score[found]})
