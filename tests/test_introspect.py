"""Models as they come: what does not predict one class is refused by name, wrappers are seen through."""

import re
from functools import cache
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    BaggingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import OneClassSVM
from sklearn.tree import DecisionTreeClassifier

import sklaudio
from sklaudio import (
    EncoderTransformer,
    FrameSummary,
    GRUClassifier,
    LabelThresholdClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    predict_files,
    predict_timeline,
)
from sklaudio._inference import ForeignPredictionsError, label_names_of, votes_of
from sklaudio._introspect import deciders_of, features_of, parts_with
from sklaudio.cli import main
from sklaudio.evaluate import evaluate_files
from sklaudio.plots import FeatureDisplay, StudyDisplay, TimelineDisplay, TrainingDisplay
from sklaudio.timeline import merge_timeline

from .tones import tone, write_tone

SR = 8000
CLIPS = [tone(pitch * factor, 0.2, SR) for pitch in (200, 2000) for factor in (0.9, 0.95, 1.0, 1.05, 1.1, 1.15)]
LABELS = np.repeat(["low", "high"], 6)
INDICATOR = np.array([[1, 0, 1]] * 3 + [[0, 1, 1]] * 3 + [[1, 1, 0]] * 3 + [[0, 0, 0]] * 3)
SETTINGS = {"sr": SR, "n_fft": 256, "hop_length": 128}


def features(kind=MFCCTransformer, **settings):
    return kind(**SETTINGS, **settings)


def summary(last):
    return make_pipeline(features(), FrameSummary(), last)


def net():
    return GRUClassifier(4, 1, max_epochs=1, random_state=0)


ROWS = {"labels": [0.03, 0.01], "a column more": [0.5, 0.2, 0.3], "nan": [np.nan, np.nan], "none": [0.0, 0.0]}


class ScoresClassifier(ClassifierMixin, BaseEstimator):
    """A classifier from elsewhere, whose predictions tell nothing about themselves before they are there."""

    def __init__(self, predictions="labels"):
        self.predictions = predictions

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        if self.predictions == "list":
            return [np.array([[0.1, 0.9]] * len(X))] * 3
        return np.array([ROWS[self.predictions]] * len(X))


class NeitherClassifier(ClassifierMixin, BaseEstimator):
    """Predicts what is none of its classes."""

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), "neither")


def forest():
    return RandomForestClassifier(3, random_state=0)


MULTI_LABEL = {
    "one-vs-rest": summary(OneVsRestClassifier(LogisticRegression())),
    "around clips": OneVsRestClassifier(summary(LogisticRegression())),
    "multi-output": summary(MultiOutputClassifier(LogisticRegression())),
    "multi-output around clips": MultiOutputClassifier(summary(LogisticRegression())),
    "chain": summary(ClassifierChain(LogisticRegression())),
    "mlp": summary(MLPClassifier((4,), max_iter=5)),
    "neighbors": summary(KNeighborsClassifier(2)),
    "forest": summary(forest()),
    "tree": summary(DecisionTreeClassifier()),
    "ridge": summary(RidgeClassifier()),
    "dummy": summary(DummyClassifier()),
    "stack": summary(
        StackingClassifier([("a", KNeighborsClassifier(2))], MultiOutputClassifier(LogisticRegression()), cv=2)
    ),
    "in a search": GridSearchCV(
        summary(OneVsRestClassifier(LogisticRegression())), {"framesummary__statistics": [["mean"]]}, cv=2
    ),
    "search inside": summary(GridSearchCV(MLPClassifier((4,), max_iter=5), {"alpha": [0.1, 1.0]}, cv=2)),
    "pipeline in pipeline": make_pipeline(
        "passthrough", summary(make_pipeline(OneVsRestClassifier(LogisticRegression())))
    ),
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return write_tone(tmp_path_factory.mktemp("clips") / "low" / "noise.wav", 200, 0.5, SR)


@pytest.mark.parametrize("name", MULTI_LABEL)
def test_a_multi_label_model_is_refused_by_name(name, path):
    model = MULTI_LABEL[name].fit(CLIPS, INDICATOR)
    for use in USES.values():
        with pytest.raises(
            TypeError, match=r"model \(.*\) (is multi-label|has 3 outputs).*Pass a (classifier fitted with|net)"
        ):
            use(model, path)


@pytest.mark.parametrize("kind", ["net", "vote", "threshold", "search"])
def test_a_net_of_several_labels_knows_their_names(kind):
    last = net()
    if kind == "vote":
        last = SegmentVotingClassifier(last, segment_length=5)
    model = make_pipeline(features(), last)
    if kind == "threshold":
        model = LabelThresholdClassifier(model, thresholds=0.5)
    if kind == "search":
        model = GridSearchCV(model, {"gruclassifier__lr": [0.1]}, cv=2)
    model.fit(CLIPS, INDICATOR)
    assert label_names_of(model).tolist() == [0, 1, 2]


def test_a_multi_output_model_of_several_classes_is_refused(path):
    y = np.column_stack([LABELS, np.arange(12) % 3])
    for last in (forest(), KNeighborsClassifier(2), MultiOutputClassifier(DecisionTreeClassifier())):
        with pytest.raises(TypeError, match=r"model \(Pipeline > \w+\) has 2 outputs"):
            next(predict_files(summary(last).fit(CLIPS, y), path))


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (KMeans(2, n_init=1), "clusters"),
        (IsolationForest(n_estimators=3), "inliers and outliers"),
        (OneClassSVM(), "inliers and outliers"),
    ],
)
def test_what_is_no_classifier_is_refused_by_name(last, reason, path):
    model = summary(last).fit(CLIPS, (LABELS == "low").astype(float))
    for use in USES.values():
        with pytest.raises(TypeError, match=rf"model \(Pipeline > {type(last).__name__}\) predicts {reason}"):
            use(model, path)


def test_numbers_are_refused_where_there_are_classes_alone(path):
    model = summary(Ridge()).fit(CLIPS, (LABELS == "low").astype(float))
    with pytest.raises(TypeError, match=r"model \(Pipeline > Ridge\) predicts numbers"):
        TimelineDisplay.from_estimator(model, path)


USES = {
    "files": predict_files,
    "evaluate": lambda model, path: evaluate_files(model, [path], ["low"]),
    "timeline": lambda model, path: predict_timeline(model, path, smoothing="viterbi", merge=True),
    "display": TimelineDisplay.from_estimator,
    "report": lambda model, path: sklaudio.report(model, [path], ["low"], path="page.html"),
    "export": lambda model, path: sklaudio.export_onnx(model, "model.onnx"),
}


@pytest.mark.parametrize(
    ("predictions", "reason"),
    [("labels", "sum to 0.04"), ("a column more", r"2 classes.* shape \(1, 3\)"), ("list", "3 outputs")],
)
def test_predictions_that_are_none_of_one_class_are_refused_when_they_come(predictions, reason, path, tmp_path):
    model = summary(ScoresClassifier(predictions)).fit(CLIPS, LABELS)
    for name in ("files", "evaluate", "timeline", "display"):
        with pytest.raises(ForeignPredictionsError, match=rf"model \(Pipeline > ScoresClassifier\).*{reason}"):
            list(USES[name](model, path))
    for clip in (path, CLIPS[0]):
        with pytest.raises(ForeignPredictionsError, match=reason):
            sklaudio.report(model, [clip], ["low"], path=tmp_path / "page.html")


@pytest.mark.parametrize("last", [ScoresClassifier("nan"), ScoresClassifier("none"), NeitherClassifier()])
def test_a_clip_without_a_class_has_an_error_not_the_first_class(last, path):
    model = summary(last).fit(CLIPS, LABELS)
    ((_, label, _, error),) = predict_files(model, path)
    assert label is None
    assert "no class for this clip" in error
    with pytest.raises(ValueError, match="no class for this clip"):
        predict_timeline(model, path)


def test_single_labels_of_the_same_classifiers_are_as_before(path):
    """Of one column too; and rows of float32 that sum to 1 but for their last bit."""
    for last in (
        OneVsRestClassifier(LogisticRegression()),
        MLPClassifier((4,), max_iter=5),
        forest(),
        RidgeClassifier(),
    ):
        for labels in (LABELS, np.arange(12) % 3):
            model = summary(last).fit(CLIPS, labels)
            assert [prediction.label for prediction in predict_files(model, path)] == model.predict([path]).tolist()
    rows = np.array([[0.3, 0.7 - 1e-7]] * len(CLIPS), dtype=np.float32)
    model = SimpleNamespace(predict_proba=lambda X: rows, classes_=np.array([0, 1]))
    assert votes_of(model, CLIPS).shape == (12, 2)


@pytest.mark.parametrize("command", ["predict", "timeline", "evaluate", "report", "export", "plot --timeline"])
def test_commands_refuse_a_multi_label_model(command, path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sklaudio.save(summary(OneVsRestClassifier(LogisticRegression())).fit(CLIPS, INDICATOR), "model.skops")
    folder = path[: path.index("low")]
    arguments = {
        "predict": ["predict", "model.skops", path],
        "timeline": ["timeline", "model.skops", path],
        "evaluate": ["evaluate", "model.skops", folder],
        "report": ["report", "model.skops", folder],
        "export": ["export", "model.skops", "-o", "model.onnx"],
        "plot --timeline": ["plot", path, "--timeline", "model.skops", "-o", "picture.png"],
    }
    assert main(arguments[command]) == 1
    assert "multi-label" in capsys.readouterr().err


def test_a_timeline_of_several_labels_at_once_is_refused():
    timeline = pd.DataFrame(
        {"start": [0, 0, 1], "end": [1, 1, 2], "label": list("aba"), "probability": [0.9, 0.8, 0.7]}
    )
    for use in (merge_timeline, TimelineDisplay.from_predictions):
        with pytest.raises(ValueError, match=r"several labels from 0 to 1 s: \['a', 'b'\]"):
            use(timeline)
        use(timeline[timeline["label"] == "a"])


GRID = {"gruclassifier__hidden_size": [2, 4]}
WRAPPED = {  # how many nets are inside, and panels of features
    "passthrough": (lambda: make_pipeline("passthrough", features(), net()), 1, 1),
    "none": (lambda: Pipeline([("nothing", None), ("features", features()), ("net", net())]), 1, 1),
    "empty pipeline": (lambda: make_pipeline(make_pipeline("passthrough"), make_pipeline(features(), net())), 1, 1),
    "pipelines": (lambda: make_pipeline(make_pipeline("passthrough", features()), make_pipeline(net())), 1, 1),
    "net in the middle": (lambda: make_pipeline(features(), net(), LogisticRegression()), 1, 1),
    "grid": (lambda: GridSearchCV(make_pipeline(features(), net()), GRID, cv=2), 1, 1),
    "random": (lambda: RandomizedSearchCV(make_pipeline(features(), net()), GRID, n_iter=2, cv=2), 1, 1),
    "halving": (lambda: HalvingGridSearchCV(make_pipeline(features(), net()), GRID, cv=2, min_resources=6), 1, 1),
    "grid inside": (lambda: make_pipeline(features(), GridSearchCV(net(), {"hidden_size": [2, 4]}, cv=2)), 1, 1),
    "calibrated": (lambda: CalibratedClassifierCV(make_pipeline(features(), net()), cv=2), 2, 1),
    "calibrated inside": (lambda: make_pipeline(features(), CalibratedClassifierCV(net(), cv=2)), 2, 1),
    "frozen": (lambda: FrozenEstimator(make_pipeline(features(), net()).fit(CLIPS, LABELS)), 1, 1),
    "calibrated frozen": (
        lambda: CalibratedClassifierCV(FrozenEstimator(make_pipeline(features(), net()).fit(CLIPS, LABELS))),
        1,
        1,
    ),
    "vote": (
        lambda: VotingClassifier(
            [
                ("mfcc", make_pipeline(features(), net())),
                ("mel", make_pipeline(features(MelSpectrogramTransformer), net())),
                ("same", make_pipeline(features(), net())),
                ("no", "drop"),
            ],
            voting="soft",
        ),
        3,
        2,
    ),
    "stack": (
        lambda: StackingClassifier(
            [("net", make_pipeline(features(), net())), ("lr", summary(LogisticRegression()))], cv=2
        ),
        1,
        1,
    ),
    "tuned": (lambda: TunedThresholdClassifierCV(make_pipeline(features(), net()), cv=2), 1, 1),
    "fixed": (lambda: FixedThresholdClassifier(make_pipeline(features(), net()), threshold=0.9, pos_label="low"), 1, 1),
    "segments": (lambda: make_pipeline(features(), SegmentVotingClassifier(net(), segment_length=5)), 1, 1),
    "bag": (lambda: make_pipeline(features(), FrameSummary(), BaggingClassifier(LogisticRegression(), 2)), 0, 1),
}


# Of each kind another stays in the quick tests: passthrough, grid, fixed, calibrated and frozen.
LIKE_ANOTHER = {"none", "random", "halving", "tuned", "calibrated frozen"}


def cases(names, like_another=LIKE_ANOTHER):
    return [pytest.param(name, marks=pytest.mark.slow) if name in like_another else name for name in names]


@cache
def fitted(name):
    """A model of WRAPPED, which no test may change."""
    return WRAPPED[name][0]().fit(CLIPS, LABELS)


@pytest.fixture(scope="module")
def reported(path, tmp_path_factory):
    """Function: name in WRAPPED -> evaluation and HTML of a report on its own prediction, made once."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def reported(name):
        page = folder / f"{name}.html"
        evaluation = sklaudio.report(fitted(name), [path], fitted(name).predict([path]).tolist(), path=page)
        return evaluation, page.read_text(encoding="utf-8")

    return reported


@pytest.mark.usefixtures("pyplot_unchanged")
@pytest.mark.parametrize("name", cases(WRAPPED))
def test_what_predict_takes_is_taken_everywhere(name, path, reported, tmp_path):
    model, (_, n_nets, n_panels) = fitted(name), WRAPPED[name]
    expected = model.predict([path]).tolist()
    assert [prediction.label for prediction in predict_files(model, path)] == expected
    assert predict_timeline(model, path, window=1)["label"].tolist() == expected
    assert evaluate_files(model, [path], expected).accuracy == 1
    TimelineDisplay.from_estimator(model, path)
    assert len(FeatureDisplay.from_estimator(model, path).axes_) == n_panels
    if n_nets:
        histories = TrainingDisplay.from_estimator(model).histories
        numbered = [f"GRUClassifier {number}" for number in range(1, n_nets + 1)]
        assert list(histories) == (numbered if n_nets > 1 else ["GRUClassifier"])
    if name in ("grid", "random", "halving", "grid inside"):
        assert StudyDisplay.from_estimator(model).axes_[0].get_xlabel() == "hidden_size"
    else:
        with pytest.raises(TypeError, match="without cv_results_"):
            StudyDisplay.from_estimator(model)
    assert reported(name)[0].n_right == 1
    sklaudio.save(model, tmp_path / "model.skops")
    loaded = sklaudio.load(tmp_path / "model.skops")
    assert loaded.predict([path]).tolist() == expected
    assert len(features_of(loaded)) == len(features_of(model)) > 0
    assert [type(part) for part in deciders_of(loaded)] == [type(part) for part in deciders_of(model)]


def test_features_of_a_model_that_is_not_fitted_are_drawn(path):
    for name in ("grid", "calibrated", "vote", "stack", "tuned", "passthrough"):
        make, _, n_panels = WRAPPED[name]
        assert len(FeatureDisplay.from_estimator(make(), path).axes_) == n_panels


def test_a_threshold_of_the_model_decides_everywhere(path):
    """What is most probable is another class than what `predict` says."""
    model = FixedThresholdClassifier(summary(LogisticRegression()), threshold=1e-12, pos_label="high").fit(
        CLIPS, LABELS
    )
    ((_, label, probabilities, _),) = predict_files(model, path)
    assert probabilities["low"] > 0.5
    assert [label] == model.predict([path]).tolist() == ["high"]
    timeline = predict_timeline(model, path, window=1)
    assert timeline["label"].tolist() == ["high"]
    assert timeline["probability"].tolist() == pytest.approx([probabilities["high"]], rel=1e-6)
    for smoothing in ("median", "viterbi"):
        with pytest.raises(ValueError, match=r"FixedThresholdClassifier\) decides at a threshold"):
            predict_timeline(model, path, smoothing=smoothing)


NOT_IN_A_GRAPH = {  # what the error names
    "vote": "'model' (VotingClassifier)",
    "stack": "'model' (StackingClassifier)",
    "net in the middle": "'logisticregression' (LogisticRegression)",
}


# Nets that are calibrated from outside, and votes of segments, are exported in the tests of export.
IN_A_GRAPH = ["empty pipeline", "grid", "grid inside", "frozen", "calibrated inside", "calibrated frozen", "bag"]
IN_A_GRAPH += ["tuned", "fixed"]


@pytest.mark.parametrize("name", cases([*NOT_IN_A_GRAPH, *IN_A_GRAPH], LIKE_ANOTHER | {"grid inside"}))
def test_a_wrapper_is_exported_or_named(name, tmp_path):
    pytest.importorskip("onnxscript")
    runtime = pytest.importorskip("onnxruntime")
    model = fitted(name)
    if name in NOT_IN_A_GRAPH:
        with pytest.raises(ValueError, match=re.escape(f"Step {NOT_IN_A_GRAPH[name]} cannot be exported")):
            sklaudio.export_onnx(model, tmp_path / "model.onnx")
        return
    sklaudio.export_onnx(model, tmp_path / "model.onnx")
    session = runtime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(None, {"waveform": np.stack(CLIPS).astype(np.float32)})
    np.testing.assert_allclose(probabilities, model.predict_proba(CLIPS), atol=1e-4)


COUNTED = {"passthrough", "pipelines", "grid", "random", "grid inside", "frozen", "tuned", "fixed", "segments"}
SEARCHED = {"grid", "random", "halving", "grid inside"}


@pytest.mark.parametrize("name", cases(["calibrated", "vote", "stack", *sorted(COUNTED)]))
def test_a_report_knows_the_training_of_what_is_wrapped(name, reported):
    """Calibrations, votes and stacks train several models on some of the clips each: no count is that of all."""
    _, page = reported(name)
    assert ("clips of each class" in page) == (name in COUNTED)
    assert ("high 6, low 6" in page) == (name in COUNTED)
    assert ("found by the search" in page) == (name in SEARCHED)


@pytest.mark.parametrize("name", ["frozen", "pipelines", "grid", "grid inside", "passthrough"])
def test_a_wrapped_net_is_an_encoder(name, tmp_path):
    model = fitted(name)
    sklaudio.save(model, tmp_path / "model.skops")
    encoder = EncoderTransformer(str(tmp_path / "model.skops"), window=0.2, device="cpu")
    (trained,) = parts_with(model, lambda part: hasattr(part, "history_"))
    (mfcc,) = features_of(model)
    expected = trained.transform(mfcc.transform(CLIPS))
    np.testing.assert_allclose(encoder.fit_transform(CLIPS)[:, 0], expected, rtol=1e-4, atol=1e-5)
