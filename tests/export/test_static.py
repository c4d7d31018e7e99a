"""Nets in 8 bits throughout: ranges from clips, and what is refused."""

import os

import numpy as np
import pytest
import soundfile
from sklearn.pipeline import make_pipeline

from sklaudio import CRNNClassifier, MelSpectrogramTransformer, SegmentVotingClassifier, TinyCNNClassifier, export_onnx

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
onnxruntime = pytest.importorskip("onnxruntime")

SR, INT8, INT32 = 8000, 3, 6
TRAINING = {"max_epochs": 12, "lr": 0.02, "batch_size": 4, "random_state": 0, "device": "cpu", "augment": None}


def tones(n_clips, seed=0):
    """Noise with a tone, below or above 1 kHz."""
    rng = np.random.default_rng(seed)
    pitch = rng.uniform(200, 3000, n_clips)
    clips = 0.3 * np.sin(2 * np.pi * pitch[:, None] * np.arange(6000) / SR)
    return (clips + 0.02 * rng.normal(size=clips.shape)).astype(np.float32), np.where(pitch > 1000, "high", "low")


def fitted(net):
    frames = MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=100)
    return make_pipeline(frames, net).fit(*tones(24))


@pytest.fixture(scope="module")
def tiny():
    return fitted(TinyCNNClassifier((8, 16, 16), **TRAINING))


@pytest.fixture(scope="module")
def int8(tiny, tmp_path_factory):
    """A graph whose ranges are of waveforms, and of files of other rates and lengths."""
    folder, clips = tmp_path_factory.mktemp("tiny"), list(tones(24)[0])
    for number, sr in enumerate((8000, 16000, 8000, 11025)):
        path = folder / f"{number}.wav"
        soundfile.write(path, clips[number][: 4000 + 300 * number], sr)
        clips[number] = path
    export_onnx(tiny, folder / "int8.onnx", quantize="int8", calibrate=clips)
    return folder / "int8.onnx"


def session_of(path):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_it_decides_as_the_pipeline_does(tiny, int8):
    clips, y = tones(40, seed=1)
    session = session_of(int8)
    (found,) = session.run(None, {"waveform": clips})
    expected = tiny.predict_proba(clips)
    assert 0 < np.abs(found - expected).max() < 0.1
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).mean() >= 0.95
    assert (tiny.classes_[found.argmax(axis=1)] == y).mean() > 0.9
    texts = session.get_modelmeta().custom_metadata_map
    assert (texts["weights"], texts["activations"], texts["sr"]) == ("int8", "int8", "8000")


def test_every_layer_of_the_net_computes_in_8_bits_and_features_do_not(int8):
    graph = onnx.load(int8).graph
    maker = {name: node.op_type for node in graph.node for name in node.output}
    layers = [node for node in graph.node if node.op_type in ("Conv", "Gemm")]
    assert len(layers) == 1 + 2 * 2 + 1 + 1
    for layer in layers:
        assert [maker[name] for name in layer.input] == ["DequantizeLinear"] * 3
    (bank,) = [node for node in graph.node if node.op_type == "MatMul"]
    assert "DequantizeLinear" not in [maker.get(name) for name in bank.input]
    kinds = {each.name: each.data_type for each in graph.initializer}
    stored = [
        kinds[node.input[0]] for node in graph.node if node.op_type == "DequantizeLinear" and node.input[0] in kinds
    ]
    assert set(stored) == {INT8, INT32}  # weights, biases


@pytest.mark.slow
def test_recurrent_layers_have_weights_in_8_bits_and_segments_vote(tmp_path):
    net = CRNNClassifier((4, 8, 8), 16, **TRAINING)
    model = fitted(SegmentVotingClassifier(net, segment_length=40, hop_length=20))
    clips, _ = tones(20, seed=1)
    export_onnx(model, tmp_path / "int8.onnx", quantize="int8", calibrate=tones(24)[0])
    (found,) = session_of(tmp_path / "int8.onnx").run(None, {"waveform": clips})
    assert np.abs(found - model.predict_proba(clips)).max() < 0.15
    graph = onnx.load(tmp_path / "int8.onnx").graph
    maker = {name: node.op_type for node in graph.node for name in node.output}
    (gru,) = [node for node in graph.node if node.op_type == "GRU"]
    assert [maker[name] for name in gru.input[1:3]] == ["Reshape"] * 2


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"calibrate": tones(2)[0]}, 'calibrate has no part without quantize="int8"'),
        ({"quantize": "int8", "calibrate": []}, "calibrate is empty: give some hundred clips"),
    ],
    ids=["without quantize", "empty"],
)
def test_what_cannot_be_is_said_and_nothing_is_written(settings, words, tiny, tmp_path):
    with pytest.raises(ValueError, match=words):
        export_onnx(tiny, tmp_path / "model.onnx", **settings)
    assert os.listdir(tmp_path) == []
