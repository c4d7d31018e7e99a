"""What was trained before is where training starts: weights, classes, scale, history, checkpoints."""

import pickle

import numpy as np
import pytest
import skorch
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import sklaudio
from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    GRUClassifier,
    LSTMClassifier,
    NetClassifier,
    ParallelCNNLSTMClassifier,
    RNNClassifier,
    TinyCNNClassifier,
)
from sklaudio.nets._modules._published import PUBLISHED
from sklaudio.nets._published import PublishedNetClassifier
from sklaudio.nets._skorch_net import copy_weights

from ..killing import interrupt_after_checkpoint
from .small import small

STILL = {"lr": 1e-12, "max_epochs": 1, "warm_start": True}  # trains, and moves no weight
NETS = [
    LSTMClassifier(6, 2, head=(5,)),
    BLSTMClassifier(4, 1, pooling="attention"),
    GRUClassifier((6, 4)),
    RNNClassifier(6, 1),
    DenseClassifier((8,)),
    CNNClassifier((4,)),
    CRNNClassifier((4,), 4),
    ParallelCNNLSTMClassifier((4,), 4),
    TinyCNNClassifier((4, 4)),
]


def weights_of(net):
    return copy_weights(net.net_.module_)


def changed(before, after, atol=1e-6):
    """First parts of the names of weights that are no longer what they were; running statistics are no weights."""
    return {
        name.split(".")[0]
        for name, weights in before.items()
        if not name.split(".")[-1].startswith(("running_", "num_batches"))
        and (weights.shape != after[name].shape or np.abs(weights - after[name]).max() > atol)
    }


def waves(rng, rates):
    """Clips of thirty noisy frames that swing at a rate (cycles per frame), from any phase; their labels."""
    phase = rng.uniform(size=(len(rates), 1))
    swing = np.sin(2 * np.pi * (np.array(rates)[:, None] * np.arange(30) + phase))
    return (swing + 0.3 * rng.normal(size=swing.shape))[:, :, None], np.array(rates).astype(str)


@pytest.fixture
def trained(frames):
    return small().fit(*frames)


@pytest.fixture
def two(frames):
    """Other labels for the same clips."""
    X, y = frames
    return X, np.where(y == "c", "yes", "no")


def test_trained_weights_learn_a_related_task_sooner(rng):
    net = GRUClassifier(16, 1, pooling="mean", lr=0.01, batch_size=16, max_epochs=10, random_state=0)
    net.fit(*waves(rng, [0.04, 0.1, 0.2, 0.35] * 50))
    X, y = waves(rng, [0.06, 0.28] * 10)  # two rates that it was never trained on
    test = waves(rng, [0.06, 0.28] * 100)
    anew = clone(net).set_params(max_epochs=1).fit(X, y)
    net.set_params(max_epochs=1, warm_start=True).fit(X, y)
    assert anew.score(*test) < 0.7
    assert net.score(*test) > 0.9


@pytest.mark.parametrize("net", NETS, ids=lambda net: type(net).__name__)
def test_other_classes_draw_the_output_layer_and_nothing_else(net, frames, two):
    net = clone(net).set_params(max_epochs=2, lr=0.01, random_state=0).fit(*frames)
    before, scale = weights_of(net), net.mean_.copy()
    net.set_params(**STILL).fit(frames[0] + 5, two[1])
    after = weights_of(net)
    assert changed(before, after) == {"output"}
    assert after["output.bias"].shape == (2,)
    assert net.classes_.tolist() == ["no", "yes"]
    assert net.predict_proba(two[0]).shape == (30, 2)
    np.testing.assert_array_equal(net.mean_, scale)


@pytest.mark.parametrize("architecture", PUBLISHED)
def test_networks_of_the_literature_too(architecture, rng):
    X = rng.normal(size=(6, 128, 128)).astype(np.float32)
    net = PublishedNetClassifier(architecture=architecture, max_epochs=1, random_state=0, batch_size=3)
    net.fit(X, list("abcabc"))
    before = weights_of(net)
    net.set_params(**STILL).fit(X, list("xyxyxy"))
    assert changed(before, weights_of(net)) == {"output"}


def test_equal_classes_keep_the_output_layer(trained, frames):
    X, y = frames
    before, expected = weights_of(trained), trained.predict_proba(X)
    trained.set_params(**STILL).fit(X, y[::-1])
    assert changed(before, weights_of(trained)) == set()
    np.testing.assert_allclose(trained.predict_proba(X), expected, atol=1e-5)


def test_a_first_fit_is_an_ordinary_one_and_a_clone_forgets(trained, frames):
    X, y = frames
    expected = trained.predict_proba(X)
    first = small(warm_start=True).fit(X, y)
    np.testing.assert_array_equal(first.predict_proba(X), expected)
    with pytest.raises(NotFittedError):
        clone(first).predict(X)
    np.testing.assert_array_equal(clone(first).fit(X, y).predict_proba(X), expected)
    np.testing.assert_array_equal(trained.fit(X, y).predict_proba(X), expected)  # without it, fit forgets
    assert not np.array_equal(first.fit(X, y).predict_proba(X), expected)


def test_history_goes_on_and_training_has_the_parameters_of_now(trained, two):
    trained.set_params(warm_start=True, max_epochs=3, lr=0.005, lr_schedule="cosine").fit(*two)
    history = trained.history_
    assert history["epoch"].tolist() == list(range(1, 12))
    assert (history["lr"][:8] == 0.02).all()
    assert history["lr"][8] == 0.005
    assert history["lr"][10] < 0.005


def test_running_statistics_go_on(frames, two):
    X, y = frames
    net = CNNClassifier((4,), max_epochs=2, random_state=0, standardize=False).fit(X, y)
    before = weights_of(net)
    net.set_params(**STILL).fit(X + 10, two[1])
    after = weights_of(net)
    assert after["convs.norm.num_batches_tracked"] == before["convs.norm.num_batches_tracked"] + 1
    moved = after["convs.norm.running_mean"] - before["convs.norm.running_mean"]
    # torch's momentum of 0.1: a tenth of the way from where they were to the mean of the new batch
    np.testing.assert_allclose(
        moved, 0.1 * (X.mean(axis=(0, 1)) + 10 - before["convs.norm.running_mean"]), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("copied", ["pickle", "file"])
def test_it_starts_from_what_was_saved(copied, trained, two, tmp_path):
    if copied == "pickle":
        other = pickle.loads(pickle.dumps(trained))
    else:
        sklaudio.save(trained, tmp_path / "net.skops")
        other = sklaudio.load(tmp_path / "net.skops")
    for net in (trained, other):
        net.set_params(warm_start=True, max_epochs=3).fit(*two)
    np.testing.assert_array_equal(other.predict_proba(two[0]), trained.predict_proba(two[0]))
    sklaudio.save(other, tmp_path / "again.skops")
    again = sklaudio.load(tmp_path / "again.skops")
    np.testing.assert_array_equal(again.predict_proba(two[0]), trained.predict_proba(two[0]))
    assert again.classes_.tolist() == ["no", "yes"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"hidden_size": 5}, r"hidden_size=5, which was 8.*warm_start=False"),
        ({"pooling": "attention"}, r"pooling='attention', which was 'last'"),
        ({"bidirectional": True}, r"bidirectional=True, which was False"),
        ({"standardize": False}, r"trained with standardize=True, and standardize=False now"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_the_net_as_it_was(parameters, message, trained, frames, two):
    expected = trained.predict_proba(frames[0])
    trained.set_params(warm_start=True, **parameters)
    with pytest.raises(ValueError, match=message):
        trained.fit(*two)
    np.testing.assert_array_equal(trained.predict_proba(frames[0]), expected)
    assert trained.classes_.tolist() == ["a", "b", "c"]
    assert len(trained.history_) == 8


def test_bad_data_and_a_loss_that_is_no_number_leave_the_net_as_it_was(trained, frames, two):
    X, y = frames
    expected = trained.predict_proba(X)
    trained.set_params(warm_start=True)
    with pytest.raises(ValueError, match="X has 2 features, but LSTMClassifier is expecting 3"):
        trained.fit(X[:, :, :2], y)
    with pytest.raises(ValueError, match="Negative"):
        trained.fit(*two, sample_weight=-np.ones(30))
    with pytest.raises(FloatingPointError, match="diverged in epoch 1"):
        trained.set_params(lr=1e38, optimizer="sgd", batch_size=4).fit(X * 1e4, two[1])
    np.testing.assert_array_equal(trained.predict_proba(X), expected)
    assert trained.classes_.tolist() == ["a", "b", "c"]
    assert trained.set_params(lr=0.02, optimizer="adam").fit(*two).score(*two) > 0.8


def test_ctrl_c_leaves_what_was_trained(trained, two):
    class CtrlC(skorch.callbacks.Callback):
        def on_epoch_end(self, net, **kwargs):
            if net.history[-1, "epoch"] == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained.set_params(warm_start=True, callbacks=[CtrlC()]).fit(*two)
    assert len(trained.history_) == 10
    assert set(trained.predict(two[0])) <= {"no", "yes"}


def test_early_stopping_and_clipping_and_validation_are_of_the_new_training(trained, two):
    X, y = two
    trained.set_params(warm_start=True, early_stopping=True, n_iter_no_change=2, max_epochs=30, gradient_clip=0.5)
    trained.fit(X, y, X_val=X[:10], y_val=np.roll(y[:10], 1))
    new = trained.history_[8:]
    assert new["valid_loss"].notna().all()
    assert len(new) < 30
    loss = -np.log(trained.predict_proba(X[:10])[np.arange(10), (np.roll(y[:10], 1) == "yes").astype(int)]).mean()
    assert loss == pytest.approx(new["valid_loss"].min(), rel=1e-4)


def test_clips_of_another_length_fit_a_dense_net(frames, two):
    net = DenseClassifier((8,), max_epochs=2, random_state=0).fit(*frames)
    net.set_params(warm_start=True).fit(two[0][:, :12], two[1])
    assert net.n_frames_ == 20


def test_a_module_without_an_output_layer_keeps_its_classes(frames, two):
    class Mean(torch.nn.Module):
        def __init__(self, n_dims, n_classes):
            super().__init__()
            self.last = torch.nn.Linear(n_dims, n_classes)

        def forward(self, frames, lengths):
            return self.last(frames.mean(dim=1))

    class MeanClassifier(NetClassifier):
        def _make_module(self, n_dims, n_classes):
            return Mean(n_dims, n_classes)

    net = MeanClassifier(max_epochs=2, random_state=0, warm_start=True).fit(*frames).fit(*frames)
    with pytest.raises(ValueError, match="no layer called `output`"):
        net.fit(*two)
    assert net.classes_.tolist() == ["a", "b", "c"]


def test_partial_fit_draws_a_new_head_where_it_is_asked_to(trained, frames, two):
    X, y = two
    with pytest.raises(ValueError, match="set warm_start=True"):
        trained.partial_fit(X, y, classes=["no", "yes"])
    trained.set_params(warm_start=True)
    with pytest.raises(ValueError, match=r"y holds \['no', 'yes'\].*classes= and warm_start=True"):
        trained.partial_fit(X, y)
    assert trained.classes_.tolist() == ["a", "b", "c"]
    before = weights_of(trained)
    trained.set_params(lr=1e-12).partial_fit(X[:6], y[:6], classes=["no", "yes", "perhaps"])
    assert changed(before, weights_of(trained)) == {"output"}
    assert trained.classes_.tolist() == ["no", "perhaps", "yes"]
    drawn = trained.net_
    trained.set_params(lr=0.02)
    for _ in range(20):
        trained.partial_fit(X, y)
    assert trained.net_ is drawn  # the optimizer went on
    trained.partial_fit(X, y, classes=["no", "yes", "perhaps"])
    assert trained.net_ is drawn
    assert trained.score(X, y) > 0.9
    assert trained.history_["epoch"].tolist() == list(range(1, 31))


def test_a_call_of_partial_fit_that_fails_leaves_the_net_as_it_was(trained, frames):
    X, y = frames
    expected = trained.set_params(warm_start=True).predict_proba(X)
    with pytest.raises(ValueError, match=r"y holds \['c'\]"):
        trained.partial_fit(X, y, classes=["a", "b"])
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        trained.partial_fit(X, y[:29], classes=["a", "b", "c", "d"])
    np.testing.assert_array_equal(trained.predict_proba(X), expected)
    assert trained.class_count_.tolist() == [10, 10, 10]


def test_the_prior_is_that_of_all_calls_since_the_head_was_drawn(frames, tmp_path):
    X, _ = frames
    net = small(warm_start=True).partial_fit(X[:3], ["a", "a", "b"], classes=["a", "b"])
    net.partial_fit(X[:2], ["b", "b"], sample_weight=[1, 2])
    np.testing.assert_allclose(net.class_prior_, [2 / 6, 4 / 6])
    net = pickle.loads(pickle.dumps(net)).partial_fit(X[:2], ["a", "a"])
    np.testing.assert_allclose(net.class_prior_, [4 / 8, 4 / 8])
    sklaudio.save(net, tmp_path / "net.skops")
    net = sklaudio.load(tmp_path / "net.skops").partial_fit(X[:2], ["b", "b"])
    np.testing.assert_allclose(net.class_prior_, [4 / 10, 6 / 10])
    net.partial_fit(X[:4], ["x", "y", "y", "y"], classes=["x", "y"])
    np.testing.assert_allclose(net.class_prior_, [1 / 4, 3 / 4])
    net.fit(X[:3], ["x", "x", "y"])
    np.testing.assert_allclose(net.class_prior_, [2 / 3, 1 / 3])


def test_counts_of_a_file_that_contradict_its_classes_are_refused(trained, tmp_path):
    for counts in (np.ones(2), np.array([1.0, -1.0, 1.0]), np.array([1.0, np.nan, 1.0])):
        trained.class_count_ = counts
        with pytest.raises(ValueError, match="class_count_ are"):
            sklaudio.save(trained, tmp_path / "net.skops")
    del trained.class_count_  # as in files of earlier versions
    sklaudio.save(trained, tmp_path / "net.skops")
    X = np.zeros((2, 5, 3))
    assert sklaudio.load(tmp_path / "net.skops").partial_fit(X, ["a", "b"]).class_count_.tolist() == [1, 1, 0]


def test_checkpoints_of_two_starts_are_two_files(frames, two, tmp_path):
    nets = [small(random_state=seed).fit(*frames) for seed in (0, 1)]
    folder = tmp_path / "checkpoints"
    for net in nets:
        net.set_params(warm_start=True, random_state=0)
        expected = pickle.loads(pickle.dumps(net)).fit(*two)
        net.set_params(checkpoint=folder).fit(*two)
        np.testing.assert_array_equal(net.predict_proba(two[0]), expected.predict_proba(two[0]))
    assert len(list(folder.iterdir())) == 2
    small(checkpoint=folder).fit(*two)
    small(checkpoint=folder, warm_start=True).fit(*two)  # a first fit is an ordinary one
    assert len(list(folder.iterdir())) == 3


def test_an_interrupted_warm_start_goes_on_from_its_checkpoint(trained, two, tmp_path, monkeypatch):
    content = pickle.dumps(trained.set_params(warm_start=True, checkpoint=str(tmp_path), max_epochs=6))
    whole = pickle.loads(content).set_params(checkpoint=None).fit(*two)
    with monkeypatch.context() as patch:
        interrupt_after_checkpoint(patch, 3)
        with pytest.raises(KeyboardInterrupt):
            pickle.loads(content).fit(*two)
    again = pickle.loads(content).fit(*two)
    assert len(list(tmp_path.iterdir())) == 1
    assert changed(weights_of(whole), weights_of(again), atol=0) == set()
    columns = [name for name in whole.history_ if name != "seconds"]
    np.testing.assert_array_equal(again.history_[columns], whole.history_[columns])
    assert len(again.history_) == 14


def test_it_works_on_compiled_modules(trained, two, monkeypatch):
    original, compiled = torch.compile, []

    def watch(module, **settings):  # the wrapper without its compiler, of which not every machine has one
        compiled.append(1)
        return original(module, backend="eager")

    monkeypatch.setattr(torch, "compile", watch)
    before = weights_of(trained)
    trained.set_params(compile=True, **STILL).fit(*two)
    assert compiled
    assert changed(before, weights_of(trained)) == {"output"}
