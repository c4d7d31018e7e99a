"""RNN, GRU, LSTM, BLSTM: sizes, pooling, masks."""

import numpy as np
import pytest

from sklaudio import BLSTMClassifier, GRUClassifier, LSTMClassifier, RNNClassifier

from .small import assert_padding_is_masked

NETS = {
    "rnn": RNNClassifier,
    "gru": GRUClassifier,
    "lstm": LSTMClassifier,
    "blstm": BLSTMClassifier,
    "bidirectional gru": lambda *sizes, **settings: GRUClassifier(*sizes, bidirectional=True, **settings),
}
POOLINGS = ["last+mean", "last", "mean", "max", "attention"]


@pytest.mark.parametrize("pooling", POOLINGS)
@pytest.mark.parametrize("name", NETS)
def test_padding_is_masked(name, pooling, ragged):
    """A clip has the same probabilities alone as beside a longer one."""
    X, y = ragged
    net = NETS[name](8, 2, pooling=pooling, head=(6,), max_epochs=2, random_state=0).fit(X, y)
    assert_padding_is_masked(net, X)


@pytest.mark.parametrize("name", NETS)
def test_it_learns_from_clips_of_unequal_length(name, ragged):
    X, y = ragged
    assert NETS[name](16, 1, lr=0.02, max_epochs=25, random_state=0).fit(X, y).score(X, y) > 0.9


@pytest.mark.parametrize(("name", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_parameters_of_layers_with_their_own_sizes(name, gates, frames):
    X, y = frames
    net = NETS[name]((12, 5), pooling="last", head=(7,), max_epochs=1).fit(X, y)
    layers = gates * 12 * (3 + 12 + 2) + gates * 5 * (12 + 5 + 2)
    assert net.n_parameters_ == layers + 7 * (5 + 1) + 3 * (7 + 1)
    assert [layer.hidden_size for layer in net.net_.module_.layers] == [12, 5]


def test_num_layers_counts_equal_layers(frames):
    X, y = frames
    net = BLSTMClassifier(6, 3, max_epochs=1).fit(X, y)
    assert [(layer.input_size, layer.hidden_size) for layer in net.net_.module_.layers] == [(3, 6), (12, 6), (12, 6)]
    assert net.transform(X).shape == (30, 24)  # the final state of both directions, and their mean


def test_the_final_state_of_the_backward_layer_has_read_the_whole_clip(frames):
    """With "last", a change in the last frame reaches both directions' halves; in the first frame, too."""
    X, y = frames
    net = BLSTMClassifier(6, 1, pooling="last", max_epochs=1, random_state=0).fit(X, y)
    plain = net.transform(X[:1])[0]
    for frame in (0, -1):
        changed = X[:1].copy()
        changed[:, frame] += 5
        difference = np.abs(net.transform(changed)[0] - plain)
        assert difference[:6].max() > 1e-6
        assert difference[6:].max() > 1e-6


def test_epochs_are_counted_in_steps(frames):
    X, y = frames
    net = GRUClassifier(2, 1, max_epochs="auto", random_state=0).fit(X[:, :2], y)
    assert len(net.history_) == 200  # of one batch each
    assert net.history_["lr"].iloc[-1] < net.lr / 20  # the cycle of the rate ends with them


def test_order_matters_to_a_recurrent_net(rng):
    """Rising and falling clips have the same frames in another order."""
    rising = np.sort(rng.normal(size=(40, 15, 1)), axis=1)
    X = np.concatenate([rising, rising[:, ::-1]])
    y = np.repeat(["rising", "falling"], 40)
    net = LSTMClassifier(16, 1, lr=0.02, max_epochs=15, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.95


def test_dropout_acts_in_training_only(frames):
    X, y = frames
    net = LSTMClassifier(8, 2, dropout=0.9, max_epochs=1, random_state=0).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), net.predict_proba(X))
    other = LSTMClassifier(8, 2, dropout=0.0, max_epochs=1, random_state=0).fit(X, y)
    assert not np.array_equal(net.predict_proba(X), other.predict_proba(X))
