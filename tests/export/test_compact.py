"""Small graphs: weights of nets in 8 bits, features as they are, and no stored indices."""

import copy
import os
import sys
from functools import cache

import numpy as np
import pytest
import soundfile
import soxr
import torch
from sklearn.pipeline import make_pipeline

from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    EventDetector,
    FrameScaler,
    GRURegressor,
    MelSpectrogramTransformer,
    export_onnx,
    load_pretrained,
    make_classifier,
    save,
)
from sklaudio.cli import _main as cli

from ..conftest import real_files

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

SR, HOP, FLOAT32, INT8, INT64 = 8000, 100, 1, 3, 7
TRAINING = {"max_epochs": 6, "lr": 0.02, "batch_size": 4, "random_state": 0, "device": "cpu"}
RECORDINGS = {
    "digits": "fsdd/recordings/*.flac",
    "genres": "gtzan/genres/*/*.flac",
    "instruments": "nsynth/*/audio/*.flac",
    "words": "speech_commands/*/*.flac",
}


def mel(**settings):
    return MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=HOP, **settings)


def tones(n_clips, n_samples=6000, seed=0):
    """Noise with a tone, and the pitch of each in hertz."""
    rng = np.random.default_rng(seed)
    pitch = rng.uniform(200, 3000, n_clips)
    clips = 0.3 * np.sin(2 * np.pi * pitch[:, None] * np.arange(n_samples) / SR)
    return (clips + 0.02 * rng.normal(size=clips.shape)).astype(np.float32), pitch


@cache
def fitted(name):
    clips, pitch = tones(12)
    if name == "classifier":
        model = make_pipeline(mel(duration=0.5), CNNClassifier((8, 16), head=(32,), **TRAINING))
        return model.fit(clips, np.where(pitch > 1000, "high", "low"))
    if name == "regressor":
        return make_pipeline(mel(), FrameScaler(), GRURegressor(16, 1, **TRAINING)).fit(clips, pitch)
    tables = [[(0.1, 0.5, "high" if each > 1000 else "low")] for each in pitch]
    return make_pipeline(mel(), EventDetector(BLSTMClassifier(16, 1, **TRAINING), hop=HOP / SR)).fit(clips, tables)


MODELS = ["classifier", "regressor", pytest.param("detector", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A function that gives the path of a model's graph in 8 bits; that of the regressor is written by the command."""
    folder = tmp_path_factory.mktemp("int8")

    @cache
    def path_of(name):
        path = folder / f"{name}.onnx"
        if name != "regressor":
            export_onnx(fitted(name), path, quantize="int8")
            return path
        save(fitted(name), folder / "model.skops")
        assert cli.main(["export", str(folder / "model.skops"), "-o", str(path), "--quantize", "int8"]) == 0
        return path

    return path_of


def session_of(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", MODELS)
def test_predictions_in_8_bits_are_near_those_of_the_pipeline(name, small):
    clips, pitch = tones(8, seed=1)
    (found,) = session_of(small(name)).run(None, {"waveform": clips})
    predict = fitted(name).predict if name == "regressor" else fitted(name).predict_proba
    expected = np.stack(list(predict(list(clips)))).reshape(found.shape)
    unit = pitch.std() if name == "regressor" else 1
    assert 0 < np.abs(found - expected).max() < 0.02 * unit
    assert np.ptp(expected) > 0.1 * unit


@pytest.mark.parametrize("name", MODELS)
def test_weights_of_the_net_are_in_8_bits_and_nothing_else_is(name, small):
    graph = onnx.load(small(name))
    stored = {each.name: each for each in graph.graph.initializer}
    in_8_bits = {key for key, each in stored.items() if each.data_type == INT8}
    read_by = {node.input[0] for node in graph.graph.node if node.op_type == "DequantizeLinear"}
    assert in_8_bits == read_by
    assert not [key for key, each in stored.items() if each.data_type == FLOAT32 and np.prod(each.dims) >= 512]
    assert len(in_8_bits) == {"classifier": 2, "regressor": 2, "detector": 2}[name]
    assert session_of(small(name)).get_modelmeta().custom_metadata_map["weights"] == "int8"


def test_indices_of_frames_are_computed_where_the_duration_is_set(small):
    stored = onnx.load(small("classifier")).graph.initializer
    assert max(np.prod(each.dims) for each in stored if each.data_type == INT64) < 1000
    assert small("classifier").stat().st_size < 80_000


def test_each_channel_has_a_scale():
    """Rounding errors are of the channel, be the others a million times as large."""
    from sklaudio.export._weights import quantize_weights

    rng = np.random.default_rng(0)
    linear = (rng.normal(size=(64, 4)) * [1e-6, 1, 1e3, 0]).astype(np.float32)
    gates = (rng.normal(size=(2, 3, 64)) * np.float32([1e-6, 1, 1e3])[:, None]).astype(np.float32)
    tensors = [onnx.numpy_helper.from_array(linear, "linear"), onnx.numpy_helper.from_array(gates, "gates")]
    helper = onnx.helper
    nodes = [helper.make_node("Identity", [name], [f"{name}_read"]) for name in ("linear", "gates")]
    outputs = [helper.make_tensor_value_info(f"{name}_read", FLOAT32, None) for name in ("linear", "gates")]
    graph = helper.make_graph(nodes, "graph", [], outputs, initializer=tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    quantize_weights(model, {"linear": -1, "gates": 1})
    found = session_of(model.SerializeToString()).run(None, {})
    for values, exact, axis in zip(found, (linear, gates), (0, 2), strict=True):
        step = np.abs(exact).max(axis=axis, keepdims=True) / 127
        assert (np.abs(values - exact) <= 0.501 * step).all()
        assert np.abs(values - exact).max() > 0


def test_what_cannot_be_quantized_is_said_and_nothing_is_written(tmp_path, monkeypatch):
    path = tmp_path / "model.onnx"
    with pytest.raises(ValueError, match="quantize='int4': take None or \"int8\""):
        export_onnx(fitted("classifier"), path, quantize="int4")
    clips, pitch = tones(4)
    tiny = make_pipeline(mel(), GRURegressor(2, 1, max_epochs=1, device="cpu")).fit(clips, pitch)
    with pytest.raises(ValueError, match="no weight of a net or an encoder has 512 numbers"):
        export_onnx(tiny, path, quantize="int8")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ImportError, match="needs onnxruntime"):
        export_onnx(fitted("classifier"), path, quantize="int8")
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_a_net_that_8_bits_change_too_much_is_refused(tmp_path):
    """One weight of each channel is so large that all others are rounded to 0, and what it multiplies is 0."""
    model = copy.deepcopy(fitted("regressor"))
    model[1].scale_[0] = 1e12
    with torch.no_grad():
        for name, weight in model[-1].net_.module_.named_parameters():
            if "weight_ih" in name:
                weight[:, 0] = 1e4
    with pytest.raises(RuntimeError, match="changes the numbers of two clips of noise"):
        export_onnx(model, tmp_path / "model.onnx", quantize="int8")
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDINGS)
def test_trained_models_decide_as_in_float32(name, tmp_path):
    paths = real_files(RECORDINGS[name])
    model = load_pretrained(name)
    export_onnx(model, tmp_path / "float32.onnx")
    export_onnx(model, tmp_path / "int8.onnx", quantize="int8")
    exact, small = session_of(tmp_path / "float32.onnx"), session_of(tmp_path / "int8.onnx")
    sr, same = int(small.get_modelmeta().custom_metadata_map["sr"]), []
    for path in paths[:: max(1, len(paths) // 200)]:
        y, own = soundfile.read(path, dtype="float32")
        clip = soxr.resample(y, own, sr)[None].astype(np.float32)
        exact_class, small_class = (each.run(None, {"waveform": clip})[0].argmax() for each in (exact, small))
        same.append(exact_class == small_class)
    assert np.mean(same) >= 0.99
    assert (tmp_path / "int8.onnx").stat().st_size < 0.4 * (tmp_path / "float32.onnx").stat().st_size


def test_a_filter_bank_is_stored_without_its_zeros_and_is_the_same():
    from sklaudio.export._compact import leave_out_zeros
    from sklaudio.features._mel import mel_bank

    bank = mel_bank(16000, 1024, 40, 0.0, None).T
    large = np.zeros((300, 400), np.float32)
    large[7, 11], large[299, 399] = -2, 1e-30
    full = np.ones((30, 30), np.float32)
    weight = np.zeros((30, 30), np.float32)
    matrices = {"bank": bank, "large": large, "full": full, "weight": weight}
    helper = onnx.helper
    nodes = [helper.make_node("Identity", [name], [f"{name}_read"]) for name in matrices]
    outputs = [helper.make_tensor_value_info(f"{name}_read", FLOAT32, None) for name in matrices]
    tensors = [onnx.numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in matrices.items()]
    graph = helper.make_graph(nodes, "graph", [], outputs, initializer=tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    before = model.ByteSize()
    leave_out_zeros(model, {"weight": 0})
    found = session_of(model.SerializeToString()).run(None, {})
    for array, expected in zip(found, matrices.values(), strict=True):
        np.testing.assert_array_equal(array, expected)
    assert {"full", "weight"} <= {each.name for each in model.graph.initializer}
    assert model.ByteSize() < 0.1 * before


@pytest.mark.parametrize(
    "calibrated", [pytest.param(False, marks=pytest.mark.slow), True], ids=["weights", "throughout"]
)
def test_a_tiny_model_of_waveforms_takes_less_than_60_kilobytes(calibrated, tmp_path):
    clips = np.random.default_rng(0).normal(scale=0.1, size=(18, 16000)).astype(np.float32)
    model = make_classifier("tiny", sr=16000, duration=1.0, max_epochs=1, random_state=0, device="cpu")
    model.fit(clips, np.arange(18) % 9)
    path = tmp_path / "tiny.onnx"
    export_onnx(model, path, quantize="int8", calibrate=clips[:4] if calibrated else None)
    assert path.stat().st_size < 60_000
    (found,) = session_of(path).run(None, {"waveform": clips[:2]})
    np.testing.assert_allclose(found, model.predict_proba(clips[:2]), atol=0.05)


def test_the_smallest_weights_of_an_encoder_stay_in_float32():
    """As many as have up to 2% of all numbers; never all of them."""
    from sklaudio.export._weights import without_smallest

    sizes = {"large": 9000, "first": 150, "second": 49, "middle": 801}
    tensors = [onnx.numpy_helper.from_array(np.zeros(size, np.float32), name) for name, size in sizes.items()]
    model = onnx.helper.make_model(onnx.helper.make_graph([], "graph", [], [], initializer=tensors))
    assert without_smallest(model, dict.fromkeys(sizes, 0)) == {"large": 0, "middle": 0}
    assert without_smallest(model, {"large": -1}) == {"large": -1}
    assert without_smallest(model, {}) == {}
