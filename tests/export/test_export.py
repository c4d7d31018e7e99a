"""Models as ONNX graphs: what onnxruntime predicts is what the Pipeline predicts."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    BLSTMClassifier,
    ChromaTransformer,
    CNNClassifier,
    CQTTransformer,
    DenseClassifier,
    FrameScaler,
    FrameSummary,
    FrameUnion,
    GRUClassifier,
    LabelThresholdClassifier,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    PCENTransformer,
    RMSTransformer,
    RNNClassifier,
    SegmentVotingClassifier,
    SpectralBandwidthTransformer,
    SpectralCentroidTransformer,
    SpectralFlatnessTransformer,
    SpectrogramTransformer,
    TempogramTransformer,
    TempoTransformer,
    TonnetzTransformer,
    WaveformTransformer,
    export_onnx,
    make_classifier,
    make_regressor,
)
from sklaudio.cli import _main as cli

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

SR = 8000
SIZES = {"sr": SR, "n_fft": 512, "hop_length": 256}
TRAINING = {"max_epochs": 8, "lr": 0.02, "random_state": 0, "device": "cpu"}


def sounds(n_clips, n_samples, seed=0):
    """Tones of any pitch and loudness, in noise, that begin quietly: (n_clips, n_samples), float32."""
    rng = np.random.default_rng(seed)
    time = np.arange(n_samples) / SR
    pitch, level = 10 ** rng.uniform(2, 3.5, (n_clips, 1)), 10 ** rng.uniform(-3, 0, (n_clips, 1))
    tones = np.sin(2 * np.pi * pitch * time) + 0.1 * rng.normal(size=(n_clips, n_samples))
    return (level * tones * np.linspace(0, 1, n_samples)).astype(np.float32)


def fitted(model):
    clips = sounds(12, 6000)
    pitch = [np.abs(np.fft.rfft(clip)).argmax() for clip in clips]
    return model.fit(clips, np.where(pitch > np.median(pitch), "high", "low"))


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def assert_same_predictions(model, path, lengths=(1, 100, 600, 5000, 12345), batches=(1, 4), atol=1e-4):
    session, predictions = session_of(path), []
    for n_samples in lengths:
        for n_clips in batches:
            clips = sounds(n_clips, n_samples, seed=n_samples)
            clips[-1] *= n_clips == 1  # silence, too
            (found,) = session.run(["probabilities"], {"waveform": clips})
            expected = model.predict_proba(list(clips))
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, expected, atol=atol, rtol=0)
            predictions.append(expected)
    spread = np.ptp(np.concatenate(predictions), axis=0).max()
    assert spread > 0.01  # predictions that are all alike would compare nothing


def of_features(features):
    return make_pipeline(features, FrameScaler(), GRUClassifier(8, 1, **TRAINING))


def of_net(net):
    return make_pipeline(MelSpectrogramTransformer(16, **SIZES), net)


def voting(net, **settings):
    return make_pipeline(
        MFCCTransformer(**SIZES), SegmentVotingClassifier(make_pipeline(FrameScaler(), net), **settings)
    )


UNION = FrameUnion(
    [
        ("mfcc", MFCCTransformer(delta=2, **SIZES)),
        ("centroid", SpectralCentroidTransformer(**SIZES)),
        ("bandwidth", SpectralBandwidthTransformer(**SIZES)),
        ("chroma", "drop"),
        (
            "others",
            FrameUnion([("flatness", SpectralFlatnessTransformer(**SIZES)), ("rms", RMSTransformer(**SIZES))]),
        ),
    ]
)
QUIET = FrameUnion(
    [
        ("mel", MelSpectrogramTransformer(8, power=1.0, ref="max", top_db=None, **SIZES)),
        ("mfcc", MFCCTransformer(4, ref=0.1, top_db=40, **SIZES)),
        ("linear", SpectrogramTransformer(fmin=500, fmax=1000, top_db=60, **SIZES)),
        ("amplitude", SpectrogramTransformer(unit="amplitude", fmin=500, fmax=1000, **SIZES)),
        ("pcen", PCENTransformer(8, time_constant=0.1, **SIZES)),
        ("log", PCENTransformer(8, power=0, **SIZES)),
    ]
)
MUSIC = FrameUnion(
    [
        ("chroma", ChromaTransformer(tuning=0.1, **SIZES)),
        ("tonnetz", TonnetzTransformer(chroma="stft", tuning=0.0, **SIZES)),
        ("tempogram", TempogramTransformer(32, **SIZES)),
        ("tempo", TempoTransformer(**SIZES)),
    ]
)
MODELS = {
    "union": of_features(UNION),
    "quiet": of_features(QUIET),
    "music": of_features(MUSIC),
    "waveform": make_pipeline(WaveformTransformer(160, hop_length=100, sr=SR), LSTMClassifier(8, 1, **TRAINING)),
    "rnn": of_net(RNNClassifier((8, 4), bidirectional=True, pooling="attention", **TRAINING)),
    "blstm": of_net(BLSTMClassifier(8, 2, **TRAINING)),
    "cnn": of_net(CNNClassifier((4, 8, 8), **TRAINING)),
    "dense": of_net(DenseClassifier((8,), **TRAINING)),
    "soft": voting(BLSTMClassifier(8, 1, **TRAINING), segment_length=10, hop_length=4),
    "hard": voting(GRUClassifier(8, 1, **TRAINING), segment_length=3, voting="hard"),
    "whole": voting(GRUClassifier(8, 1, **TRAINING), segment_length="auto", hop_length="auto"),
    "long": voting(GRUClassifier(8, 1, **TRAINING), segment_length="auto", hop_length="auto", auto_length=10),
}


QUICK = ("union", "waveform")


@pytest.fixture(scope="module")
def dense():
    return fitted(MODELS["dense"])


@pytest.fixture(scope="module")
def exported(dense, tmp_path_factory):
    path = tmp_path_factory.mktemp("dense") / "model.onnx"
    export_onnx(dense, path)
    return path


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in MODELS]
)
def test_predictions_are_those_of_the_pipeline(name, tmp_path):
    model = fitted(MODELS[name])
    export_onnx(model, tmp_path / "model.onnx")
    assert_same_predictions(model, tmp_path / "model.onnx")


@pytest.mark.parametrize("per", ["clip", pytest.param("clip-dim", marks=pytest.mark.slow)])
def test_features_cut_pad_and_skip_as_in_the_pipeline(per, tmp_path):
    features = MelSpectrogramTransformer(16, sr=SR, n_fft=401, hop_length=160, duration=0.5, offset=0.01)
    model = fitted(make_pipeline(features, FrameScaler(per=per), GRUClassifier(8, 1, **TRAINING)))
    export_onnx(model, tmp_path / "model.onnx")
    assert_same_predictions(model, tmp_path / "model.onnx", lengths=(100, 3000, 9000))


def test_metadata_say_what_goes_in_and_comes_out_and_nothing_of_this_machine(exported):
    session = session_of(exported)
    texts = session.get_modelmeta().custom_metadata_map
    assert (texts["sr"], json.loads(texts["classes"])) == (str(SR), ["high", "low"])
    assert texts["sklaudio"] == sklaudio.__version__
    assert session.get_inputs()[0].shape == ["batch", "n_samples"]
    assert session.get_outputs()[0].shape == ["batch", 2]
    assert os.path.dirname(sklaudio.__file__).encode() not in exported.read_bytes()


@pytest.mark.parametrize(("targets", "segment_length"), [pytest.param(1, None, marks=pytest.mark.slow), (2, 10)])
def test_a_regressor_gives_numbers(targets, segment_length, tmp_path):
    clips = sounds(12, 6000)
    level = 100 + 20 * np.log10(clips.std(axis=1))
    y = level if targets == 1 else np.column_stack([level, -level])
    net = {"hidden_size": 8, "num_layers": 1, **TRAINING}
    model = make_regressor("gru", sr=SR, segment_length=segment_length, **net).fit(clips, y)
    export_onnx(model, tmp_path / "model.onnx")
    session = session_of(tmp_path / "model.onnx")
    for n_samples in (600, 12345):
        clips = sounds(4, n_samples, seed=n_samples)
        (numbers,) = session.run(["numbers"], {"waveform": clips})
        expected = model.predict(list(clips)).reshape(4, targets)
        np.testing.assert_allclose(numbers, expected, rtol=1e-4)
        assert np.ptp(expected, axis=0).min() > 1
    texts = session.get_modelmeta().custom_metadata_map
    assert texts["task"] == "numbers"
    assert "classes" not in texts
    assert texts["output"].startswith("numbers: float32, (batch, n_targets)")


class OfMyOwn(GRUClassifier):
    pass


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (make_pipeline(ChromaTransformer(**SIZES), GRUClassifier(4, 1, **TRAINING)), "chromatransformer"),
        (of_features(FrameUnion([("tune", ChromaTransformer(**SIZES))])), "frameunion__tune"),
        (of_features(FrameUnion([("a", FrameUnion([("tune", ChromaTransformer(**SIZES))]))])), "frameunion__a__tune"),
        (of_features(TonnetzTransformer(chroma="stft", **SIZES)), "tonnetztransformer"),
        (of_features(TonnetzTransformer(tuning=0.0, sr=16000)), "tonnetztransformer"),
        (make_pipeline(CQTTransformer(48, sr=SR), GRUClassifier(4, 1, **TRAINING)), "cqttransformer"),
        (make_pipeline(MFCCTransformer(**SIZES), FrameSummary(), NearestCentroid()), "nearestcentroid"),
        (make_pipeline(MFCCTransformer(**SIZES), OfMyOwn(4, 1, **TRAINING)), "ofmyown"),
    ],
)
def test_what_cannot_be_exported_is_named(model, named, tmp_path):
    with pytest.raises(ValueError, match=f"^Step '{named}' .* cannot be exported. What can: MelSpectrogram") as caught:
        export_onnx(fitted(model), tmp_path / "model.onnx")
    assert "\n" not in str(caught.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("transformer", "words"),
    [
        (ChromaTransformer(**SIZES), "with tuning=None, where a number such as tuning=0.0 can be"),
        (TonnetzTransformer(tuning=0.0, sr=16000), """with chroma='cqt', where chroma="stft" can be"""),
    ],
    ids=["chroma", "tonnetz"],
)
def test_the_parameter_that_is_in_the_way_is_named(transformer, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        export_onnx(fitted(make_pipeline(transformer, GRUClassifier(4, 1, **TRAINING))), tmp_path / "model.onnx")


def test_errors_write_nothing_and_leave_what_was_there(dense, tmp_path, monkeypatch):
    from sklearn.exceptions import NotFittedError

    path = tmp_path / "model.onnx"
    path.write_bytes(b"before")
    with pytest.raises(NotFittedError):
        export_onnx(make_classifier("gru"), path)
    with pytest.raises(TypeError, match="takes no clips"):
        export_onnx(GRUClassifier(4, 1, max_epochs=1).fit(np.zeros((4, 3, 2)), list("abab")), path)
    with pytest.raises(FileNotFoundError, match="no folder"):
        export_onnx(dense, tmp_path / "nowhere" / "model.onnx")
    monkeypatch.setattr("onnx.checker.check_model", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export_onnx(dense, path)
    assert os.listdir(tmp_path) == ["model.onnx"]
    assert path.read_bytes() == b"before"


def assert_a_wrong_graph_is_not_written(model, folder, monkeypatch):
    from sklaudio.export._model import Net

    forward, before = Net.forward, os.listdir(folder)
    monkeypatch.setattr(Net, "forward", lambda self, frames: forward(self, frames + 1))
    with pytest.raises(RuntimeError, match="differ from the Pipeline's by"):
        export_onnx(model, folder / "wrong.onnx")
    assert os.listdir(folder) == before


def test_a_graph_that_predicts_otherwise_is_not_written(dense, exported, tmp_path, monkeypatch):
    assert exported.exists()  # it is right as long as nothing is changed
    assert_a_wrong_graph_is_not_written(dense, tmp_path, monkeypatch)


@pytest.mark.parametrize("name", ["dense", pytest.param("soft", marks=pytest.mark.slow)])
def test_without_onnxruntime_what_a_graph_was_traced_from_is_compared(name, tmp_path, monkeypatch):
    model = fitted(MODELS[name])
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    export_onnx(model, tmp_path / "right.onnx")
    assert os.listdir(tmp_path) == ["right.onnx"]
    assert_a_wrong_graph_is_not_written(model, tmp_path, monkeypatch)


LABELS = {
    "mean": SegmentVotingClassifier(GRUClassifier(8, 1, **TRAINING), segment_length=8),
    "count": SegmentVotingClassifier(GRUClassifier(8, 1, **TRAINING), segment_length=8, voting="hard"),
    "max": SegmentVotingClassifier(GRUClassifier(8, 1, **TRAINING), segment_length=8, voting="max"),
    "threshold": LabelThresholdClassifier(DenseClassifier((8,), **TRAINING), calibrate=True, cv=2),
}


@pytest.mark.parametrize(
    "name", [name if name == "threshold" else pytest.param(name, marks=pytest.mark.slow) for name in LABELS]
)
def test_several_labels_for_each_clip(name, tmp_path):
    clips = sounds(12, 6000)
    pitch, level = np.abs(np.fft.rfft(clips)).argmax(axis=1), clips.std(axis=1)
    Y = pd.DataFrame({"high": pitch > np.median(pitch), "loud": level > np.median(level), "any": np.arange(12) % 2})
    model = of_net(LABELS[name]).fit(clips, Y)
    export_onnx(model, tmp_path / "model.onnx")
    lengths = (1500, 12345) if name == "count" else (100, 12345)  # of a count, 0.5 is too near in short clips
    atol = 2e-3 if name == "threshold" else 1e-4  # odds of silence, which is surely none of them, are of few digits
    assert_same_predictions(model, tmp_path / "model.onnx", lengths, atol=atol)
    about = session_of(tmp_path / "model.onnx").get_modelmeta().custom_metadata_map
    assert about["task"] == "labels"
    assert json.loads(about["classes"]) == ["high", "loud", "any"]
    thresholds = getattr(model[-1], "thresholds_", [0.5, 0.5, 0.5])
    np.testing.assert_allclose(json.loads(about["thresholds"]), thresholds)


def test_counts_at_thresholds_are_refused(tmp_path):
    inner = LabelThresholdClassifier(DenseClassifier((8,), **TRAINING), thresholds=0.3, cv=2)
    model = of_net(SegmentVotingClassifier(inner, segment_length=8, voting="hard"))
    model.fit(sounds(4, 6000), [[0, 1], [1, 0], [1, 1], [0, 0]])
    with pytest.raises(ValueError, match="counts labels at thresholds"):
        export_onnx(model, tmp_path / "model.onnx")


def test_without_onnx_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(ImportError, match=r"pip install 'sklaudio\[onnx\]'"):
        export_onnx(MODELS["dense"], tmp_path / "model.onnx")


@pytest.mark.slow
def test_the_model_is_left_as_it_was(tmp_path):
    model = fitted(MODELS["blstm"])
    clips = list(sounds(3, 4000))
    before = model.predict_proba(clips)
    export_onnx(model, tmp_path / "model.onnx")
    np.testing.assert_array_equal(model.predict_proba(clips), before)
    ragged = [sounds(1, n)[0] for n in (2000, 4000)]  # padding is masked as before
    np.testing.assert_allclose(model.predict_proba(ragged)[0], model.predict_proba(ragged[:1])[0], atol=1e-5)


def test_the_command_fails_in_one_line(tmp_path, capsys):
    model = fitted(make_pipeline(ChromaTransformer(**SIZES), GRUClassifier(4, 1, **TRAINING)))
    sklaudio.save(model, tmp_path / "model.skops")
    assert cli.main(["export", str(tmp_path / "model.skops"), "-o", str(tmp_path / "model.onnx")]) == 1
    err = capsys.readouterr().err
    assert err.startswith("sklaudio export: Step 'chromatransformer'")
    assert err.count("\n") == 1
    with pytest.raises(SystemExit, match="2"):
        cli.main(["export", str(tmp_path / "model.skops")])


@pytest.mark.slow
def test_the_command_writes_the_graph_and_nothing_to_the_terminal(dense, tmp_path):
    sklaudio.save(dense, tmp_path / "model.skops")
    command = [sys.executable, "-m", "sklaudio", "export", "model.skops", "-o", "model.onnx"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(os.listdir(tmp_path)) == ["model.onnx", "model.skops"]
    assert_same_predictions(dense, tmp_path / "model.onnx", lengths=(3000,))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["crnn", "cnn", "dense", "parallel", "tiny", "rnn", "lstm", "blstm", "gru"])
def test_every_kind(kind, tmp_path):
    max_epochs = 60 if kind == "tiny" else 3  # its weights need more steps before predictions differ
    model = fitted(make_classifier(kind, sr=SR, max_epochs=max_epochs, random_state=0, device="cpu"))
    export_onnx(model, tmp_path / "model.onnx")
    assert_same_predictions(model, tmp_path / "model.onnx")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["digits", "genres", "instruments", "words"])
def test_every_pretrained_model(name, tmp_path):
    model = sklaudio.load_pretrained(name)
    export_onnx(model, tmp_path / "model.onnx")
    assert_same_predictions(model, tmp_path / "model.onnx", lengths=(500, 20000, 150000))
