"""Learning-rate schedules, as history_ shows them."""

import numpy as np
import pytest

from sklaudio import RNNClassifier


def rates(name, frames, max_epochs=20, **parameters):
    X, y = frames
    net = RNNClassifier(4, 1, lr=0.01, lr_schedule=name, max_epochs=max_epochs, random_state=0, **parameters)
    return net.fit(X, y).history_["lr"].to_numpy()


def test_constant(frames):
    np.testing.assert_array_equal(rates("constant", frames), 0.01)


def test_piecewise_falls_at_30_and_60_percent(frames):
    np.testing.assert_allclose(rates("piecewise", frames), [0.01] * 6 + [0.001] * 6 + [0.0001] * 8)


def test_step_falls_each_third(frames):
    np.testing.assert_allclose(rates("step", frames, 9), [0.01] * 3 + [0.001] * 3 + [0.0001] * 3)


def test_cosine_falls_to_zero(frames):
    expected = 0.005 * (1 + np.cos(np.pi * np.arange(20) / 20))
    np.testing.assert_allclose(rates("cosine", frames), expected, atol=1e-9)


def test_one_cycle_rises_and_falls(frames):
    lr = rates("one-cycle", frames)
    assert lr.max() == pytest.approx(0.01, rel=0.05)
    assert 4 <= lr.argmax() <= 6
    assert lr[0] == pytest.approx(0.01 / 25)
    assert lr[-1] < 1e-4


def test_warm_up_rises_and_stays(frames):
    np.testing.assert_allclose(rates("warm-up", frames), [0.001, 0.0055, *[0.01] * 18])


def test_plateau_falls_where_the_loss_stalls(frames):
    X, y = frames
    net = RNNClassifier(4, 1, lr=0.01, lr_schedule="plateau", max_epochs=30, random_state=0)
    wrong = np.roll(y, 1)
    lr = net.fit(X, y, X_val=X, y_val=wrong).history_["lr"].to_numpy()
    falls = np.flatnonzero(np.diff(lr) < 0)
    assert len(falls) >= 1
    assert lr[falls[0] + 1] == pytest.approx(0.001)
    assert all(np.diff(falls) > 10)  # the pause between two


def test_settings_in_a_dict(frames):
    lr = rates({"name": "piecewise", "fractions": (0.5, 0.75), "factors": (0.5, 0.2)}, frames, 8)
    np.testing.assert_allclose(lr, [0.01] * 4 + [0.005] * 2 + [0.002] * 2)
    lr = rates({"name": "warm-up", "fraction": 0.5, "start": 0.5}, frames, 8)
    np.testing.assert_allclose(lr, [0.005, 0.00625, 0.0075, 0.00875, 0.01, 0.01, 0.01, 0.01])
