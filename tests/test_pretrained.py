"""Trained models by name: those of a folder made here, those that are really there, and those of a wheel."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sklaudio
from sklaudio import load_pretrained, pretrained, pretrained_card, pretrained_names
from sklaudio._inference import check_clip_classifier

from .tones import PITCHES, tone, tone_model, write_tone

ROOT = Path(__file__).parents[1]
MAX_BYTES = 2 * 2**20  # bytes


def publish(model, folder, name, **changes):
    """Write a model and its card, as benchmarks/train_weights.py does."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.skops"
    sklaudio.save(model, path)
    card = {
        "name": name,
        "description": "Tones by pitch.",
        "file": path.name,
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "classes": model.classes_.tolist(),
        "versions": {"sklaudio": sklaudio.__version__},
    }
    (folder / f"{name}.json").write_text(json.dumps(card | changes))


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with the models `tones` and `deeper`."""
    (tmp_path / "sklaudio").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setattr(pretrained, "PACKAGE", tmp_path / "sklaudio")
    for name in ("tones", "deeper"):
        publish(tone_model(), tmp_path / "weights", name)
    return tmp_path


def test_models_of_a_checkout_are_found(checkout):
    assert pretrained_names() == ["deeper", "tones"]
    model, card = load_pretrained("tones"), pretrained_card("tones")
    assert card["classes"] == model.classes_.tolist() == ["high", "low", "middle"]
    assert model.predict([tone(PITCHES["low"])]).tolist() == ["low"]


def test_models_in_the_package_go_first(checkout):
    publish(tone_model(), checkout / "sklaudio" / "weights", "tones", description="of the package")
    publish(tone_model(), checkout / "sklaudio" / "weights", "another")
    assert pretrained_names() == ["another", "deeper", "tones"]
    assert pretrained_card("tones")["description"] == "of the package"


def test_a_folder_beside_an_installed_package_is_not_ours(checkout):
    (checkout / "pyproject.toml").unlink()
    assert pretrained_names() == []
    with pytest.raises(ValueError, match=r"'tones': no pretrained model is installed \(looked in .*weights\)"):
        load_pretrained("tones")


@pytest.mark.parametrize("name", ["tone", "", "../weights/tones", "tones.skops", None, 3])
@pytest.mark.parametrize("function", [load_pretrained, pretrained_card])
def test_errors_of_unknown_names_list_the_known_ones(checkout, function, name):
    with pytest.raises(ValueError, match=re.escape(f"name={name!r} is no pretrained model. Take one of ['deeper', 't")):
        function(name)


def test_another_file_than_that_of_the_card_is_not_loaded(checkout, monkeypatch):
    monkeypatch.setattr("sklaudio.persistence.load", lambda path: pytest.fail("was loaded"))
    path = checkout / "weights" / "tones.skops"
    with open(path, "ab") as file:
        file.write(b"\0")
    with pytest.raises(
        ValueError, match=rf"^{re.escape(str(path))}: this is not the file of its card tones.json.*Install"
    ):
        load_pretrained("tones")
    path.unlink()
    with pytest.raises(FileNotFoundError, match=rf"^{re.escape(str(path))}: this file of the model 'tones' is missing"):
        load_pretrained("tones")


def test_what_is_no_model_is_refused_though_its_hash_is_right(checkout):
    path = checkout / "weights" / "tones.skops"
    path.write_bytes(b"words")
    card = json.loads(path.with_suffix(".json").read_text())
    card["sha256"] = hashlib.sha256(b"words").hexdigest()
    path.with_suffix(".json").write_text(json.dumps(card))
    with pytest.raises(ValueError, match="is no model file"):
        load_pretrained("tones")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("\udcff", "is no JSON"),
        ("[]", "is list, not an object"),
        ('{"name": "tones", "bytes": "5"}', "lacks description, file, bytes, sha256, classes, versions"),
    ],
)
def test_damaged_cards_are_named(checkout, text, message):
    path = checkout / "weights" / "tones.json"
    path.write_bytes(os.fsencode(text))
    with pytest.raises(ValueError, match=rf"^{re.escape(str(path))}: this card {message}.*restore the folder"):
        load_pretrained("tones")


def test_every_file_of_weights_has_a_card_and_the_other_way_round():
    folder = ROOT / "weights"
    assert (folder / "README.md").is_file()
    assert sorted(path.stem for path in folder.glob("*.skops")) == pretrained_names()


@pytest.mark.parametrize("name", pretrained_names())
def test_models_that_come_with_the_package(name, tmp_path):
    card, path = pretrained_card(name), ROOT / "weights" / f"{name}.skops"
    assert (card["name"], card["file"]) == (name, path.name)
    assert card["bytes"] == path.stat().st_size < MAX_BYTES
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["description"]
    assert card["versions"]
    model = load_pretrained(name)
    check_clip_classifier(model)
    assert card["classes"] == model.classes_.tolist()
    clips = [write_tone(tmp_path / "a.flac", 440, 3.0, 48000, 2), write_tone(tmp_path / "b.wav", 880, 0.2)]
    probabilities = model.predict_proba(clips)
    assert probabilities.shape == (2, len(card["classes"]))
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert (probabilities >= 0).all()


@pytest.mark.slow
def test_models_of_a_wheel_load_and_predict(published, tmp_path):
    wheel, sdist = published
    shutil.unpack_archive(sdist, tmp_path / "sdist")
    in_sdist = {path.stem for path in tmp_path.glob("sdist/*/weights/*.skops")}
    assert in_sdist == set(pretrained_names())
    shutil.unpack_archive(wheel, tmp_path / "site", format="zip")
    code = (
        "import sklaudio, sys; print(sklaudio.__file__, *sklaudio.pretrained_names()); "
        "[print(*sklaudio.load_pretrained(name).predict([sys.argv[1]])) for name in sklaudio.pretrained_names()]"
    )
    file = write_tone(tmp_path / "a.wav", PITCHES["low"], 1.0)
    done = subprocess.run(
        [sys.executable, "-c", code, file],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    first, *labels = done.stdout.splitlines()
    assert first == " ".join([str(tmp_path / "site" / "sklaudio" / "__init__.py"), *pretrained_names()])
    assert labels == [load_pretrained(name).predict([file])[0] for name in pretrained_names()]
