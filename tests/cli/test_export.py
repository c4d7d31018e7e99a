"""`sklaudio export`: which clips it calibrates with, and what is wrong use."""

from functools import cache

import numpy as np
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import MelSpectrogramTransformer, TinyCNNClassifier
from sklaudio.cli import main
from sklaudio.cli.export import MAX_CLIPS

SR = 8000


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A model of noise that is loud or quiet, and eight clips in two folders, a table of them, and the clips."""
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package)
    folder, rng = tmp_path_factory.mktemp("export"), np.random.default_rng(0)
    levels = [0.01, 0.3] * 4
    X = [(level * rng.normal(size=4000)).astype(np.float32) for level in levels]
    paths = [f"{['quiet', 'loud'][number % 2]}/{number}.wav" for number in range(8)]
    for path, y in zip(paths, X, strict=True):
        (folder / path).parent.mkdir(exist_ok=True)
        soundfile.write(folder / path, y, SR, subtype="FLOAT")
    rows = "".join(f"{path},{number / 3},0.0,0.25\n" for number, path in enumerate(paths))
    (folder / "clips.csv").write_text(f"filename,label,from,to\n{rows}")
    frames = MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=100)
    net = TinyCNNClassifier((8, 16, 16), max_epochs=2, random_state=0, device="cpu", augment=None)
    sklaudio.save(make_pipeline(frames, net).fit(X, [path.split("/")[0] for path in paths]), folder / "m.skops")
    return folder, X


def exported(folder, out, *calibrate):
    """What the command writes, as bytes, and what its exit code is."""
    code = main(["export", str(folder / "m.skops"), "-o", str(out), "--quantize", "int8", *map(str, calibrate)])
    return code, out.read_bytes()


def ranges_of(content):
    """The scales of what comes to layers, which go by the clips."""
    import onnx

    graph = onnx.load_from_string(content).graph
    return sorted(float(onnx.numpy_helper.to_array(each)) for each in graph.initializer if len(each.dims) == 0)


@pytest.fixture(scope="module")
def calibrated(place, tmp_path_factory):
    """Function that returns the ranges of what Python writes, with the clips of some numbers."""
    out, model = tmp_path_factory.mktemp("python") / "m.onnx", sklaudio.load(place[0] / "m.skops")

    @cache
    def ranges(numbers, n_samples=None):
        clips = [place[1][number][:n_samples] for number in numbers]
        sklaudio.export_onnx(model, out, quantize="int8", calibrate=clips)
        return ranges_of(out.read_bytes())

    return ranges


@pytest.mark.parametrize(
    ("given", "which"),
    [
        pytest.param(["."], (0, 1, 2, 3, 4, 5, 6, 7), marks=pytest.mark.slow),
        pytest.param(["*/[01].wav"], (0, 1), marks=pytest.mark.slow),
        pytest.param(["loud/1.wav", "--calibrate", "quiet/0.wav"], (0, 1), marks=pytest.mark.slow),
        (["quiet/0.wav", "clips.csv", "--path", "filename"], (0, 1, 2, 3, 4, 5, 6, 7)),
    ],
)
def test_folders_files_patterns_and_tables_are_what_python_is_given(
    place, calibrated, given, which, tmp_path, monkeypatch
):
    monkeypatch.chdir(place[0])
    code, content = exported(place[0], tmp_path / "m.onnx", "--calibrate", *given)
    assert code == 0
    assert ranges_of(content) == calibrated(which)


@pytest.mark.slow
def test_spans_of_a_table_are_the_clips(place, calibrated, tmp_path):
    spans = ["--start", "from", "--end", "to"]
    _, content = exported(place[0], tmp_path / "m.onnx", "--calibrate", place[0] / "clips.csv", *spans)
    every = (0, 1, 2, 3, 4, 5, 6, 7)
    assert ranges_of(content) == calibrated(every, 2000) != calibrated(every)


@pytest.mark.slow
def test_of_many_clips_some_are_taken_from_all_of_them(place, calibrated, tmp_path, capsys):
    table = tmp_path / "many.csv"
    table.write_text("path\n" + "quiet/0.wav\n" * MAX_CLIPS + "loud/1.wav\n" * 100)
    _, content = exported(place[0], tmp_path / "m.onnx", "--calibrate", table, "--root", place[0])
    *_, taken, some = capsys.readouterr().err.splitlines()
    assert taken == f"sklaudio export: {table}: taken as --path path"
    assert some == "sklaudio export: --calibrate: 500 of 600 clips, spread over all"
    assert ranges_of(content) == calibrated((0, 1)) != calibrated((0,))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--calibrate", "quiet"], "--calibrate is about what is computed in 8 bits: add --quantize int8"),
        (["--quantize", "int8", "--calibrate", "quiet", "--path", "x"], "--path: of a table, and --calibrate is given"),
        (["--quantize", "int8", "--root", "x"], "--root: of a table, and --calibrate is given none"),
    ],
)
def test_what_does_not_go_together_is_wrong_use(place, given, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(place[0])
    assert main(["export", "m.skops", "-o", str(tmp_path / "m.onnx"), *given]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "m.onnx").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lost", "lost"),
        ("lost.csv", "lost.csv"),
        ("empty", "empty: there is no audio file"),
        ("notes.wav", "notes.wav"),
    ],
)
def test_clips_that_are_not_there_or_no_sound_are_named(place, name, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.wav").write_text("words")
    command = ["export", str(place[0] / "m.skops"), "-o", "m.onnx", "--quantize", "int8", "--calibrate", name]
    assert main(command) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "m.onnx").exists()
