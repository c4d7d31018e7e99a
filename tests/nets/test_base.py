"""NetClassifier: labels, weights, seeds, validation, history, pickles, errors."""

import copy
import os
import pickle
import platform
import random
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import sklearn
import skorch
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score
from sklearn.utils.fixes import parse_version

from sklaudio import DenseClassifier, GRUClassifier, LSTMClassifier, NetClassifier
from sklaudio._utils.device import multiplies_bfloat16

from .small import small

COLUMNS = ["epoch", "train_loss", "train_acc", "valid_loss", "valid_acc", "lr", "seconds"]


def test_it_learns_and_speaks_in_the_labels_it_was_given(frames):
    X, y = frames
    net = small(max_epochs=30).fit(X, y)
    assert net.score(X, y) > 0.9
    assert net.classes_.tolist() == ["a", "b", "c"]
    assert isinstance(net.net_, skorch.NeuralNetClassifier)
    assert net.n_features_in_ == 3
    probabilities = net.predict_proba(X)
    assert probabilities.shape == (30, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("labels", [np.array([3, -1, 7]), np.array([True, False]), pd.Series(["x", "y"], dtype="str")])
def test_labels_of_any_kind(labels, frames):
    X, names = frames
    y = np.asarray(labels)[np.unique(names, return_inverse=True)[1] % len(labels)]
    net = small(max_epochs=30).fit(X, pd.Series(y))
    assert net.classes_.tolist() == sorted(set(y.tolist()))
    predicted = net.predict(X)
    assert predicted.dtype == net.classes_.dtype
    assert np.mean(predicted == y) > 0.9


def test_input_of_any_dtype_and_order_gives_the_same(frames):
    X, y = frames
    X = np.round(X * 10)
    expected = small().fit(X, y).predict_proba(X)
    for same in (X.astype(np.float64), X.astype(int), np.asfortranarray(X), X[:, ::-1][:, ::-1], list(X)):
        np.testing.assert_array_equal(small().fit(same, y).predict_proba(same), expected)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(frames):
    X, y = frames
    net = small(dropout=0.5, early_stopping=True)
    first = net.fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(net.fit(X, y).predict_proba(X), first)
    np.testing.assert_array_equal(clone(net).fit(X, y).predict_proba(X), first)
    assert not np.array_equal(clone(net).set_params(random_state=1).fit(X, y).predict_proba(X), first)
    state = np.random.RandomState(5)
    assert not np.array_equal(
        net.set_params(random_state=state).fit(X, y).predict_proba(X), net.fit(X, y).predict_proba(X)
    )
    unseeded = small(random_state=None)
    assert not np.array_equal(unseeded.fit(X, y).predict_proba(X), unseeded.fit(X, y).predict_proba(X))


@pytest.mark.parametrize("random_state", [0, None])
def test_the_global_generators_are_left_alone(random_state, frames):
    X, y = frames
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()
    net = small(random_state=random_state, dropout=0.5, early_stopping=True).fit(X, y)
    net.partial_fit(X, y)
    pickle.loads(pickle.dumps(net)).predict(X)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])
    assert random.getstate() == before[2]


def test_history_has_a_row_per_epoch(frames):
    X, y = frames
    history = small().fit(X, y).history_
    assert history.columns.tolist() == COLUMNS
    assert history["epoch"].tolist() == list(range(1, 9))
    assert history["train_loss"].iloc[-1] < history["train_loss"].iloc[0]
    assert history[["valid_loss", "valid_acc"]].isna().all(axis=None)
    assert (history["seconds"] > 0).all()
    assert (history["lr"] == 0.02).all()


def test_validation_clips_are_scored_after_each_epoch(frames):
    X, y = frames
    net = small().fit(X[:20], y[:20], X_val=X[20:], y_val=y[20:])
    assert len(net.history_) == 8
    assert net.history_["valid_acc"].iloc[-1] == pytest.approx(accuracy_score(y[20:], net.predict(X[20:])))
    loss = -np.log(net.predict_proba(X[20:])[np.arange(10), np.searchsorted(net.classes_, y[20:])]).mean()
    assert net.history_["valid_loss"].iloc[-1] == pytest.approx(loss, rel=1e-4)


def test_early_stopping_ends_and_keeps_the_best_epoch(frames):
    X, y = frames
    wrong = np.roll(y[20:], 1)  # the better it learns, the worse it does on these
    net = small(early_stopping=True, n_iter_no_change=3, max_epochs=50).fit(X[:20], y[:20], X_val=X[20:], y_val=wrong)
    assert len(net.history_) < 50
    best = net.history_["valid_loss"].idxmin()
    assert len(net.history_) == best + 1 + 3
    loss = -np.log(net.predict_proba(X[20:])[np.arange(10), np.searchsorted(net.classes_, wrong)]).mean()
    assert loss == pytest.approx(net.history_["valid_loss"][best], rel=1e-4)


def test_the_last_epochs_do_not_spoil_the_best(frames):
    """The epochs run out before patience does."""
    X, y = frames
    wrong = np.roll(y[20:], 1)
    net = small(early_stopping=True, n_iter_no_change=100).fit(X[:20], y[:20], X_val=X[20:], y_val=wrong)
    assert len(net.history_) == 8
    loss = -np.log(net.predict_proba(X[20:])[np.arange(10), np.searchsorted(net.classes_, wrong)]).mean()
    assert loss == pytest.approx(net.history_["valid_loss"].min(), rel=1e-4)


def test_weights_count_as_copies_do(frames):
    """In one batch with all clips, a weight of 2 is the same as a clip twice, and 0 the same as none."""
    X, y = frames
    weight = np.arange(30) // 3 % 3
    whole = {"batch_size": 100, "optimizer": "sgd", "lr": 0.1}
    weighted = small(**whole).fit(X, y, sample_weight=weight)
    repeated = small(**whole).fit(X.repeat(weight, axis=0), y.repeat(weight))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), atol=1e-5)


def test_class_weights_move_the_balance(frames):
    X, _ = frames
    X = np.random.default_rng(1).normal(size=X.shape)
    y = np.array(["rare"] * 5 + ["common"] * 25)
    plain = small(max_epochs=3).fit(X, y).predict_proba(X)[:, 1].mean()
    balanced = small(max_epochs=3, class_weight="balanced").fit(X, y).predict_proba(X)[:, 1].mean()
    assert balanced > plain + 0.1
    by_name = small(max_epochs=3, class_weight={"rare": 3.0, "common": 0.6}).fit(X, y).predict_proba(X)
    assert by_name[:, 1].mean() == pytest.approx(balanced, abs=1e-5)


def test_standardizing_makes_scale_irrelevant(frames):
    X, y = frames
    probabilities = small().fit(X, y).predict_proba(X)
    moved = X * [1, 1000, 0.001] + [5, -300, 0]
    np.testing.assert_allclose(small().fit(moved, y).predict_proba(moved), probabilities, atol=1e-2)
    raw = small(standardize=False).fit(X, y)
    assert not hasattr(raw, "mean_")


def test_label_smoothing_lowers_confidence(frames):
    X, y = frames
    sure = small(max_epochs=30).fit(X, y).predict_proba(X).max(axis=1).mean()
    assert small(max_epochs=30, label_smoothing=0.3).fit(X, y).predict_proba(X).max(axis=1).mean() < sure - 0.05


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop", torch.optim.NAdam])
def test_optimizers(optimizer, frames):
    X, y = frames
    net = small(optimizer=optimizer, weight_decay=1e-4).fit(X, y)
    assert net.history_["train_loss"].iloc[-1] < net.history_["train_loss"].iloc[0]
    used = net.net_.optimizer_
    assert type(used).__name__.lower() == (optimizer if isinstance(optimizer, str) else optimizer.__name__.lower())
    assert used.defaults["weight_decay"] == 1e-4
    assert used.defaults.get("momentum", 0) == (0.9 if optimizer == "sgd" else 0)


@pytest.mark.skipif(not multiplies_bfloat16("cpu"), reason="this processor has no products in bfloat16")
def test_bfloat16_learns_the_same_and_predicts_in_single_precision(frames):
    X, y = frames
    single, mixed = (small(precision=precision, max_epochs=20).fit(X, y) for precision in ("float32", "bfloat16"))
    difference = np.abs(single.predict_proba(X) - mixed.predict_proba(X)).max()
    assert 0 < difference < 0.1
    assert mixed.predict_proba(X).dtype == np.float32
    assert mixed.score(X, y) > 0.9
    assert all(weight.dtype == torch.float32 for weight in mixed.net_.module_.parameters())


WITHOUT_BFLOAT16 = """
import numpy as np, pytest
from sklaudio import DenseClassifier

X = np.random.default_rng(0).normal(size=(30, 20, 3))
y = np.repeat(["a", "b", "c"], 10)
net = DenseClassifier((8,), max_epochs=2, random_state=0)
expected = net.fit(X, y).predict_proba(X)
with pytest.warns(UserWarning, match="precision='bfloat16': this processor has no such products"):
    net.set_params(precision="bfloat16").fit(X, y)
np.testing.assert_array_equal(net.predict_proba(X), expected)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the setting below is of these processors")
def test_a_processor_without_bfloat16_trains_in_single_precision_and_says_so():
    """The products are those of oneDNN, which can be told to do without newer instructions."""
    environment = {**os.environ, "ONEDNN_MAX_CPU_ISA": "AVX2", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run([sys.executable, "-c", WITHOUT_BFLOAT16], env=environment, check=True)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_a_compiled_net_learns_the_same_and_is_pickled_without_its_code(frames):
    X, y = frames
    plain, compiled = (
        DenseClassifier((8,), dropout=0.0, max_epochs=3, random_state=0, compile=is_compiled).fit(X, y)
        for is_compiled in (False, True)
    )
    np.testing.assert_allclose(compiled.predict_proba(X), plain.predict_proba(X), atol=1e-4)
    copied = pickle.loads(pickle.dumps(compiled))
    np.testing.assert_array_equal(copied.predict_proba(X), compiled.predict_proba(X))
    assert compiled.transform(X).shape == (30, 8)
    assert compiled.n_parameters_ == plain.n_parameters_


def test_training_batches_are_augmented_and_nothing_else(frames):
    X, y = frames
    seen = []

    def silence(batch, lengths):
        seen.append(len(batch))
        return torch.zeros_like(batch)

    net = small(augment=silence, max_epochs=2).fit(X, y, X_val=X, y_val=y)
    assert sum(seen) == 2 * len(X)
    plain = small(max_epochs=2).fit(X, y)
    assert not np.array_equal(net.predict_proba(X), plain.predict_proba(X))
    assert net.predict_proba(X).std(axis=0).min() > 0  # it hears the clips, which it never learned from
    assert sum(seen) == 2 * len(X)


def test_partial_fit_goes_on(frames):
    X, y = frames
    net = small().partial_fit(X[:15], y[:15], classes=["a", "b", "c", "d"])
    assert net.classes_.tolist() == ["a", "b", "c", "d"]
    for _ in range(9):
        net.partial_fit(X[15:], y[15:])
    assert net.history_["epoch"].tolist() == list(range(1, 11))
    assert net.history_["train_loss"].iloc[-1] < net.history_["train_loss"].iloc[1]
    with pytest.raises(ValueError, match=r"y holds \['z'\]"):
        net.partial_fit(X[:2], ["a", "z"])
    with pytest.raises(ValueError, match="not those of the first call"):
        net.partial_fit(X[:2], ["a", "b"], classes=["a", "b"])


def test_partial_fit_goes_on_after_fit_and_after_unpickling(frames):
    X, y = frames
    net = small(lr_schedule="one-cycle", early_stopping=True).fit(X, y)
    n_epochs = len(net.history_)
    restored = pickle.loads(pickle.dumps(net))
    for each in (net, restored):
        each.partial_fit(X, y)
        assert each.history_["epoch"].tolist() == list(range(1, n_epochs + 2))
    np.testing.assert_array_equal(net.predict_proba(X), restored.predict_proba(X))


@pytest.mark.parametrize("copied", [lambda net: pickle.loads(pickle.dumps(net)), copy.deepcopy])
def test_copies_predict_bit_for_bit(copied, frames):
    X, y = frames
    net = small(early_stopping=True, lr_schedule="cosine").fit(X, y)
    other = copied(net)
    np.testing.assert_array_equal(other.predict_proba(X), net.predict_proba(X))
    np.testing.assert_array_equal(other.transform(X), net.transform(X))
    pd.testing.assert_frame_equal(other.history_, net.history_)


def test_the_state_is_parameters_and_arrays(frames):
    X, y = frames
    state = small(random_state=0).fit(X, y).__getstate__()
    assert "net_" not in state
    for name, value in state.items():
        parts = value.values() if isinstance(value, dict) else [value]
        for part in parts:
            assert isinstance(part, (np.ndarray, int, float, str, bool, tuple, type(None))), name
    assert b"torch" not in pickle.dumps(small().fit(X, y))
    assert b"skorch" not in pickle.dumps(small().fit(X, y))


def test_transform_is_what_the_output_layer_reads(frames):
    X, y = frames
    net = small(head=(5,)).fit(X, y)
    embedding = net.transform(X)
    assert embedding.shape == (30, 5)
    assert net.get_feature_names_out().tolist() == [f"lstmclassifier{k}" for k in range(5)]
    output = net.net_.module_.output
    logits = embedding @ output.weight.detach().numpy().T + output.bias.detach().numpy()
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net.predict_proba(X), expected, atol=1e-5)


def test_transform_is_a_table_where_tables_are_asked_for(frames):
    X, y = frames
    net = LSTMClassifier(4, 1, max_epochs=1, random_state=0).set_output(transform="pandas").fit(X, y)
    table = net.transform(X)
    assert table.columns.tolist() == net.get_feature_names_out().tolist()
    np.testing.assert_array_equal(table.to_numpy(), net.set_output(transform="default").transform(X))


def test_html_tells_the_shape_of_a_net(frames):
    X, y = frames
    net = LSTMClassifier((6, 4), max_epochs=1, random_state=0)
    assert "(6, 4)" in net._repr_html_()
    if parse_version(sklearn.__version__) < parse_version("1.9"):
        pytest.skip("this scikit-learn shows parameters alone")
    html = net.fit(X, y)._repr_html_()
    for attribute in ("n_features_in_", "n_frames_", "n_parameters_", "classes_"):
        assert attribute in html
    assert str(net.n_parameters_) in html


def test_summary_lists_layers_and_parameters(frames):
    X, y = frames
    net = small(max_epochs=1).fit(X, y)
    text = str(net.summary(n_frames=20))
    assert "LSTM" in text
    assert "[1, 20, 8]" in text
    assert f"{net.n_parameters_:,}" in text
    assert net.n_parameters_ == 4 * 8 * (3 + 8 + 2) + 3 * (8 + 1)


def test_callbacks_and_net_params_reach_skorch(frames):
    X, y = frames
    epochs = []

    class Count(skorch.callbacks.Callback):
        def on_epoch_end(self, net, **kwargs):
            epochs.append(net.history[-1, "epoch"])

    clip = skorch.callbacks.GradientNormClipping(1.0)
    net = small(callbacks=[Count(), clip], net_params={"iterator_train__shuffle": False}).fit(X, y)
    assert epochs == list(range(1, 9))
    assert net.net_.iterator_train__shuffle is False


def test_verbose_prints_a_line_per_epoch(frames, capsys):
    X, y = frames
    small(max_epochs=2).fit(X, y)
    assert capsys.readouterr().out == ""
    small(max_epochs=2, verbose=1).fit(X, y)
    assert len(capsys.readouterr().out.splitlines()) == 4  # header, rule, two epochs


def test_ctrl_c_is_not_swallowed(frames):
    X, y = frames

    class CtrlC(skorch.callbacks.Callback):
        def on_epoch_end(self, net, **kwargs):
            if net.history[-1, "epoch"] == 3:
                signal.raise_signal(signal.SIGINT)

    net = small(callbacks=[CtrlC()], max_epochs=100)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, y)
    assert len(net.history_) == 3
    assert net.predict(X).shape == (30,)


def test_skorchs_own_early_stopping_and_scoring_work(frames):
    X, y = frames
    stopping = skorch.callbacks.EarlyStopping(monitor="train_loss", patience=2)
    assert len(small(lr=1e-9, callbacks=[stopping], max_epochs=30).fit(X, y).history_) < 30
    scoring = skorch.callbacks.EpochScoring("accuracy", on_train=True, name="scored")
    net = small(callbacks=[scoring]).fit(X, y)
    assert net.net_.history[-1, "scored"] > 0.3


def test_threads_do_not_disturb_each_others_seeds(frames):
    X, y = frames
    expected = small(dropout=0.5).fit(X, y).predict_proba(X)
    before = torch.get_rng_state()
    with ThreadPoolExecutor(4) as pool:
        nets = list(pool.map(lambda _: small(dropout=0.5).fit(X, y), range(4)))
    for net in nets:
        np.testing.assert_allclose(net.predict_proba(X), expected, atol=1e-5)
    assert torch.equal(torch.get_rng_state(), before)


def test_parameters_set_after_fit_do_not_break_what_was_fitted(frames):
    X, y = frames
    net = small().fit(X, y)
    expected = net.predict_proba(X)
    net.set_params(standardize=False, hidden_size=5, num_layers=3)
    np.testing.assert_array_equal(net.predict_proba(X), expected)
    copied = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(copied.predict_proba(X), expected)
    assert copied.partial_fit(X, y).net_.module_.layers[0].hidden_size == 8
    assert copied.fit(X, y).net_.module_.layers[0].hidden_size == 5


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_net_of_a_gpu_loads_without_one(frames):
    X, y = frames
    net = small().fit(X, y)
    content = pickle.dumps(net.set_params(device="cuda"))
    with pytest.warns(UserWarning, match="The net is on the CPU"):
        loaded = pickle.loads(content)
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    with pytest.raises(ValueError, match="device='cuda' cannot be used"):
        loaded.fit(X, y)


def test_a_failed_fit_leaves_no_half_fit(frames):
    X, y = frames
    net = small().fit(X, y)
    with pytest.raises(ValueError, match="Negative"):
        net.fit(X, np.char.upper(y), sample_weight=-np.ones(30))
    with pytest.raises(NotFittedError):
        net.predict(X)


def test_clips_without_weight_are_not_there(frames):
    X, y = frames
    weight = (np.arange(30) < 20).astype(float)
    stopping = small(early_stopping=True, validation_fraction=0.3)
    with_zeros = clone(stopping).fit(X, y, sample_weight=weight)
    without = clone(stopping).fit(X[:20], y[:20])
    np.testing.assert_array_equal(with_zeros.predict_proba(X), without.predict_proba(X))


def test_a_user_defined_net(frames):
    class LastFrame(torch.nn.Module):
        def __init__(self, n_dims, n_classes):
            super().__init__()
            self.output = torch.nn.Linear(n_dims, n_classes)

        def forward(self, frames, lengths):
            return self.output(frames.mean(dim=1))

    class LinearClassifier(NetClassifier):
        def _make_module(self, n_dims, n_classes):
            return LastFrame(n_dims, n_classes)

    X, y = frames
    net = LinearClassifier(lr=0.1, random_state=0)
    assert clone(net).get_params()["lr"] == 0.1
    assert net.fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"lr": 0}, "lr"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_epochs": 0}, "max_epochs"),
        ({"optimizer": "adamant"}, "optimizer"),
        ({"lr_schedule": "sometimes"}, "lr_schedule"),
        ({"validation_fraction": 1.0}, "validation_fraction"),
        ({"pooling": "first"}, "pooling"),
        ({"hidden_size": 0}, "hidden_size"),
        ({"hidden_size": ()}, "hidden_size"),
        ({"hidden_size": (8, 0)}, "hidden_size"),
        ({"head": (4.5,)}, "head"),
        ({"dropout": 1.0}, "dropout"),
        ({"augment": "noise"}, "augment"),
        ({"class_weight": "heavy"}, "class_weight"),
    ],
    ids=str,
)
def test_bad_parameters_are_named(parameters, words, frames):
    X, y = frames
    with pytest.raises(ValueError, match=words):
        small(**parameters).fit(X, y)


def test_bad_data_is_named(frames):
    X, y = frames
    with pytest.raises(ValueError, match="one class only"):
        small().fit(X, ["a"] * 30)
    with pytest.raises(ValueError, match=r"y\[3\] is missing"):
        small().fit(X, [None if k == 3 else label for k, label in enumerate(y)])
    with pytest.raises(ValueError, match=r"\[30, 29\]"):
        small().fit(X, y[:29])
    with pytest.raises(ValueError, match="X_val and y_val belong together"):
        small().fit(X, y, X_val=X)
    with pytest.raises(ValueError, match="X_val holds 4 clips and y_val 6 labels"):
        small().fit(X, y, X_val=X[:4], y_val=y[:6])
    with pytest.raises(ValueError, match=r"\[30, 2\]"):
        small().fit(X, y, groups=[1, 2])
    with pytest.raises(ValueError, match="class_weight"):
        small(class_weight={"a": 0, "b": 0, "c": 0}).fit(X, y)
    with pytest.raises(ValueError, match=r"validation_fraction=0\.99"):
        small(early_stopping=True, validation_fraction=0.99).fit(X, y)
    with pytest.raises(ValueError, match="device='gpu' cannot be used"):
        small(device="gpu").fit(X, y)
    with pytest.raises(ValueError, match=r"y_val holds \['d'\]"):
        small().fit(X, y, X_val=X[:1], y_val=["d"])
    with pytest.raises(ValueError, match="at least two groups"):
        small(early_stopping=True).fit(X, y, groups=np.zeros(30))
    net = GRUClassifier(8, 1, max_epochs=1).fit(X, y)
    with pytest.raises(ValueError, match="2 features, but GRUClassifier is expecting 3"):
        net.predict(X[:, :, :2])
    with pytest.raises(ValueError, match="holds no frames"):
        net.predict(np.zeros((2, 0, 3)))
