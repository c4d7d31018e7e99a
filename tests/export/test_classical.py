"""scikit-learn's estimators in graphs, behind the summary of a clip's frames, in votes and calibrated."""

import json
import os
import sys

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC

from sklaudio import (
    DenseClassifier,
    FrameSummary,
    GRUClassifier,
    LabelThresholdClassifier,
    MFCCTransformer,
    SegmentVotingClassifier,
    export_onnx,
)

pytest.importorskip("onnxscript")
pytest.importorskip("skl2onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SR = 8000
MFCC = MFCCTransformer(sr=SR, n_fft=512, hop_length=256)
TRAINING = {"max_epochs": 6, "lr": 0.02, "random_state": 0, "device": "cpu"}
HAS_TEMPERATURE = "temperature" in CalibratedClassifierCV._parameter_constraints["method"][0].options


def tones(n_clips, n_samples=6000, seed=0):
    """Noise with a tone, and the pitch of each in hertz."""
    rng = np.random.default_rng(seed)
    pitch = rng.uniform(200, 3000, n_clips)
    clips = 0.3 * np.sin(2 * np.pi * pitch[:, None] * np.arange(n_samples) / SR)
    return (clips + 0.02 * rng.normal(size=clips.shape)).astype(np.float32), pitch


def behind_summary(estimator, statistics=("mean", "std")):
    return make_pipeline(MFCC, FrameSummary(statistics), StandardScaler(), estimator)


def calibrated(estimator, method="sigmoid", **settings):
    return CalibratedClassifierCV(estimator, method=method, cv=2, **settings)


LOGISTIC = behind_summary(LogisticRegression(), ("mean", "std", "min", "max", "median", "skew"))
SEGMENTS = make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression())
NET = make_pipeline(MFCC, GRUClassifier(8, 1, **TRAINING))
MODELS = {  # model, classes
    "logistic": (LOGISTIC, 3),
    "calibrated net": (calibrated(NET), 2),
}
SLOW = {
    "vote": (make_pipeline(MFCC, SegmentVotingClassifier(SEGMENTS, segment_length=10)), 2),
    "logistic of two": (LOGISTIC, 2),
    "forest": (behind_summary(RandomForestClassifier(30, random_state=0)), 3),
    "components": (behind_summary(make_pipeline(PCA(5), LogisticRegression())), 3),
    "linear svm": (behind_summary(calibrated(LinearSVC())), 3),
    "svm": (behind_summary(calibrated(SVC())), 2),
    "calibrated forest": (behind_summary(calibrated(RandomForestClassifier(10, random_state=0))), 3),
    "calibrated logistic": (calibrated(LOGISTIC, ensemble=False), 3),
    "calibrated nets": (calibrated(NET, ensemble=False), 3),
    "net of rows": (make_pipeline(MFCC, FrameSummary(), DenseClassifier((8,), **TRAINING)), 3),
}
TEMPERED = (
    {
        "tempered net": (calibrated(NET, "temperature", ensemble=False), 3),
        "tempered net of two": (calibrated(NET, "temperature"), 2),
        "tempered svm": (behind_summary(calibrated(SVC(), "temperature")), 3),
        "tempered logistic of two": (behind_summary(calibrated(LogisticRegression(), "temperature")), 2),
    }
    if HAS_TEMPERATURE
    else {}
)
NAMES = [*MODELS, *(pytest.param(name, marks=pytest.mark.slow) for name in {**SLOW, **TEMPERED})]


def fitted(model, n_classes=3):
    clips, pitch = tones(30)
    return model.fit(list(clips), np.digitize(pitch, np.linspace(200, 3000, n_classes + 1)[1:-1]).astype(str))


def assert_same(predict, path, rtol=0.0):
    """Of clips of one frame, of an odd and of an even number."""
    session, spread = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]), []
    for n_samples in (100, 5000, 9000, 9300):
        clips, _ = tones(5, n_samples, seed=n_samples)
        (found,) = session.run(None, {"waveform": clips})
        expected = np.reshape(predict(list(clips)), found.shape)
        np.testing.assert_allclose(found, expected, atol=1e-4, rtol=rtol)
        spread.append(np.ptp(expected))
    assert max(spread) > 0.1
    return session.get_outputs()[0].name, session.get_modelmeta().custom_metadata_map


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_those_of_the_pipeline(name, tmp_path):
    model = fitted(*{**MODELS, **SLOW, **TEMPERED}[name])
    export_onnx(model, tmp_path / "model.onnx")
    output, texts = assert_same(model.predict_proba, tmp_path / "model.onnx")
    assert (output, json.loads(texts["classes"])) == ("probabilities", model.classes_.tolist())


@pytest.mark.parametrize(
    ("estimator", "n_targets"),
    [
        pytest.param(Ridge(), 2, marks=pytest.mark.slow),
        pytest.param(RandomForestRegressor(20, random_state=0), 1, marks=pytest.mark.slow),
        pytest.param(SVR(C=1e4), 1, marks=pytest.mark.slow),
    ],
)
def test_numbers_are_those_of_the_pipeline(estimator, n_targets, tmp_path):
    clips, pitch = tones(30)
    model = behind_summary(estimator).fit(list(clips), np.column_stack([pitch, -pitch]) if n_targets == 2 else pitch)
    export_onnx(model, tmp_path / "model.onnx")
    output, _ = assert_same(model.predict, tmp_path / "model.onnx", rtol=1e-4)
    assert output == "numbers"


@pytest.mark.parametrize("n_classes", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_a_classifier_without_probabilities_gives_scores(n_classes, tmp_path):
    model = fitted(behind_summary(SVC()), n_classes)
    export_onnx(model, tmp_path / "model.onnx")
    output, texts = assert_same(model.decision_function, tmp_path / "model.onnx")
    assert output == "scores"
    assert texts["output"].startswith("scores: float32, (batch, n_classes)")


@pytest.mark.slow
def test_labels_are_those_of_the_pipeline(tmp_path):
    clips, pitch = tones(30)
    labels = LabelThresholdClassifier(OneVsRestClassifier(LogisticRegression()), cv=2)
    model = make_pipeline(MFCC, FrameSummary(), StandardScaler(), labels)
    model.fit(list(clips), np.column_stack([pitch > 1000, pitch > 2000]))
    export_onnx(model, tmp_path / "model.onnx")
    _, texts = assert_same(model.predict_proba, tmp_path / "model.onnx")
    assert texts["task"] == "labels"


@pytest.mark.parametrize(
    "threshold",
    [
        FixedThresholdClassifier(LogisticRegression(), threshold=0.8, pos_label="0"),
        pytest.param(TunedThresholdClassifierCV(LogisticRegression()), marks=pytest.mark.slow),
    ],
    ids=["fixed", "tuned"],
)
def test_the_threshold_that_comes_last_is_in_the_metadata(threshold, tmp_path):
    model = fitted(behind_summary(threshold), 2)
    export_onnx(model, tmp_path / "model.onnx")
    _, texts = assert_same(model.predict_proba, tmp_path / "model.onnx")
    clips, _ = tones(30, seed=1)
    (found,) = onnxruntime.InferenceSession(tmp_path / "model.onnx").run(None, {"waveform": clips})
    classes, positive = json.loads(texts["classes"]), json.loads(texts["threshold_of"])
    reaches = found[:, classes.index(positive)] >= json.loads(texts["threshold"])
    np.testing.assert_array_equal(np.where(reaches, positive, classes[classes[0] == positive]), model.predict(clips))


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (behind_summary(calibrated(LogisticRegression(), "isotonic")), "method='isotonic'"),
        (behind_summary(FixedThresholdClassifier(LinearSVC(), threshold=0.2)), "FixedThresholdClassifier of scores"),
        (behind_summary(calibrated(FixedThresholdClassifier(LogisticRegression()))), "FixedThresholdClassifier"),
        (behind_summary(SVC(decision_function_shape="ovo")), "scores of pairs of classes"),
    ],
    ids=["isotonic", "threshold of scores", "threshold inside", "pairs"],
)
def test_what_cannot_be_exported_is_named(model, words, tmp_path):
    model = fitted(model, 4 if words.startswith("scores") else 2)
    with pytest.raises(ValueError, match=f"^Step '.*{words}.* cannot be exported. What can: "):
        export_onnx(model, tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


def test_8_bits_need_a_net_and_estimators_skl2onnx(tmp_path, monkeypatch):
    model = fitted(behind_summary(LogisticRegression()))
    with pytest.raises(ValueError, match="no weight of a net"):
        export_onnx(model, tmp_path / "model.onnx", quantize="int8")
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(ImportError, match=r"needs skl2onnx .* pip install 'sklaudio\[onnx\]'"):
        export_onnx(model, tmp_path / "model.onnx")
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_without_onnxruntime_the_estimators_are_asked(tmp_path, monkeypatch):
    model = fitted(behind_summary(LogisticRegression()))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    export_onnx(model, tmp_path / "model.onnx")
    monkeypatch.undo()
    assert_same(model.predict_proba, tmp_path / "model.onnx")
