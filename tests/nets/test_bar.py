"""The bar of a training: on a terminal with its losses, nowhere else."""

import pytest
from skorch.callbacks import Callback

from sklaudio import GRUClassifier

from ..terminal import stderr_at_terminal


class Clock:
    """The time that bars see, which tests move on by hand instead of waiting."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("tqdm.std.time", clock)
    return clock


class Slow(Callback):
    """Batches that take `seconds` each by the clock of the bars, and an interrupt after an epoch."""

    def __init__(self, clock, seconds, epoch=None):
        self.clock = clock
        self.seconds = seconds
        self.epoch = epoch

    def on_batch_end(self, net, **kwargs):
        self.clock.now += self.seconds

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == self.epoch:
            raise KeyboardInterrupt


@pytest.fixture
def train(frames):
    X, y = frames

    def train(verbose, slow, **settings):
        settings = {"validation_fraction": 0.2, "early_stopping": True, "n_iter_no_change": 50, **settings}
        net = GRUClassifier(4, max_epochs=10, batch_size=8, verbose=verbose, callbacks=[slow], random_state=0)
        return net.set_params(**settings).fit(X, y)

    return train


def test_a_terminal_shows_epoch_losses_and_time_left_in_one_line(train, clock, monkeypatch, capsys):
    with stderr_at_terminal(monkeypatch) as seen:
        train(1, Slow(clock, 0.07))
    assert capsys.readouterr().out == ""
    seen = "".join(seen)
    assert "\n" not in seen
    drawn = [piece for piece in seen.split("\r") if piece.startswith("epoch ")]
    assert len(drawn) > 2
    assert drawn[-1].startswith("epoch 10/10")
    assert "loss train 1." in drawn[-1]
    assert "valid 1." in drawn[-1]
    assert "<00:0" in drawn[-1]  # time left
    assert all(len(piece) <= 100 for piece in drawn)
    assert seen.split("\r")[-2:] == [" " * len(seen.split("\r")[-2]), ""]  # wiped at the end


def test_an_interrupted_bar_is_wiped(train, clock, monkeypatch):
    with stderr_at_terminal(monkeypatch) as seen, pytest.raises(KeyboardInterrupt):
        train(1, Slow(clock, 0.12, epoch=8))
    assert "epoch 8/10" in "".join(seen)
    assert "".join(seen).split("\r")[-2].strip() == ""


@pytest.mark.parametrize(("verbose", "seconds"), [(0, 0.07), (1, 0)])
def test_quiet_and_quick_trainings_draw_nothing(train, clock, verbose, seconds, monkeypatch, capsys):
    with stderr_at_terminal(monkeypatch) as seen:
        train(verbose, Slow(clock, seconds), early_stopping=False)
    assert "".join(seen) == ""
    assert capsys.readouterr().out == ""


def test_lines_are_printed_where_there_is_no_terminal(train, clock, capsys):
    train(1, Slow(clock, 0))
    out, err = capsys.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 12  # header, rule, ten epochs


def test_two_prints_lines_on_a_terminal_too(train, clock, monkeypatch, capsys):
    with stderr_at_terminal(monkeypatch) as seen:
        train(2, Slow(clock, 0))
    assert "".join(seen) == ""
    assert len(capsys.readouterr().out.splitlines()) == 12


def test_going_on_counts_on(frames, clock, monkeypatch):
    X, y = frames
    net = GRUClassifier(4, max_epochs=2, batch_size=8, random_state=0).fit(X, y)
    net.set_params(warm_start=True, verbose=1, callbacks=[Slow(clock, 0.4)])
    with stderr_at_terminal(monkeypatch) as seen:
        net.fit(X, y)
    assert "epoch 2/2" in "".join(seen)
    assert net.history_["epoch"].tolist() == [1, 2, 3, 4]
