"""Graphs of events and of frames: their curves are those of the Pipeline, and the metadata say how to decide."""

import json

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    EventDetector,
    FrameScaler,
    GRUClassifier,
    GRURegressor,
    MelSpectrogramTransformer,
    MFCCTransformer,
    ParallelCNNLSTMClassifier,
    TinyCNNClassifier,
    export_onnx,
)
from sklaudio.cli import _main as cli

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

SR, HOP = 8000, 100
MEL = MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=HOP)
TRAINING = {"max_epochs": 3, "lr": 0.02, "batch_size": 4, "random_state": 0, "device": "cpu"}
NETS = {
    "gru": GRUClassifier(8, 1, standardize=True, **TRAINING),
    "blstm": BLSTMClassifier(8, 2, **TRAINING),
    "cnn": CNNClassifier((4, 8), head=(), **TRAINING),
    "crnn": CRNNClassifier((4, 8, 8), 8, **TRAINING),
    "parallel": ParallelCNNLSTMClassifier(**TRAINING),
    "tiny": TinyCNNClassifier((4, 8, 8), **TRAINING),
}


def scenes(n_clips, n_samples, seed=0):
    """Noise with a tone of each of two pitches somewhere: clips, and the events of each."""
    rng = np.random.default_rng(seed)
    clips = 0.01 * rng.normal(size=(n_clips, n_samples))
    tables = []
    for clip in clips:
        table = []
        for label, pitch in (("low", 400), ("high", 2500)):
            first, length = int(rng.uniform(0, 0.6) * n_samples), int(0.3 * n_samples)
            clip[first : first + length] += 0.3 * np.sin(2 * np.pi * pitch * np.arange(length) / SR)
            table.append((first / SR, (first + length) / SR, label))
        tables.append(table)
    return clips.astype(np.float32), tables


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def about(session):
    return session.get_modelmeta().custom_metadata_map


def assert_same_curves(predict, session, lengths=(1, 90, 250, 1900, 12345, 50000), rtol=0.0, min_spread=0.01):
    """Any number of frames, from one on; few clips and several, silence among them."""
    spread = []
    for n_samples in lengths:
        for n_clips in (1, 3):
            clips, _ = scenes(n_clips, n_samples, seed=n_samples)
            clips[-1] *= n_clips == 1
            (found,) = session.run(None, {"waveform": clips})
            expected = np.stack(list(predict(list(clips))))
            assert found.shape == expected.shape == (n_clips, 1 + n_samples // HOP, found.shape[2])
            np.testing.assert_allclose(found, expected, atol=1e-4, rtol=rtol)
            spread.append(np.ptp(expected))
    assert max(spread) > min_spread


@pytest.fixture(scope="module")
def detector():
    """With a threshold, a median and a least duration of its own for a label."""
    net = make_pipeline(FrameScaler(), NETS["gru"])
    decisions = {"threshold": {"low": 0.3}, "median_length": {"high": 5}, "min_duration": {"low": 0.2}}
    clips, tables = scenes(12, 8000)
    return make_pipeline(MEL, EventDetector(net, hop=HOP / SR, **decisions)).fit(clips, tables)


@pytest.fixture(scope="module")
def exported(detector, tmp_path_factory):
    folder = tmp_path_factory.mktemp("detector")
    sklaudio.save(detector, folder / "model.skops")
    assert cli.main(["export", str(folder / "model.skops"), "-o", str(folder / "model.onnx")]) == 0
    return session_of(folder / "model.onnx")


def test_the_curves_of_events_are_those_of_the_pipeline(detector, exported):
    assert_same_curves(detector.predict_proba, exported, min_spread=0.3)
    assert exported.get_outputs()[0].name == "probabilities"
    assert exported.get_outputs()[0].shape == ["batch", "n_frames", 2]


def test_the_metadata_say_how_events_are_made_of_curves(exported):
    texts = about(exported)
    assert (texts["task"], texts["sr"], texts["hop"]) == ("events", str(SR), str(HOP / SR))
    assert texts["output"].startswith("probabilities: float32, (batch, n_frames, n_labels)")
    expected = {
        "classes": ["high", "low"],
        "thresholds": [0.5, 0.3],
        "median_lengths": [5, 9],
        "min_durations": [0.1, 0.2],
    }
    assert {name: json.loads(texts[name]) for name in expected} == expected


@pytest.mark.slow
@pytest.mark.parametrize("net", [name for name in NETS if name != "gru"])
def test_other_nets(net, tmp_path):
    clips, tables = scenes(12, 8000)
    model = make_pipeline(MEL, FrameScaler(per="clip"), EventDetector(NETS[net], hop=HOP / SR))
    search = GridSearchCV(model, {"eventdetector__threshold": [0.5]}, cv=2).fit(clips, tables)
    export_onnx(search, tmp_path / "model.onnx")
    assert_same_curves(search.best_estimator_.predict_proba, session_of(tmp_path / "model.onnx"))


def test_a_regressor_of_frames_gives_numbers_of_frames(tmp_path):
    clips, _ = scenes(8, 6000)
    frames = MFCCTransformer(sr=SR, n_fft=256, hop_length=HOP)
    level = [np.column_stack([clip[:, 0], -clip[:, 0]]) for clip in frames.fit_transform(clips)]
    model = make_pipeline(frames, GRURegressor(8, 1, **TRAINING)).fit(clips, level)
    export_onnx(model, tmp_path / "model.onnx")
    session = session_of(tmp_path / "model.onnx")
    assert_same_curves(model.predict, session, lengths=(90, 12345), rtol=1e-4, min_spread=10)
    texts = about(session)
    assert (texts["task"], texts["hop"]) == ("frame_numbers", str(HOP / SR))
    assert texts["output"] == "numbers: float32, (batch, n_frames, n_targets), in the unit of y"


@pytest.mark.slow
def test_labels_of_frames_without_a_detector(tmp_path):
    clips, _ = scenes(8, 6000)
    is_loud = [(clip.mean(axis=1, keepdims=True) > clip.mean()).astype(int) for clip in MEL.fit_transform(clips)]
    model = make_pipeline(MEL, NETS["cnn"]).fit(clips, is_loud)
    export_onnx(model, tmp_path / "model.onnx")
    session = session_of(tmp_path / "model.onnx")
    assert_same_curves(model.predict_proba, session)
    assert (about(session)["task"], about(session)["classes"]) == ("frame_labels", "[0]")


class UserDefined(GRUClassifier):
    pass


def test_what_cannot_be_exported_is_named(tmp_path):
    clips, tables = scenes(4, 4000)
    net = UserDefined(4, 1, max_epochs=1)
    for inner, named in ((net, "eventdetector__estimator"), (make_pipeline(FrameScaler(), net), "userdefined")):
        model = make_pipeline(MEL, EventDetector(inner, hop=HOP / SR)).fit(clips, tables)
        with pytest.raises(ValueError, match=f"^Step '{named}' .UserDefined. cannot be exported. .* EventDetector"):
            export_onnx(model, tmp_path / "model.onnx")
    with pytest.raises(TypeError, match="takes no clips"):
        export_onnx(model[-1], tmp_path / "model.onnx")
