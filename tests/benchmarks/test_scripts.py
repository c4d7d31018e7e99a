"""The benchmarks, run small: they end, agree with themselves, and say what they are on."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.calibration import CalibratedClassifierCV

from sklaudio import published
from sklaudio.encoders._registry import installed_names

from ..conftest import real_files

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
QUICK = ("logistic regression", "CNN")  # rows that take the least on real recordings
has_temperature = "temperature" in CalibratedClassifierCV._parameter_constraints["method"][0].options


def run(tmp_path, *arguments, script="gtzan.py"):
    command = [sys.executable, str(BENCHMARKS / script), "--output", str(tmp_path / "out"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


@pytest.mark.slow
def test_without_data_every_line_says_that_it_is_synthetic(tmp_path):
    done = run(tmp_path, "--clips", "20", "--folds", "2", "--seeds", "0", "--epochs", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    for words in ("BLSTM", "accuracy/clip", "precision", "support", "true \\ predicted", "parameters", "data_hash"):
        assert words in done.stdout
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    rows = results["results"]["grouped"]
    assert [row["name"] for row in rows] == [
        "logistic regression", "SVM (rbf)", "random forest", *installed_names(), "LSTM", "BLSTM",
        "BGRU, augmented", "CNN", "CRNN",
    ]  # fmt: skip
    for row in rows:
        assert sum(map(sum, row["confusion"])) == sum(scores["support"] for scores in row["per_class"].values()) == 20
        assert len(row["clip_accuracy"]) == 2
        right = sum(row["confusion"][k][k] for k in range(10))
        assert len(row["calibration_error"]) == (row["name"] != "SVM (rbf)")
        assert row["calibration_error_with_temperature"] == row["temperature"] == []
        assert right / 20 == pytest.approx(sum(row["clip_accuracy"]) / 2)
    assert results["versions"]["torch"]
    assert {path.name for path in (tmp_path / "out").glob("*.png")} == {"accuracy.png", "confusion.png", "training.png"}


@pytest.mark.slow
def test_published_systems_under_both_protocols(tmp_path):
    """Ten tracks of synthetic music, in seconds: each row runs, and the page of results is written anew."""
    arguments = ["--published", "--protocol", "both", "--clips", "20", "--folds", "2", "--seeds", "0", "--epochs", "1"]
    page = tmp_path / "results.md"
    page.write_text(
        "# Results\n\nBy hand.\n\n## Genres\n\n### Another\n\nkept\n\n"
        "### [synthetic] make_genres, 20 clips\n\noutdated\n"
    )
    done = run(tmp_path, *arguments, "--results", str(page))
    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert set(results) == {"grouped", "published"}
    for rows in results.values():
        assert sum(row["name"].startswith("genre") for row in rows) == 8
        assert all(0 <= accuracy <= 1 for row in rows for accuracy in row["clip_accuracy"])
    assert "79.05% on six genres" in page.read_text()
    assert "### Another\n\nkept" in page.read_text()
    assert "outdated" not in page.read_text()
    assert "protocol published: segments or clips shuffled" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "home", "prefix", "said"),
    [
        ("nsynth.py", None, "notes", "[synthetic] data: make_notes"),
        ("nsynth.py", "nsynth", "notes", "NSynth's form by instrument, 943 notes, 16 classes"),
        ("speech_commands.py", None, "words", "[synthetic] data: make_words"),
        ("speech_commands.py", "speech_commands", "words", "480 clips of 2 words"),
        ("fsdd.py", None, "words", "[synthetic] data: make_words at 8 kHz"),
    ],
)
def test_notes_and_words(script, home, prefix, said, tmp_path):
    arguments = ["--published", "--folds", "2", "--seeds", "0", "--epochs", "1", "--clips", "40"]
    if home is not None:
        arguments += ["--data-home", str(real_files(f"{home}/**/*.flac")[0].parents[1 if script[0] == "s" else 2])]
    if home is not None:
        arguments += ["--models", *QUICK, *(name for name in published.names() if name.startswith(prefix))]
    if script[0] == "s" and home is not None:
        arguments += ["--words", "left", "right"]
    done = run(tmp_path, *arguments, script=script)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["results"]["grouped"]
    assert {row["name"] for row in rows if row["figure"]} == {
        name for name in published.names() if name.startswith(prefix)
    }
    assert set(QUICK) <= {row["name"] for row in rows}


@pytest.mark.slow
def test_an_ensemble_and_temperatures(tmp_path):
    arguments = ["--calibrate", "--ensemble", "2", "--folds", "2", "--seeds", "0", "--epochs", "1", "--clips", "60"]
    done = run(tmp_path, *arguments, script="speech_commands.py")
    if not has_temperature:
        assert done.returncode == 1
        assert done.stderr.startswith("speech_commands.py: a temperature is learned by")
        return
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["results"]["grouped"]
    rows = {row["name"]: row for row in rows}
    assert list(rows) == ["logistic regression", *installed_names(), "CNN", "CRNN", "CRNN x 2"]
    assert rows["CRNN x 2"]["n_parameters"] == 2 * rows["CRNN"]["n_parameters"]
    for name, row in rows.items():
        assert len(row["calibration_error"]) == 1
        assert len(row["calibration_error_with_temperature"]) == ("NN" in name)  # of our nets
    assert "ECE, temperature" in done.stdout


@pytest.mark.slow
def test_some_rows_alone_are_a_section_of_their_own(tmp_path):
    arguments = ["--clips", "20", "--folds", "2", "--seeds", "0", "--epochs", "1", "--results", "results.md"]
    done = run(tmp_path, "--models", "CRNN", "random forest", *arguments)
    assert done.returncode == 0, done.stderr
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["results"]["grouped"]
    assert [row["name"] for row in rows] == ["random forest", "CRNN"]
    assert "\n### [synthetic] make_genres, 20 clips: CRNN, random forest\n" in (tmp_path / "results.md").read_text()


def test_an_unknown_row_is_an_error_in_a_line(tmp_path, script):
    code, out, err = script("gtzan.py", "--output", tmp_path / "out", "--models", "CRNM", "--folds", "2")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"gtzan.py: --models CRNM: no row of this table, which has .*CRNN.*\.\n", err)


def test_too_few_clips_for_a_temperature_are_an_error_in_a_line(tmp_path, script):
    arguments = ["--output", tmp_path / "out", "--calibrate", "--folds", "2", "--clips", "20"]
    code, _, err = script("speech_commands.py", *arguments)
    assert code == 1
    assert err.startswith("speech_commands.py: a temperature")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
def test_a_speaker_for_each_fold(tmp_path):
    home = real_files("fsdd/recordings/*.flac")[0].parents[1]
    arguments = ["--data-home", str(home), "--models", *QUICK, "--seeds", "0", "--epochs", "1"]
    done = run(tmp_path, *arguments, script="fsdd.py")
    assert done.returncode == 0, done.stderr
    assert "2000 clips of 10 digits, 4 speakers" in done.stdout
    assert "split: 4 folds, each tests on another speaker" in done.stdout
    done = run(tmp_path, *arguments, "--split", "official", script="fsdd.py")
    assert done.returncode == 0, done.stderr
    assert "split: official: 1800 clips to train, 200 to test" in done.stdout


@pytest.mark.slow
def test_any_folder_of_classes(speaker_files, tmp_path):
    folder = speaker_files[0].parents[1]
    arguments = ["--folder", str(folder), "--models", *QUICK, "--folds", "2", "--seeds", "0", "--epochs", "1"]
    done = run(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert "speakers, 110 clips of 5 classes" in done.stdout


SMALL = ["--clips", "20", "--folds", "2", "--seeds", "0", "1", "--epochs", "1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "n_settings"),
    [
        ("lr", 15), ("layers", 3), ("layers-features", 4), ("features", 5),
        ("direction", 2), ("optimizer", 4), ("segments", 6), ("networks", 3),
    ],
)  # fmt: skip
def test_a_study_is_a_table_a_plot_and_a_sentence(study, n_settings, tmp_path):
    page = tmp_path / "results.md"
    done = run(tmp_path, "--study", study, *SMALL, "--results", str(page))
    assert done.returncode == 0, done.stderr
    assert "<- best" in done.stdout
    written = json.loads((tmp_path / "out" / f"study-{study}.json").read_text())
    assert len(written["results"]) == n_settings
    assert all(np.shape(row["clip_accuracy"]) == (2, 2) for row in written["results"])
    assert len(written["conclusions"]) == len(written["results"][0]["setting"])
    for sentence in written["conclusions"]:
        assert "has the best mean" in sentence
        assert sentence in page.read_text()
    assert (tmp_path / "out" / f"study-{study}.png").stat().st_size > 10_000


@pytest.mark.slow
def test_what_cannot_be_read_counts_as_wrong(tmp_path, rng):
    for label, pitch in (("low", 200), ("high", 2000)):
        for index in range(4):
            (tmp_path / "set" / label).mkdir(parents=True, exist_ok=True)
            y = np.sin(2 * np.pi * pitch * np.arange(22050) / 22050) + 0.01 * rng.normal(size=22050)
            soundfile.write(tmp_path / "set" / label / f"{index}.wav", y, 22050)
    (tmp_path / "set" / "low" / "0.wav").write_text("no audio")
    arguments = ["--folder", str(tmp_path / "set"), "--folds", "2", "--seeds", "0", "--epochs", "1"]
    done = run(tmp_path, *arguments, "--on-error", "warn")
    assert done.returncode == 0, done.stderr
    assert "0.wav" in done.stderr
    rows = json.loads((tmp_path / "out" / "results.json").read_text())["results"]["grouped"]
    for row in rows:
        assert row["classes"] == ["high", "low"]
        assert [counts[-1] for counts in row["confusion"]] == [0, 1]
        assert sum(map(sum, row["confusion"])) == 8
    assert rows[0]["name"] == "logistic regression"
    assert sum(rows[0]["clip_accuracy"]) / 2 == pytest.approx(7 / 8)


@pytest.mark.slow
def test_on_real_tracks_no_line_says_synthetic(gtzan_home, tmp_path):
    arguments = ["--data-home", str(gtzan_home), "--models", *QUICK, "--folds", "2", "--seeds", "0", "--epochs", "1"]
    done = run(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert "GTZAN, 70 of 1000 tracks" in done.stdout
    assert "synthetic" not in done.stdout


@pytest.mark.slow
def test_a_split_with_nothing_to_train_on_is_an_error_in_a_line(gtzan_home, tmp_path, script):
    arguments = ["--output", tmp_path / "out", "--data-home", gtzan_home, "--split", "six-genres"]
    code, _, err = script("gtzan.py", *arguments)
    assert code == 1
    assert err.startswith("gtzan.py: --split six-genres")
    assert len(err.splitlines()) == 1


def test_a_data_home_without_tracks_is_an_error_in_a_line(tmp_path, script):
    code, _, err = script("gtzan.py", "--output", tmp_path / "out", "--data-home", tmp_path)
    assert code == 1
    assert err.startswith("gtzan.py: GTZAN is not in")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


SMALL_SPEED = ["--repeats", "1", "--clips", "3", "--files", "8", "--training-clips", "32", "--many", "200"]
SMALL_SPEED += ["--job-files", "40", "--unequal-clips", "4", "--search-epochs", "2"]


@pytest.mark.slow
def test_speed_compares_what_gives_the_same_results(tmp_path):
    """No time is asserted: the table says how fast, the exit status that all results agree."""
    page = tmp_path / "results.md"
    done = run(tmp_path, *SMALL_SPEED, "--results", str(page), script="speed.py")
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "out" / "speed.json").read_text())
    rows = {row["what"]: row for row in written["rows"]}
    assert len(rows) >= 10
    for row in rows.values():
        assert row["agrees"]
        assert all(row["agrees"].values())
        assert row["ours"] > 0
        assert row["ratios"]
    extractions = rows["16 fits over 40 files, cached"]["notes"]
    assert extractions["extractions, ours"] == 40
    assert extractions["extractions, scikit-learn's Pipeline(memory=)"] > 200
    assert "librosa's four calls" in page.read_text()
    counted = [row for row in rows.values() if row["flop"]]
    assert len(counted) >= 6
    assert len(re.findall(r"^\S.* +(?:CPU|wall) +\S+ ms +\d+\.\d% ", page.read_text(), flags=re.MULTILINE)) >= len(
        counted
    )
    assert "- peak of a core: " in page.read_text()


def test_speed_without_the_data_is_an_error_in_a_line(tmp_path, script):
    code, _, err = script("speed.py", "--output", tmp_path / "out", "--data-home", tmp_path)
    assert code == 1
    assert err.startswith("speed.py: GTZAN is not in")
    assert len(err.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks of private memory are Linux's")
def test_out_of_core_trains_the_same_net_from_a_file_as_in_memory(tmp_path):
    command = [sys.executable, str(BENCHMARKS / "out_of_core.py"), "--clips", "300", "--results", "scale.md"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    page = (tmp_path / "scale.md").read_text()
    found = re.findall(r"^(in memory|memory-mapped file) +(none|1 GB) +(0\.\d{4}) ", page, flags=re.MULTILINE)
    assert [(way, limit) for way, limit, _ in found] == [
        ("in memory", "none"), ("in memory", "1 GB"), ("memory-mapped file", "1 GB"),
    ]  # fmt: skip
    assert len({accuracy for *_, accuracy in found}) == 1
    assert re.search(r"^chunks, partial_fit +1 GB +0\.\d{4} ", page, flags=re.MULTILINE)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="peaks of memory are Linux's")
def test_memory_of_more_clips_holds_their_frames(tmp_path):
    done = run(tmp_path, "--clips", "50", "5000", "--results", "page.md", script="memory.py")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    rows = json.loads((tmp_path / "out" / "memory.json").read_text())["rows"]
    assert [row["n_clips"] for row in rows] == [50, 5000] * 3
    assert len({row["task"] for row in rows}) == 3
    for few, many in zip(rows[::2], rows[1::2], strict=True):
        assert many["frames"] == pytest.approx(100 * few["frames"])
        assert many["peak"] - many["before"] > 0.8 * many["frames"]
    assert "### Memory of few clips and of many" in (tmp_path / "page.md").read_text()


@pytest.mark.slow
def test_ablation_compares_with_the_recipe_inside_the_training_part(tmp_path):
    variants = ["--variants", "no augmentation", "with a time shift", "--folds", "2", "--epochs", "1"]
    command = [sys.executable, str(BENCHMARKS / "ablation.py"), *variants, "--results", "ablation.md"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    page = (tmp_path / "ablation.md").read_text()
    assert "- split: the first fold's training part: 2 folds, stratified, disjoint by speaker" in page
    rows = re.findall(
        r"^(the recipe|(?:no|with) \w[\w ]+?) +0\.\d{3} ± 0\.\d{3}( +[+-]0\.\d{3} ± 0\.\d{3})? *$", page, flags=re.M
    )
    assert [(name, bool(change)) for name, change in rows] == [
        ("the recipe", False), ("no augmentation", True), ("with a time shift", True),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from where Linux has it")
def test_streaming_equals_the_file(tmp_path):
    """No time is asserted."""
    page = tmp_path / "results.md"
    done = run(tmp_path, "--hours", "0.05", "--seconds", "5", "--results", str(page), script="streaming.py")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    found = json.loads((tmp_path / "out" / "results.json").read_text())
    assert found["long"]["times equal"]
    assert found["long"]["labels equal"] == 1
    assert found["long"]["largest difference"] < 1e-4
    assert found["long"]["rows"] == 359
    assert all(row["windows"] > 0 for row in found["latency"])
    assert all(row["difference"] < 1e-5 for row in found["sharing"])
    assert "### Live sound" in page.read_text()
