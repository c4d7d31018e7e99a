"""Numbers, events and columns of labels through each command: what is decided, scored, written and refused."""

import csv
import io
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
import soundfile

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.datasets import make_emotions, make_soundscapes

SR = 8000
QUICK = ["--jobs", "1", "--sr", str(SR), "--model", "gru", "--epochs", "1"]
QUICK += ["--set", "hidden_size=4", "--set", "num_layers=1"]
NUMBERS = ["--label", "valence", "--label", "arousal", "--group", "song"]
LABELS = ["--label", "calm", "--label", "happy", "--group", "song"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of songs with numbers and labels, scenes with events, and a model of each, by the program itself."""
    folder, before = tmp_path_factory.mktemp("tasks"), os.getcwd()
    os.chdir(folder)
    try:
        write_songs(make_emotions(12, duration=1.0, sr=SR, random_state=0))
        write_scenes(make_soundscapes(8, n_labels=2, duration=2, sr=SR, snr=15, n_events=(1, 2), random_state=0))
        said = {}
        for name, data, options in [
            ("numbers", "songs.csv", [*NUMBERS, "--validate", "2"]),
            ("labels", "songs.csv", [*LABELS, "--validate", "2"]),
            ("events", "events.csv", ["--validate", "2"]),
        ]:
            with pytest.MonkeyPatch.context() as patch:
                out, err = io.StringIO(), io.StringIO()
                patch.setattr("sys.stdout", out)
                patch.setattr("sys.stderr", err)
                assert cli.main(["train", data, "-o", f"{name}.skops", *QUICK, *options]) == 0, err.getvalue()
            said[name] = out.getvalue().splitlines(), err.getvalue()
    finally:
        os.chdir(before)
    return folder, said


def write_songs(songs):
    os.mkdir("songs")
    rows = []
    for number, (samples, target, song) in enumerate(zip(songs.data, songs.target, songs.groups, strict=True)):
        soundfile.write(f"songs/{number:02d}.wav", samples, SR)
        rows.append({"path": f"songs/{number:02d}.wav", "song": song, "year": 1990 + number})
        rows[-1] |= dict(zip(songs.target_names, target, strict=True))
    table = pd.DataFrame(rows)
    table["calm"], table["happy"] = (np.arange(12) // 2 % 2), (np.arange(12) // 4 % 2)
    table.to_csv("songs.csv", index=False)


def write_scenes(scenes):
    os.mkdir("scenes")
    for number, (samples, events) in enumerate(zip(scenes.data, scenes.events, strict=True)):
        soundfile.write(f"scenes/{number}.wav", samples, SR)
        events.to_csv(f"scenes/{number}.txt", sep="\t", header=False, index=False)
    tables = [events.assign(path=f"scenes/{number}.wav") for number, events in enumerate(scenes.events)]
    pd.concat(tables).to_csv("events.csv", index=False)


@pytest.fixture
def folder(made, monkeypatch):
    monkeypatch.chdir(made[0])
    return made[0]


def run(capsys, *arguments):
    code = cli.main(list(arguments))
    return code, *capsys.readouterr()


def test_what_columns_hold_is_decided_and_said(made):
    said = made[1]
    assert said["numbers"][1] == "sklaudio train: songs.csv: taken as --path path --task regression\n"
    assert said["labels"][1] == "sklaudio train: songs.csv: taken as --path path --task multi-label\n"
    assert said["events"][1] == "sklaudio train: events.csv: taken as --task events\n"


def test_numbers_are_scored_by_fold_and_target(made):
    lines = made[1]["numbers"][0]
    assert lines[0].startswith("held-out mean absolute error ")
    assert lines[0].endswith("(12 clips of 6 groups; mean over targets)")
    assert [line[:6] for line in lines[1:3]] == ["fold 1", "fold 2"]
    assert [line.split()[0] for line in lines[4:7]] == ["target", "valence", "arousal"]
    assert lines[-2].startswith("trained gru on all 12 clips of 2 targets in 6 groups: 1 epoch,")


def test_labels_of_columns_are_scored_as_those_with_a_separator(made):
    lines = made[1]["labels"][0]
    assert lines[0].startswith("held-out mean average precision ")
    assert [line.split()[0] for line in lines[4:7]] == ["label", "calm", "happy"]


def test_events_are_scored_by_segment_and_event(made):
    lines = made[1]["events"][0]
    assert lines[0].startswith("held-out segment F1 ")
    assert lines[0].endswith("(8 recordings of 8 groups)")
    assert [line.split()[0] for line in lines[5:10]] == ["label", "beep", "hiss", "(micro)", "(macro)"]
    assert lines[-2].startswith("trained gru on all 8 recordings of 2 labels in 8 groups: 1 epoch,")


def test_a_pattern_of_label_tracks_is_the_same_events(folder, capsys):
    code, out, err = run(capsys, "train", "scenes/*.txt", "-o", "t.skops", *QUICK, "--validate", "0", "--json")
    assert (code, err) == (0, "sklaudio train: scenes/*.txt: taken as --task events\n")
    facts = json.loads(out)
    assert (facts["task"], facts["labels"], facts["n_clips"]) == ("events", ["beep", "hiss"], 8)
    code, _, _ = run(capsys, "train", "events.csv", "-o", "e.skops", *QUICK, "--validate", "0")
    tracks, table = (sklaudio.load(name).predict(["scenes/0.wav"])[0] for name in ("t.skops", "e.skops"))
    pd.testing.assert_frame_equal(tracks, table, atol=1e-6)


def test_whole_numbers_are_numbers_where_asked(folder, capsys):
    arguments = ["train", "songs.csv", "-o", "year.skops", "--label", "year", "--encoder", "digits", "--jobs", "1"]
    code, out, _ = run(capsys, *arguments, "--task", "regression", "--json")
    facts = json.loads(out)
    assert (code, facts["targets"], list(facts["held_out"]["per_target"])) == (0, ["year"], ["year"])
    assert facts["alpha"] > 0
    code, out, _ = run(capsys, "predict", "year.skops", "songs/00.wav", "--csv")
    assert (code, out.splitlines()[0]) == (0, "path,year")


def test_parts_to_test_on_are_scored_alone(folder, capsys):
    table = pd.read_csv("songs.csv")
    table[:8].to_csv("train.csv", index=False)
    table[8:].round().astype({"valence": int, "arousal": int}).to_csv("test.csv", index=False)
    arguments = ["train", "train.csv", "-o", "m.skops", *QUICK, *NUMBERS, "--test", "test.csv", "--json"]
    code, out, _ = run(capsys, *arguments)
    facts = json.loads(out)
    assert (code, facts["held_out"], facts["test"]["n_clips"]) == (0, None, 4)
    events = pd.read_csv("events.csv")
    in_test = events["path"].isin(["scenes/6.wav", "scenes/7.wav"])
    events[~in_test].to_csv("train-events.csv", index=False)
    events[in_test].assign(label="owl").to_csv("test-events.csv", index=False)
    arguments = ["train", "train-events.csv", "-o", "m.skops", *QUICK, "--test", "test-events.csv"]
    code, _, err = run(capsys, *arguments)
    assert code == 1
    assert "--test test-events.csv has clips of labels that train-events.csv has none of: 'owl'" in err


def test_evaluate_takes_columns_by_the_names_that_the_model_knows(folder, capsys):
    shutil.copy("songs/00.wav", "songs/other.wav")
    table = pd.read_csv("songs.csv")[["path", "arousal", "valence"]]
    table.loc[len(table)] = ["songs/bad.wav", 1.0, 2.0]
    (folder / "songs" / "bad.wav").write_text("words")
    table.to_csv("known.csv", index=False)
    code, out, err = run(capsys, "evaluate", "numbers.skops", "known.csv", "--json", "--jobs", "1")
    found = json.loads(out)
    assert (code, found["n_clips"], found["n_unreadable"]) == (1, 13, 1)
    assert "songs/bad.wav: this is not an audio file" in err
    assert list(found["per_target"]) == ["valence", "arousal"]
    errors = [abs(row["true"]["valence"] - row["numbers"]["valence"]) for row in found["predictions"][:-1]]
    assert found["per_target"]["valence"]["mae"] == pytest.approx(np.mean(errors), rel=1e-6)
    code, out, _ = run(capsys, "evaluate", "numbers.skops", "known.csv", "--jobs", "1")
    assert [line.split()[0] for line in out.splitlines()[:3]] == ["target", "valence", "arousal"]
    assert out.splitlines()[-1] == "over 12 clips; 1 more cannot be read, and have no part in the scores"
    code, out, _ = run(capsys, "evaluate", "numbers.skops", "known.csv", "--csv", "--jobs", "1")
    assert out.splitlines()[0] == "path,true(valence),valence,true(arousal),arousal,error"
    code, out, _ = run(capsys, "evaluate", "labels.skops", "songs.csv", "--jobs", "1")
    assert (code, out.startswith("mean average precision")) == (0, True)


def test_what_stands_between_labels_goes_before_columns_that_the_model_knows(folder, capsys):
    table = pd.read_csv("songs.csv")
    table["tags"] = np.where(table["calm"] == 1, "calm;happy", "happy")
    table.to_csv("both.csv", index=False)
    code, out, err = run(capsys, "evaluate", "labels.skops", "both.csv", "--sep", ";", "--json", "--jobs", "1")
    assert (code, "--label tags" in err, json.loads(out)["per_label"]["happy"]["n_clips"]) == (0, True, 12)


def test_evaluate_compares_events(folder, capsys):
    code, out, _ = run(capsys, "evaluate", "events.skops", "events.csv", "--jobs", "1")
    lines = out.splitlines()
    assert (code, lines[0][:12]) == (0, "segment F1  ")
    assert [line.split()[0] for line in lines[4:]] == ["label", "beep", "hiss", "(micro)", "(macro)"]
    code, out, _ = run(capsys, "evaluate", "events.skops", "scenes/*.txt", "--json", "--jobs", "1")
    found = json.loads(out, parse_constant=pytest.fail)  # no NaN
    assert lines[0] == f"segment F1  {found['segment_f1']:.3f}  (segments of 1 s)"
    assert {event["outcome"] for row in found["predictions"] for event in row["events"]} <= {
        *("hit", "missed", "false alarm")
    }
    code, out, _ = run(capsys, "evaluate", "events.skops", "events.csv", "--csv", "--jobs", "1")
    assert out.splitlines()[0] == "path,kind,start,end,label,probability,outcome"


def test_predictions_of_numbers(folder, capsys):
    expected = sklaudio.load("numbers.skops").predict(["songs/00.wav"])[0]
    code, out, _ = run(capsys, "predict", "numbers.skops", "songs/00.wav", "lost.wav", "--csv", "--jobs", "1")
    header, row, lost = csv.reader(io.StringIO(out))
    assert (code, header, lost) == (1, ["path", "valence", "arousal"], ["lost.wav", "", ""])
    np.testing.assert_allclose([float(cell) for cell in row[1:]], expected, rtol=1e-5)
    code, out, _ = run(capsys, "predict", "numbers.skops", "songs/00.wav", "--jsonl", "--jobs", "1")
    assert list(json.loads(out)["numbers"]) == ["valence", "arousal"]
    code, out, _ = run(capsys, "predict", "numbers.skops", "songs/00.wav", "--jobs", "1")
    assert out.split() == ["songs/00.wav", "valence", f"{expected[0]:.4g}", "arousal", f"{expected[1]:.4g}"]
    pytest.importorskip("pyarrow")
    assert (
        run(capsys, "predict", "numbers.skops", "songs/00.wav", "--parquet", "-o", "n.parquet", "--jobs", "1")[0] == 0
    )
    assert pd.read_parquet("n.parquet").columns.tolist() == ["path", "valence", "arousal", "error"]


def test_predictions_of_events_are_rows_that_load_annotations_reads(folder, capsys):
    files = [f"scenes/{number}.wav" for number in range(3)]
    expected = sklaudio.load("events.skops").predict(files)
    code, out, _ = run(capsys, "predict", "events.skops", *files, "--csv", "-o", "found.csv", "--jobs", "1")
    assert (code, out) == (0, "")
    found = sklaudio.datasets.load_annotations("found.csv")
    assert len(found) == sum(map(len, expected))
    np.testing.assert_allclose(found["start"], np.concatenate([table["start"] for table in expected]), atol=1e-6)
    code, out, _ = run(capsys, "predict", "events.skops", *files, "--jobs", "1")
    assert out.count("\n") == max(1, len(expected[0])) + max(1, len(expected[1])) + max(1, len(expected[2]))
    pytest.importorskip("pyarrow")
    arguments = ["predict", "events.skops", *files, "lost.wav", "--parquet", "-o", "e.parquet", "--jobs", "1"]
    assert run(capsys, *arguments)[0] == 1
    assert pd.read_parquet("e.parquet")["error"].notna().sum() == 1
    pd.read_csv("events.csv").to_parquet("events.parquet")
    scores = [run(capsys, "evaluate", "events.skops", f"events.{kind}", "--jobs", "1") for kind in ("csv", "parquet")]
    assert scores[0] == scores[1]
    arguments = ["train", "events.parquet", "-o", "p.skops", *QUICK, "--validate", "0"]
    assert run(capsys, *arguments)[2] == "sklaudio train: events.parquet: taken as --task events\n"


@pytest.mark.parametrize("model", ["numbers", "events"])
def test_lines_of_json_are_gone_on_with(model, folder, capsys):
    files = [f"scenes/{number}.wav" for number in range(3)]
    out = f"{model}.jsonl"
    arguments = ["predict", f"{model}.skops", "--jsonl", "--out", out, "--resume", "--jobs", "1"]
    assert run(capsys, *arguments, files[0], "lost.wav")[0] == 1
    code, _, err = run(capsys, *arguments, *files, "lost.wav")
    assert code == 1
    assert f"{out} has 2 of 4 files already" in err
    rows = [json.loads(line) for line in (folder / out).read_text().splitlines()]
    assert [row["path"] for row in rows] == [files[0], "lost.wav", *files[1:]]
    other = {"numbers": "events", "events": "numbers"}[model]
    code, _, err = run(capsys, "predict", f"{other}.skops", "--jsonl", "-o", out, "--resume", *files)
    assert (code, "holds something else than predictions of this model" in err) == (1, True)


def test_timelines_of_each(folder, capsys):
    code, out, _ = run(capsys, "timeline", "numbers.skops", "songs/00.wav", "--window", "0.5", "--hop", "0.5", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert (code, len(rows), list(rows[0])) == (0, 2, ["path", "start", "end", "valence", "arousal"])
    code, out, _ = run(capsys, "timeline", "numbers.skops", "songs/00.wav", "--window", "0.5", "--hop", "0.5")
    assert out.splitlines()[0].split()[:3] == ["00:00.0", "00:00.5", "valence"]
    code, out, _ = run(capsys, "timeline", "labels.skops", "songs/00.wav", "--csv")
    assert out.splitlines()[0] == "path,start,end,label,probability"
    code, out, _ = run(capsys, "timeline", "events.skops", "scenes/0.wav", "--json")
    assert set(json.loads(out)) == {"path", "sr", "hop", "rows"}


def test_compare_scores_labels_and_numbers_by_their_own(folder, capsys):
    shared = ["--folds", "2", "--sr", str(SR), "--jobs", "1"]
    arguments = ["compare", "songs.csv", *LABELS, "--models", "majority,mfcc-logistic", "--out", "best.skops", *shared]
    code, out, err = run(capsys, *arguments)
    assert (code, "--task multi-label" in err) == (0, True)
    assert out.splitlines()[0].split()[:5] == ["mean_average_precision", "low", "high", "p_value", "log_loss"]
    assert sklaudio.load("best.skops").predict(["songs/00.wav"]).shape == (1, 2)
    code, out, _ = run(capsys, "compare", "songs.csv", *NUMBERS, "--models", "mean,mfcc-ridge", *shared, "--json")
    found = json.loads(out)
    assert (code, found["task"], found["targets"]) == (0, "regression", ["valence", "arousal"])
    assert {"r2", "mae", "p_value"} <= set(found["models"][0])


@pytest.fixture
def blips(folder):
    """Annotations of four recordings of 0.6 s, which many epochs are quick on, and of one that cannot be read."""
    rng, rows = np.random.default_rng(0), []
    (folder / "blips").mkdir(exist_ok=True)
    for number in range(4):
        samples = 0.01 * rng.normal(size=4800)
        samples[800:4000] += np.sin(0.5 * np.arange(3200))
        soundfile.write(f"blips/{number}.wav", samples, SR)
        rows.append({"path": f"blips/{number}.wav", "start": 0.1, "end": 0.5, "label": "blip"})
    (folder / "blips" / "bad.wav").write_text("words")
    pd.DataFrame([*rows, rows[0] | {"path": "blips/bad.wav"}, rows[0]]).to_csv("blips.csv", index=False)


@pytest.mark.slow
def test_compare_scores_events_by_their_f1(blips, capsys):
    shared = ["--folds", "2", "--sr", str(SR), "--jobs", "1", "--budget", "0.001s", "--json"]
    code, out, err = run(capsys, "compare", "blips.csv", "--models", "rnn,gru", "--out", "best.skops", *shared)
    found = json.loads(out)
    assert (code, "taken as --task events" in err, "bad.wav: this is not an audio file" in err) == (0, True, True)
    assert (found["task"], found["labels"], found["folds"], found["best"]) == ("events", ["blip"], 2, "rnn")
    assert [name.split("/")[-1] for name in found["unreadable"]] == ["bad.wav"]
    first, second = found["models"]
    assert 0 < first["event_f1"] <= 1
    assert first["segment_f1"] == 1
    assert second["error"] == "not fitted: the budget of 0.001 s was spent"
    assert sklaudio.load("best.skops").predict(["blips/0.wav"])[0]["label"].tolist() == ["blip"]


@pytest.mark.slow
def test_train_takes_the_best_detector(blips, capsys):
    arguments = ["train", "blips.csv", "-o", "auto.skops", "--model", "auto", "--budget", "0.001s", "--jobs", "1"]
    code, out, _ = run(capsys, *arguments, "--sr", str(SR), "--validate", "2")
    lines = out.splitlines()
    assert (code, lines[1].split()[:2]) == (0, ["event_f1", "low"])
    assert lines[-1].startswith("rnn fitted on all clips and written to auto.skops")
    assert sklaudio.load("auto.skops").classes_.tolist() == ["blip"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "songs.csv", "--label", "song", "--task", "regression"], 2, "the column 'song' holds labels"),
        (["train", "songs.csv", "--label", "valence", "--task", "class"], 2, "holds numbers, not classes"),
        (["train", "songs.csv", "--label", "valence", "--task", "multi-label"], 2, "takes --sep, such as --sep ';'"),
        (["train", "songs.csv", *NUMBERS, "--task", "class"], 2, "one class for each clip takes one --label"),
        (["train", "songs.csv", "--label", "valence", "--label", "song"], 1, "several columns must hold numbers"),
        (["train", "songs.csv", "--label", "calm", "--label", "happy", "--sep", ";"], 2, "give --label once"),
        (["train", "holes.csv", "--label", "valence"], 1, "column 'valence' has no value in row 3 of 12"),
        (["train", "songs", "--task", "regression"], 2, "--task regression: of a table, and songs is a folder"),
        (["train", "songs", "--task", "events"], 2, "--task events takes files of annotations"),
        (["train", "empty.csv", "--task", "events"], 1, "empty.csv: there is no event in it"),
        (["train", "songs.csv", "--label", "valenc"], 1, "--label 'valenc': the table has no such column"),
        (["train", "songs.csv", "--label", "song", "--root", "x"], 1, "begin in --root 'x'; pass --root for another"),
        (["train", "events.csv", "--root", "x"], 1, "begin in --root 'x'; pass --root for another folder"),
        (["train", "events.csv", "--set", "sr=16000"], 2, "--set sr: give --sr in place of it"),
        (["train", "songs.csv", *NUMBERS, "--set", "segment_length=9"], 2, "give --segment in place of it"),
        (["train", "events.csv", "--model", "dense"], 2, "--model dense predicts no events"),
        (["train", "events.csv", "--model", "encoder"], 2, "--model encoder predicts no events"),
        (["train", "events.csv", "--valid", "scenes/*.txt"], 1, "have clips in common"),
        (["train", "one.txt", "--task", "events", "--valid", "events.csv"], 2, "--valid is no option of a detector"),
        (["train", "events.csv", "--duration", "1"], 2, "--duration is no option of a detector"),
        (["train", "events.csv", "--task", "events", "--sep", ";"], 2, "--sep: of a table with a row per clip"),
        (["train", "songs.csv", *NUMBERS, "--model", "notes-cnn"], 2, "notes-cnn takes one class for each clip"),
        (["train", "events.csv", "--model", "auto", "--validate", "9"], 1, "cv=9: 9 folds need as many groups"),
        (["compare", "events.csv", "--models", "lstm,mfcc-svm"], 2, "--models: there is no 'mfcc-svm'. Take some of"),
        (["compare", "events.csv", "--task", "events", "--sep", ";"], 2, "--sep: of a table with a row per clip"),
        (["evaluate", "numbers.skops", "songs.csv", "--label", "song"], 2, "the model predicts valence, arousal. Give"),
        (["evaluate", "numbers.skops", "songs.csv", "--sep", ";"], 2, "--sep: the model tells numbers"),
        (["evaluate", "events.skops", "songs"], 2, "takes files of annotations"),
        (["predict", "events.skops", "scenes", "--csv", "-o", "x.csv", "--resume"], 2, "Take --jsonl"),
        (["timeline", "numbers.skops", "songs/00.wav", "--audacity"], 2, "the model predicts numbers"),
        (["timeline", "numbers.skops", "songs/00.wav", "--merge"], 1, "merge=True is for labels"),
        (["timeline", "numbers.skops", "songs/00.wav", "--smoothing", "viterbi"], 1, "is for labels"),
    ],
)
def test_mixed_up_targets_are_named(arguments, code, message, folder, capsys):
    table = pd.read_csv("songs.csv")
    table.loc[3, "valence"] = np.nan
    table.to_csv("holes.csv", index=False)
    (folder / "empty.csv").write_text("path,start,end,label\n")
    shutil.copy("songs/00.wav", "one.wav")
    (folder / "one.txt").write_text("0.1\t0.5\tbeep\n")
    if arguments[0] == "train":
        arguments = [*arguments, "-o", "wrong.skops"]
    assert cli.main(arguments) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err.splitlines()[-1]
    assert not (folder / "wrong.skops").exists()
