"""What outlives any move of the code: files of earlier versions load and predict the same, and public names import."""

import importlib
import inspect
import io
import json
import pickle
import subprocess
import sys
import warnings
import zipfile
from importlib import metadata

import joblib
import numpy as np
import pytest
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.svm import SVC

import sklaudio

from .fixtures import make_models
from .fixtures.make_models import HERE, classes, frames, labels, outcome, settings, small_nets, sounds

ARCHIVES = sorted(HERE.glob("saved-by-*.zip"))
NAMES = json.loads((HERE / "public-names.json").read_text())
PRIVATE = "sklaudio.nets._published"  # a module that stands in model files of 0.1.0


def saved_models():
    assert ARCHIVES
    for path in ARCHIVES:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(".skops"):
                    yield pytest.param(path, name.removesuffix(".skops"), id=f"{path.stem}-{name}")


def load_quietly(path):
    """Load; that another version of scikit-learn is installed is no fault here, any other warning is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        warnings.filterwarnings("ignore", "(?s).*saved with", UserWarning)
        return sklaudio.load(path)


def assert_close(actual, expected):
    """Equal as far as single precision is on another processor."""
    assert actual.shape == expected.shape
    scale = np.abs(expected).max()
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-5 * max(1, scale))


@pytest.mark.parametrize(("archive", "name"), list(saved_models()))
def test_a_model_of_an_earlier_version_loads_and_predicts_the_same(archive, name, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        path = opened.extract(f"{name}.skops", tmp_path)
        written = json.loads(opened.read("settings.json"))[name]
        expected = np.load(io.BytesIO(opened.read("expected.npz")))
    if written["params"].get("svc__probability", SVC().probability) != SVC().probability:
        pytest.skip("it was saved with a newer scikit-learn, where this parameter has no meaning any more")
    model = load_quietly(path)
    assert type(model).__name__ == written["class"]
    now = settings(model)
    assert {key: now.get(key, "missing") for key in written["params"]} == written["params"]
    assert classes(model) == written["classes"]
    if name in expected.files:
        assert_close(outcome(model, name), expected[name])
    sklaudio.save(model, tmp_path / "again.skops")
    again = load_quietly(tmp_path / "again.skops")
    assert settings(again) == now
    if name in expected.files:
        np.testing.assert_array_equal(outcome(again, name), outcome(model, name))


def test_the_archives_hold_a_model_of_each_kind_that_is_made_here():
    kinds = {"training", "published", "published-unfitted", "features", "calibrated", "search", *small_nets()}
    assert ARCHIVES
    for path in ARCHIVES:
        with zipfile.ZipFile(path) as archive:
            assert kinds <= {name.removesuffix(".skops") for name in archive.namelist()}
            schema = zipfile.ZipFile(io.BytesIO(archive.read("published.skops"))).read("schema.json").decode()
        assert PRIVATE in schema or path.stem != "saved-by-0.1.0"


def test_a_net_of_an_earlier_version_trains_on(tmp_path):
    with zipfile.ZipFile(ARCHIVES[0]) as archive:
        net = load_quietly(archive.extract("crnn.skops", tmp_path))
        published = load_quietly(archive.extract("published.skops", tmp_path))
    before = len(net.history_)
    net.set_params(warm_start=True, max_epochs=1).fit(frames(), labels(frames(), "abc"))
    assert len(net.history_) == before + 1
    assert published.fit(sounds(), labels(sounds(), ("low", "high"))).predict_proba(sounds()).shape == (4, 2)


@pytest.mark.parametrize("path", sorted(HERE.glob("model-format-*.skops")), ids=lambda path: path.stem)
def test_each_released_format_loads(path):
    model, expected = load_quietly(path), json.loads(path.with_suffix(".json").read_text())
    time = np.arange(4000) / 8000
    tones = [(0.5 * np.sin(2 * np.pi * pitch * time)).astype(np.float32) for pitch in (200, 220, 1500, 1600)]
    assert model.classes_.tolist() == expected["classes"]
    assert_close(model.predict_proba(tones), np.array(expected["probabilities"]))


def test_the_weights_that_come_with_the_package_predict_the_same():
    expected = np.load(HERE / "shipped-weights.npz")
    predicted = make_models.weights()
    assert sorted(predicted) == sorted(expected.files)
    for name, proba in predicted.items():
        assert_close(proba, expected[name])


@pytest.mark.parametrize("module", NAMES)
def test_a_public_module_has_its_names(module):
    found = importlib.import_module(module)
    for name, was in NAMES[module].items():
        thing = getattr(found, name)
        if not was:
            continue
        parameters = inspect.signature(thing).parameters
        if not any(item.kind is item.VAR_KEYWORD for item in parameters.values()):
            assert set(was["positional"] + was["keywords"]) <= set(parameters), f"{module}.{name}"
        positional = [item.name for item in parameters.values() if item.kind is item.POSITIONAL_OR_KEYWORD]
        assert positional[: len(was["positional"])] == was["positional"], f"{module}.{name}"
        assert [method for method in was.get("methods", ()) if not hasattr(thing, method)] == [], f"{module}.{name}"


def test_the_list_of_public_names_is_whole():
    assert make_models.public_names().keys() == NAMES.keys()
    assert set(sklaudio.__all__) <= {*NAMES["sklaudio"], "__version__"}, "run: tests/fixtures/make_models.py names"


@pytest.mark.slow
@pytest.mark.parametrize("module", NAMES)
def test_a_public_module_can_be_the_first_that_is_imported(module):
    """In a process of its own, so that it does not rest on the imports of another."""
    subprocess.run([sys.executable, "-c", f"import {module} as module; dir(module)"], check=True)


def test_the_command_has_its_entry_point():
    (command,) = [
        item for item in metadata.entry_points(group="console_scripts", name="sklaudio") if item.dist.name == "sklaudio"
    ]
    assert command.value == "sklaudio.cli:main"
    assert command.load() is importlib.import_module("sklaudio.cli").main


@pytest.mark.parametrize("name", small_nets())
def test_nets_go_through_the_pickles_of_jobs(name):
    net = small_nets()[name].fit(frames(), labels(frames(), "abc"))
    buffer = io.BytesIO()
    joblib.dump(net, buffer)
    for copy in (pickle.loads(pickle.dumps(net)), joblib.load(io.BytesIO(buffer.getvalue()))):
        np.testing.assert_array_equal(copy.predict_proba(frames()), net.predict_proba(frames()))
