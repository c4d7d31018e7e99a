"""make_regressor: what it is made of, what it says, and that it learns."""

import numpy as np
import pytest
from sklearn.base import clone

from sklaudio import load, make_classifier, make_regressor, save
from sklaudio.nets._kinds import kinds

from ..encoders.small import Loudness

KINDS = kinds("Regressor")


@pytest.fixture
def tones(rng):
    """Twenty tones of 0.3 s at 8 kHz, whose octave and level are the numbers."""
    numbers = np.column_stack([rng.uniform(0, 3, size=20), rng.uniform(0.1, 1, size=20)])
    time = np.arange(2400) / 8000
    return numbers[:, 1:] * np.sin(2 * np.pi * 200 * 2 ** numbers[:, :1] * time), numbers


@pytest.mark.parametrize("kind", KINDS)
def test_its_steps(kind):
    model = make_regressor(kind, sr=16000, duration=2.0, max_epochs=3)
    assert list(model.named_steps) == ["features", "net"]
    assert type(model["net"]).__name__ == KINDS[kind]
    assert model["net"].get_params() == type(model["net"])(max_epochs=3, precision="auto").get_params()
    classifier = make_classifier(kind, sr=16000, duration=2.0)
    assert repr(model["features"]) == repr(classifier["features"])
    mean, vote = make_regressor(kind)["mean"], make_classifier(kind)["vote"]
    for name in ("segment_length", "hop_length", "auto_length"):
        assert getattr(mean, name) == getattr(vote, name)
    assert clone(mean).get_params().keys() == mean.get_params().keys()


def test_numbers_of_clips_are_learned_and_the_model_is_saved(tones, tmp_path):
    X, y = tones
    net = {"hidden_size": 16, "num_layers": 1, "pooling": "mean", "lr": 0.02, "max_epochs": 30, "random_state": 0}
    model = make_regressor("gru", sr=8000, **net)
    model.fit(X, y, mean__groups=np.arange(20) // 2)
    assert model.score(X, y) > 0.7
    save(model, tmp_path / "model.skops")
    np.testing.assert_array_equal(load(tmp_path / "model.skops").predict(X), model.predict(X))


def test_an_encoder_and_a_ridge(tones):
    X, y = tones
    X = np.repeat(X, 2, axis=1)  # to 16 kHz
    model = make_regressor("encoder", encoder=Loudness())
    assert list(model.named_steps) == ["features", "summary", "scaler", "head"]
    assert model.fit(X, y[:, 1], head__groups=np.arange(20) // 2).score(X, y[:, 1]) > 0.9
    segments = make_regressor("encoder", encoder=Loudness(), segment_length=20, alphas=(1.0, 10.0))
    assert segments["mean"].estimator["head"].alphas == (1.0, 10.0)
    on_frames = make_regressor("gru", encoder=Loudness(), hidden_size=4, max_epochs=1)
    assert on_frames["net"].dropout == 0.5
    assert on_frames.fit(X, y).predict(X).shape == (20, 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "crn"}, "kind"),
        ({"label_smoothing": 0.1}, "label_smoothing: no parameter of make_regressor or of CRNNRegressor"),
        ({"kind": "encoder", "Cs": (1,)}, "Cs: no parameter of make_regressor or of GroupedRidge"),
        ({"kind": "crnn", "encoder": "digits"}, "encoder='digits' cannot be used with kind='crnn'"),
        ({"features": {"sr": 8000}}, "sr and duration are parameters of make_regressor itself"),
    ],
)
def test_what_is_unknown_is_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        make_regressor(**wrong)
