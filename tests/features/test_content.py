"""Keys of the cache: equal content has one key in every process, other content another, and the rest is refused."""

import enum
import functools
import os
import re
import subprocess
import sys
from collections import namedtuple
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.signal
import scipy.sparse
import torch
from sklearn.decomposition import PCA

from sklaudio import FrameUnion, MFCCTransformer, SpectralTransformer
from sklaudio.features._content import content_key


@dataclass(eq=False, repr=False)
class WeightedTransformer(SpectralTransformer):
    """A feature of the user's whose frames depend on a parameter of any type."""

    weights: object = None

    def _dim_names(self):
        return ["level"]

    def _frames(self, signal):
        weights = self.weights
        if isinstance(weights, torch.nn.Module):
            return weights(torch.from_numpy(signal.power)).detach().numpy()
        return signal.power @ np.asarray(weights, dtype=np.float32)[:, None]


@dataclass
class Band:
    """A setting of the user's."""

    low: float
    high: float


Point = namedtuple("Point", "x y")
Swapped = namedtuple("Swapped", "y x")


class Kind(enum.Enum):
    """Two of a kind."""

    A = "a"
    B = "b"


def conv(stride=1, seed=0):
    torch.manual_seed(seed)
    return torch.nn.Conv1d(2, 3, 5, stride=stride)


def pca(seed=None):
    model = PCA(2)
    return model if seed is None else model.fit(np.random.default_rng(seed).normal(size=(9, 3)))


def impulse(place, n=5000):
    weights = np.zeros(n)
    weights[place] = 1
    return weights


def table(**columns):
    return pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.Categorical(["u", "v"])} | columns)


SAME = [
    (3, 3.0), (3, np.float64(3)), (np.int8(3), np.uint32(3)), (0.5, Fraction(1, 2)), (np.float32(0.5), 0.5),
    (float("nan"), np.float32("nan")), (True, np.True_), ("a", np.str_("a")), (2**80, 2**80), (1j, np.complex64(1j)),
    ({3, "b", 1}, {1, "b", 3}), (impulse(9), impulse(9).astype(">f8")), (conv(), conv()), (pca(1), pca(1)),
    (np.asfortranarray(np.eye(3) + 1), np.eye(3) + 1), (torch.zeros(2), torch.zeros(2, requires_grad=True)),
    (np.dtype("f4"), np.dtype("float32")), (scipy.sparse.eye(3, format="csr"), scipy.sparse.eye(3, format="csr")),
    (table(), table()), (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 3], mask=[0, 1])),
    (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    (MFCCTransformer(n_jobs=2, memory="here"), MFCCTransformer(n_mfcc=13.0)),
]  # fmt: skip
OTHER = [
    (True, 1), ("3", 3), (2**53, 2**53 + 1), (np.float32(0.1), 0.1), (0.0, -0.0), (None, "None"), (b"a", "a"),
    (float("inf"), -float("inf")), ([1], (1,)), (["ab", "c"], ["a", "bc"]), ([[1], 2], [1, [2]]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (impulse(2500), impulse(2501)), (impulse(9), impulse(9).astype("f4")),
    (np.zeros(6), np.zeros((2, 3))), (torch.zeros(2).half(), torch.zeros(2).bfloat16()), (conv(), conv(seed=1)),
    (conv(), conv(stride=2)), (torch.nn.ReLU(), torch.nn.Tanh()), (torch.nn.Dropout(), torch.nn.Dropout().eval()),
    (pca(), pca(1)), (pca(1), pca(2)), (Band(0, 1), Band(0, 2)), (Point(1, 2), Swapped(1, 2)), (Kind.A, Kind.B),
    (np.log, np.log1p), (scipy.signal.windows.hann, scipy.signal.windows.hamming), (np.float32, np.float64),
    (functools.partial(np.clip, a_min=0), functools.partial(np.clip, a_min=1)), (slice(2), slice(3)),
    (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2])), (np.datetime64("2020-01-01"), np.datetime64("2020-01-02")),
    (scipy.sparse.eye(3, format="csr"), 2 * scipy.sparse.eye(3, format="csr")), (table(), table(b=["x", "z"])),
    (table(), table().iloc[::-1]), (table()["a"], table()["a"].rename("z")), (Path("a"), Path("b")),
    (np.array([impulse(1), "a"], dtype=object), np.array([impulse(2), "a"], dtype=object)),
    (MFCCTransformer(), MFCCTransformer(n_fft=1024)),
    (FrameUnion([("a", MFCCTransformer(5))]), FrameUnion([("a", MFCCTransformer(6))])),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), SAME, ids=lambda value: type(value).__name__)
def test_equal_content_has_one_key(one, two):
    assert content_key(one) == content_key(two)


@pytest.mark.parametrize(("one", "two"), OTHER, ids=lambda value: type(value).__name__)
def test_other_content_has_another_key(one, two):
    assert content_key(one) != content_key(two)


def named(x):
    return x


REFUSED = [
    (lambda x: x, "function, .*<lambda>"), (named, "function, named"), (np.random.RandomState(0), "RandomState"),
    (np.random.default_rng(0), "Generator"), (np.random.normal, "normal"), (object(), "object"), (Band, "type, Band"),
    (np.frompyfunc(named, 1, 1), "ufunc"), (functools.partial(named), "function, named"), (iter([]), "list_iterator"),
    ({"scale": [named]}, r"weights\['scale'\]\[0\] cannot be known: it is a function, named"),
    (Band(named, 1), r"weights\.low cannot"), (torch.zeros(2).to_sparse(), "Tensor"), (conv().forward, "method"),
    (Path(__file__).parent, "a folder"), (np.array([named], dtype=object), r"weights\[0\]"),
]  # fmt: skip


@pytest.mark.parametrize(("weights", "words"), REFUSED, ids=lambda value: type(value).__name__)
def test_what_cannot_be_known_is_refused_where_there_is_a_cache(weights, words, noise, tmp_path):
    feature = WeightedTransformer(weights=weights, memory=tmp_path / "cache")
    for method in (feature.fit, feature.transform):
        with pytest.raises(ValueError, match=r"WeightedTransformer: memory=.*weights.*__sklaudio_cache_key__") as error:
            method([noise])
        assert re.search(words, str(error.value))
    feature.set_params(memory=None).fit([noise])


def test_two_arrays_that_print_alike_have_their_own_frames(noise, tmp_path):
    one, two = (WeightedTransformer(weights=impulse(bin, 1025), memory=tmp_path) for bin in (300, 700))
    assert repr(one.weights) == repr(two.weights)
    one.transform([noise])
    np.testing.assert_array_equal(two.transform([noise]), two.set_params(memory=None).transform([noise]))


def test_two_torch_modules_of_one_shape_have_their_own_frames(noise, tmp_path):
    modules = [torch.nn.Linear(1025, 1) for _ in range(2)]
    expected = [WeightedTransformer(weights=module).transform([noise]) for module in modules]
    for module, frames in zip(modules, expected, strict=True):
        cached = WeightedTransformer(weights=module, memory=tmp_path).transform([noise])
        np.testing.assert_array_equal(cached, frames)
    with torch.no_grad():
        modules[0].bias += 1000  # trained on
    cached = WeightedTransformer(weights=modules[0], memory=tmp_path).transform([noise])
    np.testing.assert_allclose(cached, expected[0] + 1000, rtol=1e-4, atol=1e-2)


def test_a_hook_says_what_an_object_holds():
    class Window:
        def __init__(self, length):
            self.length = length
            self.table = memoryview(bytearray(length))
            self.function = lambda: length

        def __sklaudio_cache_key__(self):
            return {"length": self.length}

    assert content_key(Window(3)) == content_key(Window(3)) != content_key(Window(4))
    assert content_key([Window(3)]) != content_key([{"length": 3}])

    def function(x):
        return x

    function.__sklaudio_cache_key__ = lambda: "identity, version 1"
    assert len(content_key(function)) == 40


def test_what_a_subclass_learns_in_fit_is_in_the_key(noise, tmp_path):
    class Centred(MFCCTransformer):
        def fit(self, X, y=None):
            super().fit(X)
            self.mean_ = np.mean([np.abs(clip).mean() for clip in X])
            return self

        def _frames(self, signal):
            return super()._frames(signal) + 1000 * self.mean_

    for clips in ([noise], [4 * noise]):
        expected = Centred().fit(clips).transform([noise])
        np.testing.assert_array_equal(Centred(memory=tmp_path).fit(clips).transform([noise]), expected)


def test_a_path_stands_for_what_its_file_holds(tmp_path):
    one, two = tmp_path / "one.npy", tmp_path / "two.npy"
    np.save(one, np.ones(5))
    np.save(two, np.ones(5))
    before = content_key(one)
    assert before == content_key(two)
    np.save(one, np.zeros(5))  # the same size
    assert content_key(one) != before
    assert content_key(str(one)) == content_key(str(one))


CODE = """
import sys
import numpy as np
import torch
from dataclasses import dataclass
from sklaudio import MFCCTransformer, genre_features
from sklaudio.features._content import content_key

@dataclass
class Setting:
    names: object

class Doubled(MFCCTransformer):
    def _frames(self, signal):
        return 2 * super()._frames(signal) if {"a", "b", "c"} else [each for each in signal]

torch.manual_seed(0)
values = [{"a", "b", "c", 1}, Setting(frozenset("xyz")), torch.nn.LSTM(2, 3), np.log1p, Doubled(), genre_features()]
print(content_key(values))
"""


@pytest.mark.slow
def test_keys_are_the_same_in_every_process():
    keys = {
        subprocess.run(
            [sys.executable, "-c", CODE], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, stdout=subprocess.PIPE
        ).stdout
        for seed in ("0", "1")  # sets of the values above are in another order
    }
    assert len(keys) == 1


def test_objects_in_circles_have_a_key():
    circle = [1]
    circle.append(circle)
    module = torch.nn.Sequential(torch.nn.ReLU())
    module[0].__dict__["owner"] = module
    assert content_key(circle) != content_key([1, [1]])
    assert len(content_key(module)) == 40
