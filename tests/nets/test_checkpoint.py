"""Training that was interrupted ends as if it had not been."""

import os
import pickle
import sys
import types

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV

from sklaudio import CRNNClassifier, DenseClassifier, LSTMClassifier
from sklaudio.augment import Noise, SpecAugment
from sklaudio.nets._skorch_net import copy_weights

from ..killing import interrupt_after_checkpoint, kill_at_random

SETTINGS = {
    "plain": {},
    "sgd and plateau": {"optimizer": "sgd", "lr_schedule": "plateau", "lr": 0.01},
    "one-cycle and augmentation": {"lr_schedule": "one-cycle", "augment": [Noise((5, 20)), SpecAugment()]},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 2, "validation_fraction": 0.3, "lr": 0.05},
    "dropout and rmsprop": {"optimizer": "rmsprop", "dropout": 0.3, "lr_schedule": "cosine"},
}


def make(folder, **parameters):
    settings = {
        "hidden_size": 6,
        "num_layers": 2,
        "lr": 1e-3,
        "lr_schedule": "constant",
        "dropout": 0.0,
        "max_epochs": 8,
    }
    return LSTMClassifier(**settings | {"random_state": 0, "checkpoint": folder} | parameters)


def assert_same_net(ours, expected):
    weights, other = copy_weights(ours.net_.module_), copy_weights(expected.net_.module_)
    assert all(np.array_equal(weights[name], other[name]) for name in other)
    columns = [name for name in expected.history_ if name != "seconds"]
    np.testing.assert_array_equal(ours.history_[columns], expected.history_[columns])


class Spoil:
    """An augmentation: frames are NaN from a batch on, and those of the clips before; each epoch here is one batch."""

    def __init__(self, epoch):
        self.epoch = epoch
        self.n_batches = 0

    def __call__(self, frames, lengths):
        self.n_batches += 1
        return frames * float("nan") if self.n_batches >= self.epoch else frames


IS_SPOILED = []  # what may change is no part of an augmentation's code


def spoil_all(frames, lengths):
    """An augmentation: frames are NaN once there is something in the list."""
    return frames * float("nan") if IS_SPOILED else frames


@pytest.mark.parametrize("settings", SETTINGS)
def test_it_goes_on_after_the_last_whole_epoch(settings, frames, tmp_path, monkeypatch):
    X, y = frames
    whole = make(None, **SETTINGS[settings]).fit(X, y)
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path, **SETTINGS[settings]).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 1
    assert_same_net(make(tmp_path, **SETTINGS[settings]).fit(X, y), whole)


@pytest.mark.parametrize("net", [CRNNClassifier((4,), hidden_size=4), DenseClassifier((8,))])
def test_other_nets_and_ragged_clips(net, ragged, tmp_path, monkeypatch):
    X, y = ragged
    net.set_params(max_epochs=4, random_state=0)
    if isinstance(net, DenseClassifier):
        X = np.stack([clip[:4] for clip in X])
    whole = net.fit(X, y)
    expected = pickle.loads(pickle.dumps(whole))
    net.set_params(checkpoint=str(tmp_path))
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            net.fit(X, y)
    assert_same_net(net.fit(X, y), expected)


def test_what_is_done_is_read(frames, tmp_path):
    X, y = frames
    first = make(tmp_path).fit(X, y)
    again = make(tmp_path).fit(X, y)
    assert_same_net(again, first)
    assert again.history_["seconds"].tolist() == first.history_["seconds"].tolist()


def test_another_call_is_another_file(frames, tmp_path):
    X, y = frames
    for number, net in enumerate(
        [make(tmp_path), make(tmp_path, lr=0.1), make(tmp_path, random_state=1), make(tmp_path, hidden_size=5)], start=1
    ):
        assert_same_net(net.fit(X, y), net.set_params(checkpoint=None).fit(X, y))
        assert len(list(tmp_path.iterdir())) == number
    make(tmp_path).fit(X[:20], y[:20])
    make(tmp_path, verbose=0, device="cpu").fit(X, y)  # the same as the first
    assert len(list(tmp_path.iterdir())) == 5


def test_without_a_seed_the_first_one_counts(frames, tmp_path, monkeypatch):
    X, y = frames
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path, random_state=None).fit(X, y)
    first = make(tmp_path, random_state=None).fit(X, y)
    whole = make(None, random_state=first._seed).fit(X, y)
    assert_same_net(first, whole)


@pytest.mark.slow
def test_a_grid_search_shares_a_folder(frames, tmp_path):
    X, y = frames
    search = GridSearchCV(make(tmp_path, max_epochs=2), {"lr": [0.01, 0.1]}, cv=2, n_jobs=2).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 5
    alone = GridSearchCV(make(None, max_epochs=2), {"lr": [0.01, 0.1]}, cv=2).fit(X, y)
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], alone.cv_results_["mean_test_score"])


def test_what_killed_processes_left_goes_and_what_others_write_now_stays(frames, tmp_path, monkeypatch):
    X, y = frames
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path).fit(X, y)
    (path,) = tmp_path.iterdir()
    left, current = (path.with_name(f"{path.name}.{name}.part") for name in ("left", "current"))
    left.write_bytes(b"half")
    replace = os.replace
    monkeypatch.setattr(os, "replace", lambda *args: (current.write_bytes(b"half"), replace(*args)))
    make(tmp_path).fit(X, y)
    assert set(tmp_path.iterdir()) == {path, current}


def test_a_spoiled_file_is_named(frames, tmp_path):
    X, y = frames
    make(tmp_path).fit(X, y)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match=rf"{path.name}.*Delete it"):
        make(tmp_path).fit(X, y)


def test_a_lambda_cannot_be_distinguished(frames, tmp_path):
    with pytest.raises(ValueError, match=r"checkpoint=.*can be pickled"):
        make(tmp_path, augment=lambda frames, lengths: frames).fit(*frames)


@pytest.mark.parametrize("n_kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_loses_nothing(n_kills, frames, tmp_path):
    X, y = frames
    settings = {"max_epochs": 20 * n_kills, "lr_schedule": "one-cycle", "augment": [Noise((5, 20))]}
    whole = make(None, **settings).fit(X, y)
    net = make(tmp_path, **settings)
    n_killed = kill_at_random(
        net.fit,
        (X, y),
        n_kills=n_kills,
        longest=5 * whole.history_["seconds"].mean(),
        progress=lambda: [path.stat().st_mtime_ns for path in tmp_path.glob("*.npz")],
    )
    assert n_killed >= n_kills / 2
    assert any(tmp_path.glob("*.npz"))
    assert_same_net(net.fit(X, y), whole)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npz"]


def test_a_loss_that_is_no_number_ends_training_with_the_best_weights(frames):
    X, y = frames
    good = make(None, max_epochs=3).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"diverged in epoch 4, at a learning rate of 0.001.*epoch 3"):
        net = make(None, augment=Spoil(4)).fit(X, y)
    assert_same_net(net, good)
    assert len(net.history_) == 3


def test_the_best_epoch_before_an_interruption_is_not_forgotten(frames, tmp_path, monkeypatch):
    X, y = frames
    good = make(None, max_epochs=2).fit(X, y)
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path, augment=spoil_all).fit(X, y)
    monkeypatch.setattr(sys.modules[__name__], "IS_SPOILED", [True])
    with pytest.warns(ConvergenceWarning, match=r"diverged in epoch 3.*those of epoch 2"):
        net = make(tmp_path, augment=spoil_all).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 1
    assert_same_net(net, good)


def test_a_loss_that_is_no_number_at_once_is_an_error(frames):
    X, y = frames
    net = DenseClassifier((8, 8), lr=1e30, optimizer="sgd", batch_size=2, random_state=0)
    with pytest.raises(FloatingPointError, match=r"diverged in epoch 1.*Lower lr, set gradient_clip"):
        net.fit(X, y)
    assert not hasattr(net, "net_")


def test_clipped_gradients_do_not_explode(frames):
    X, y = frames
    free, clipped = (
        DenseClassifier((8,), dropout=0.0, lr=1.0, optimizer="sgd", max_epochs=1, random_state=0, gradient_clip=clip)
        for clip in (None, 1e-3)
    )
    start = DenseClassifier((8,), dropout=0.0, lr=1e-12, optimizer="sgd", max_epochs=1, random_state=0)
    begun = copy_weights(start.fit(X, y).net_.module_)
    moved = []
    for net in (free, clipped):
        weights = copy_weights(net.fit(X, y).net_.module_)
        moved.append(max(np.abs(weights[name] - begun[name]).max() for name in begun))
    assert moved[1] <= 1e-3 < moved[0]


def test_an_edited_function_is_another_training(frames, tmp_path, monkeypatch):
    X, y = frames
    module = types.ModuleType("augmentations")
    monkeypatch.setitem(sys.modules, "augmentations", module)
    for factor in (0.0, 0.0, 1.0):  # the second is the first again
        exec(f"def scaled(frames, lengths):\n    return {factor} * frames", vars(module))
        net = make(tmp_path, augment=module.scaled, max_epochs=2).fit(X, y)
        assert_same_net(net, make(None, augment=module.scaled, max_epochs=2).fit(X, y))
    assert len(list(tmp_path.iterdir())) == 2


def test_two_classes_of_one_name_are_two_trainings(frames, tmp_path, monkeypatch):
    X, y = frames
    for name in ("one", "two"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        cls = type("Net", (LSTMClassifier,), {"__module__": name})
        sys.modules[name].Net = cls
        cls(4, max_epochs=1, random_state=0, checkpoint=tmp_path).fit(X, y)
    assert len(list(tmp_path.iterdir())) == 2
