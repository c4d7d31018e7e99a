"""``sklaudio models``: what there is to predict with, and to train."""

import json
import subprocess
import sys

import pytest

from sklaudio import pretrained
from sklaudio.cli import _main as cli
from sklaudio.cli._model_names import ENCODERS, KINDS, PUBLISHED

from ..test_pretrained import publish
from ..tones import tone_model

CARD = {
    "data": {"name": "Tones", "licence": "CC0"},
    "evaluation": {"accuracy": {"mean": 0.9, "sd": 0.05, "n": 3}, "split": "by pitch"},
    "limits": ["Only tones."],
    "n_parameters": 1234,
}


@pytest.fixture
def tones(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "PACKAGE", tmp_path)
    publish(tone_model(), tmp_path / "weights", "tones", **CARD)


def test_all_are_listed(tones, capsys):
    assert cli.main(["models"]) == 0
    out = capsys.readouterr().out
    assert "  tones: Tones by pitch.\n    held-out accuracy 0.900 ± 0.050 (3 trainings); 0.0 MB; data: CC0\n" in out
    for name in (*KINDS, *PUBLISHED):
        assert name in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_the_list_is_json_too(tones, capsys):
    assert cli.main(["models", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["pretrained"][0]["name"] == "tones"
    assert printed["pretrained"][0]["classes"] == ["high", "low", "middle"]
    assert printed["pretrained"][0]["licence_of_data"] == "CC0"
    assert printed["kinds"] == list(KINDS)


def test_a_name_shows_its_card(tones, capsys):
    assert cli.main(["models", "tones"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tones: Tones by pitch."
    assert "classes: 3: high, low, middle" in lines
    assert "split: by pitch" in lines
    assert "parameters: 1,234" in lines
    assert "limit: Only tones." in lines
    assert cli.main(["models", "tones", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["limits"] == ["Only tones."]


@pytest.mark.parametrize("key", ["fine_tuned_from", "begun_with"])
def test_data_of_a_pretraining_is_shown_too(key, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "PACKAGE", tmp_path)
    source = {"task": "hums", "data": {"name": "Hums", "licence": "CC BY 4.0", "attribution": "The hummers"}}
    publish(tone_model(), tmp_path / "weights", "tones", **CARD, **{key: source})
    assert cli.main(["models"]) == 0
    assert "; data: CC0 and CC BY 4.0\n" in capsys.readouterr().out
    assert cli.main(["models", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pretrained"][0]["licence_of_data"] == "CC0 and CC BY 4.0"
    card = pretrained.pretrained_card("tones")
    assert card["fine_tuned_from"] == source
    with pytest.warns(FutureWarning, match="fine_tuned_from"):
        assert card["begun_with"] == source
    assert cli.main(["models", "tones"]) == 0
    lines = capsys.readouterr().out.splitlines()
    first = lines.index("data: Tones")
    assert lines[first : first + 5] == [
        "data: Tones",
        "licence of the data: CC0",
        "data it was pretrained on: Hums",
        "licence of the data it was pretrained on: CC BY 4.0",
        "attribution: The hummers",
    ]


def test_cards_that_say_little_and_no_cards(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "PACKAGE", tmp_path)
    assert cli.main(["models"]) == 0
    assert "none is installed" in capsys.readouterr().out
    publish(tone_model(), tmp_path / "weights", "tones")
    assert cli.main(["models"]) == 0
    assert "no licence on its card" in capsys.readouterr().out
    assert cli.main(["models", "tones"]) == 0


@pytest.mark.parametrize(("name", "text"), [("crnn", "convolutions"), ("words-cnn", "As reported: 27.6%")])
def test_kinds_and_published_systems_are_described(name, text, capsys):
    assert cli.main(["models", name]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{name}\n\n")
    assert text in out
    assert "Parameters" not in out


def test_encoders_are_listed_with_how_to_get_them(capsys):
    from sklaudio.encoders import names

    assert tuple(names()[: len(ENCODERS)]) == ENCODERS
    assert cli.main(["models"]) == 0
    out = capsys.readouterr().out
    assert "  google-speech: Google's speech embedding" in out
    assert "ISC; not installed: sklaudio.encoders.fetch('musicnn-msd')" in out
    assert cli.main(["models", "--json"]) == 0
    listed = {listed_card["name"]: listed_card for listed_card in json.loads(capsys.readouterr().out)["encoders"]}
    assert listed["musicnn-mtt"]["installed"] is False
    assert cli.main(["models", "musicnn-mtt"]) == 0
    out = capsys.readouterr().out
    assert "not installed; get it: sklaudio.encoders.fetch('musicnn-mtt')" in out.replace("\n ", "")
    assert "layers: penultimate, mean_pool" in out


def test_an_unknown_name_is_wrong_use(tones, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["models", "tunes"])
    assert "'tunes' is none of tones, google-speech" in capsys.readouterr().err


def test_the_list_takes_nothing_heavy():
    heavy = "{'torch', 'librosa', 'sklearn', 'pandas', 'numpy', 'scipy', 'skorch'} & set(sys.modules)"
    code = f"import sys; from sklaudio.cli import main; main(['models', '--json']); print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
    assert [card["name"] for card in json.loads(done.stdout.removesuffix("set()\n"))["pretrained"]] == [
        "digits",
        "genres",
        "instruments",
        "words",
    ]
