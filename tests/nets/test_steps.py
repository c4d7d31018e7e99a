"""Nets that predict every frame: what they learn, what they refuse, and that they go through all that nets do."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone

from sklaudio import CNNClassifier, DenseClassifier, LSTMClassifier, NetClassifier, load, save
from sklaudio.augment import Gain, Mixup, Tempo, TimeShift

from .small import small as small_net


def small(**parameters):
    return small_net(**{"batch_size": 8} | parameters)


def bursts(n_clips, seed=0, n_dims=4, lengths=(30, 50)):
    """Noise with a run of frames that are louder in dim 1, and one in dim 2; and where these are."""
    rng = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n_clips):
        n_frames = int(rng.integers(*lengths))
        has_label = np.zeros((n_frames, 2), dtype=np.int64)
        for label in range(2):
            start = rng.integers(n_frames - 12)
            has_label[start : start + rng.integers(6, 12), label] = 1
        frames = rng.normal(scale=0.3, size=(n_frames, n_dims))
        frames[:, 1:3] += 2 * has_label
        X.append(frames.astype(np.float32))
        y.append(has_label)
    return X, y


@pytest.fixture(scope="module")
def net():
    return small(max_epochs=8).fit(*bursts(40))


def test_a_recurrent_net_learns_each_frame(net):
    X, y = bursts(8, seed=1)
    assert net.score(X, y) > 0.95
    probabilities = net.predict_proba(X)
    assert probabilities.dtype == object
    assert probabilities[0].shape == (len(X[0]), 2)
    assert all(np.array_equal(labels, curve > 0.5) for labels, curve in zip(net.predict(X), probabilities, strict=True))
    assert net.history_["train_acc"].iloc[-1] > 0.9
    assert net.classes_.tolist() == net.label_names_.tolist() == [0, 1]
    X, y = bursts(40)
    np.testing.assert_allclose(net.class_prior_, np.concatenate(y).mean(axis=0))


def test_equally_long_clips_are_one_array_and_empty_ones_have_no_rows(net):
    X, _ = bursts(3, lengths=(30, 31))
    assert net.predict_proba(np.stack(X)).shape == net.predict(np.stack(X)).shape == (3, 30, 2)
    found = net.predict_proba([X[0], np.zeros((0, 4), dtype=np.float32), X[1][:7]])
    assert [clip.shape for clip in found] == [(30, 2), (0, 2), (7, 2)]
    np.testing.assert_allclose(found[0], net.predict_proba([X[0]])[0], atol=1e-6)


def test_pickles_files_and_clones(net, tmp_path):
    X, _y = bursts(3, seed=1)
    expected = net.predict_proba(X)
    save(net, tmp_path / "net.skl")
    for copy in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.skl")):
        assert all(map(np.array_equal, copy.predict_proba(X), expected))
    assert not hasattr(clone(net), "classes_")


def test_a_checkpoint_is_read_again(tmp_path):
    X, y = bursts(10)
    whole = small(max_epochs=2).fit(X, y)
    for _ in range(2):
        again = small(max_epochs=2, checkpoint=tmp_path).fit(X, y)
        assert all(map(np.array_equal, again.predict_proba(X), whole.predict_proba(X)))
    assert len(list(tmp_path.iterdir())) == 1


def test_early_stopping_validation_weights_and_balance():
    X, y = bursts(20)
    net = small(max_epochs=2, early_stopping=True, validation_fraction=0.2, class_weight="balanced").fit(X, y)
    assert net.history_["valid_acc"].between(0, 1).all()
    assert net.history_["valid_loss"].notna().all()
    net = small(max_epochs=2).fit(X, y, X_val=X[:5], y_val=y[:5], sample_weight=np.arange(20) % 2)
    assert net.history_["valid_loss"].notna().all()
    with pytest.raises(ValueError, match=r"y_val\[1\] has 3 rows, and that clip has"):
        small().fit(X, y, X_val=X[:2], y_val=[y[0], y[1][:3]])


def test_a_heavier_label_is_predicted_more_often():
    X, y = bursts(20)
    plain = small(max_epochs=2).fit(X, y)
    heavy = small(max_epochs=2, class_weight={1: 20}).fit(X, y)
    mean = [np.concatenate(list(net.predict_proba(X))).mean(axis=0) for net in (plain, heavy)]
    assert mean[1][1] > mean[0][1] + 0.02
    assert abs(mean[1][0] - mean[0][0]) < 0.2


def test_partial_fit_and_warm_start_go_on():
    X, y = bursts(20)
    net = small(class_weight="balanced")
    for _ in range(4):
        net.partial_fit(X, y)
    assert len(net.history_) == 4
    assert net.history_["train_loss"].is_monotonic_decreasing
    np.testing.assert_allclose(net.class_count_, 4 * np.concatenate(y).sum(axis=0))
    net.set_params(warm_start=True, max_epochs=1, class_weight=None).fit(X, y)
    assert len(net.history_) == 5
    assert net.score(X, y) > 0.8
    net.fit(X, [clip[:, :1] for clip in y])  # another output layer, on the layers below
    assert net.predict_proba(X)[0].shape[1] == 1


def test_what_moves_frames_is_left_out_of_augment():
    X, y = bursts(6)
    seen = []

    def see(frames, lengths):
        seen.append(frames.shape)
        return frames

    net = small(max_epochs=1, augment=[Tempo(), see, TimeShift(), Gain()]).fit(X, y)
    assert len(seen) == 1
    assert net.augment[0] == Tempo()
    assert [step for step in net.net_.augment if not callable(step) or step is see] == [see]
    assert len(net.net_.augment) == 2


def test_labels_of_mixtures_are_mixed():
    X, y = bursts(30)
    assert small(max_epochs=8, augment=Mixup(0.2)).fit(X, y).score(X, y) > 0.9


def test_a_batch_in_parts_has_the_loss_of_the_whole(monkeypatch):
    X, y = bursts(12, lengths=(20, 60))
    whole = small(max_epochs=2, lr=0.01).fit(X, y)
    monkeypatch.setattr("sklaudio.nets._batches.MAX_NUMBERS", 400)
    parted = small(max_epochs=2, lr=0.01).fit(X, y)
    np.testing.assert_allclose(parted.history_["train_loss"], whole.history_["train_loss"], rtol=1e-4)
    np.testing.assert_allclose(parted.predict_proba(X)[3], whole.predict_proba(X)[3], atol=1e-4)


def test_nets_of_whole_clips_refuse():
    X, y = bursts(4)
    with pytest.raises(ValueError, match=r"DenseClassifier predicts whole clips alone\. Use a net that has steps"):
        DenseClassifier((4,)).fit(X, y)


def test_a_net_of_clips_does_not_start_one_of_frames():
    X, y = bursts(6)
    net = small(max_epochs=1, warm_start=True).fit(X, [0, 1] * 3)
    with pytest.raises(ValueError, match=r"the weights to start from predict clips, and y is of frames"):
        net.fit(X, y)
    assert net.predict(X).shape == (6,)


def test_curves_have_no_decision_function(net):
    assert not hasattr(net, "decision_function")
    assert hasattr(small(max_epochs=1).fit(np.ones((4, 3, 2)), [[0, 1], [1, 0]] * 2), "decision_function")


def test_a_convolutional_net_finds_the_edges():
    X, y = bursts(40, n_dims=8)
    net = CNNClassifier((4, 8), head=(), lr=0.02, max_epochs=12, random_state=0).fit(X, y)
    X, y = bursts(6, seed=1, n_dims=8)
    edges = [np.flatnonzero(np.diff(curve[:, 0] > 0.5)) for curve in net.predict_proba(X)]
    expected = [np.flatnonzero(np.diff(clip[:, 0])) for clip in y]
    distances = [abs(found - right).max() for found, right in zip(edges, expected, strict=True) if len(right) == 2]
    assert max(distances) <= 2  # frames; a step has four


class Windows(torch.nn.Module):
    """Means of three frames each, and a linear layer."""

    stride = 3

    def __init__(self, n_dims, n_outputs):
        super().__init__()
        self.n_embedding = n_dims
        self.dropout = torch.nn.Identity()
        self.output = torch.nn.Linear(n_dims, n_outputs)

    def steps(self, frames, lengths):
        return torch.nn.functional.avg_pool1d(frames.transpose(1, 2), 3, ceil_mode=True).transpose(1, 2)


class WindowsClassifier(NetClassifier):
    def _make_module(self, n_dims, n_outputs):
        return Windows(n_dims, n_outputs)


def test_a_user_defined_net_has_steps_of_its_own():
    X, y = bursts(20)
    net = WindowsClassifier(lr=0.1, batch_size=4, max_epochs=10, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.8
    assert net.transform(X[:1])[0] == pytest.approx(((X[0] - net.mean_) / net.scale_).mean(axis=0), abs=0.1)


def test_pooling_of_any_kind_is_left_out():
    X, y = bursts(6)
    for pooling in ("last", "attention"):
        net = LSTMClassifier(4, 1, pooling=pooling, max_epochs=1, random_state=0).fit(X, y)
        assert net.pooling == pooling
        assert net.predict_proba(X)[0].shape == y[0].shape
