"""Graphs of ONNX on the command line: what scores models scores them as well; what needs a model's parts says so."""

import re

import pytest

import sklaudio
from sklaudio.cli import main

from ..tones import PITCHES, write_tone

for package in ("onnx", "onnxscript", "onnxruntime", "skl2onnx"):
    pytest.importorskip(package)


@pytest.fixture(scope="module")
def place(model, tmp_path_factory):
    """Folder with a model, its graph, and two clips of each class; one in "low" sounds high."""
    folder = tmp_path_factory.mktemp("graphs")
    sklaudio.save(sklaudio.load(model), folder / "m.skops")
    sklaudio.export_onnx(sklaudio.load(model), folder / "m.onnx")
    for label, pitch in PITCHES.items():
        for k in range(2):
            write_tone(folder / "in" / label / f"{k}.wav", pitch)
    write_tone(folder / "in" / "low" / "0.wav", PITCHES["high"])
    return folder


@pytest.fixture
def inside(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


@pytest.mark.parametrize("form", [[], ["--csv"], ["--jobs", "2"]])
def test_evaluate_prints_of_a_graph_what_it_prints_of_the_model(inside, form, capsys):
    printed = []
    for name in ("m.skops", "m.onnx"):
        assert main(["evaluate", name, "in", *form]) == 0
        printed.append(re.sub(r"\.\d+(e-\d+)?", ".#", capsys.readouterr().out))
    assert printed[0] == printed[1]
    if form != ["--csv"]:
        assert "5 of 6 clips correct" in printed[1]


def test_a_table_is_read_by_the_targets_of_a_graph(inside, capsys):
    rows = "".join(f"in/{label}/{k}.wav,{label}\n" for label in PITCHES for k in range(2))
    (inside / "clips.csv").write_text(f"path,label\n{rows}")
    assert main(["evaluate", "m.onnx", "clips.csv"]) == 0
    assert "5 of 6 clips correct" in capsys.readouterr().out


def test_report_of_a_graph_has_scores_and_mistakes_and_no_parts(inside, tmp_path, capsys):
    pytest.importorskip("matplotlib")
    pages, lines = [], []
    for name in ("m.skops", "m.onnx"):
        out = tmp_path / f"{name}.html"
        assert main(["report", name, "in", "-o", str(out)]) == 0
        pages.append(out.read_text("utf-8"))
        lines.append(capsys.readouterr().out)
    assert all("5 of 6" in line for line in lines)
    ours, theirs = pages[1], pages[0]
    assert ours.count("<audio") <= theirs.count("<audio")
    assert re.search(r"m\.onnx: [\d,]+ bytes, SHA-256", ours)
    assert ("LogisticRegression" in theirs, "LogisticRegression" in ours) == (True, False)


@pytest.mark.parametrize(
    "command",
    [
        "timeline m.onnx in/low/0.wav",
        "listen m.onnx --device in/low/0.wav",
        "export m.onnx -o out.file",
        "page m.onnx -o out.file",
        "plot m.onnx -o out.png",
        "plot in/low/0.wav --timeline m.onnx -o out.png",
        "plot in/low/0.wav --explain m.onnx -o out.png",
    ],
)
def test_what_needs_the_parts_of_a_model_names_the_file_and_what_to_give(inside, command, capsys):
    assert main(command.split()) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"sklaudio {command.split()[0]}: m.onnx is an ONNX graph, which only predicts clips")
    assert "Pass the saved model (.skops) that it was exported from" in err
    assert not list(inside.glob("out.*"))


@pytest.mark.parametrize("command", ["predict text.onnx in/low/0.wav", "evaluate text.onnx in", "report text.onnx in"])
def test_a_file_that_is_no_graph_is_named(inside, command, capsys):
    (inside / "text.onnx").write_text("words")
    assert main(command.split()) == 1
    assert "text.onnx is no ONNX graph" in capsys.readouterr().err


def test_files_of_the_other_kind_are_said_to_be_so(inside):
    with pytest.raises(ValueError, match=r"m\.onnx is no model file.*sklaudio\.load_onnx reads graphs"):
        sklaudio.load("m.onnx")
    with pytest.raises(ValueError, match=r"m\.skops is no ONNX graph.*sklaudio\.load reads saved models"):
        sklaudio.load_onnx("m.skops")


@pytest.mark.parametrize(
    "function",
    [
        lambda graph: sklaudio.predict_timeline(graph, "in/low/0.wav"),
        lambda graph: sklaudio.StreamPredictor(graph, window=1, hop=1),
        lambda graph: sklaudio.card(graph),
        lambda graph: sklaudio.robustness_curve(graph, ["in/low/0.wav"], ["low"], "in"),
        lambda graph: sklaudio.TimelineDisplay.from_estimator(graph, "in/low/0.wav"),
        lambda graph: sklaudio.EmbeddingDisplay.from_estimator(graph, ["in/low/0.wav"], ["low"]),
        lambda graph: sklaudio.TrainingDisplay.from_estimator(graph),
        lambda graph: sklaudio.EventOperatingCurveDisplay.from_estimator(graph, ["in/low/0.wav"], [[]]),
    ],
    ids="timeline stream card robustness timelines embeddings training operating".split(),
)
def test_functions_that_need_the_parts_of_a_model_say_so(inside, function):
    pytest.importorskip("matplotlib")
    with pytest.raises(
        TypeError, match=r"m\.onnx is an ONNX graph, which only predicts clips.*saved model \(\.skops\)"
    ):
        function(sklaudio.load_onnx("m.onnx"))


def test_a_graph_cannot_be_compared(inside):
    graph = sklaudio.load_onnx("m.onnx")
    with pytest.raises(TypeError, match=r"m\.onnx is an ONNX graph, which only predicts clips"):
        sklaudio.compare(["in/low/0.wav"] * 4, ["a", "b"] * 2, models={"graph": graph}, cv=2)
