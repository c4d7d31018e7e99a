"""``sklaudio train``, as it is used: what it shows, writes, and leaves behind."""

import json
import os
import re

import pytest

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.cli._model_names import KINDS, PUBLISHED
from sklaudio.published import names
from sklaudio.recipes import NETS

from ..terminal import at_terminal
from ..tones import PITCHES, write_tone

QUICK = ["--model", "gru", "--epochs", "1", "--jobs", "1", "--set", "hidden_size=8", "--set", "num_layers=1"]
EACH = ["--group-by", ".+"]  # each clip a group, as without, and no hint that names are like those of speakers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Six clips of two speakers for each class, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for label, pitch in PITCHES.items():
        for k in range(6):
            write_tone(tmp_path / "in" / label / f"speaker{k % 3}-{k}.wav", pitch, 0.2 + 0.02 * k)
    return tmp_path


def train(*arguments):
    return cli.main(["train", "in", "--out", "model.skops", *QUICK, *arguments])


def test_a_model_is_scored_trained_and_written(folder, capsys):
    assert train("--epochs", "3", "--set", "lr=0.02", *EACH) == 0
    out, err = capsys.readouterr()
    assert err == ""
    first, second, third = out.splitlines()
    assert first.startswith("held-out accuracy ")
    assert first.endswith("; 4 clips of 4 groups)")
    assert second.startswith("trained gru on all 18 clips of 3 classes in 18 groups: 3 epochs, loss ")
    assert third.startswith("written to model.skops (")
    model = sklaudio.load("model.skops")
    assert sorted(model.classes_) == sorted(PITCHES)
    assert model[-1].lr == 0.02
    assert model[-1].hidden_size == 8
    assert os.listdir(".") in (["in", "model.skops"], ["model.skops", "in"])


def test_groups_are_held_out_by_folds_and_json_is_one_object(folder, capsys):
    assert train("--group-by", r"speaker(\d)", "--validate", "3", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["n_groups"] == 3
    assert printed["held_out"]["n_clips"] == 18
    assert printed["held_out"]["n_groups"] == 3
    assert len(printed["held_out"]["accuracies"]) == 3
    low, high = printed["held_out"]["interval"]
    assert 0 <= low <= printed["held_out"]["accuracy"] <= high <= 1
    assert printed["held_out"]["std"] >= 0
    assert (printed["out"], printed["bytes"]) == ("model.skops", os.path.getsize("model.skops"))
    assert printed["classes"] == ["high", "low", "middle"]


def test_unreadable_files_are_named_and_left_out(folder, capsys):
    (folder / "in" / "low" / "bad\n.wav").write_text("words")
    assert train("--validate", "0", "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["unreadable"] == ["in/low/bad\n.wav"]
    assert json.loads(out)["n_clips"] == 18
    assert json.loads(out)["held_out"] is None
    assert err.startswith("sklaudio train: in/low/bad\\n.wav: this is not an audio file")
    assert err.count("\n") == 1


def test_seconds_become_rates_and_frames(folder, capsys):
    assert train("--validate", "0", "--sr", "8000", "--duration", "0.25", "--segment", "0.12") == 0
    model = sklaudio.load("model.skops")
    assert (model[0].sr, model[0].duration, model[0].hop_length) == (8000, 0.25, 80)
    assert model[-1].segment_length == 12


def test_equal_seeds_train_equal_models(folder):
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        assert cli.main(["train", "in", "-o", name, *QUICK, "--validate", "0", "--seed", seed]) == 0
    one, same, other = (sklaudio.load(name).predict_proba(["in/low/speaker0-0.wav"]) for name in "abc")
    assert (one == same).all()
    assert (one != other).any()


def test_features_are_kept_where_asked(folder):
    assert train("--validate", "0", "--memory", "kept") == 0
    assert len(list((folder / "kept" / "joblib" / "sklaudio").rglob("output.pkl"))) == 18
    assert sklaudio.load("model.skops")[0].memory is None


def test_published_systems_are_trained_by_name(folder, capsys):
    arguments = ["train", "in", "-o", "m.skops", "--model", "genre-lstm-mfcc", "--epochs", "1", "--validate", "0"]
    assert cli.main(arguments) == 0
    assert "trained genre-lstm-mfcc on all 18 clips" in capsys.readouterr().out


def test_written_names_are_the_real_ones():
    assert set(KINDS) == set(NETS)
    assert set(PUBLISHED) == set(names())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--model", "gruu"], "'gruu' is none of blstm, cnn"),
        (["--model", "words-cnn", "--sr", "8000"], "--sr, --duration and --segment are no options of words-cnn"),
        (["--set", "width=3"], "width: no parameter"),
        (["--set", "lr=-1"], "'lr' parameter"),
        (["--set", "lr"], "'lr' must be NAME=VALUE"),
        (["--validate", "1"], "1 must be a fraction"),
        (["--validate", "2.5"], "2.5 must be a fraction"),
        (["--group-by", "("], "no regular expression"),
        (["--duration", "0"], "0 must be more than 0"),
        (["--epochs", "0"], "0 must be 1 or more"),
        (["--out", "nowhere/m.skops"], "there is no folder 'nowhere'"),
        (["--out", "in"], "'in' is a folder"),
        (["--out", os.devnull], "is no file"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2_before_anything_is_read(folder, wrong, message, capsys):
    try:
        code = train(*wrong)
    except SystemExit as caught:
        code = caught.code
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert os.listdir(".") == ["in"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--group-by", "singer"], "matches nothing in"),
        (["--validate", "19", *EACH], "validate=19 cannot hold out some of 18 groups"),
        ([*EACH, "--set", "batch_size=1", "--set", "checkpoint=in/low/speaker0-0.wav"], "speaker0-0.wav"),
    ],
)
def test_failures_are_one_line_and_leave_the_model_that_was_there(folder, arguments, message, capsys):
    (folder / "model.skops").write_text("an older one")
    assert train(*arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert (folder / "model.skops").read_text() == "an older one"
    assert sorted(os.listdir(".")) == ["in", "model.skops"]


@pytest.mark.slow
def test_a_terminal_shows_the_bar_and_ctrl_c_leaves_no_file(folder):
    arguments = ["train", "in", "-o", "model.skops", *QUICK, "--epochs", "100000", "--jobs", "2"]
    code, seen = at_terminal(arguments, keys=b"\x03", once="00:03<")
    assert code == 130
    assert "sklaudio train: reading 18 files\r\n" in seen
    assert "sklaudio train: training on 14 clips, for a score on 4 others\r\n" in seen
    assert re.search(r"epoch \d+/100000 .*00:03<.*, loss train \d\.\d+", seen)
    assert re.search(r"\r +\rsklaudio train: interrupted\r\n$", seen)  # where the bar was wiped
    assert "Traceback" not in seen
    assert os.listdir(".") == ["in"]


def test_without_a_terminal_nothing_but_the_score_is_printed(folder, capfd):
    assert train(*EACH) == 0
    out, err = capfd.readouterr()
    assert err == ""
    assert len(out.splitlines()) == 3
    assert "\r" not in out


def test_short_clips_leave_a_model_without_votes_and_long_ones_vote(folder):
    assert train("--validate", "0", "--segment", "auto") == 0
    assert list(sklaudio.load("model.skops").named_steps) == ["features", "net"]
    for label in PITCHES:
        for file in (folder / "in" / label).iterdir():
            write_tone(file, PITCHES[label], 7.0)
    assert train("--validate", "0", "--sr", "8000") == 0
    assert sklaudio.load("model.skops")["vote"].segment_length_ == 300
    assert train("--validate", "0", "--sr", "8000", "--segment", "whole") == 0
    assert list(sklaudio.load("model.skops").named_steps) == ["features", "net"]


def test_an_encoder_and_a_linear_model(folder, capsys):
    arguments = [
        "train",
        "in",
        "-o",
        "model.skops",
        "--encoder",
        "digits",
        "--group-by",
        r"speaker(\d)",
        "--set",
        "cv=2",
    ]
    assert cli.main([*arguments, "--jobs", "1", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    model = sklaudio.load("model.skops")
    assert (printed["model"], printed["C"]) == ("encoder", model["head"].C_)
    assert (model["head"].cv, model["features"].encoder) == (2, "digits")
    assert cli.main([*arguments, "--validate", "0"]) == 0
    assert re.search(r"trained encoder on all 18 clips .*: C=", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--encoder", "digits", "--model", "gru"], "--encoder is no option of --model gru"),
        (["--encoder", "digits", "--epochs", "3"], "--epochs is no option of --model encoder"),
        (["--encoder", "digits", "--set", "lr=1"], "--set: lr: no parameter of"),
    ],
)
def test_options_that_do_not_go_together(folder, capsys, wrong, message):
    assert cli.main(["train", "in", "-o", "model.skops", *wrong]) == 2
    assert message in capsys.readouterr().err


def test_a_card_goes_with_the_model(folder, capsys):
    assert train("--card", "card.md", "--validate", "3") == 0
    held_out = capsys.readouterr().out.split()[2]
    text = (folder / "card.md").read_text(encoding="utf-8")
    assert f"Accuracy {held_out} (95% interval" in text
    assert "clips of each class" in text
    assert train("--card", "./model.skops") == 2
    assert "--card ./model.skops is the file of the model" in capsys.readouterr().err
