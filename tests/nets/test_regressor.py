"""NetRegressor: numbers of sound, one or several, in their own unit."""

import pickle

import numpy as np
import pandas as pd
import pytest
import skorch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import GRURegressor, LSTMClassifier, LSTMRegressor, MelSpectrogramTransformer, NetRegressor
from sklaudio.augment import Mixup
from sklaudio.metrics import concordance_correlation

from .small import InterruptOnce

SR = 8000
REGRESSORS = {
    "rnn": sklaudio.RNNRegressor(16, 1, pooling="mean"),
    "gru": sklaudio.GRURegressor(16, 1, pooling="mean"),
    "lstm": sklaudio.LSTMRegressor(16, 1, pooling="mean"),
    "blstm": sklaudio.BLSTMRegressor(8, 1, pooling="mean"),
    "dense": sklaudio.DenseRegressor((16,), dropout=0.0),
    "cnn": sklaudio.CNNRegressor((8, 8), head=(16,), dropout=0.0),
    "crnn": sklaudio.CRNNRegressor((4, 8), 8, dropout=0.0),
    "parallel": sklaudio.ParallelCNNLSTMRegressor((4, 8), 8, dropout=0.0),
    "tiny": sklaudio.TinyCNNRegressor((4, 8), dropout=0.0),
}


def small(**parameters):
    defaults = {"hidden_size": 16, "num_layers": 1, "pooling": "mean", "lr": 0.02, "max_epochs": 25, "random_state": 0}
    return LSTMRegressor(**defaults | parameters)


@pytest.fixture
def numbers(rng):
    """Sixty clips of twelve frames of three dims, and a number with a mean of 100 that the first dim tells."""
    X = rng.normal(size=(60, 12, 3)).astype(np.float32)
    X[:, :, 0] += rng.normal(size=60)[:, None]
    return X, 100 + 40 * X[:, :, 0].mean(axis=1).astype(np.float64)


@pytest.fixture
def two(numbers):
    """The same with two numbers of very different size."""
    X, y = numbers
    return X, np.stack([y, 1e-3 * X[:, :, 1].mean(axis=1)], axis=1)


def tones(rng, n_clips):
    """Tones of 150 to 3000 Hz at any level: waveforms, frequencies in octaves above 150 Hz, levels in decibel."""
    octaves, levels = rng.uniform(0, 4.3, n_clips), rng.uniform(-40, 0, n_clips)
    time = np.arange(SR // 4) / SR
    clips = [
        10 ** (db / 20) * np.sin(2 * np.pi * 150 * 2**octave * time) for octave, db in zip(octaves, levels, strict=True)
    ]
    return [clip.astype(np.float32) for clip in clips], octaves, levels


def clicks(rng, n_clips):
    """Clicks at 60 to 240 beats a minute, from any phase: waveforms and tempi."""
    tempi = rng.uniform(60, 240, n_clips)
    clips = []
    for tempo in tempi:
        clip = 0.001 * rng.normal(size=3 * SR)
        beats = np.arange(rng.uniform(0, 60 / tempo), 3, 60 / tempo)
        for start in (SR * beats).astype(int):
            clip[start : start + 400] += rng.normal(size=len(clip[start : start + 400]))
        clips.append(clip.astype(np.float32))
    return clips, tempi


@pytest.mark.parametrize("name", REGRESSORS)
def test_each_architecture_learns_a_number_in_its_unit(name, numbers):
    X, y = numbers
    net = clone(REGRESSORS[name]).set_params(lr=0.01, max_epochs=40, random_state=0).fit(X, y)
    assert r2_score(y, net.predict(X)) > 0.8
    assert net.score(X, y) == pytest.approx(r2_score(y, net.predict(X)))
    assert isinstance(net.net_, skorch.NeuralNetRegressor)
    assert net.predict(X).dtype == np.float64
    assert net.transform(X).shape[0] == len(X)


def test_pitch_and_level_of_tones_not_in_training(rng):
    clips, octaves, levels = tones(rng, 120)
    model = make_pipeline(
        MelSpectrogramTransformer(32, sr=SR, n_fft=512, hop_length=256),
        GRURegressor(32, 1, pooling="mean", lr=0.01, max_epochs=60, random_state=0),
    )
    y = np.stack([octaves, levels], axis=1)
    predictions = model.fit(clips[:90], y[:90]).predict(clips[90:])
    mean = np.tile(y[:90].mean(axis=0), (30, 1))
    errors = mean_absolute_error(y[90:], predictions, multioutput="raw_values")
    assert (errors < 0.25 * mean_absolute_error(y[90:], mean, multioutput="raw_values")).all()


def test_tempo_of_clicks_not_in_training(rng):
    clips, tempi = clicks(rng, 120)
    model = make_pipeline(
        sklaudio.RMSTransformer(sr=SR, n_fft=256, hop_length=256),
        GRURegressor(16, 1, pooling="mean", lr=0.02, max_epochs=40, random_state=0),
    )
    predictions = model.fit(clips[:90], tempi[:90]).predict(clips[90:])
    assert mean_absolute_error(tempi[90:], predictions) < 0.5 * np.abs(tempi[90:] - tempi[:90].mean()).mean()


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "ccc"])
def test_each_loss_learns(loss, two):
    X, y = two
    net = small(loss=loss, max_epochs=40).fit(X, y)
    assert (concordance_correlation(y, net.predict(X), multioutput="raw_values") > 0.9).all()
    assert net.history_["train_loss"].iloc[-1] < 0.3 * net.history_["train_loss"].iloc[0]


def test_outliers_pull_less_at_absolute_errors(numbers):
    X, y = numbers
    wrong = y.copy()
    wrong[:6] += 2000
    errors = {loss: np.abs(small(loss=loss).fit(X, wrong).predict(X) - y)[6:].mean() for loss in ("mse", "mae")}
    assert errors["mae"] < 0.5 * errors["mse"]


def test_predictions_have_the_shape_of_y(numbers, two):
    X, y = numbers
    one = small(max_epochs=3).fit(X, y)
    assert one.predict(X).shape == (60,)
    assert one.target_mean_.shape == ()
    column = small(max_epochs=3).fit(X, y[:, np.newaxis])
    assert column.predict(X).shape == (60, 1)
    np.testing.assert_array_equal(column.predict(X)[:, 0], one.predict(X))
    frame = pd.DataFrame(two[1], columns=["valence", "arousal"])
    assert small(max_epochs=3).fit(X, frame).predict(X).shape == (60, 2)
    np.testing.assert_allclose(small(max_epochs=3).fit(X, frame).target_mean_, two[1].mean(axis=0))


def test_numbers_are_standardized(numbers):
    """Another unit gives the same net, and predictions in that unit."""
    X, y = numbers
    net = small(max_epochs=5).fit(X, y)
    assert net.target_mean_ == pytest.approx(y.mean())
    assert net.target_scale_ == pytest.approx(y.std())
    other = small(max_epochs=5).fit(X, 1024 * y)
    np.testing.assert_allclose(other.predict(X), 1024 * net.predict(X), rtol=1e-4)
    assert other.history_["train_loss"].iloc[-1] == pytest.approx(net.history_["train_loss"].iloc[-1], rel=1e-3)


def test_a_constant_is_predicted(numbers):
    X, _ = numbers
    np.testing.assert_allclose(small().fit(X, np.full(60, 7.5)).predict(X), 7.5, atol=0.2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad, numbers, two):
    X, y = numbers
    y[3] = bad
    with pytest.raises(ValueError, match="Input y contains"):
        small().fit(X, y)
    y = two[1].copy()
    y[2, 1] = bad
    with pytest.raises(ValueError, match="Input y contains"):
        small().fit(X, y)
    with pytest.raises(ValueError, match="y_val contains"):
        small().fit(*two, X_val=X, y_val=y)


def test_bad_targets_and_parameters_are_named(numbers, two):
    X, y = numbers
    with pytest.raises(ValueError, match="loss"):
        small(loss="log").fit(X, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        small().fit(X, y[:-1])
    with pytest.raises(ValueError, match=r"y holds text \('high'\), not numbers"):
        small().fit(X, ["high"] * 60)
    with pytest.raises(ValueError, match="0 feature"):
        small().fit(X, np.zeros((60, 0)))
    with pytest.raises(ValueError, match=r"y_val is of shape \(60, 2\)"):
        small().fit(X, y, X_val=X, y_val=two[1])
    with pytest.raises(NotFittedError):
        small().predict(X)
    with pytest.raises(ValueError, match="early_stopping=True cannot set clips aside"):
        small(early_stopping=True).fit(X, y, groups=np.zeros(60))


def test_weights_count_as_copies_in_what_is_learned_of_y(numbers):
    X, y = numbers
    weight = np.arange(60) % 3
    weighted = small(max_epochs=1).fit(X, y, sample_weight=weight)
    assert weighted.target_mean_ == pytest.approx(np.repeat(y, weight).mean())
    assert weighted.target_scale_ == pytest.approx(np.repeat(y, weight).std())


def test_clips_without_weight_are_not_there(numbers):
    X, y = numbers
    y[40:] = 1e6
    weight = (np.arange(60) < 40).astype(float)
    stopping = small(early_stopping=True, validation_fraction=0.3, max_epochs=5)
    with_zeros = clone(stopping).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(with_zeros.predict(X), clone(stopping).fit(X[:40], y[:40]).predict(X))


def test_early_stopping_keeps_the_best_epoch_and_divides_no_group(numbers, rng):
    X, y = numbers
    X, groups = np.concatenate([X, X]), np.tile(np.arange(60), 2)
    y = rng.normal(size=120)  # nothing to learn of X, but what is in both halves
    net = small(early_stopping=True, validation_fraction=0.3, n_iter_no_change=4, max_epochs=60)
    net.fit(X, y, groups=groups)
    assert len(net.history_) < 60
    assert len(net.history_) == net.history_["valid_loss"].idxmin() + 1 + 4
    assert net.history_["train_acc"].isna().all()


def test_a_seed_fixes_results(numbers):
    X, y = numbers
    first, second = small(max_epochs=4).fit(X, y), small(max_epochs=4).fit(X, y)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))
    assert (first.predict(X) != small(max_epochs=4, random_state=1).fit(X, y).predict(X)).any()


@pytest.mark.parametrize("loss", ["mse", "ccc"])
def test_saved_and_loaded_it_predicts_the_same(loss, two, tmp_path):
    X, y = two
    net = small(loss=loss, max_epochs=4).fit(X, y)
    net.set_params(loss="mae")  # does not belong to the weights
    sklaudio.save(net, tmp_path / "net.skops")
    for again in (sklaudio.load(tmp_path / "net.skops"), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(again.predict(X), net.predict(X))
        assert again.get_params() == net.get_params()
    one = make_pipeline(sklaudio.FrameScaler(), small(max_epochs=4)).fit(X, y[:, 0])
    sklaudio.save(one, tmp_path / "one.skops")
    np.testing.assert_array_equal(sklaudio.load(tmp_path / "one.skops").predict(X), one.predict(X))


@pytest.mark.parametrize("name", ["target_mean_", "target_scale_"])
def test_a_file_whose_numbers_contradict_each_other_is_refused(name, two, tmp_path):
    net = small(max_epochs=1).fit(*two)
    for bad in (np.array([1.0, np.nan]), np.zeros((2, 2)), np.ones(3)):
        setattr(net, name, bad)
        with pytest.raises(ValueError, match="target_"):
            sklaudio.save(net, tmp_path / "net.skops")


def test_warm_start_goes_on_and_other_targets_get_a_new_output(numbers, two):
    X, y = numbers
    net = small(max_epochs=20).fit(X, y)
    before, mean = net.history_["train_loss"].iloc[-1], net.target_mean_
    net.set_params(warm_start=True, max_epochs=3).fit(X, y + 1)
    assert len(net.history_) == 23
    assert net.history_["train_loss"].iloc[20] < 3 * before + 0.05
    assert net.target_mean_ == mean  # of the weights
    net.fit(*two)
    assert len(net.history_) == 26
    assert net.predict(X).shape == (60, 2)
    np.testing.assert_allclose(net.target_mean_, two[1].mean(axis=0))


def test_partial_fit_learns_epoch_by_epoch(numbers, two):
    X, y = numbers
    net = small()
    for _ in range(20):
        net.partial_fit(X, y)
    assert net.score(X, y) > 0.8
    assert len(net.history_) == 20
    with pytest.raises(ValueError, match=r"y is of shape \(60, 2\)"):
        net.partial_fit(*two)
    assert net.score(X, y) > 0.8


def test_an_interrupted_training_goes_on_from_its_checkpoint(numbers, tmp_path):
    X, y = numbers
    whole = small(max_epochs=6).fit(X, y)
    net = small(max_epochs=6, checkpoint=str(tmp_path / "nets"), callbacks=[InterruptOnce(str(tmp_path / "seen"))])
    with pytest.raises(KeyboardInterrupt):
        clone(net).fit(X, y)
    again = clone(net).fit(X, y)
    np.testing.assert_array_equal(again.predict(X), whole.predict(X))
    assert again.history_["train_loss"].tolist() == whole.history_["train_loss"].tolist()


def test_clips_of_unequal_length_and_without_frames(numbers, rng):
    X, y = numbers
    clips = np.empty(60, dtype=object)
    for index, clip in enumerate(X):
        clips[index] = clip[: rng.integers(4, 13)]
    net = small().fit(clips, y)
    assert net.score(clips, y) > 0.5
    alone = np.concatenate([net.predict([clip]) for clip in clips])
    np.testing.assert_allclose(net.predict(clips), alone, rtol=1e-4)
    clips[5] = clips[5][:0]
    assert net.predict(clips)[5] == pytest.approx(float(net.target_mean_))


def test_clips_that_are_mixed_have_numbers_that_are_mixed(numbers):
    X, y = numbers
    assert small(augment=Mixup(), max_epochs=40).fit(X, y).score(X, y) > 0.8


def test_scores_of_scikit_learn(numbers):
    X, y = numbers
    assert cross_val_score(small(), X, y, cv=3, scoring="neg_mean_absolute_error").min() > -15


def test_one_architecture_serves_both(numbers):
    X, y = numbers
    regressor, classifier = small(max_epochs=1).fit(X, y), LSTMClassifier(16, 1, pooling="mean", max_epochs=1)
    classifier.fit(X, y > 100)
    names = [[name for name, _ in net.net_.module_.named_parameters()] for net in (regressor, classifier)]
    assert names[0] == names[1]
    shared = set(regressor.get_params()) & set(classifier.get_params())
    assert set(regressor.get_params()) - shared == {"loss"}
    assert set(classifier.get_params()) - shared == {"class_weight", "label_smoothing"}


def test_a_user_defined_regressor(numbers):
    import torch

    class MeanOfFrames(torch.nn.Module):
        def __init__(self, n_dims, n_outputs):
            super().__init__()
            self.output = torch.nn.Linear(n_dims, n_outputs)

        def forward(self, frames, lengths):
            return self.output(frames.mean(dim=1))

    class LinearRegressor(NetRegressor):
        def _make_module(self, n_dims, n_outputs):
            return MeanOfFrames(n_dims, n_outputs)

    X, y = numbers
    net = LinearRegressor(lr=0.1, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.95
