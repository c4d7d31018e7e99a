"""Fixed parts to validate and to score on: read by the options of tables, apart from each other, and used as said."""

import json
import os

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score

import sklaudio
from sklaudio.cli import _main as cli

from ..tones import PITCHES, write_tone

QUICK = ["--model", "gru", "--epochs", "2", "--jobs", "1", "--set", "hidden_size=4", "--set", "num_layers=1"]
QUICK += ["--segment", "whole", "--sr", "8000"]


@pytest.fixture
def parts(tmp_path, monkeypatch):
    """Tables and folders of 12 clips to train, 3 to validate and 6 to test on, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for part, n_clips in (("train", 4), ("valid", 1), ("test", 2)):
        rows = []
        for label, pitch in PITCHES.items():
            for k in range(n_clips):
                path = write_tone(tmp_path / part / label / f"{k}.wav", pitch * (1 + k / 100), 0.1, 8000)
                rows.append({"file": os.path.relpath(path), "species": label, "who": f"{part} {k}"})
        pd.DataFrame(rows).to_csv(f"{part}.csv", index=False)


def train(data, *arguments):
    return cli.main(["train", data, "-o", "model.skops", *QUICK, *arguments])


def change(name, file, **row):
    """Write a table with a row more, or one for another."""
    table = pd.read_csv("test.csv")
    table.loc[len(table)] = {"file": file, "species": "low", "who": "x"} | row
    table.to_csv(name, index=False)


@pytest.mark.parametrize("test", ["test", "test.csv"])
@pytest.mark.parametrize("data", ["train", "train.csv"])
def test_the_score_is_of_the_saved_model_on_the_part(data, test, parts, capsys):
    columns = ["--path", "file", "--label", "species"] if "csv" in data + test else []
    assert train(data, "--test", test, *columns, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["held_out"], printed["n_clips"], printed["test"]["n_clips"]) == (None, 12, 6)
    table = pd.read_csv("test.csv")
    predicted = sklaudio.load("model.skops").predict(table["file"].tolist())
    assert printed["test"]["accuracy"] == pytest.approx(accuracy_score(table["species"], predicted), abs=1e-6)
    assert sorted(printed["test"]["per_class"]) == sorted(PITCHES)
    alone = cli.main(["train", "train", "-o", "alone.skops", *QUICK, "--validate", "0"])
    assert alone == 0
    proba = [sklaudio.load(name).predict_proba(table["file"].tolist()) for name in ("model.skops", "alone.skops")]
    np.testing.assert_array_equal(*proba)  # nothing is learned from the part


def test_text_has_the_interval_and_a_table_of_the_classes(parts, capsys):
    assert train("train.csv", "--test", "test.csv") == 0
    out, err = capsys.readouterr()
    first, _, header, *rows, _, trained, _ = out.splitlines()
    assert first.startswith("test accuracy  0.")
    assert "95% interval" in first
    assert header.split() == ["class", "precision", "recall", "f1", "clips", "predicted"]
    assert [row.split()[0] for row in rows] == sorted(PITCHES)
    assert trained.startswith("trained gru on all 12 clips of 3 classes")
    assert err.splitlines() == [
        f"sklaudio train: {part}.csv: taken as --path file --label species{decided}"
        for part, decided in (("train", " --task class"), ("test", ""))
    ]


def test_a_net_is_validated_on_its_part(parts, capsys):
    options = ["--valid", "valid.csv", "--validate", "0"]
    assert train("train", *options, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    history = sklaudio.load("model.skops")["net"].history_
    assert history["valid_loss"].notna().all()
    assert printed["valid_loss"] == history["valid_loss"].iloc[-1]
    assert train("train", *options, "--set", "early_stopping=True", "--segment", "0.05") == 0
    net = sklaudio.load("model.skops")["vote"].estimator_
    assert f"validation loss {net.history_['valid_loss'].min():.3f}" in capsys.readouterr().out


def test_unreadable_clips_of_a_part_are_named(parts, capsys):
    for part in ("test", "valid"):
        with open(f"{part}/low/0.wav", "w") as file:
            file.write("words")
    assert train("train", "--test", "test", "--valid", "valid", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["unreadable"] == ["valid/low/0.wav"]
    assert json.loads(out)["test"]["n_unreadable"] == 1
    valid, test = err.splitlines()
    assert valid.startswith("sklaudio train: valid/low/0.wav: this is not an audio file")
    assert test.startswith("sklaudio train: test/low/0.wav: this is not an audio file")


def test_a_clip_in_two_parts_is_an_error_before_anything_is_read(parts, capsys):
    os.symlink(os.path.abspath("train/low/0.wav"), "link.wav")
    change("leak.csv", "link.wav")
    for arguments, names in [
        (["--test", "leak.csv"], r"train.csv and --test leak.csv have clips in common (1): 'link.wav'"),
        (["--valid", "leak.csv"], "train.csv and --valid leak.csv have clips in common (1)"),
        (["--valid", "test.csv", "--test", "test"], "--test test and --valid test.csv have clips in common (6): "),
    ]:
        assert train("train.csv", *arguments) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert names in err.splitlines()[-1]
    assert not os.path.exists("model.skops")


def test_parts_of_one_recording_or_group_are_a_warning_and_overlap_an_error(parts, capsys):
    for name, rows in {"a": [(0, 0.04)], "b": [(0.05, 0.1)], "c": [(0.03, 0.06)]}.items():
        spans = [{"file": "train/low/0.wav", "species": "low", "start": start, "end": end} for start, end in rows]
        spans.append({"file": f"{'train' if name == 'a' else 'test'}/high/0.wav", "species": "high"})
        pd.DataFrame(spans).to_csv(f"{name}.csv", index=False)
    columns = ["--start", "start", "--end", "end"]
    assert train("a.csv", *columns, "--test", "b.csv") == 0
    assert capsys.readouterr().err.splitlines()[-1] == (
        "sklaudio train: a.csv and --test b.csv have clips of the same recordings: 'train/low/0.wav'. What is measured "
        "there is not of new recordings"
    )
    assert train("a.csv", *columns, "--test", "c.csv") == 1
    assert "have clips in common (1): 'train/low/0.wav[0.03:0.06]'" in capsys.readouterr().err
    change("same.csv", "valid/low/0.wav", who="train 1")
    assert train("train.csv", "--group", "who", "--test", "same.csv") == 0
    assert "train.csv and --test same.csv have clips of the same groups: 'train 1'." in capsys.readouterr().err


def test_a_class_that_training_has_not_is_an_error(parts, capsys):
    change("other.csv", "valid/low/0.wav", species="bird")
    for option in ("--test", "--valid"):
        assert train("train.csv", option, "other.csv") == 1
        expected = f"{option} other.csv has clips of classes that train.csv has none of: 'bird'."
        assert expected in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--test", "test", "--validate", "3"], "leave out --validate and --fold"),
        (["--test", "test.csv", "--fold", "who"], "leave out --validate and --fold"),
        (["--valid", "valid", "--model", "encoder"], "--valid is no option of --model encoder"),
        (["--test", "test", "--model", "auto"], "--test: no options of --model auto"),
        (["--test", "test", "--path", "file"], "--path: of a table, and train is a folder"),
    ],
)
def test_options_that_do_not_go_together(wrong, message, parts, capsys):
    arguments = ["train", "train", "-o", "model.skops", *wrong]
    assert cli.main(arguments) == 2
    assert message in capsys.readouterr().err
