"""Encoders in graphs: clips of any length make the frames that Python makes, whatever the encoder is."""

import json
import os

import numpy as np
import pytest
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import (
    AugmentedClassifier,
    BLSTMClassifier,
    CNNClassifier,
    EncoderClassifier,
    EncoderTransformer,
    EventDetector,
    FrameScaler,
    FrameSummary,
    FrameUnion,
    GRUClassifier,
    GRURegressor,
    LabelThresholdClassifier,
    MelSpectrogramTransformer,
    SegmentVotingClassifier,
    encoders,
    export_onnx,
    make_classifier,
    make_regressor,
)
from sklaudio.augment.waveform import Gain
from sklaudio.encoders import Encoder, _google_speech

from ..encoders.small import Loudness, Moments, Pitch, Products, SpectralShape

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("skl2onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SR = 16000
TRAINING = {"max_epochs": 3, "lr": 0.02, "random_state": 0, "device": "cpu"}
LENGTHS = (1, 30, 4000, 16000, 41111)


def tones(n_clips, n_samples=8000, seed=0):
    """Noise with a tone, and the pitch of each in hertz."""
    rng = np.random.default_rng(seed)
    pitch = rng.uniform(200, 3000, n_clips)
    clips = 0.3 * np.sin(2 * np.pi * pitch[:, None] * np.arange(n_samples) / SR)
    return (clips + 0.02 * rng.normal(size=clips.shape)).astype(np.float32), pitch


class Filters(torch.nn.Module):
    """Levels behind 8 filters of 64 samples, 32 apart: a stand-in for a network that has learned."""

    sr, licence = SR, "CC0-1.0"

    def __init__(self, window=None):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.filters = torch.nn.Conv1d(1, 8, 64, stride=32)
        if window is not None:
            self.window = window

    def forward(self, samples):
        return self.filters(samples[:, None]).abs().log1p().transpose(1, 2)


class Centred(Filters):
    """As many frames as features have, whose frames are centred."""

    def forward(self, samples):
        return super().forward(torch.nn.functional.pad(samples, (32, 32)))


class OfTheWhole(Filters):
    """Their mean over a window."""

    def forward(self, samples):
        return super().forward(samples).mean(dim=1)


def behind(encoder, estimator=None, **settings):
    estimator = LogisticRegression() if estimator is None else estimator
    return make_pipeline(EncoderTransformer(encoder, **settings), FrameSummary(), StandardScaler(), estimator)


def fitted(model, n_clips=16):
    clips, pitch = tones(n_clips)
    return model.fit(list(clips), np.where(pitch > 1000, "high", "low"))


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def assert_same(predict, path, lengths=LENGTHS, atol=1e-4, rtol=0.0, min_spread=0.1):
    """Of clips shorter than a frame, than a window and longer than several, silence among them."""
    session, spread = session_of(path), []
    for n_samples in lengths:
        for n_clips in (1, 3):
            clips, _ = tones(n_clips, n_samples, seed=n_samples)
            clips[-1] *= n_clips == 1
            (found,) = session.run(None, {"waveform": clips})
            expected = np.stack(list(predict(list(clips)))).reshape(found.shape)
            np.testing.assert_allclose(found, expected, atol=atol, rtol=rtol)
            spread.append(np.ptp(expected))
    assert max(spread) > min_spread
    return session.get_modelmeta().custom_metadata_map


def program():
    """A network as an exported program, for any number of windows and samples."""
    shapes = {"samples": {0: torch.export.Dim.AUTO, 1: torch.export.Dim.AUTO}}
    return torch.export.export(Filters(), (torch.zeros(3, SR),), dynamic_shapes=shapes)


MODELS = {
    "windows that overlap": lambda: behind(Filters(), window=0.3, hop=0.1),
    "vectors of windows": lambda: behind(OfTheWhole(), window=0.5, hop=0.3),
}
SLOW = {
    "frames": lambda: behind(Filters()),
    "one window of a size": lambda: behind(Filters(window=4000)),
    "part of a clip": lambda: behind(Filters(), duration=0.4, offset=0.05),
    "a module that says nothing": lambda: behind(Pitch(), sr=SR, window=0.1),
    "vectors of long windows": lambda: behind(OfTheWhole()),
    "vectors of windows far apart": lambda: behind(OfTheWhole(), window=0.1, hop=0.4),
    "vectors of windows of a size": lambda: behind(OfTheWhole(window=4000)),
    "spectra": lambda: behind(SpectralShape(), sr=SR),
    "moments": lambda: make_pipeline(EncoderTransformer(Moments()), FrameScaler(), GRUClassifier(8, 1, **TRAINING)),
    "exported program": lambda: behind(program(), sr=SR),
    "an Encoder with a network": lambda: behind(Products()),
    "net": lambda: make_pipeline(EncoderTransformer(Filters()), BLSTMClassifier(8, 1, standardize=True, **TRAINING)),
    "vote": lambda: make_pipeline(
        EncoderTransformer(Filters()), SegmentVotingClassifier(CNNClassifier((4, 8), **TRAINING), segment_length=60)
    ),
    "side by side": lambda: make_pipeline(
        FrameUnion([("a", EncoderTransformer(Filters())), ("b", EncoderTransformer(Filters(), window=0.2))]),
        FrameSummary(),
        LogisticRegression(),
    ),
    "with features": lambda: make_pipeline(
        FrameUnion(
            [
                ("mel", MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=32)),
                ("filters", EncoderTransformer(Centred())),
            ]
        ),
        FrameSummary(),
        LogisticRegression(),
    ),
    "augmented": lambda: AugmentedClassifier(behind(Filters()), Gain((-6, 6)), n_copies=1, random_state=0),
    "recipe": lambda: make_classifier("encoder", encoder=Filters(), random_state=0),
    "recipe of a net": lambda: make_classifier("gru", encoder=Filters(), random_state=0, max_epochs=2, device="cpu"),
    "new output layer": lambda: EncoderClassifier(Filters(), standardize=True, **TRAINING),
    "tuned": lambda: EncoderClassifier(Filters(), trainable="all", lr_encoder=0.01, standardize=True, **TRAINING),
    "tuned, attention": lambda: EncoderClassifier(Moments(), trainable="last:1", pooling="attention", **TRAINING),
    "tuned, of windows": lambda: EncoderClassifier(OfTheWhole(), trainable="all", **TRAINING),
}

LONGER = dict.fromkeys(  # clips that are not too short for the offset, or for a network that does not say what it needs
    [
        "part of a clip",
        "a module that says nothing",
        "exported program",
        "vectors of long windows",
        "tuned, of windows",
    ],
    (1000, 4000, 16000, 41111),
)


@pytest.mark.parametrize("name", [*MODELS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_probabilities_are_those_of_the_pipeline(name, tmp_path):
    model = fitted({**MODELS, **SLOW}[name]())
    export_onnx(model, tmp_path / "model.onnx")
    assert_same(model.predict_proba, tmp_path / "model.onnx", LONGER.get(name, LENGTHS), min_spread=0.01)


def write(path, module, n_samples=None, opset=18, **metadata):
    """A module as an ONNX file, of any number of windows and samples, or of one window of `n_samples`."""
    shapes = None if n_samples else {"samples": {0: torch.export.Dim("batch"), 1: torch.export.Dim("n", min=64)}}
    example = torch.zeros(1 if n_samples else 2, n_samples or SR)
    torch.onnx.export(
        module.eval(), (example,), path, dynamo=True, dynamic_shapes=shapes, opset_version=opset, verbose=False
    )
    graph = onnx.load(path)
    onnx.helper.set_model_props(graph, {"sr": str(SR)} | {name: str(value) for name, value in metadata.items()})
    onnx.save(graph, path)
    return str(path)


FILES = {
    "frames": (Filters(), {}),
    "one window at a time": (Filters(), {"n_samples": 4000}),
    "vectors": (OfTheWhole(), {}),
    "one vector at a time": (OfTheWhole(), {"n_samples": 4000}),
    "newer operations": (Filters(), {"opset": 21}),
}


@pytest.mark.parametrize("name", ["frames", *(pytest.param(name, marks=pytest.mark.slow) for name in [*FILES][1:])])
def test_files_of_onnx_are_in_the_graph(name, tmp_path):
    module, settings = FILES[name]
    file = write(tmp_path / "net.onnx", module, **settings, licence="CC0-1.0")
    model = fitted(behind(file))
    export_onnx(model, tmp_path / "model.onnx")
    lengths = (1000, 4000, 16000, 41111) if name == "vectors" else LENGTHS
    texts = assert_same(model.predict_proba, tmp_path / "model.onnx", lengths)
    (card,) = json.loads(texts["encoders"])
    assert card == {"name": "net.onnx", "licence": "CC0-1.0", "hash": model[0].encoder_hash_}
    assert str(tmp_path) not in repr(texts)
    assert {each.domain for each in onnx.load(tmp_path / "model.onnx").opset_import} <= {"", "ai.onnx.ml"}


def older_graph(n_dims=8):
    """A file as of opset 11: weights among the inputs, axes as attributes, branches that read what is outside."""
    helper, numpy_helper = onnx.helper, onnx.numpy_helper
    weights = np.random.default_rng(0).normal(size=(n_dims, 1, 64)).astype(np.float32)
    branches = [
        helper.make_graph(
            [helper.make_node(kind, ["maps"], [kind])], kind, [], [helper.make_tensor_value_info(kind, 1, None)]
        )
        for kind in ("Abs", "Neg")
    ]
    nodes = [
        helper.make_node("Unsqueeze", ["samples"], ["channel"], axes=[1]),
        helper.make_node("Conv", ["channel", "weights"], ["maps"], strides=[32]),
        helper.make_node("ReduceMax", ["samples"], ["peak"], keepdims=0),
        helper.make_node("Less", ["zero", "peak"], ["is_sound"]),
        helper.make_node("If", ["is_sound"], ["level"], then_branch=branches[0], else_branch=branches[1]),
        helper.make_node("ReduceMean", ["level"], ["mean"], axes=[2], keepdims=0),
        helper.make_node("Identity", ["mean"], ["vectors"]),
    ]
    takes = helper.make_tensor_value_info("samples", 1, ["batch", "n"])
    stored = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.float32(0), "zero")]
    listed = [helper.make_tensor_value_info(each.name, 1, each.dims) for each in stored]
    makes = helper.make_tensor_value_info("vectors", 1, ["batch", n_dims])
    graph = helper.make_graph(nodes, "older", [takes, *listed], [makes], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=6)


@pytest.mark.slow
def test_files_of_older_opsets_with_branches(tmp_path):
    onnx.save(older_graph(), tmp_path / "net.onnx")
    model = fitted(behind(str(tmp_path / "net.onnx"), sr=SR, window=0.25))
    export_onnx(model, tmp_path / "model.onnx")
    assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(64, 4000, 16001))


@pytest.mark.slow
def test_several_labels_numbers_and_events(tmp_path):
    clips, pitch = tones(16)
    labels = LabelThresholdClassifier(OneVsRestClassifier(LogisticRegression()), cv=2)
    level = np.column_stack([pitch > 800, pitch > 1500])
    for model in (behind(Filters(), labels), make_classifier("encoder", encoder=Filters(), random_state=0)):
        export_onnx(model.fit(list(clips), level), tmp_path / "model.onnx")
        assert assert_same(model.predict_proba, tmp_path / "model.onnx")["task"] == "labels"
    for model in (behind(Filters(), Ridge()), make_regressor("encoder", encoder=Filters())):
        export_onnx(model.fit(list(clips), pitch), tmp_path / "model.onnx")
        assert_same(model.predict, tmp_path / "model.onnx", rtol=1e-4, min_spread=100)
    net = make_pipeline(EncoderTransformer(Filters()), GRURegressor(8, 1, **TRAINING)).fit(list(clips), pitch)
    export_onnx(net, tmp_path / "model.onnx")
    assert_same(net.predict, tmp_path / "model.onnx", rtol=1e-4, min_spread=10)

    tables = [[(0.1, 0.4, "high" if each > 1000 else "low")] for each in pitch]
    events = make_pipeline(EncoderTransformer(Filters()), EventDetector(GRUClassifier(8, 1, **TRAINING), hop=32 / SR))
    export_onnx(events.fit(list(clips), tables), tmp_path / "model.onnx")
    texts = assert_same(events.predict_proba, tmp_path / "model.onnx", lengths=(1, 4000, 16000), min_spread=0.01)
    assert (texts["task"], float(texts["hop"])) == ("events", 32 / SR)


@pytest.mark.slow
def test_int8_is_of_the_encoders_layers_as_well(tmp_path):
    net = BLSTMClassifier(16, 1, **TRAINING)
    model = fitted(make_pipeline(EncoderTransformer(Filters()), net))
    export_onnx(model, tmp_path / "small.onnx", quantize="int8")
    graph = onnx.load(tmp_path / "small.onnx").graph
    in_8_bits = [tuple(each.dims) for each in graph.initializer if each.data_type == onnx.TensorProto.INT8]
    assert sorted(in_8_bits) == [(8, 64), (128, 8), (128, 16)]  # the filters, and what the net has of both directions
    texts = assert_same(model.predict_proba, tmp_path / "small.onnx", atol=0.05)
    assert texts["weights"] == "int8"


@pytest.mark.slow
def test_equal_encoders_of_a_calibration_are_stored_once(tmp_path):
    model = fitted(CalibratedClassifierCV(behind(Filters()), cv=3))
    export_onnx(model, tmp_path / "model.onnx")
    stored = onnx.load(tmp_path / "model.onnx").graph.initializer
    assert [tuple(each.dims) for each in stored].count((8, 1, 64)) == 1
    assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(4000,))


class Level(Products):
    """An encoder that prepares clips in a way of its own."""

    content_hash = "level"

    def prepare(self, y):
        return y / 2


class Untraceable(Filters):
    """A network that asks for values, which a graph cannot."""

    def forward(self, samples):
        return super().forward(samples) * (2 if float(samples.sum()) > 0 else 1)


@pytest.mark.parametrize(
    ("encoder", "words"),
    [
        (Loudness(), "EncoderTransformer of Loudness, which has no network"),
        (Level(), "EncoderTransformer of Level, whose prepare"),
    ],
    ids=["run", "prepare"],
)
def test_what_cannot_be_exported_is_named(encoder, words, tmp_path):
    assert isinstance(encoder, Encoder)
    with pytest.raises(ValueError, match=f"^Step 'encodertransformer' .{words}.* cannot be exported. What can: "):
        export_onnx(fitted(behind(encoder)), tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


def test_a_network_that_cannot_be_traced_is_named(tmp_path):
    with pytest.raises(ValueError, match="Untraceable cannot be traced"):
        export_onnx(fitted(behind(Untraceable())), tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_nets_of_the_package_as_encoders(tmp_path):
    model = fitted(behind("digits"))
    export_onnx(model, tmp_path / "model.onnx")
    texts = assert_same(model.predict_proba, tmp_path / "model.onnx")
    assert json.loads(texts["encoders"])[0]["name"] == "digits"


@pytest.fixture
def google_speech():
    if _google_speech.find_files(_google_speech.NAME) is None:
        pytest.skip("google-speech is not installed: pip install 'sklaudio[speech]'")


@pytest.mark.slow
def test_google_speech(google_speech, tmp_path):
    for model in (behind("google-speech"), EncoderClassifier("google-speech", **TRAINING)):
        export_onnx(fitted(model), tmp_path / "model.onnx", quantize="int8")
        assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(1600, 30000), atol=0.05)
        export_onnx(model, tmp_path / "model.onnx")
        texts = assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(1, 1600, 12800, 30000, 190_000))
        assert json.loads(texts["encoders"])[0]["licence"] == "Apache-2.0"
    assert (tmp_path / "model.onnx").stat().st_size < 1_600_000


@pytest.mark.slow
def test_musicnn(tmp_path):
    place = os.environ.get("SKLAUDIO_TEST_ENCODERS")
    if not place or not os.path.exists(place):
        pytest.skip("no weights of musicnn: pip download --no-deps musicnn==0.1.0, and set SKLAUDIO_TEST_ENCODERS")
    wheel = os.path.join(place, "musicnn-0.1.0-py3-none-any.whl")
    encoders.fetch("musicnn-msd", source=wheel if os.path.exists(wheel) else place)
    tuned = EncoderClassifier("musicnn-msd", trainable="last:1", **{**TRAINING, "max_epochs": 1})
    for model in (behind("musicnn-msd"), tuned):
        export_onnx(fitted(model, 4), tmp_path / "model.onnx")
        assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(1, 20000, 100_000), min_spread=0.01)


@pytest.mark.slow
def test_models_of_transformers(tmp_path):
    transformers = pytest.importorskip("transformers")
    from ..encoders.test_huggingface import waveform_model, whisper

    folder, _ = waveform_model(tmp_path / "wav2vec2", "wav2vec2")
    tuned = EncoderClassifier(folder, trainable="last:1", **TRAINING)
    for model in (behind(folder), behind(folder, layer="mean"), tuned):
        export_onnx(fitted(model, 8), tmp_path / "model.onnx")
        assert_same(model.predict_proba, tmp_path / "model.onnx", lengths=(100, 8000, 16000), min_spread=0.01)
    assert transformers.__version__
    folder, _ = whisper(tmp_path / "whisper")
    with pytest.raises(ValueError, match=r"of a model of type 'whisper', whose spectra .* wav2vec2"):
        export_onnx(fitted(behind(folder), 8), tmp_path / "whisper.onnx")
