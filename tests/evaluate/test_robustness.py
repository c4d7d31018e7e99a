"""robustness_curve: scores of clips with noise, the same sounds for every model."""

import numpy as np
import pytest
import soundfile
from sklearn.dummy import DummyRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sklaudio import AugmentedClassifier, FrameSummary, MelSpectrogramTransformer, robustness_curve
from sklaudio.augment import BackgroundNoise
from sklaudio.metrics import accuracy_interval

SR = 8000


@pytest.fixture(scope="module")
def tones():
    rng = np.random.default_rng(0)
    y = np.array(["low", "high"] * 15)
    pitch = np.where(y == "low", 500, 560)
    time = np.arange(2000) / SR
    return [0.2 * np.sin(2 * np.pi * (f * time + rng.uniform())) for f in pitch * rng.uniform(0.97, 1.03, size=30)], y


@pytest.fixture(scope="module")
def noise(tmp_path_factory):
    path = tmp_path_factory.mktemp("noise") / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(1).normal(size=2 * SR), SR)
    return path


@pytest.fixture(scope="module")
def classical():
    mels = MelSpectrogramTransformer(40, sr=SR, n_fft=1024, hop_length=128)
    return make_pipeline(mels, FrameSummary(("mean",)), LogisticRegression())


def test_scores_fall_with_noise_and_less_where_it_was_trained_with(classical, tones, noise):
    X, y = tones
    plain = robustness_curve(classical.fit(X, y), X, y, noise, snr=[-20, 30, -10])
    assert plain["snr"].tolist() == [np.inf, 30, -10, -20]
    assert plain["score"].iloc[0] == classical.score(X, y) == 1
    assert plain["score"].iloc[-1] < 0.8
    trained = AugmentedClassifier(classical, BackgroundNoise(noise, (-20, 20), p=1)).fit(X, y)
    robust = robustness_curve(trained, X, y, noise, snr=[-20, 30, -10])
    assert robust["score"][2:].mean() > plain["score"][2:].mean()
    row = plain.iloc[-1]
    assert (row["low"], row["high"]) == accuracy_interval(round(30 * row["score"]), 30)


def test_it_is_the_score_of_the_mixtures_and_seeds_decide_them(classical, tones, noise):
    X, y = tones
    model = classical.fit(X, y)
    first, again = (robustness_curve(model, X, y, noise, snr=-15, n_draws=3) for _ in range(2))
    assert first.equals(again)
    assert len({robustness_curve(model, X, y, noise, snr=-15, random_state=k)["score"][1] for k in range(6)}) > 1
    turned = robustness_curve(model, X[::-1], y[::-1], noise, snr=-15, n_draws=3)
    assert turned.equals(first)


def test_other_scores_and_numbers_have_no_interval(classical, tones, noise):
    X, y = tones
    losses = robustness_curve(classical.fit(X, y), X, y, noise, snr=0, scoring="neg_log_loss")
    assert losses["score"].is_monotonic_decreasing
    assert losses[["low", "high"]].isna().all(axis=None)
    regressor = make_pipeline(*classical[:-1], DummyRegressor()).fit(X, np.arange(30.0))
    assert robustness_curve(regressor, X, np.arange(30.0), noise, snr=0)["score"].tolist() == [0, 0]


def test_what_cannot_be_scored_is_an_error(classical, tones, noise):
    X, y = tones
    with pytest.raises(NotFittedError):
        robustness_curve(make_pipeline(*classical[:-1], LogisticRegression()), X, y, noise)
    model = classical.fit(X, y)
    with pytest.raises(ValueError, match="must be one ratio in decibels"):
        robustness_curve(model, X, y, noise, snr=[])
    with pytest.raises(ValueError, match="n_draws=0"):
        robustness_curve(model, X, y, noise, n_draws=0)
    with pytest.raises(ValueError, match=r"\[30, 29\]"):
        robustness_curve(model, X, y[1:], noise)
