"""A net that goes on from one trained on other recordings, under folds, where a clone of a fitted net begins anew."""

from copy import deepcopy

import joblib
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from timing import one_core

SETTINGS = {"max_epochs": 10, "lr": 1e-3}  # a third of the rate: the weights are near where they shall be


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
        return GoingOn(clone(self.net), self.starts, self.random_state)

    def fit(self, X, y):
        """Train on; returns self, with the fitted net as `estimator_`."""
        self.estimator_ = deepcopy(self.starts[self.random_state])
        self.estimator_.set_params(**self.net.get_params(deep=False) | {"warm_start": True}).fit(X, y)
        self.estimator_.set_params(warm_start=False)  # who fits it again begins anew, as with any other net
        self.classes_ = self.estimator_.classes_
        return self

    def predict(self, X):
        """Class of each clip."""
        return self.estimator_.predict(X)

    def predict_proba(self, X):
        """Probability of each class for each clip."""
        return self.estimator_.predict_proba(X)


def begin(task, pipeline, seeds, arguments):
    """Train the net of a Pipeline on the recordings of a task, heard as the Pipeline hears its own.

    Returns
    -------
    bunch : Bunch
        The recordings.
    starts : dict of int to NetClassifier
        The fitted net of each seed.
    """
    bunch = task.load(arguments.data_home, download=arguments.download)
    features = clone(pipeline[:-1])
    features["features"].n_jobs = arguments.n_jobs
    frames = features.fit_transform(bunch.data)
    nets = [clone(pipeline[-1]).set_params(random_state=seed) for seed in seeds]
    fitted = joblib.Parallel(arguments.n_jobs)(joblib.delayed(_fit)(net, frames, bunch.target) for net in nets)
    return bunch, dict(zip(seeds, fitted, strict=True))


def _fit(net, frames, target):
    with one_core():
        return net.fit(frames, target)
