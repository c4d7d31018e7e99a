"""The page about numbers: scores of each target, and the clips that are furthest off."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, MFCCTransformer
from sklaudio.cli import _main as cli
from sklaudio.evaluate import RegressionEvaluation
from sklaudio.metrics import regression_table
from sklaudio.reporting import RegressionReport

from ..reports import ODD, Page
from ..tones import tone, write_tone

PITCHES = [250.0, 300.0, 500.0, 600.0, 1000.0, 1200.0]


@pytest.fixture(scope="module")
def model():
    pitches = np.array([200.0, 400.0, 800.0, 1600.0])
    y = np.column_stack([np.log2(pitches), pitches])
    return make_pipeline(MFCCTransformer(), FrameSummary(), LinearRegression()).fit([tone(p) for p in pitches], y)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Six tones with two numbers each."""
    folder = tmp_path_factory.mktemp("tones")
    paths = [write_tone(folder / f"{pitch:.0f}.wav", pitch) for pitch in PITCHES]
    table = pd.DataFrame({"path": paths, "octave": np.log2(PITCHES), "pitch": PITCHES, "voice": list("aabbcc")})
    table.to_csv(folder / "table.csv", index=False)
    return table


def test_scores_and_numbers_are_those_of_the_model(model, table, tmp_path):
    targets = table[["octave", "pitch"]]
    X, y = [*table["path"], table["path"][0].replace("250", "lost")], pd.concat([targets, targets.iloc[:1]])
    done = sklaudio.report(model, X, y, groups=[*table["voice"], "a"], path=tmp_path / "r.html", max_clips=2)
    assert isinstance(done, RegressionReport)
    assert (done.n_clips, done.n_unreadable) == (7, 1)
    predicted = model.predict(table["path"].tolist())
    expected = regression_table(targets, predicted, target_names=list(targets), groups=table["voice"])
    assert done.scores["pitch"]["mae"] == pytest.approx(expected.loc["pitch", "mae"], rel=1e-4)
    assert done.scores["pitch"]["mae_low"] == pytest.approx(expected.loc["pitch", "mae_low"], rel=1e-4)
    page = Page(done.path)
    off = np.sqrt((((predicted - targets) / targets.to_numpy().std(axis=0)) ** 2).mean(axis=1))
    worst = [f"{PITCHES[row]:.0f}.wav" for row in np.argsort(-off)[:2]]
    assert [audio["aria-label"].split(",")[0] for audio in page.all("audio")] == worst
    row = int(np.argmax(off))
    assert (
        f"octave {targets['octave'][row]:.3g} {predicted[row, 0]:.3g} {predicted[row, 0] - targets['octave'][row]:+.3g}"
        in page.text
    )
    assert "Only the first 2 of 6 have a player" in page.text
    assert "lost.wav" in page.text
    assert "samples of the groups" in page.text
    pictures = [image["alt"] for image in page.all("img") if "predicted" in image["alt"]]
    assert [re.sub(":.*", "", alt) for alt in pictures] == [
        "Actual over predicted octave", "Residuals over predicted octave", "Actual over predicted pitch",
        "Residuals over predicted pitch",
    ]  # fmt: skip


def test_many_targets_and_odd_names(tmp_path):
    rng = np.random.default_rng(0)
    y = rng.normal(size=(20, 15))
    names = [ODD, *(f"target {number}" for number in range(14))]
    y_pred = y + rng.normal(scale=0.1, size=y.shape)
    y_pred[3, 0] += 5
    evaluation = RegressionEvaluation.from_predictions(y, y_pred, target_names=names)
    done = sklaudio.report(evaluation, [tone(300, 0.2)] * 20, path=tmp_path / "r.html", max_clips=1)
    page = Page(done.path)
    assert [audio["aria-label"].split(",")[0] for audio in page.all("audio")] == ["X[3]"]
    assert ODD in page.text
    assert "<b>&" not in page.source
    assert "7 targets more are not drawn" in page.text
    assert "and 3 more, nearer to the truth" in page.text
    assert done.n_bytes < 2_000_000


def test_what_is_undefined_is_a_dash(tmp_path):
    evaluation = RegressionEvaluation.from_predictions([1.0, 1.0], [2.0, np.nan])
    page = Page(sklaudio.report(evaluation, path=tmp_path / "r.html").path)
    assert "prediction 1 1 1 – 0" in page.text
    assert "there is no prediction" in page.text
    assert "nan" not in page.text.lower()


def test_nothing_readable_is_an_error(model, tmp_path):
    with pytest.raises(ValueError, match="none of the 1 clips can be predicted"):
        sklaudio.report(model, ["lost.wav"], [[1.0, 2.0]], path=tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_the_command_takes_columns_of_numbers(model, table, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sklaudio.save(model, "model.skops")
    data = table["path"][0].replace("250.wav", "table.csv")
    arguments = ["report", "model.skops", data, "--label", "octave", "--label", "pitch", "--group", "voice"]
    assert cli.main(arguments) == 0
    assert re.search(r"report.html: [\d.]+ MB; octave MAE [\d.]+, R2 [-\d.]+; pitch MAE", capsys.readouterr().out)
    assert "--label octave --label pitch --group voice" in Page("report.html").text
    assert cli.main([*arguments, "--json", "--max-clips", "1"]) == 0
    assert {*json.loads(capsys.readouterr().out)["scores"]} == {"octave", "pitch"}


def test_numbers_of_frames_are_refused(tmp_path):
    evaluation = RegressionEvaluation.from_predictions([1.0, 2.0], [2.0, 2.0])
    evaluation.predictions = evaluation.predictions.assign(start=[0.0, 0.1], end=[0.1, 0.2])
    with pytest.raises(TypeError, match="numbers of every frame"):
        sklaudio.report(evaluation, path=tmp_path / "r.html")
