"""Graphs predict files as the Pipelines do that they were exported from, and import neither scikit-learn nor torch."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import make_scorer, recall_score
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

import sklaudio
from sklaudio import EventDetector, FrameSummary, GRUClassifier, GRURegressor, MelSpectrogramTransformer, predict_files
from sklaudio.cli import _main as cli

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

SR, HOP = 8000, 100
MEL = MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=HOP)
TRAINING = {"max_epochs": 4, "lr": 0.02, "batch_size": 4, "random_state": 0, "device": "cpu"}


def tones(seed=0):
    """Twelve clips of one second, low or high for a while from somewhere on, and where: clips, labels, events."""
    rng = np.random.default_rng(seed)
    clips, labels, events = 0.01 * rng.normal(size=(12, SR)).astype(np.float32), [], []
    for index, clip in enumerate(clips):
        label, first = ("low", "high")[index % 2], int(rng.uniform(0, 0.6) * SR)
        clip[first : first + 3200] += 0.3 * np.sin(2 * np.pi * {"low": 400, "high": 2500}[label] * np.arange(3200) / SR)
        labels.append(label)
        events.append([(first / SR, first / SR + 0.4, label)])
    return clips, np.array(labels), events


def fitted(kind):
    """A fitted Pipeline of each kind of task."""
    clips, labels, events = tones()
    level = np.column_stack([clip.std(axis=1) for clip in (clips[:, :, None], clips[:, ::2, None])])[:, :2]
    table = pd.DataFrame({"loud": np.abs(clips).max(axis=1), "first": [event[0][0] for event in events]})
    if kind == "classes":
        return make_pipeline(MEL, GRUClassifier(8, 1, **TRAINING)).fit(clips, labels)
    if kind == "scores":
        return make_pipeline(MEL, FrameSummary(), LinearSVC()).fit(clips, labels)
    if kind == "labels":
        names = pd.DataFrame({name: (labels == name).astype(int) for name in ("low", "high")})
        return make_pipeline(MEL, GRUClassifier(8, 1, **TRAINING)).fit(clips, names)
    if kind == "numbers":
        return make_pipeline(MEL, GRURegressor(8, 1, **TRAINING)).fit(clips, table)
    if kind == "number":
        return make_pipeline(MEL, GRURegressor(8, 1, **TRAINING)).fit(clips, level[:, 0])
    if kind == "curves":
        frames = [np.column_stack([clip[:, 0], -clip[:, 3]]) for clip in MEL.fit_transform(clips)]
        return make_pipeline(MEL, GRURegressor(8, 1, **TRAINING)).fit(clips, frames)
    detector = EventDetector(GRUClassifier(8, 1, **TRAINING), hop=HOP / SR, threshold={"low": 0.4}, min_duration=0.05)
    return make_pipeline(MEL, detector).fit(clips, events)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Function: kind -> the Pipeline and the file of its graph, made once."""
    folder, made = tmp_path_factory.mktemp("graphs"), {}

    def exported(kind):
        if kind not in made:
            made[kind] = fitted(kind), str(folder / f"{kind}.onnx")
            sklaudio.export_onnx(*made[kind])
        return made[kind]

    return exported


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files at other rates, with more channels, longer and shorter, and two that cannot be read."""
    folder, (clips, _, _) = tmp_path_factory.mktemp("files"), tones(seed=1)
    for index, clip in enumerate(clips):
        n_samples, rate, n_channels = (SR, 300, SR)[index % 3], (SR, SR, 22050)[index % 3], 1 + index % 2
        sound = np.tile(np.resize(clip, 3 * SR if index == 4 else n_samples)[:, None], (1, n_channels))
        soundfile.write(folder / f"{index:02d}.wav", sound, rate)
    (folder / "bad.wav").write_text("words")
    return [*map(str, sorted(folder.glob("*.wav"))), str(folder / "lost.wav")]


def assert_equal(found, expected):
    """Equal predictions, but for the rounding of single precision; `error` is the same text."""
    assert (type(found), found.path, found.error) == (type(expected), expected.path, expected.error)
    for ours, theirs in zip(found[1:-1], expected[1:-1], strict=True):
        if isinstance(theirs, dict):
            assert list(ours) == list(theirs)
            np.testing.assert_allclose(list(ours.values()), list(theirs.values()), atol=1e-5, rtol=1e-5)
        elif isinstance(theirs, pd.DataFrame):
            pd.testing.assert_frame_equal(ours, theirs, atol=1e-4, rtol=1e-5)
        else:
            assert ours == theirs


KINDS = ["classes", "labels", "numbers", pytest.param("number", marks=pytest.mark.slow), "curves", "events"]


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_are_those_of_the_pipeline(kind, exported, files):
    model, path = exported(kind)
    graph = sklaudio.load_onnx(path)
    assert graph.kind == {"number": "numbers"}.get(kind, kind)
    found = list(predict_files(graph, files))
    for ours, theirs in zip(found, predict_files(model, files), strict=True):
        assert_equal(ours, theirs)
    assert [prediction.error is None for prediction in found].count(False) == 2


def test_a_classifier_without_probabilities_gives_the_class(exported, files):
    pytest.importorskip("skl2onnx")
    model, path = exported("scores")
    graph = sklaudio.load_onnx(path)
    assert not graph.has_probabilities
    assert [found.label for found in predict_files(graph, files)] == [p.label for p in predict_files(model, files)]


def test_only_the_part_that_is_used_is_read(files, tmp_path):
    """Whole files and their parts differ in the last digits at another rate, as the filter sees what comes after."""
    clips, labels, _ = tones()
    features = MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=HOP, duration=0.4, offset=0.01)
    model = make_pipeline(features, GRUClassifier(8, 1, **TRAINING)).fit(clips, labels)
    sklaudio.export_onnx(model, tmp_path / "model.onnx")
    graph = sklaudio.load_onnx(tmp_path / "model.onnx")
    for ours, theirs in zip(predict_files(graph, files), predict_files(model, files), strict=True):
        assert_equal(ours, theirs)


def test_waveforms_and_spans_are_clips_as_well(exported, files):
    model, path = exported("classes")
    clips = [tones()[0][0], sklaudio.Clip(files[4], 0.1, 0.5), {"array": tones()[0][1], "sampling_rate": SR}]
    graph = sklaudio.load_onnx(path)
    for ours, theirs in zip(predict_files(graph, clips), predict_files(model, clips), strict=True):
        assert_equal(ours, theirs)


def assert_close(found, expected):
    """Equal arrays, tables, or lists of such, but for the rounding of single precision."""
    if isinstance(expected, list):
        for ours, theirs in zip(found, expected, strict=True):
            assert_close(ours, theirs)
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, atol=1e-4, rtol=1e-4)
    elif np.asarray(expected).dtype.kind in "fiu":
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-4)
    else:
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_are_those_of_the_pipeline(kind, exported):
    model, path = exported(kind)
    graph, clips = sklaudio.load_onnx(path), list(tones(seed=1)[0])
    expected = model.predict(clips)
    assert_close(graph.predict(clips), list(expected) if kind in ("curves", "events") else expected)
    if hasattr(model, "predict_proba"):
        expected = model.predict_proba(clips)
        assert_close(graph.predict_proba(clips), list(expected) if kind == "events" else expected)


def target_of(kind, exported):
    """What the clips of seed 1 are, as evaluate_files takes it."""
    clips, labels, events = tones(seed=1)
    if kind == "labels":
        return pd.DataFrame({"high": (labels == "high").astype(int), "low": (labels == "low").astype(int)})
    if kind == "numbers":
        return pd.DataFrame({"first": [event[0][0] for event in events], "loud": np.abs(clips).max(axis=1)})
    if kind == "number":
        return np.abs(clips).max(axis=1)
    if kind == "curves":
        return [numbers + 0.1 for numbers in exported(kind)[0].predict(clips)]
    return events if kind == "events" else labels


@pytest.mark.parametrize("kind", KINDS)
def test_an_evaluation_is_that_of_the_pipeline(kind, exported, files):
    model, path = exported(kind)
    clips, target = list(tones(seed=1)[0]), target_of(kind, exported)
    if kind in ("classes", "labels", "numbers", "events"):  # one that cannot be read is said to be so
        clips[3] = files[-1]
    found, expected = (sklaudio.evaluate_files(each, clips, target) for each in (sklaudio.load_onnx(path), model))
    assert type(found) is type(expected)
    for name, value in vars(expected).items():
        assert_same(getattr(found, name), value)


def assert_same(found, expected):
    """Equal attributes of evaluations."""
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected, atol=1e-4, rtol=1e-4, check_dtype=False)
    elif isinstance(expected, (float, tuple)) or (isinstance(expected, list) and expected[:1] == [0.5]):
        assert found == pytest.approx(expected, abs=1e-3, nan_ok=True)
    else:
        assert found == expected


@pytest.mark.parametrize("is_tuned", [False, True])
def test_a_threshold_decides_as_in_the_pipeline(is_tuned, exported, files, tmp_path):
    clips = list(tones(seed=1)[0])
    fitted = FrozenEstimator(exported("classes")[0])
    if is_tuned:
        scorer = make_scorer(recall_score, pos_label="high")
        model = TunedThresholdClassifierCV(fitted, scoring=scorer, cv="prefit", refit=False)
    else:
        p = exported("classes")[0].predict_proba(clips)[:, 0]
        model = FixedThresholdClassifier(fitted, threshold=float(np.sort(p)[-3:-1].mean()), pos_label="high")
    model.fit(clips, tones(seed=1)[1])
    clips = list(tones(seed=2)[0])
    expected = model.predict(clips)
    assert not np.array_equal(expected, exported("classes")[0].predict(clips))
    sklaudio.export_onnx(model, tmp_path / "model.onnx")
    graph = sklaudio.load_onnx(tmp_path / "model.onnx")
    assert [found.label for found in predict_files(graph, clips)] == expected.tolist() == graph.predict(clips).tolist()


@pytest.mark.parametrize("kind", ["classes", "labels", "numbers", "curves", "events"])
@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"], ["--jsonl"]])
def test_the_command_prints_the_same(kind, form, exported, files, tmp_path, capsys):
    model, path = exported(kind)
    sklaudio.save(model, tmp_path / "model.skops")
    good = files[:1]

    def printed(model_file):
        assert cli.main(["predict", model_file, *good, *form]) == 0
        return capsys.readouterr().out

    ours, theirs = printed(path), printed(str(tmp_path / "model.skops"))
    if form in (["--json"], ["--jsonl"]):
        ours, theirs = (json.loads(text) for text in (ours, theirs))
        assert str(ours)[:40] == str(theirs)[:40]
    assert len(ours) == pytest.approx(len(theirs), abs=20)  # the last digit may be another


def test_resume_and_errors_of_the_command(exported, files, tmp_path, capsys):
    _, path = exported("classes")
    command = ["predict", path, *files, "--csv", "-o", str(tmp_path / "all.csv"), "--resume"]
    assert cli.main(command) == 1
    assert "bad.wav" in capsys.readouterr().err
    assert cli.main(command) == 1
    assert "14 of 14 files already" in capsys.readouterr().err
    assert len(pd.read_csv(tmp_path / "all.csv")) == 14


def test_neither_scikit_learn_nor_torch_is_imported(exported, files):
    code = f"import sys\nfrom sklaudio.cli import main\nmain(['predict', {exported('classes')[1]!r}, {files[0]!r}])\n"
    code += "print({'torch', 'sklearn', 'pandas', 'scipy', 'joblib', 'librosa', 'onnx'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
    assert done.stdout.startswith(files[0])


def test_what_is_no_graph_of_ours_says_so(exported, tmp_path, capsys):
    with pytest.raises(FileNotFoundError, match=r"gone\.onnx: there is no such file"):
        sklaudio.load_onnx(tmp_path / "gone.onnx")
    (tmp_path / "text.onnx").write_text("words")
    with pytest.raises(ValueError, match=r"text\.onnx is no ONNX graph .*export_onnx"):
        sklaudio.load_onnx(tmp_path / "text.onnx")
    import onnx

    graph = onnx.load(exported("classes")[1])
    next(each for each in graph.metadata_props if each.key == "task").value = "frame_labels"
    onnx.save(graph, tmp_path / "frames.onnx")
    with pytest.raises(ValueError, match=r"frames\.onnx predicts frame_labels.*EventDetector"):
        sklaudio.load_onnx(tmp_path / "frames.onnx")
    del graph.metadata_props[:]
    onnx.save(graph, tmp_path / "foreign.onnx")
    with pytest.raises(ValueError, match=r"foreign\.onnx does not say what it predicts"):
        sklaudio.load_onnx(tmp_path / "foreign.onnx")
    assert cli.main(["predict", str(tmp_path / "foreign.onnx"), "a.wav"]) == 1
    assert "does not say" in capsys.readouterr().err


def test_what_a_graph_cannot_be_asked_for(exported, files):
    graph = sklaudio.load_onnx(exported("classes")[1])
    with pytest.raises(ValueError, match="target_names"):
        predict_files(graph, files, target_names=["a"])
    with pytest.raises(ValueError, match="n_jobs=2"):
        predict_files(graph, files, n_jobs=2)
    with pytest.raises(ValueError, match="n_jobs=2"):
        sklaudio.evaluate_files(graph, files[:1], ["low"], n_jobs=2)
    with pytest.raises(TypeError, match=r"is one clip\. Pass a list"):
        graph.predict(files[0])
    assert graph.predict([]).shape == (0,)
    with pytest.raises(TypeError, match="has no probabilities"):
        sklaudio.load_onnx(exported("numbers")[1]).predict_proba(files[:1])
