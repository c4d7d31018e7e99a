"""The systems of the literature: layers, shapes, counts, and that each runs on what it was made for."""

import numpy as np
import pytest
import torch

from sklaudio import published
from sklaudio.segments import last_step

SECONDS = {"genre": 4.0, "notes": 1.0, "words": 1.0}
COUNTS = {  # as torch counts
    "genre-lstm": 94_770 + 4 * (128 + 33),
    "genre-lstm-deep": 103_614 + 4 * (128 + 33 + 33),
    "genre-lstm-mfcc": 81_299 + 4 * (128 + 14),
    "words-cnn": 143_242,
    "words-crnn": 1_942_346,
    "words-parallel": 260_042,
    "genre-dense": (1690 * 512 + 512) + (512 * 256 + 256) + (256 * 64 + 64) + (64 * 10 + 10),
    "genre-cnn": (9 * 32 + 32) + 2 * (64) + (9 * 32 * 32 + 32) + (4 * 32 * 32 + 32) + 64 + (480 * 64 + 64) + 650,
    "genre-lstm-3s": 4 * 64 * (13 + 64 + 2) + 4 * 64 * (64 + 64 + 2) + (64 * 64 + 64) + 650,
    "notes-lstm": 4 * 128 * (160 + 128 + 2) + 2 * 4 * 128 * (128 + 128 + 2) + 1290,
    "notes-blstm": 2 * 4 * 128 * (160 + 128 + 2) + 2 * 2 * 4 * 128 * (256 + 128 + 2) + 2570,
}
KERAS = {"genre-lstm": 94_770, "genre-lstm-deep": 103_614, "genre-lstm-mfcc": 81_299}
SHAPES = {  # of what goes into the net, and of its layers for one clip
    "genre-lstm": ((128, 14), [(1, 128, 128), (1, 128, 33)]),
    "genre-lstm-deep": ((128, 14), [(1, 128, 128), (1, 128, 33), (1, 128, 33)]),
    "genre-lstm-mfcc": ((128, 14), [(1, 128, 128), (1, 128, 14)]),
    "genre-lstm-piecewise": ((128, 33), [(1, 128, 128), (1, 128, 32)]),
    "genre-lstm-plateau": ((128, 33), [(1, 128, 128), (1, 128, 32)]),
    "notes-dense": ((100, 160), [(1, 256), (1, 128)]),
    "notes-cnn": ((100, 160), [(1, 16, 4000), (1, 32, 1000), (1, 64, 250), (1, 64, 63)]),
    "notes-lstm": ((100, 160), [(1, 100, 128)] * 3),
    "notes-blstm": ((100, 160), [(1, 100, 256)] * 3),
    "words-cnn": ((44, 128), [(1, 16, 65, 23), (1, 32, 33, 12), (1, 64, 17, 7), (1, 128, 9, 4)]),
    "words-crnn": ((44, 128), [(1, 128, 22), (1, 128, 11), (1, 256, 5), (1, 256, 96), (1, 64)]),
    "words-parallel": ((44, 128), [(1, 16, 63, 22), (1, 32, 30, 11), (1, 64, 14, 5), (1, 64, 3, 1), (1, 32, 256)]),
    "genre-dense": ((130, 13), [(1, 512), (1, 256), (1, 64)]),
    "genre-cnn": ((130, 13), [(1, 32, 64, 6), (1, 32, 31, 2), (1, 32, 15, 1), (1, 64)]),
    "genre-lstm-3s": ((130, 13), [(1, 130, 64), (1, 130, 64), (1, 64)]),
}


@pytest.fixture(scope="module")
def fitted():
    """Each system after one epoch, on noise of as many classes as it was made for."""
    cache = {}

    def fit(name):
        if name not in cache:
            n_classes = published.system(name).n_classes
            rng = np.random.default_rng(0)
            model = published.make(name, max_epochs=1, random_state=0)
            sr = model["features"].sr
            X = rng.normal(size=(2 * n_classes, round(SECONDS[name.split("-")[0]] * sr))).astype(np.float32)
            y = np.tile(np.arange(n_classes), 2)
            cache[name] = model.fit(X, y), X
        return cache[name]

    return fit


def test_the_fifteen_names():
    assert len(published.names()) == 15
    assert set(SHAPES) == set(published.names())


@pytest.mark.parametrize("name", published.names())
def test_it_runs_as_it_is(name, fitted):
    model, X = fitted(name)
    probabilities = model.predict_proba(X)
    assert probabilities.shape == (len(X), published.system(name).n_classes)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", COUNTS)
def test_parameters_are_counted_as_published(name, fitted):
    net = last_step(getattr(fitted(name)[0][-1], "estimator_", fitted(name)[0]))
    assert net.n_parameters_ == COUNTS[name]


@pytest.mark.parametrize("name", KERAS)
def test_keras_counts_one_bias_a_layer(name, fitted):
    net = fitted(name)[0]["net"]
    second_biases = sum(p.numel() for n, p in net.net_.module_.named_parameters() if "bias_hh" in n)
    assert net.n_parameters_ - second_biases == KERAS[name]
    assert f"{KERAS[name]:,}" in published.SYSTEMS[name].make.__doc__
    assert f"{net.n_parameters_:,}" in published.SYSTEMS[name].make.__doc__


@pytest.mark.parametrize("name", SHAPES)
def test_layers_have_the_published_shapes(name, fitted):
    (n_frames, n_dims), expected = SHAPES[name]
    model, _ = fitted(name)
    module = last_step(getattr(model[-1], "estimator_", model)).net_.module_.eval()
    watched = (torch.nn.MaxPool1d, torch.nn.MaxPool2d, torch.nn.LSTM, torch.nn.Linear)
    is_raw = name == "notes-cnn"
    shapes = []

    def record(layer, inputs, output):
        shapes.append(tuple((output[0] if isinstance(output, tuple) else output).shape))

    for layer in module.modules():
        if isinstance(layer, torch.nn.Conv1d if is_raw else watched) or type(layer).__name__ == "SamePool":
            layer.register_forward_hook(record)
    module(torch.zeros(1, n_frames, n_dims), torch.tensor([n_frames]))
    remaining = iter(shapes)
    assert all(shape in remaining for shape in expected), shapes  # in this order


def test_the_softmax_before_the_loss_is_kept(fitted):
    module = fitted("words-cnn")[0]["net"].net_.module_.eval()
    output = module(torch.randn(3, 44, 128), torch.full((3,), 44))
    np.testing.assert_allclose(output.sum(dim=1).detach(), 1, atol=1e-5)
    assert "softmax" in published.words_cnn.__doc__


def test_overrides():
    model = published.make("genre-cnn", lr=0.5, features__n_mfcc=20, vote__segment_length=43)
    assert model.get_params()["vote__estimator__lr"] == 0.5
    assert model["features"].n_mfcc == 20
    assert model["vote"].segment_length == 43
    with pytest.raises(ValueError, match="hidden"):
        published.make("genre-lstm", hidden=3)
    with pytest.raises(ValueError, match="'genre-gru' is no published system"):
        published.make("genre-gru")


def test_the_piecewise_rate(fitted):
    model = published.make("genre-lstm-piecewise", max_epochs=10, random_state=0)
    X = np.random.default_rng(0).normal(size=(6, 22050))
    rates = model.fit(X, np.arange(6) % 2)["net"].history_["lr"]
    np.testing.assert_allclose(rates, [3e-5] * 3 + [3e-6] * 3 + [3e-7] * 4)
