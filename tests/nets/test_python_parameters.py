"""Parameters may be numbers of numpy: grids are made of them."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import sklaudio
from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    GRUClassifier,
    LSTMClassifier,
    ParallelCNNLSTMClassifier,
    SegmentVotingClassifier,
    TinyCNNClassifier,
    make_classifier,
)
from sklaudio.augment import FrequencyWarp, Mixup, SpecAugment
from sklaudio.nets._python_parameters import as_python

TRAINING = {
    "lr": np.float64(0.01),
    "batch_size": np.int64(8),
    "max_epochs": np.int32(2),
    "weight_decay": np.float32(0.01),
    "l1": np.float32(0.001),
    "l2": np.float64(0.001),
    "lr_schedule": {"name": "piecewise", "fractions": np.array([0.5]).tolist(), "factors": (np.float32(0.5),)},
    "early_stopping": np.bool_(True),
    "validation_fraction": np.float32(0.2),
    "n_iter_no_change": np.int64(3),
    "label_smoothing": np.float32(0.1),
    "standardize": np.bool_(True),
    "gradient_clip": np.float32(1),
    "precision": np.str_("float32"),
    "random_state": np.int64(3),
    "verbose": np.int64(0),
    "net_params": {"iterator_valid__batch_size": np.int64(7)},
}
SIZES = [
    (LSTMClassifier, {"hidden_size": np.int64(8), "num_layers": np.int64(2), "bidirectional": np.bool_(True)}),
    (LSTMClassifier, {"hidden_size": np.array([8, 4]), "head": [np.int64(4)], "dropout": np.float32(0.1)}),
    (GRUClassifier, {"hidden_size": (np.int64(8), np.uint8(4)), "pooling": np.str_("mean")}),
    (BLSTMClassifier, {"hidden_size": np.int16(4), "num_layers": np.int64(1), "head": np.array([3])}),
    (CNNClassifier, {"channels": (np.int64(4), np.int64(8)), "head": np.arange(4, 9, 4)}),
    (CNNClassifier, {"channels": np.array([4, 8]), "dropout": np.float32(0.1)}),
    (CRNNClassifier, {"channels": [np.int64(4)] * 2, "hidden_size": np.int64(4), "cell": np.str_("lstm")}),
    (ParallelCNNLSTMClassifier, {"channels": np.array([4, 4]), "hidden_size": np.int64(4)}),
    (TinyCNNClassifier, {"channels": np.array([4, 6]), "dropout": np.float32(0.1)}),
    (DenseClassifier, {"hidden_sizes": (np.int64(8),)}),
    (DenseClassifier, {"hidden_sizes": np.array([8, 4]), "dropout": np.float16(0.25)}),
]


def of_python(parameters):
    return {
        name: tuple(value.tolist()) if isinstance(value, np.ndarray) else as_python(value)
        for name, value in parameters.items()
    }


@pytest.mark.parametrize(("Net", "sizes"), SIZES)
def test_numbers_of_numpy_are_those_of_python(Net, sizes, frames, tmp_path):
    X, y = frames
    parameters = sizes | TRAINING
    net = Net(**parameters)
    net.fit(X, y)
    expected = Net(**of_python(parameters)).fit(X, y)
    np.testing.assert_array_equal(net.predict_proba(X), expected.predict_proba(X))
    for name, value in parameters.items():
        assert getattr(net, name) is value  # parameters stay as they are given
    clone(net)
    repr(net)
    sklaudio.save(net, tmp_path / "net.skops")
    loaded = sklaudio.load(tmp_path / "net.skops")
    np.testing.assert_array_equal(loaded.predict_proba(X), net.predict_proba(X))
    net.partial_fit(X, y)
    net.set_params(warm_start=np.bool_(True)).fit(X, y)


@pytest.mark.parametrize(
    ("Net", "grid"),
    [
        (LSTMClassifier(num_layers=1), {"hidden_size": np.arange(8, 17, 8)}),
        (LSTMClassifier(4, 1), {"hidden_size": [4, np.int64(8)]}),
        (LSTMClassifier(4, 1), {"batch_size": np.array([8, 16])}),
        (LSTMClassifier(4, 1), {"bidirectional": np.array([False, True])}),
        (LSTMClassifier(4, 1), {"lr": np.logspace(-3, -2, 2), "dropout": np.array([0.1], np.float32)}),
        (CNNClassifier((4, 4)), {"channels": [np.array([4, 4]), (np.int64(4), np.int64(8))]}),
    ],
)
def test_a_grid_of_numpy_has_a_score_for_each_candidate(Net, grid, frames):
    X, y = frames
    search = GridSearchCV(Net.set_params(max_epochs=1, random_state=0), grid, cv=2, error_score="raise").fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()


def test_a_checkpoint_knows_the_call_by_its_numbers(frames, tmp_path):
    X, y = frames
    for size in (8, np.int64(8)):
        LSTMClassifier(size, 1, max_epochs=1, random_state=0, checkpoint=tmp_path).fit(X, y)
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_augmentation_features_and_segments_take_numbers_of_numpy(rng):
    n_fft, hop = np.int64(512), np.int64(256)
    features = {"n_fft": n_fft, "hop_length": hop, "sr": np.int64(8000)}
    X = [rng.normal(size=4000).astype(np.float32) for _ in range(8)]
    y = ["a", "b"] * 4
    mel = sklaudio.MelSpectrogramTransformer(np.int64(16), **features)
    same = sklaudio.MelSpectrogramTransformer(16, n_fft=512, hop_length=256, sr=8000)
    frames = mel.fit_transform(X)
    np.testing.assert_array_equal(frames, same.fit_transform(X))
    steps = [Mixup(np.float32(0.5)), FrequencyWarp(p=np.float32(0.5)), SpecAugment(np.int64(2), np.int64(3))]
    net = LSTMClassifier(np.int64(4), 1, max_epochs=1, augment=steps, random_state=0)
    vote = SegmentVotingClassifier(net, segment_length=np.int64(5), hop_length=np.int64(2)).fit(frames, y)
    assert vote.predict_proba(frames).shape == (8, 2)
    model = make_classifier("gru", sr=np.int64(8000), segment_length=np.int64(8), max_epochs=np.int64(1))
    assert model.fit(X, y).predict_proba(X).shape == (8, 2)


class WeightedNet(sklaudio.NetClassifier):
    """Has an array among its parameters."""

    def __init__(self, filters=None, *, max_epochs=1, random_state=None):
        super().__init__(max_epochs=max_epochs, random_state=random_state)
        self.filters = filters

    def _make_module(self, n_dims, n_classes):
        filters = torch.from_numpy(self.filters)

        class Module(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.output = torch.nn.Linear(len(filters), n_classes)

            def forward(self, x, lengths):
                return self.output(x.mean(dim=1) @ filters.T)

        return Module()


def test_arrays_among_the_parameters_of_a_users_net_stay_arrays(frames):
    X, y = frames
    net = WeightedNet(np.ones((2, 3), np.float32), max_epochs=np.int64(1)).fit(X, y)
    assert net.predict_proba(X).shape == (30, 3)
