"""A net that diverged is never handed over, and no NaN becomes a class."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
from sklearn.model_selection import GridSearchCV
from skorch.callbacks import Callback

from sklaudio import CNNClassifier, CRNNClassifier, DenseClassifier, LSTMClassifier, SegmentVotingClassifier


def small(**parameters):
    """One batch and one epoch: no loss is computed after its only step."""
    return DenseClassifier(
        (8,), **{"lr": 1e30, "batch_size": 64, "max_epochs": 1, "dropout": 0.0, "random_state": 0} | parameters
    )


class SetWeights(Callback):
    """Sets all weights to a value at the end of an epoch, or of the training."""

    def __init__(self, value, epoch=None):
        self.value = value
        self.epoch = epoch

    def _set(self, net):
        with torch.no_grad():
            for parameter in net.module_.parameters():
                parameter.fill_(self.value)

    def on_epoch_end(self, net, **kwargs):
        if net.history[-1, "epoch"] == self.epoch:
            self._set(net)

    def on_train_end(self, net, **kwargs):
        if self.epoch is None:
            self._set(net)


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_only_step_diverges(optimizer, frames):
    X, y = frames
    net = small(optimizer=optimizer)
    with pytest.raises(FloatingPointError, match=r"diverged in epoch 1.*not finite.*Lower lr"):
        net.fit(X, y)
    assert not hasattr(net, "net_")


@pytest.mark.parametrize(
    "parameters",
    [{"precision": "bfloat16"}, {"early_stopping": True}, {"checkpoint": "checkpoints"}, {"compile": False, "l2": 0.1}],
)
def test_however_it_is_trained(parameters, frames, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    X, y = frames
    for _ in range(2):  # the second time from the checkpoint
        with pytest.raises(FloatingPointError, match="diverged"):
            small(**parameters).fit(X, y)


def test_the_last_step_diverges_and_the_best_epoch_is_kept(frames):
    X, y = frames
    expected = small(lr=0.01, max_epochs=3).fit(X, y)
    schedule = {"name": "piecewise", "fractions": (0.75,), "factors": (1e30,)}  # from the fourth epoch on
    with pytest.warns(ConvergenceWarning, match=r"diverged in epoch 4.*weights are those of epoch 3"):
        net = small(lr=0.01, max_epochs=4, lr_schedule=schedule).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), expected.predict_proba(X))
    assert len(net.history_) == 3


def test_weights_that_a_loss_never_saw_are_not_the_best(frames):
    """The epoch before the divergence had a finite loss too, and its last step went wrong."""
    X, y = frames
    expected = small(lr=0.01, max_epochs=2).fit(X, y)
    schedule = {"name": "piecewise", "fractions": (0.4,), "factors": (1e30,)}  # the third of five; the fourth is NaN
    with pytest.warns(ConvergenceWarning, match="weights are those of epoch 2"):
        net = small(lr=0.01, max_epochs=5, lr_schedule=schedule).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), expected.predict_proba(X))


def test_in_a_grid_search_it_does_not_tie(frames):
    X, y = frames
    y = np.where(y == "a", "a", "b")
    search = GridSearchCV(small(max_epochs=20), {"lr": [1e30, 0.01]}, cv=2)
    with pytest.warns(FitFailedWarning, match="diverged"), pytest.warns(UserWarning, match="non-finite"):
        search.fit(X, y)
    assert np.isnan(search.cv_results_["mean_test_score"][0])
    assert search.best_params_ == {"lr": 0.01}


@pytest.mark.parametrize("Net", [CNNClassifier, CRNNClassifier])
def test_running_statistics_of_batch_norms_are_judged(Net, frames):
    X, y = frames
    settings = {"channels": (4, 4), "max_epochs": 1, "batch_size": 64, "standardize": False, "random_state": 0}
    with pytest.raises(FloatingPointError, match="diverged"):
        Net(**settings).fit(X * np.float32(1e25), y)


def test_a_callback_or_augmentation_that_makes_nan(frames):
    X, y = frames
    good = {"lr": 0.01, "max_epochs": 2}
    with pytest.raises(FloatingPointError, match="augment"):
        small(**good, augment=lambda x, lengths: x * np.nan).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="those of epoch 2"):
        net = small(**good, callbacks=[SetWeights(np.nan, epoch=2)]).fit(X, y)
    assert np.isfinite(net.predict_proba(X)).all()
    with pytest.warns(ConvergenceWarning, match="those of epoch 2"):
        net = small(**good, callbacks=[SetWeights(np.nan)]).fit(X, y)
    assert np.isfinite(net.predict_proba(X)).all()


def test_partial_fit_and_warm_start_leave_the_net_as_it_was(frames):
    X, y = frames
    net = small(lr=0.01).partial_fit(X, y).partial_fit(X, y)
    twin = small(lr=0.01).partial_fit(X, y).partial_fit(X, y)
    before = net.predict_proba(X)
    with pytest.raises(FloatingPointError, match="diverged"):
        net.set_params(lr=1e30).partial_fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)
    assert len(net.history_) == 2
    net.set_params(lr=0.01).partial_fit(X, y)  # with the moments of the optimizer from before the failure
    np.testing.assert_array_equal(net.predict_proba(X), twin.partial_fit(X, y).predict_proba(X))

    net = small(lr=0.01).fit(X, y)
    before = net.predict_proba(X)
    with pytest.raises(FloatingPointError, match="diverged"):
        net.set_params(lr=1e30, warm_start=True).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), before)


def test_votes_and_calibrations_get_the_error(frames):
    X, y = frames
    for model in (SegmentVotingClassifier(small(), segment_length=5), CalibratedClassifierCV(small(), cv=2)):
        with pytest.raises(FloatingPointError, match="diverged"):
            model.fit(X, y)


@pytest.mark.parametrize("voting", ["soft", "hard"])
def test_no_nan_becomes_a_class(voting, frames):
    X, y = frames
    huge = X.copy()
    huge[2] = 1e20
    net = small(lr=0.01, max_epochs=3, standardize=False).fit(X, y)
    vote = SegmentVotingClassifier(net, segment_length=20, voting=voting).fit(X, y)
    for fitted in (net, vote.estimator_):
        with torch.no_grad():
            fitted.net_.module_.output.weight.mul_(1e25)
    assert np.isfinite(net.predict_proba(X)).all()
    for model in (net, vote):
        with pytest.raises(FloatingPointError, match=r"for 1 of 30 clips.*X\[2\], with values up to 1e\+20.*huge"):
            model.predict(huge)


def test_embeddings_are_finite(frames):
    X, y = frames
    net = small(lr=0.01, max_epochs=3, standardize=False).fit(X, y)
    with torch.no_grad():
        net.net_.module_.hidden[0].weight.mul_(1e38)
    with pytest.raises(FloatingPointError, match="NaN or infinity"):
        net.transform(X * 1e10)


class NanClassifier(ClassifierMixin, BaseEstimator):
    """Has NaN for every clip."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))

    def predict_proba(self, X):
        return np.full((len(X), len(self.classes_)), np.nan)


def test_a_vote_of_another_classifier_with_nan_is_an_error(frames):
    X, y = frames
    vote = SegmentVotingClassifier(NanClassifier(), segment_length=5).fit(X, y)
    with pytest.raises(FloatingPointError, match=r"NanClassifier gives NaN .* X\[0\]"):
        vote.predict(X)


def test_a_training_that_goes_well_says_nothing(frames):
    X, y = frames
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for early_stopping in (False, True):
            LSTMClassifier(4, 1, max_epochs=2, random_state=0, early_stopping=early_stopping).fit(X, y)
