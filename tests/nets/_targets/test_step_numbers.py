"""Numbers of every frame: standardized, compared, refused; and a net that follows them."""

import pickle

import numpy as np
import pytest
import torch

from sklaudio import DenseRegressor, LSTMRegressor, load, save
from sklaudio.metrics import concordance_correlation
from sklaudio.nets._losses import ConcordanceLoss
from sklaudio.nets._targets import StepNumbersTarget

Y = [np.array([[0.0, 10.0], [2.0, 30.0], [4.0, 20.0]]), np.array([[2.0, 20.0]])]


def learned(y=Y):
    target, encoded = StepNumbersTarget("mse").learn(y, None)
    return target.count(encoded, np.ones(len(encoded))), encoded


def test_numbers_are_padded_and_standardized_over_frames():
    target, encoded = learned()
    assert np.isnan(encoded[1, 1:]).all()
    assert target.mean.tolist() == [2, 20]
    np.testing.assert_allclose(target.scale, np.concatenate(Y).std(axis=0))
    assert target.frame_count == 4
    trained = target.as_trained(encoded)
    np.testing.assert_allclose(np.nanmean(trained, axis=(0, 1)), 0, atol=1e-6)
    outputs = np.empty(2, dtype=object)
    outputs[:] = [trained[0], trained[1, :1]]
    for clip, expected in zip(target.decode(outputs), Y, strict=True):
        np.testing.assert_allclose(clip, expected, atol=1e-5)


def test_copies_of_a_clip_count():
    target, encoded = StepNumbersTarget("mse").learn(Y, None)
    assert target.count(encoded, np.array([0.0, 2.0])).mean.tolist() == [2, 20]
    assert target.count(encoded, np.array([1.0, 3.0])).frame_count == 6


def test_the_loss_is_the_mean_over_the_frames_of_a_clip():
    target, encoded = learned()
    trained = torch.from_numpy(target.as_trained(encoded))
    predicted = torch.ones(2, 3, 2)
    losses = target.losses(torch.nn.MSELoss(reduction="none"), predicted, trained, {})
    for clip, y in enumerate(Y):
        expected = ((1 - (y - target.mean) / target.scale) ** 2).mean()
        assert losses[clip].item() == pytest.approx(expected, rel=1e-5)


def test_the_concordance_is_of_all_frames_of_a_batch():
    rng = np.random.default_rng(0)
    encoded = rng.normal(size=(2, 4, 1)).astype(np.float32)
    predicted = torch.from_numpy(rng.normal(size=(2, 4, 1)).astype(np.float32))
    losses = StepNumbersTarget.losses(ConcordanceLoss(), predicted, torch.from_numpy(encoded), {})
    expected = 1 - concordance_correlation(encoded.ravel(), predicted.numpy().ravel())
    assert losses.mean().item() == pytest.approx(expected, rel=1e-4)


def test_numbers_of_a_mixture_are_mixed_and_go_on_with_the_longer_clip():
    encoded = torch.tensor([[[1.0], [2.0]], [[3.0], [float("nan")]]])
    mixing = {"partner": torch.tensor([1, 0]), "fraction": torch.tensor([0.25, 0.75])}
    losses = StepNumbersTarget.losses(torch.nn.L1Loss(reduction="none"), torch.zeros(2, 2, 1), encoded, mixing)
    assert losses.tolist() == [(2.5 + 2) / 2, (2.5 + 2) / 2]


@pytest.mark.parametrize(
    ("y", "message"),
    [
        ([Y[0], np.array([[np.nan, 0]])], r"y\[1\] contains NaN. The first is y\[1\]\[0, 0\]"),
        ([Y[0], np.array([[1.0]])], r"y\[1\] has 1 targets, and the first clip 2"),
        ([1.0, 2.0], "y holds no numbers of every frame"),
        ([Y[0], np.array([1.0, 2.0])], r"y\[1\] is of shape \(2,\). Give each clip an array \(n_frames, n_targets\)"),
    ],
)
def test_other_values_are_refused(y, message):
    with pytest.raises(ValueError, match=message):
        learned(y)


@pytest.fixture(scope="module")
def curves():
    """Frames whose first dim, smoothed, is the number of each frame, in a unit of its own."""
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n_frames, 3)).astype(np.float32) for n_frames in rng.integers(20, 40, size=40)]
    return X, [100 + 20 * (clip[:, :1] + np.vstack([[[0]], clip[:-1, :1]])) for clip in X]


def test_a_net_follows_the_numbers_of_frames(curves, tmp_path):
    X, y = curves
    net = LSTMRegressor(12, 1, lr=0.02, batch_size=4, max_epochs=12, random_state=0).fit(X[:30], y[:30])
    assert net.score(X[30:], y[30:]) > 0.9
    predicted = net.predict(X[30:])
    assert [clip.shape for clip in predicted] == [clip.shape for clip in y[30:]]
    save(net, tmp_path / "net.skl")
    for copy in (pickle.loads(pickle.dumps(net)), load(tmp_path / "net.skl")):
        assert all(map(np.array_equal, copy.predict(X[30:]), predicted))
    net.partial_fit(X, y)
    assert net.predict(np.stack([X[0][:20], X[1][:20]])).shape == (2, 20, 1)


def test_early_stopping_and_refusals(curves):
    X, y = curves
    settings = {"max_epochs": 2, "early_stopping": True, "random_state": 0}
    assert LSTMRegressor(4, 1, loss="ccc", **settings).fit(X, y).history_["valid_loss"].notna().all()
    with pytest.raises(ValueError, match="y has a row for every frame, and DenseRegressor predicts whole clips alone"):
        DenseRegressor((4,)).fit(X, y)
    with pytest.raises(ValueError, match=r"y\[1\] has 3 rows, and that clip has"):
        LSTMRegressor(4, 1).fit(X, [y[0], y[1][:3], *y[2:]])
