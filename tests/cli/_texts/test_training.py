"""``sklaudio train TABLE --sep``, as it is used: several labels per clip."""

import json
from pathlib import Path

import pandas as pd
import pytest

import sklaudio
from sklaudio.cli import _main as cli

from ...labels import SR, write_mixtures
from ...tones import PITCHES, write_tone

LABELS = ["--path", "path", "--label", "tones", "--sep", ";"]
QUICK = ["--model", "gru", "--jobs", "1", "--sr", str(SR), "--epochs", "1"]
QUICK += ["--set", "hidden_size=4", "--set", "num_layers=1", "--set", "lr=0.05"]


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Clips of three voices, in the working directory, with a fold for each voice."""
    monkeypatch.chdir(tmp_path)
    table = write_mixtures(tmp_path, voices=3).assign(fold=[voice for voice in range(3) for _ in range(7)])
    table.to_csv("labels.csv", index=False)
    return table


def train(*arguments):
    return cli.main(["train", "labels.csv", "-o", "model.skops", *LABELS, *QUICK, *arguments])


def test_labels_are_scored_by_fold_trained_and_written(table, capsys):
    assert train("--group", "voice") == 0
    out, err = capsys.readouterr()
    assert err == "sklaudio train: labels.csv: taken as --fold fold\n"
    lines = out.splitlines()
    assert lines[0].startswith("held-out mean average precision ")
    assert lines[0].endswith("; 21 clips of 3 groups)")
    assert " over 3 folds, F1 " in lines[0]
    assert [line[:6] for line in lines[1:4]] == ["fold 1", "fold 2", "fold 3"]
    assert [line.split()[0] for line in lines[5:12] if line] == ["label", *PITCHES, "micro", "macro"]
    assert lines[-2].startswith("trained gru on all 21 clips of 3 labels in 3 groups: 1 epoch, loss ")
    assert sklaudio.load("model.skops")[-1].label_names_.tolist() == list(PITCHES)


def test_json_has_the_scores_of_folds_and_labels(table, capsys):
    assert train("--validate", "0.34", "--group", "voice", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["labels"] == list(PITCHES)
    held_out = found["held_out"]
    assert (held_out["n_clips"], held_out["n_groups"], held_out["std"]) == (14, 2, None)
    assert held_out["mean_average_precisions"] == [held_out["mean_average_precision"]]
    assert set(held_out["per_label"]) == set(PITCHES)
    assert set(held_out["averages"]) == {"micro", "macro"}
    assert found["test"] is None


@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_fold_without_any_label_has_no_score(table, capsys):
    table.assign(tones=[*table["tones"][:14], *[""] * 7]).to_csv("labels.csv", index=False)
    assert train() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].startswith("fold 3  mean average precision -  F1 ")
    assert train("--json") == 0
    held_out = json.loads(capsys.readouterr().out)["held_out"]
    assert held_out["mean_average_precisions"][2] is None
    assert held_out["mean_average_precision"] == pytest.approx(sum(held_out["mean_average_precisions"][:2]) / 2)


def test_fixed_parts_may_lack_labels_and_not_have_others(table, capsys):
    parts = {"labels": table[:7], "valid": table[7:14], "test": table[14:]}
    parts["test"] = parts["test"][~parts["test"]["tones"].str.contains("low")]
    for name, part in parts.items():
        part.drop(columns="fold").to_csv(f"{name}.csv", index=False)
    assert train("--test", "test.csv", "--valid", "valid.csv") == 0
    out = capsys.readouterr().out
    assert out.startswith("test mean average precision ")
    assert "test subset accuracy " in out
    assert [line.split()[-2] for line in out.splitlines()[4:7]] == ["2", "0", "2"]  # clips of each label
    pd.DataFrame({"path": table["path"][14:], "tones": "hum"}).to_csv("test.csv", index=False)
    assert train("--test", "test.csv") == 1
    assert "--test test.csv has clips of labels that labels.csv has none of: 'hum'" in capsys.readouterr().err
    write_tone(Path("folder/low/a.wav"), 200)
    assert train("--test", "folder") == 2
    assert "labels.csv and --test folder must both be tables" in capsys.readouterr().err


def test_a_published_system_names_what_takes_labels(table, capsys):
    assert cli.main(["train", "labels.csv", "-o", "m.skops", "--model", "notes-cnn", *LABELS]) == 2
    err = capsys.readouterr().err
    assert "notes-cnn takes one class" in err
    assert "crnn" in err


def test_an_encoder_and_a_linear_model_take_labels(table, capsys):
    assert cli.main(["train", "labels.csv", "-o", "m.skops", *LABELS, "--encoder", "words", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("held-out mean average precision ")
    assert "trained encoder on all 21 clips of 3 labels in 21 groups: C=" in out
    assert sklaudio.load("m.skops")["head"].label_names_.tolist() == list(PITCHES)
