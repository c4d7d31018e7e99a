"""What a file says of the clips that its model was trained on, and what is said where it is scored on these."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import Clip, FrameSummary, MFCCTransformer
from sklaudio.cli import main
from sklaudio.persistence._files import write
from sklaudio.persistence._training_clips import count_trained_on, with_training_clips, without_training_clips

from ..tones import PITCHES, write_tone

QUICK = ["--model", "dense", "--epochs", "1", "--validate", "0"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Four clips of each of three classes to train on, in the working directory."""
    monkeypatch.chdir(tmp_path)
    for label, pitch in PITCHES.items():
        for k in range(4):
            write_tone(tmp_path / "in" / label / f"{k}.wav", pitch, 0.3 + 0.01 * k)
    return tmp_path


@pytest.fixture
def trained(folder):
    assert main(["train", "in", "-o", "m.skops", *QUICK]) == 0
    return folder


def lines(capsys):
    return [line for line in capsys.readouterr().err.splitlines() if "was trained on" in line]


@pytest.mark.parametrize("command", [["evaluate", "m.skops"], ["report", "m.skops", "--no-map"]])
def test_evaluate_and_report_say_how_many_clips_were_trained_on(trained, command, capsys):
    if command[0] == "report":
        pytest.importorskip("matplotlib")
    assert main([*command, "in"]) == 0
    (line,) = lines(capsys)
    assert line.startswith(f"sklaudio {command[0]}: 12 of 12 clips are of files that the model was trained on: ")
    if command[0] == "report":
        page = Path("report.html").read_text("utf-8")
        assert "<strong>12 of 12 clips are of files that the model was trained on: " in page
        assert "A report cannot tell" not in page


def test_content_decides_not_the_name(trained, capsys):
    for number, label in enumerate(PITCHES):
        shutil.copy(f"in/{label}/0.wav", Path(f"in/{label}/3.wav"))  # another sound where one was trained on
        (trained / "new" / label).mkdir(parents=True)
        shutil.copy(f"in/{label}/1.wav", f"new/{label}/renamed.wav")
        write_tone(trained / "new" / label / "0.wav", PITCHES[label], 0.4 + number / 10)
    assert main(["evaluate", "m.skops", "new", "--json"]) == 0
    captured = capsys.readouterr()
    assert "sklaudio evaluate: 3 of 6 clips are of files" in captured.err
    json.loads(captured.out)


def test_clips_that_were_not_trained_on_are_passed_over_in_silence(trained, capsys):
    for label, pitch in PITCHES.items():
        write_tone(trained / "new" / label / "0.wav", pitch, 0.5)
    assert main(["evaluate", "m.skops", "new"]) == 0
    assert capsys.readouterr().err == ""


def test_tables_spans_and_the_best_of_several_models_say_it_as_well(folder, capsys):
    rows = [f"in/{label}/{k}.wav,{label},0.0,0.2" for label in PITCHES for k in range(4)]
    (folder / "t.csv").write_text("\n".join(["path,label,start,end", *rows]))
    spans = ["--start", "start", "--end", "end"]
    assert main(["train", "t.csv", "-o", "m.skops", *spans, *QUICK]) == 0
    assert main(["compare", "in", "--models", "mfcc-logistic", "--folds", "2", "-o", "best.skops"]) == 0
    for name in ("m.skops", "best.skops"):
        assert main(["evaluate", name, "in"]) == 0
        (line,) = lines(capsys)
        assert "12 of 12 clips" in line
    bad = folder / "in" / "low" / "bad.wav"
    bad.write_text("words")
    assert main(["evaluate", "m.skops", "in"]) == 1
    (line,) = lines(capsys)
    assert "12 of 13 clips" in line


def test_files_of_python_do_not_know_and_say_nothing(trained, model, capsys):
    loaded = sklaudio.load("m.skops")
    sklaudio.save(loaded, "again.skops")  # it may have been trained anew in between
    assert loaded.predict(["in/low/0.wav"]).shape == (1,)
    assert main(["evaluate", "again.skops", "in"]) == 0
    assert main(["evaluate", model, "in"]) == 0
    assert lines(capsys) == []
    assert count_trained_on(sklaudio.load("again.skops"), ["in/low/0.wav"]) is None


def test_the_model_is_not_changed_and_a_file_takes_8_bytes(folder):
    X = [str(folder / "in" / label / "0.wav") for label in PITCHES]
    model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit(X, list(PITCHES))
    known = with_training_clips(model, [*X, Clip(X[0], 0.0, 0.1), "lost.wav"])
    assert without_training_clips(model) is model
    assert vars(without_training_clips(known)) == vars(model)
    write(known, "known.skops")
    loaded = sklaudio.load("known.skops")
    assert count_trained_on(loaded, [Clip(X[1], 0.1), X[2], "lost.wav", __file__]) == 2
    assert loaded._training_clips.dtype == np.uint64
    assert loaded._training_clips.nbytes == 24
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_samples_and_bytes_are_no_files(folder):
    model = with_training_clips(LogisticRegression(), ["in/low/0.wav"])
    assert count_trained_on(model, [np.zeros(10), b"RIFF"]) == 0
