"""The benchmark of valence and arousal, run small."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import soundfile

from sklaudio.datasets import make_emotions

from ..datasets import test_deam, test_emomusic
from ..datasets.conftest import put, wav_bytes

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "emotion.py"


def run(folder, *arguments):
    command = [sys.executable, str(SCRIPT), "--output", str(folder / "out"), "--folds", "2", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


@pytest.mark.slow
def test_each_model_has_scores_of_both_targets(tmp_path):
    done = run(tmp_path, "--clips", "12", "--duration", "1", "--epochs", "1", "--results", "results.md")
    assert done.returncode == 0, done.stderr
    assert all(line.startswith("[synthetic]") for line in done.stdout.splitlines())
    results = json.loads((tmp_path / "out" / "results.json").read_text())["results"]
    assert list(results) == ["mean of training", "MFCCs + ridge", "LSTM", "CRNN", "CRNN, loss ccc"]
    for row in results.values():
        assert list(row["scores"]) == ["valence", "arousal"]
        assert row["scores"]["arousal"]["n_clips"] == 12
    assert results["mean of training"]["scores"]["valence"]["r2"] <= 0
    assert "\n### [synthetic] Valence and arousal: make_emotions, 12 clips\n" in (tmp_path / "results.md").read_text()


@pytest.mark.slow
def test_a_table_of_recordings(tmp_path):
    songs = make_emotions(8, duration=0.5, random_state=0)
    for index, samples in enumerate(songs.data):
        soundfile.write(tmp_path / f"{index}.wav", samples, songs.sr)
    table = pd.DataFrame(songs.target, columns=["valence", "arousal"])
    table["path"], table["song"] = [f"{index}.wav" for index in range(8)], songs.groups
    table.to_csv(tmp_path / "songs.csv", index=False)
    done = run(tmp_path, "--table", "songs.csv", "--groups", "song", "--models", "MFCCs + ridge")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("data: songs.csv, 8 clips")
    assert "synthetic" not in done.stdout


def test_a_table_that_is_not_there_is_an_error_in_a_line(tmp_path, script):
    code, out, err = script("emotion.py", "--output", tmp_path / "out", "--folds", "2", "--table", "lost.csv")
    assert (code, out) == (1, "")
    assert err.startswith("emotion.py: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "sets", "n_tested", "words"),
    [
        (
            "emomusic",
            test_emomusic,
            1,
            "- split: trained on the development set of MediaEval 2013, tested on its evalu",
        ),
        ("deam", test_deam, 3, "- split: 2 folds, disjoint by artist"),
    ],
)
def test_sets_of_the_literature(name, sets, n_tested, words, tmp_path, script):
    """Figures of papers stand beside those of the partition that they are of, and nowhere else."""
    put(tmp_path / name, sets.members(wav_bytes(0, "MP3")))
    options = ["--models", "mean of training", "--folds", "2", "--output", str(tmp_path / "out")]
    options += ["--set", name, "--data-home", str(tmp_path), "--results", str(tmp_path / "page.md")]
    assert script("emotion.py", *options)[0] == 0
    found = json.loads((tmp_path / "out" / "results.json").read_text())["results"]["mean of training"]["scores"]
    assert found["valence"]["n_clips"] == n_tested
    page = (tmp_path / "page.md").read_text()
    assert words in page
    assert ("Jukebox" in page) == (name == "emomusic")
