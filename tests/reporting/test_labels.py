"""The page about several labels of each clip: tables, curves, and clips with missed or false labels."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_recall_curve

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.evaluate import LabelEvaluation
from sklaudio.reporting import LabelReport
from sklaudio.reporting._labels import MAX_CURVES, MAX_NAMED

from ..labels import SUBSETS, label_model, write_mixtures
from ..reports import ODD, Page
from ..tones import PITCHES, tone

LABELS = list(PITCHES)


@pytest.fixture(scope="module")
def model():
    return label_model([0.4, 0.5, 0.6])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixtures")
    write_mixtures(folder)
    return folder


@pytest.fixture(scope="module")
def targets():
    """Labels of the mixtures; of the first clip "middle" is exchanged for "low", of which the model hears nothing."""
    Y = pd.DataFrame(SUBSETS, columns=LABELS)
    assert Y.loc[0].tolist() == [0, 0, 1]
    Y.loc[0, ["low", "middle"]] = 1, 0
    return Y


@pytest.fixture(scope="module")
def done(model, folder, targets, tmp_path_factory):
    files = [str(folder / name) for name in pd.read_csv(folder / "labels.csv")["path"]]
    path = tmp_path_factory.mktemp("page") / "r.html"
    Y = pd.concat([targets, targets.iloc[:1]])
    return sklaudio.report(model, [*files, "lost.wav"], Y, path=path, groups=[1, 1, 1, 2, 2, 2, 3, 3])


@pytest.fixture(scope="module")
def page(done):
    return Page(done.path)


def test_it_counts_as_evaluate_files_does(done):
    assert isinstance(done, LabelReport)
    assert (done.n_clips, done.n_right, done.n_unreadable) == (8, 6, 1)
    assert done.subset_accuracy == 6 / 8
    assert 0.5 < done.mean_average_precision < 1


def test_a_mistake_has_its_missed_and_its_false_labels(page):
    [mistake] = page.all("li", **{"class": "mistake"})
    assert mistake["data-cell"] == "m1 f2"  # labels of the model are in alphabetical order
    assert "missed low false middle" in page.text
    assert "middle (false)" in page.text
    assert "low (missed)" in page.text
    assert len(page.all("audio")) == 1
    opens = {button["data-opens"]: button["aria-label"] for button in page.all("button") if "data-opens" in button}
    assert opens == {"m1": "low, missed: 1 clip", "f2": "middle, false: 1 clip"}
    assert "lost.wav" in page.text


def test_the_table_has_thresholds_and_scores(page):
    """Of the three labels, each is in four of the clips but for the exchange, and in the file that is lost."""
    assert "high 4 4 · · 0.400 1.000 1.000 1.000 1.000 1.000" in page.text
    assert "low 6 4 1 · 0.500 1.000 0.667 0.800" in page.text
    assert "middle 3 4 · 1 0.600 0.750 1.000 0.857" in page.text
    assert "over 3 groups" in page.text


def test_curves_are_those_of_scikit_learn(tmp_path):
    rng = np.random.default_rng(0)
    true = rng.integers(0, 2, size=(40, 1))
    p = np.clip(0.3 * true + rng.uniform(0, 0.7, size=true.shape), 0, 1)
    evaluation = LabelEvaluation.from_predictions(true, p > 0.5, p, label_names=["a"], thresholds=0.5)
    page = Page(sklaudio.report(evaluation, path=tmp_path / "r.html").path)
    [line] = page.all("polyline")
    points = np.array([pair.split(",") for pair in line["points"].split()], dtype=float)
    precision, recall, thresholds = precision_recall_curve(true[:, 0], p[:, 0])
    np.testing.assert_allclose(points, np.column_stack([100 * recall, 100 - 100 * precision]), atol=0.06)
    [dot] = page.all("circle")
    at = np.searchsorted(thresholds, 0.5)
    assert float(dot["cx"]) == pytest.approx(100 * recall[at], abs=0.06)
    assert float(dot["cy"]) == pytest.approx(100 - 100 * precision[at], abs=0.06)


def test_the_surest_mistakes_come_first_and_others_are_listed(tmp_path):
    true, p = np.zeros((30, 2), dtype=int), np.full((30, 2), 0.2)
    p[10], p[20, 0] = 0.9, 0.7
    p[25:, 1] = 0.55
    evaluation = LabelEvaluation.from_predictions(true, p > 0.5, p, label_names=["a", ODD])
    X = [tone(300, 0.2)] * 30
    page = Page(sklaudio.report(evaluation, X, path=tmp_path / "r.html", max_clips=2).path)
    assert [audio["aria-label"].split(",")[0] for audio in page.all("audio")] == ["X[10]", "X[20]"]
    assert "Only the first 2 of 7 have a player" in page.text
    assert f"X[25] false {ODD}" in page.text
    assert "<b>&" not in page.source
    assert page.text.count("X[") == 30  # each once


def test_a_page_of_many_labels_is_bounded(tmp_path):
    n_labels = 300
    true = np.eye(n_labels, dtype=int)[:50]
    p = np.where(true, 0.1, 0.9)
    evaluation = LabelEvaluation.from_predictions(true, p > 0.5, p)
    done = sklaudio.report(evaluation, path=tmp_path / "r.html")
    page = Page(done.path)
    assert len(page.all("polyline")) <= MAX_CURVES
    assert f"{n_labels - MAX_CURVES} labels more are not drawn" in page.text
    assert f"and {n_labels - 1 - MAX_NAMED} more" in page.text
    assert "No player: the evaluation has no path of it" in page.text
    assert done.n_bytes < 1_500_000


def test_what_is_undefined_is_a_dash(tmp_path):
    evaluation = LabelEvaluation.from_predictions([[1, 0], [1, 0]], [[1, 0], [0, 0]], [[0.9, 0.1], [np.nan, np.nan]])
    text = Page(sklaudio.report(evaluation, path=tmp_path / "r.html").path).text
    assert "there is no prediction" in text
    assert "1 0 0 · · – – – – – –" in text
    assert "nan" not in text.lower()


def test_the_command_takes_a_table_of_labels(model, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sklaudio.save(model, "model.skops")
    data = str(folder / "labels.csv")
    assert cli.main(["report", "model.skops", data, "--label", "tones", "--sep", ";", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["path"], printed["n_right"], printed["mean_average_precision"]) == ("report.html", 7, 1.0)
    assert "--label tones --sep" in Page("report.html").text
    assert cli.main(["report", "model.skops", str(folder)]) == 2
    assert "give a table, and --sep" in capsys.readouterr().err


def test_a_folder_has_one_class_for_each_clip(model, tmp_path):
    with pytest.raises(ValueError, match="folders are one class for each clip, and model predicts something else"):
        sklaudio.report(model, str(tmp_path), path=tmp_path / "r.html")
