"""Names that are like one that there is not, wherever names are taken."""

import subprocess
import sys

import pytest

import sklaudio
from sklaudio._utils.near_names import did_you_mean
from sklaudio.cli import main

KNOWN = ["google-speech", "crnn", "cnn", "words"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("google-speach", "google-speech"), ("crn", "crnn"), ("wrods", "words"), ("Words", "words"), ("CRNN", "crnn")],
)
def test_the_nearest_name_is_said(name, meant):
    assert did_you_mean(name, KNOWN) == f" Did you mean {meant!r}?"


@pytest.mark.parametrize("name", ["", "zebra", 3, None, b"words", ["words"]])
def test_of_what_is_like_none_nothing_is_said(name):
    assert did_you_mean(name, KNOWN) == ""
    assert did_you_mean("words", []) == ""


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: sklaudio.EncoderTransformer("google-speach").fit([]), "google-speech"),
        (lambda: sklaudio.EncoderClassifier("Digits").fit([[0.0] * 9] * 2, ["a", "b"]), "digits"),
        (lambda: sklaudio.make_classifier("encoder", encoder="musicnn-mds").fit([[0.0]], ["a"]), "musicnn-msd"),
        (lambda: sklaudio.encoders.card("google_speech"), "google-speech"),
        (lambda: sklaudio.encoders.fetch("musicn-msd"), "musicnn-msd"),
        (lambda: sklaudio.make_classifier("crn"), "crnn"),
        (lambda: sklaudio.make_regressor("encodr"), "encoder"),
        (lambda: sklaudio.make_detector("lsmt"), "lstm"),
        (lambda: sklaudio.make_classifier(max_epoch=3), "max_epochs"),
        (lambda: sklaudio.make_classifier(features={"n_mel": 3}), "n_mels"),
        (lambda: sklaudio.load_pretrained("wrods"), "words"),
        (lambda: sklaudio.pretrained_card("genre"), "genres"),
        (lambda: sklaudio.published.make("gnre-cnn"), "genre-cnn"),
        (lambda: sklaudio.comparison.candidates(["gru", "crnnn"]), "crnn"),
        (lambda: sklaudio.compare([[0.0]] * 2, ["a", "b"], task="clas"), "class"),
        (lambda: sklaudio.datasets.load_annotations("x", format="audacty"), "audacity"),
        (lambda: sklaudio.datasets.fetch_fsdd(split="offical"), "official"),
        (lambda: sklaudio.datasets.load_table(table(), path="path", target="speceis"), "species"),
        (lambda: sklaudio.LSTMClassifier(lr_schedule={"name": "cosin"}).fit([[[0.0]]] * 2, ["a", "b"]), "cosine"),
    ],
)
def test_errors_of_names_end_with_what_was_meant(call, meant):
    with pytest.raises(ValueError, match=rf" Did you mean '{meant}'\?$"):
        call()


def table():
    import pandas as pd

    return pd.DataFrame({"path": [__file__], "species": ["owl"]})


@pytest.mark.parametrize(
    ("command", "meant"),
    [
        ("trian .", "train"),
        ("predict wrods a.wav", "words"),
        ("models genre-cn", "genre-cnn"),
        ("models tinny", "tiny"),
        ("train . -o m.skops --model crn", "crnn"),
        ("train . -o m.skops --task clas", "class"),
        ("train . -o m.skops --tsak class", "--task"),
        ("plot a.wav --kind spectrgram", "spectrogram"),
        ("predict word.skops a.wav", "words.skops"),
        ("predict models/word.skops a.wav", "words.skops"),
        ("train recordngs -o m.skops", "recordings"),
        ("compare recordngs/", "recordings"),
        ("check mata.csv", "meta.csv"),
    ],
)
def test_wrong_use_of_commands_says_what_was_meant(command, meant, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for folder in ("recordings", "models"):
        (tmp_path / folder).mkdir()
    for file in ("words.skops", "models/words.skops", "meta.csv"):
        (tmp_path / file).write_text("")
    with pytest.raises(SystemExit) as caught:
        main(command.split())
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.count("Did you mean") == line.count(f". Did you mean {meant!r}? (see sklaudio") == 1


@pytest.mark.parametrize("name", ["LSTMClasifier", "datasets.fetch_gtzn", "features.MFCTransformer"])
def test_python_says_which_attribute_was_meant(name):
    done = subprocess.run(
        [sys.executable, "-c", f"import sklaudio\nsklaudio.{name}"], capture_output=True, text=True, check=False
    )
    meant = {"L": "LSTMClassifier", "d": "fetch_gtzan", "f": "MFCCTransformer"}[name[0]]
    assert done.stderr.splitlines()[-1].endswith(f"Did you mean: '{meant}'?")
    assert "has no attribute" in done.stderr


def test_what_fails_while_a_name_is_loaded_stays_its_error():
    with pytest.raises(AttributeError, match="module 'sklaudio' has no attribute 'Nothing'") as caught:
        sklaudio.Nothing  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("Nothing", sklaudio)
    assert not hasattr(sklaudio, "Nothing")
