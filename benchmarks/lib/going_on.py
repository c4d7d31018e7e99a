"""A net that goes on from one trained on other recordings, under folds, where a clone of a fitted net begins anew."""

from copy import deepcopy
from dataclasses import dataclass, field

import joblib
from sklearn.base import BaseEstimator, ClassifierMixin, clone

from .timing import one_core

RATE = 1e-3  # a third of the recipe's: the weights are near where they shall be
SETTINGS = {"max_epochs": 10, "lr": RATE}  # of the training on recordings of one task alone


class GoingOn(ClassifierMixin, BaseEstimator):
    """A net that is trained from the weights of another.

    Parameters
    ----------
    net : NetClassifier
        Parameters of the training that is left.
    starts : dict of int to NetClassifier
        The fitted net to begin with, for each `random_state`. They are left as they are.
    random_state : int, default=0
        Which of them.
    """

    def __init__(self, net, starts, random_state=0):
        self.net = net
        self.starts = starts
        self.random_state = random_state

    def __sklearn_clone__(self):
        return GoingOn(clone(self.net), self.starts, self.random_state)  # else the starts were unfitted

    def fit(self, X, y):
        """Train on; returns self, with the fitted net as `estimator_`: who fits that again trains as the start did."""
        start = self.starts[self.random_state]
        settings = self.net.get_params(deep=False) | {"warm_start": True}
        self.estimator_ = deepcopy(start).set_params(**settings).fit(X, y)
        self.estimator_.set_params(**start.get_params(deep=False))
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X):
        """Predict the class of each clip."""
        return self.estimator_.predict(X)

    def predict_proba(self, X):
        """Predict the probability of each class for each clip."""
        return self.estimator_.predict_proba(X)


@dataclass(frozen=True)
class FirstTraining:
    """Hold what a net learns before its task.

    Parameters
    ----------
    net : NetClassifier
        Unfitted.
    frames, target : arrays of length n_clips
        Frames and classes.
    facts : dict
        What a card says of it.
    fitted : dict of int to NetClassifier
        The nets that are trained, by seed.
    """

    net: object
    frames: object
    target: object
    facts: dict
    fitted: dict = field(default_factory=dict)

    def starts(self, seeds, n_jobs):
        """Return fitted nets by seed, each trained on one core."""
        missing = [seed for seed in seeds if seed not in self.fitted]
        nets = [clone(self.net).set_params(random_state=seed) for seed in missing]
        fitted = joblib.Parallel(n_jobs)(joblib.delayed(_fit)(net, self.frames, self.target) for net in nets)
        self.fitted.update(zip(missing, fitted, strict=True))
        return {seed: self.fitted[seed] for seed in seeds}


def _fit(net, frames, target):
    with one_core():
        return net.fit(frames, target)
