"""save and load: what comes back is what was saved; what cannot be is refused before anything is written."""

import io
import json
import os
import pickle
import pickletools
import subprocess
import sys
import threading
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
import pytest
import sklearn
import skops.io
import skorch
import torch
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, recall_score
from sklearn.model_selection import GridSearchCV, GroupKFold, HalvingGridSearchCV, RandomizedSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.utils import all_estimators
from sklearn.utils._test_common.instance_generator import _construct_instances

import sklaudio
from sklaudio import (
    BLSTMClassifier,
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    FrameScaler,
    FrameSummary,
    FrameTransformer,
    GRUClassifier,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    NetClassifier,
    ParallelCNNLSTMClassifier,
    RNNClassifier,
    SegmentVotingClassifier,
    WaveformTransformer,
    augment,
    genre_features,
)
from sklaudio.augment import Mixup, SpecAugment
from sklaudio.persistence import _allowed as known
from sklaudio.persistence import _archive as archive

FIXTURES = Path(__file__).parents[1] / "fixtures"
SMALL = {"max_epochs": 2, "random_state": 0}


@pytest.fixture(scope="module")
def tones():
    """Twelve clips of unequal length, low or high, at 22050 Hz: list of waveforms, labels."""
    rng = np.random.default_rng(0)
    X, y = [], []
    for index in range(12):
        time = np.arange(6000 + 200 * index) / 22050
        pitch = (200, 2000)[index % 2] * rng.uniform(0.9, 1.1)
        X.append((0.5 * np.sin(2 * np.pi * pitch * time) + 0.01 * rng.normal(size=len(time))).astype(np.float32))
        y.append(("low", "high")[index % 2])
    return X, np.array(y)


def lstm(**parameters):
    return LSTMClassifier(4, 1, **SMALL | parameters)


def voting(net=None, **features):
    vote = SegmentVotingClassifier(net or lstm(), segment_length=8)
    return Pipeline([("mfcc", MFCCTransformer(5, **features)), ("scaler", FrameScaler()), ("vote", vote)])


def table(*steps):
    return make_pipeline(MFCCTransformer(5), FrameSummary(), StandardScaler(), *steps)


def round_trip(model, path, **options):
    sklaudio.save(model, path, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return sklaudio.load(path, **options)


def assert_equal_predictions(loaded, model, X):
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    if hasattr(model, "predict_proba"):
        ours, theirs = loaded.predict_proba(X), model.predict_proba(X)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)  # bit for bit


SPLITS = [(np.arange(6), np.arange(6, 12)), (np.arange(6, 12), np.arange(6))]
MODELS = {
    "net": lambda: make_pipeline(MFCCTransformer(5), lstm()),
    "segments": voting,
    "genre features": lambda: make_pipeline(genre_features(), lstm()),
    "published": lambda: sklaudio.published.make("genre-cnn", **SMALL),
    "waveforms": lambda: make_pipeline(WaveformTransformer(160, duration=0.2), RNNClassifier(4, **SMALL)),
    "early stopping": lambda: voting(lstm(early_stopping=True, validation_fraction=0.3, dropout=0.2)),
    "random state": lambda: voting(lstm(random_state=np.random.RandomState(3))),
    "raw": lambda: voting(BLSTMClassifier((4, 3), standardize=False, head=(5,), pooling="attention", **SMALL)),
    "gru": lambda: make_pipeline(MelSpectrogramTransformer(16), GRUClassifier(4, 1, **SMALL)),
    "cnn": lambda: make_pipeline(MelSpectrogramTransformer(16), CNNClassifier((2, 3), head=(4,), **SMALL)),
    "crnn": lambda: make_pipeline(MelSpectrogramTransformer(16), CRNNClassifier((2, 3), 4, **SMALL)),
    "parallel": lambda: make_pipeline(MelSpectrogramTransformer(16), ParallelCNNLSTMClassifier((2, 3), 4, **SMALL)),
    "dense": lambda: make_pipeline(MFCCTransformer(5, duration=0.3), DenseClassifier((4,), **SMALL)),
    "augmented": lambda: voting(lstm(augment=[SpecAugment(dim_width=0.3), Mixup()], lr_schedule={"name": "cosine"})),
    "class weights": lambda: voting(lstm(class_weight={"low": 1.0, "high": 2.5})),
    "forest": lambda: table(RandomForestClassifier(5, random_state=0)),
    "boosting": lambda: table(GradientBoostingClassifier(n_estimators=3, random_state=0)),
    "svm": lambda: table(SVC()),
    "logistic": lambda: table(LogisticRegression()),
    "neighbours": lambda: table(KNeighborsClassifier(2, algorithm="kd_tree")),
    "perceptron": lambda: table(MLPClassifier((3,), max_iter=3, random_state=0)),
    "calibrated": lambda: table(CalibratedClassifierCV(SVC(), cv=2)),
    "calibrated net": lambda: make_pipeline(MFCCTransformer(5), CalibratedClassifierCV(lstm(), cv=2, ensemble=False)),
    "selected": lambda: table(ColumnTransformer([("some", StandardScaler(), slice(0, 6))]), SelectKBest(k=2), SVC()),
    "elementwise": lambda: table(FunctionTransformer(np.arctan), LogisticRegression()),
    "isotonic": lambda: table(CalibratedClassifierCV(SVC(), cv=2, method="isotonic")),
    "imputed": lambda: table(SimpleImputer(missing_values=np.nan), LogisticRegression()),
    "voting": lambda: VotingClassifier([("a", voting()), ("b", voting(lstm(random_state=1)))], voting="soft"),
    "grid": lambda: GridSearchCV(voting(), {"vote__estimator__lr": [0.001, 0.01], "scaler": ["passthrough"]}, cv=2),
    "scored grid": lambda: GridSearchCV(
        table(SVC()),
        {"svc__C": [1, 2.0], "svc__kernel": ["rbf"]},
        cv=SPLITS,
        scoring=make_scorer(recall_score, pos_label="low"),
    ),
    "two scores": lambda: GridSearchCV(
        table(SVC()), [{"svc__C": [1]}, {"svc__gamma": [0.1]}], cv=3, scoring=["accuracy", "f1_macro"], refit="f1_macro"
    ),
    "randomized": lambda: RandomizedSearchCV(table(SVC()), {"svc__C": [1, 2]}, n_iter=2, cv=2, random_state=0),
    "halving": lambda: HalvingGridSearchCV(table(SVC()), {"svc__C": [1, 2]}, cv=2, random_state=0),
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", MODELS)
def test_probabilities_are_equal_bit_for_bit(name, tones, tmp_path):
    X, y = tones
    model = MODELS[name]()
    unfitted = round_trip(model, tmp_path / "unfitted.skops")
    assert repr(clone(unfitted)) == repr(clone(model)) or name == "random state"
    model.fit(X, y)
    loaded = round_trip(model, tmp_path / "model.skops")
    assert type(loaded) is type(model)
    assert_equal_predictions(loaded, model, X)


@pytest.mark.parametrize("name", sklaudio.published.names())
def test_published_systems_are_saved(name, tmp_path):
    model = sklaudio.published.make(name)
    assert repr(round_trip(model, tmp_path / "model.skops")) == repr(model)


@pytest.mark.parametrize(
    "labels",
    [[3, -1], [True, False], ["é", "ß"], [np.int8(3), np.int8(2)], np.array(["a", "bc"], dtype=object)],
    ids=["int", "bool", "text", "int8", "object"],
)
def test_labels_of_any_kind(labels, frames, tmp_path):
    X, _ = frames
    y = np.asarray(labels)[np.arange(30) % 2]
    net = lstm(class_weight={label: 1.0 + index for index, label in enumerate(labels)}).fit(X, y)
    loaded = round_trip(net, tmp_path / "net.skops")
    assert loaded.classes_.dtype == net.classes_.dtype
    assert loaded.class_weight == net.class_weight
    assert_equal_predictions(loaded, net, X)
    assert_equal_predictions(loaded.fit(X, y), net.fit(X, y), X)


def test_a_loaded_search_has_its_table_and_goes_on(tones, tmp_path):
    X, y = tones
    search = MODELS["grid"]().fit(X, y)
    loaded = round_trip(search, tmp_path / "search.skops")
    assert loaded.best_params_ == search.best_params_
    assert loaded.cv_results_.keys() == search.cv_results_.keys()
    for column, values in search.cv_results_.items():
        assert type(loaded.cv_results_[column]) is type(values)
        np.testing.assert_array_equal(loaded.cv_results_[column], values)
    net, other = (one.best_estimator_["vote"].estimator_ for one in (search, loaded))
    assert other.history_.equals(net.history_)
    assert other.n_parameters_ == net.n_parameters_
    np.testing.assert_array_equal(loaded.fit(X, y).predict_proba(X), search.fit(X, y).predict_proba(X))


def test_routing_of_metadata_is_saved(tones, tmp_path):
    X, y = tones
    with sklearn.config_context(enable_metadata_routing=True):
        vote = SegmentVotingClassifier(lstm(), segment_length=8).set_fit_request(sample_weight=True, groups=True)
        model = make_pipeline(MFCCTransformer(5), vote)
        loaded = round_trip(model, tmp_path / "model.skops")
        for one in (model, loaded):
            one.fit(X, y, sample_weight=np.arange(12.0), groups=np.arange(12))
        assert_equal_predictions(loaded, model, X)
        assert_equal_predictions(round_trip(model, tmp_path / "model.skops"), model, X)


def test_a_loaded_net_trains_on(frames, tmp_path):
    X, y = frames
    net = lstm(optimizer="sgd").fit(X, y)
    loaded = round_trip(net, tmp_path / "net.skops")
    assert_equal_predictions(loaded.partial_fit(X, y), pickle.loads(pickle.dumps(net)).partial_fit(X, y), X)


def test_equal_models_are_equal_files(tones, tmp_path):
    X, y = tones
    for name in "ab":
        sklaudio.save(voting().set_params(vote__estimator__class_weight={"low": 2, "high": 1}), tmp_path / f"{name}.u")
        model = make_pipeline(
            MFCCTransformer(5), FrameSummary(), StandardScaler(), RandomForestClassifier(3, random_state=0)
        )
        sklaudio.save(model.fit(X, y), tmp_path / f"{name}.f")
    assert (tmp_path / "a.u").read_bytes() == (tmp_path / "b.u").read_bytes()
    assert (tmp_path / "a.f").read_bytes() == (tmp_path / "b.f").read_bytes()
    model = sklaudio.load(tmp_path / "a.f")
    sklaudio.save(model, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "a.f").read_bytes()


def test_what_is_shared_is_saved_once_and_stays_shared(tones, tmp_path):
    X, y = tones
    model = MODELS["voting"]().fit(X, y)
    loaded = round_trip(model, tmp_path / "model.skops")
    assert loaded.named_estimators_["a"] is loaded.estimators_[0]
    with zipfile.ZipFile(tmp_path / "model.skops") as file:
        n_members = len(file.namelist())
    sklaudio.save(model.estimators_[0], tmp_path / "part.skops")
    with zipfile.ZipFile(tmp_path / "part.skops") as file:
        assert n_members < 2.5 * len(file.namelist())


def test_arrays_keep_dtype_shape_and_order(tmp_path):
    arrays = [
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10)[::3],
        np.float32(np.pi),
        np.array(3, dtype=np.int8),
        np.array(["a", "läng"]),
        np.array([["a", 1.5, None]], dtype=object),
        np.empty((0, 3), dtype=bool),
        np.array([np.nan, -0.0, np.inf]),
        np.datetime64("2020-01-01") - np.datetime64("2020-01-01") == 0,
        np.ma.masked_array([1.0, 2.0], mask=[True, False]),
        np.dtype(object),
        np.random.default_rng(3),
        {1: "int", 2.5: "float", "t": "text", np.int64(7): "numpy", False: "bool"},
        {"b", "a"},
    ]
    model = FunctionTransformer(kw_args={"parts": arrays})
    loaded = round_trip(model, tmp_path / "parts.skops").kw_args["parts"]
    for given, found in zip(arrays, loaded, strict=True):
        assert type(found) is type(given)
        if isinstance(given, np.ndarray):
            assert found.dtype == given.dtype
            assert found.flags.f_contiguous == given.flags.f_contiguous or not given.flags.contiguous
            np.testing.assert_array_equal(found, given)
        elif isinstance(given, np.random.Generator):
            assert found.random() == given.random()
        elif isinstance(given, dict):
            assert list(found.items()) == list(given.items())
            assert list(map(type, found)) == list(map(type, given))
        else:
            assert found == given


def test_memory_mapped_arrays_are_saved_as_arrays(tmp_path):
    np.save(tmp_path / "points.npy", np.arange(12.0).reshape(6, 2))
    points = np.load(tmp_path / "points.npy", mmap_mode="r")
    loaded = round_trip(FunctionTransformer(kw_args={"points": points}), tmp_path / "model.skops")
    assert type(loaded.kw_args["points"]) is np.ndarray
    np.testing.assert_array_equal(loaded.kw_args["points"], points)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_estimators_of_scikit_learn_predict_as_before(tmp_path):
    rng = np.random.RandomState(0)
    X = np.abs(rng.normal(size=(60, 4)))
    X[:, 0] += np.arange(60) % 3
    targets = [np.array(list("abc"))[np.arange(60) % 3], np.arange(60) % 2, X[:, 0], X[:, :2]]
    refused, n_equal = set(), 0
    for name, cls in all_estimators():
        try:
            instances = list(_construct_instances(cls))
        except Exception:
            continue
        for model in instances:
            fitted = any(fits(model, X, y) for y in targets)
            try:
                sklaudio.save(model, tmp_path / "model.skops")
            except ValueError:
                refused.add(name)
                continue
            loaded = sklaudio.load(tmp_path / "model.skops")
            for method in ("predict_proba", "decision_function", "predict", "transform"):
                if fitted and name != "DummyClassifier" and predictions(model, method, X) is not None:
                    np.testing.assert_allclose(predictions(loaded, method, X), predictions(model, method, X), rtol=1e-9)
                    n_equal += 1
    assert refused == {"Birch", "BisectingKMeans", "SparseRandomProjection", "SpectralEmbedding", "SplineTransformer"}
    assert n_equal > 200


def fits(model, X, y):
    try:
        model.fit(X, y)
    except Exception:
        return False
    return True


def predictions(model, method, X):
    try:
        prediction = getattr(model, method)(X)
    except Exception:
        return None
    prediction = prediction.toarray() if hasattr(prediction, "toarray") else prediction
    return None if isinstance(prediction, (list, tuple)) or np.asarray(prediction).dtype.kind != "f" else prediction


def test_a_file_holds_json_and_arrays_and_no_pickle(tones, tmp_path):
    X, y = tones
    model = MODELS["grid"]().fit(X, y)
    sklaudio.save(model, tmp_path / "model.skops")
    with zipfile.ZipFile(tmp_path / "model.skops") as file:
        assert file.testzip() is None
        members = {name: file.read(name) for name in file.namelist()}
    assert list(members)[:2] == ["sklaudio.json", "schema.json"]
    for name, content in members.items():
        if name.endswith(".json"):
            text = content.decode("ascii")
            json.loads(text)
            for word in ("torch.", "skorch", "pickle", "_reconstruct", "joblib"):
                assert word not in text.replace('"torch":', "")
        else:
            assert name.removesuffix(".npy").isdigit()
            array = np.load(io.BytesIO(content), allow_pickle=False)
            assert array.dtype.kind in "biufU"
            assert content.startswith(b"\x93NUMPY\x01\x00")
        assert not is_pickle(content)
    assert {"format", "sklaudio", "scikit-learn", "numpy", "torch", "skops"} == json.loads(
        members["sklaudio.json"]
    ).keys()


def is_pickle(content):
    """Tell whether a pickle is there, or behind what would be the header of an array."""
    return any(ends_as_a_pickle(content[start:]) for start in (0, 128))


def ends_as_a_pickle(content):
    try:
        return [opcode.name for opcode, *_ in pickletools.genops(content)][-1] == "STOP"
    except (ValueError, IndexError, KeyError, EOFError, UnicodeDecodeError):
        return False


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_loading_unpickles_nothing(tones, tmp_path, monkeypatch):
    X, y = tones
    models = [MODELS[name]().fit(X, y) for name in ("grid", "forest", "augmented", "perceptron")]

    def refuse(*args, **kwargs):
        raise AssertionError("something was unpickled")

    for module, names in (
        # Names with an underscore are those of the implementation in Python, which libraries build theirs on.
        (pickle, ["load", "loads", "Unpickler", "_Unpickler", "_load", "_loads"]),
        (joblib, ["load"]),
        (torch, ["load"]),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    for index, model in enumerate(models):
        sklaudio.save(model, tmp_path / f"{index}.skops")
        assert_equal_predictions(sklaudio.load(tmp_path / f"{index}.skops"), model, X)


def test_skops_itself_reads_the_file(tones, tmp_path):
    X, y = tones
    model = voting().fit(X, y)
    sklaudio.save(model, tmp_path / "model.skops")
    names = skops.io.get_untrusted_types(file=tmp_path / "model.skops")
    assert all(name.startswith("sklaudio.") for name in names)
    assert_equal_predictions(skops.io.load(tmp_path / "model.skops", trusted=names), model, X)


@pytest.mark.slow
def test_a_new_process_gives_the_same_bits(frames, tmp_path):
    X, y = frames
    model = make_pipeline(FrameScaler(), lstm()).fit(X, y)
    sklaudio.save(model, tmp_path / "model.skops")
    np.save(tmp_path / "clip.npy", X[:1])
    code = "import numpy, sklaudio\nmodel = sklaudio.load('model.skops')\n"
    code += "print(model.predict_proba(numpy.load('clip.npy')).tobytes().hex())"
    environment = os.environ | {"PYTHONPATH": str(Path(sklaudio.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert run.stdout.decode().strip() == model.predict_proba(X[:1]).tobytes().hex()


@pytest.mark.slow
def test_a_new_process_loads_a_model_whose_encoder_is_a_file_of_ours(tones, tmp_path):
    model = make_pipeline(sklaudio.EncoderTransformer("digits"), FrameSummary(), LogisticRegression()).fit(*tones)
    sklaudio.save(model, tmp_path / "model.skops")
    code = "import sklaudio\nprint(sklaudio.load('model.skops')[0].sr)"  # one file is loaded while the other is
    environment = os.environ | {"PYTHONPATH": str(Path(sklaudio.__file__).parents[1])}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=True, timeout=120)
    assert int(run.stdout) == model[0].sr


# What is not ours is refused, at save and at load


@dataclass(eq=False, repr=False)
class UserNet(NetClassifier):
    """A net as users write them."""

    width: int = 3

    def _make_module(self, n_dims, n_classes):
        return OwnModule(n_dims, self.width, n_classes)


class OwnModule(torch.nn.Module):
    def __init__(self, n_dims, width, n_classes):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(n_dims, width), torch.nn.Linear(width, n_classes))

    def forward(self, frames, lengths):
        return self.layers(frames.mean(dim=1))


@dataclass(eq=False, repr=False)
class UserFeature(FrameTransformer):
    """A feature as users write them: the loudest sample of each hundredth of a second."""

    factor: float = 1.0

    def _dim_names(self):
        return ["peak"]

    def _signal(self, y):
        return y

    def _frames(self, y):
        return self.factor * np.abs(y[: len(y) // 220 * 220]).reshape(-1, 220).max(axis=1, keepdims=True)


def test_a_user_defined_feature_is_allowed_by_its_type(tones, tmp_path):
    X, y = tones
    model = make_pipeline(UserFeature(factor=2.0, memory=str(tmp_path / "cache")), lstm()).fit(X, y)
    with pytest.raises(ValueError, match=r"model\.steps\[0\]\[1\]: .*UserFeature"):
        sklaudio.save(model, tmp_path / "model.skops")
    sklaudio.save(model, tmp_path / "model.skops", trusted=[UserFeature])
    with pytest.warns(UserWarning, match="memory=.* of UserFeature is left out"):
        loaded = sklaudio.load(tmp_path / "model.skops", trusted=[UserFeature])
    assert loaded[0].factor == 2.0
    assert_equal_predictions(loaded, model, X)


def user_noise(frames, lengths):
    return frames + 0.1 * torch.randn_like(frames)


@pytest.mark.parametrize("by_name", [False, True])
def test_a_user_defined_net_and_function_are_allowed_by_name(by_name, frames, tmp_path):
    X, y = frames
    net = UserNet(augment=user_noise, **SMALL).fit(X, y)
    trusted = [UserNet, user_noise]
    if by_name:
        trusted = [f"{thing.__module__}.{thing.__qualname__}" for thing in trusted]
    with pytest.raises(ValueError, match=r"(?s)model: .*UserNet.*trusted=\['.*UserNet'\]"):
        sklaudio.save(net, tmp_path / "net.skops")
    with pytest.raises(ValueError, match=r"model.augment: .*user_noise"):
        sklaudio.save(net, tmp_path / "net.skops", trusted=trusted[:1])
    assert not list(tmp_path.iterdir())
    sklaudio.save(net, tmp_path / "net.skops", trusted=trusted)
    with pytest.raises(
        ValueError, match=r"net\.skops holds \['.*UserNet', '.*user_noise'\].*Nothing of the file.*trusted="
    ):
        sklaudio.load(tmp_path / "net.skops")
    loaded = sklaudio.load(tmp_path / "net.skops", trusted=trusted)
    assert loaded.augment is user_noise
    assert_equal_predictions(loaded, net, X)


class Thing:
    """Neither an estimator nor known."""


def test_what_cannot_be_saved_is_named_with_its_place(frames, tmp_path):
    X, y = frames
    path = tmp_path / "model.skops"
    stopping = skorch.callbacks.EarlyStopping(monitor="train_loss")
    loop = []
    loop.append(loop)
    cases = [
        (lstm(callbacks=[stopping]), r"model\.callbacks\[0\]: skorch\.callbacks\.training\.EarlyStopping"),
        (lstm(net_params={"iterator_train": print}), r"model\.net_params\['iterator_train'\]: builtins\.print"),
        (lstm(net_params={"criterion": torch.nn.NLLLoss}), r"model\.net_params\['criterion'\]: torch\.nn"),
        (lstm(optimizer=torch.optim.NAdam), r"model\.optimizer: torch\.optim\.nadam\.NAdam"),
        (lstm(augment=lambda frames, lengths: frames), r"model\.augment: .*<lambda>"),
        (voting(lstm(augment=[Thing()])), r"model\.steps\[2\]\[1\]\.estimator\.augment\[0\]: .*Thing"),
        (lstm(class_weight={("a",): 1}), r"model\.class_weight has keys of type tuple"),
        (lstm(class_weight={1: 1, "1": 2}), r"model\.class_weight has keys that are equal as text"),
        (lstm(augment=loop), r"model\.augment\[0\] holds itself"),
        (FunctionTransformer(os.system), r"model\.func: (posix|nt)\.system"),
        (FunctionTransformer(np.load), r"model\.func: numpy\.load"),
        (FunctionTransformer(np.frompyfunc(len, 1, 1)), r"model\.func: numpy\.len"),
        (FunctionTransformer(kw_args={"x": Path("x")}), r"model\.kw_args\['x'\]: pathlib"),
        (FunctionTransformer(kw_args={"x": 1j}), r"builtins\.complex"),
        (FunctionTransformer(kw_args={"x": np.array(["2020"], dtype="M8[D]")}), r"dtype datetime64\[D\]"),
        (FunctionTransformer(kw_args={"x": np.array([[[1], [2]]], dtype=object)[..., 0]}), None),
        (Pipeline([("f", FunctionTransformer(eval))]), r"model\.steps\[0\]\[1\]\.func: builtins\.eval"),
    ]
    for model, message in cases:
        if message is None:
            assert round_trip(model, path).kw_args["x"].shape == (1, 2)
            path.unlink()
            continue
        with pytest.raises(ValueError, match=message):
            sklaudio.save(model, path)
        assert not list(tmp_path.iterdir())
    for odd in (Thing(), LSTMClassifier, 3, None, [lstm()], lstm().fit(X, y).net_.module_):
        with pytest.raises(ValueError, match=r"is no estimator|model: "):
            sklaudio.save(odd, path)
    for trusted in ("my_nets.MyNet", True, [3]):
        with pytest.raises(ValueError, match=r"must be a list of types"):
            sklaudio.save(lstm(), path, trusted=trusted)
    assert not list(tmp_path.iterdir())


def test_a_function_inside_another_cannot_be_allowed(tmp_path):
    def inner(frames, lengths):
        return frames

    with pytest.raises(ValueError, match=r"model\.augment: .* cannot be imported by that name"):
        sklaudio.save(lstm(augment=inner), tmp_path / "net.skops", trusted=[inner])


def test_what_only_training_needs_can_be_set_aside_after_it(frames, tmp_path):
    X, y = frames
    net = lstm(
        callbacks=[skorch.callbacks.EarlyStopping(monitor="train_loss")],
        augment=lambda frames, lengths: frames,
        optimizer=torch.optim.NAdam,
    ).fit(X, y)
    expected = net.predict_proba(X)
    with pytest.raises(ValueError, match="may be changed by set_params"):
        sklaudio.save(net, tmp_path / "net.skops")
    net.set_params(callbacks=None, augment=None, optimizer="adam")
    np.testing.assert_array_equal(round_trip(net, tmp_path / "net.skops").predict_proba(X), expected)


def test_a_net_that_diverged_is_refused(frames, tmp_path):
    X, y = frames
    net = lstm().fit(X, y)
    with torch.no_grad():
        net.net_.module_.output.bias[0] = float("nan")
    with pytest.raises(ValueError, match=r"cannot be saved: the state of LSTMClassifier .* hold NaN or infinity; .*lr"):
        sklaudio.save(net, tmp_path / "net.skops")
    assert not list(tmp_path.iterdir())


# Caches and devices are of the machine, not of the model


@pytest.mark.parametrize("kind", [str, Path, joblib.Memory])
def test_where_a_cache_is_is_not_taken_from_a_file(kind, tones, tmp_path, monkeypatch):
    X, y = tones
    folder = tmp_path / "cache"
    memory = joblib.Memory(str(folder), verbose=0) if kind is joblib.Memory else kind(folder)
    model = voting(memory=memory).fit(X, y)
    sklaudio.save(model, tmp_path / "model.skops")
    before = sorted(tmp_path.rglob("*"))
    with pytest.warns(UserWarning, match=r"model\.skops: memory='.*cache' of MFCCTransformer is left out"):
        loaded = sklaudio.load(tmp_path / "model.skops")
    assert loaded["mfcc"].memory is None
    assert_equal_predictions(loaded, model, X)
    assert model["mfcc"].memory is memory
    trusting = sklaudio.load(tmp_path / "model.skops", trusted=["memory"])
    assert trusting["mfcc"].memory == str(folder)
    assert sorted(tmp_path.rglob("*")) == before
    assert_equal_predictions(trusting, model, X)


def test_where_checkpoints_are_is_not_taken_from_a_file(frames, tmp_path):
    X, y = frames
    net = lstm(checkpoint=tmp_path / "checkpoints").fit(X, y)
    sklaudio.save(net, tmp_path / "net.skops")
    with pytest.warns(UserWarning, match=r"checkpoint='.*checkpoints' of LSTMClassifier is left out"):
        loaded = sklaudio.load(tmp_path / "net.skops")
    assert loaded.checkpoint is None
    assert_equal_predictions(loaded, net, X)
    assert sklaudio.load(tmp_path / "net.skops", trusted=["checkpoint"]).checkpoint == str(tmp_path / "checkpoints")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_what_was_trained_on_a_gpu_loads_on_a_cpu(tones, tmp_path):
    X, y = tones
    model = voting().fit(X, y)
    expected = model.predict_proba(X)
    model["vote"].estimator_.device = model["mfcc"].device = "cuda"  # as they are where there is one
    sklaudio.save(model, tmp_path / "model.skops")
    with pytest.warns(UserWarning, match=r"device='cuda' cannot be used .* is on the CPU"):
        loaded = sklaudio.load(tmp_path / "model.skops")
    np.testing.assert_array_equal(loaded.predict_proba(X), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_model_of_a_gpu_goes_back_to_it_and_to_a_cpu(tones, tmp_path):
    X, y = tones
    model = voting(lstm(device="cuda")).fit(X, y)
    loaded = round_trip(model, tmp_path / "model.skops")
    np.testing.assert_allclose(loaded.predict_proba(X), model.predict_proba(X), atol=1e-5)
    code = "import sklaudio; print(sklaudio.load('model.skops')['vote'].estimator_.net_.device)"
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": str(Path(sklaudio.__file__).parents[1])}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert run.stdout.decode().strip() == "cpu"


# Writing


def test_a_file_is_written_whole_or_not_at_all(tones, tmp_path, monkeypatch):
    path = tmp_path / "model.skops"
    sklaudio.save(voting(), path)
    whole = path.read_bytes()
    for function in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, function, lambda *args: (_ for _ in ()).throw(OSError("the disk is full")))
            with pytest.raises(OSError, match="the disk is full"):
                sklaudio.save(lstm(), path)
        assert path.read_bytes() == whole
        assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(ValueError, match="cannot be saved"):
        sklaudio.save(lstm(augment=print), path)
    assert path.read_bytes() == whole
    sklaudio.save(lstm(), path)
    assert sklaudio.load(path).hidden_size == 4
    assert list(tmp_path.iterdir()) == [path]


def test_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sklaudio.save(lstm(), "mödel file")
    assert sklaudio.load(Path("mödel file")).hidden_size == 4
    Path("link").symlink_to("mödel file")
    sklaudio.save(LSTMClassifier(7), "link")
    assert Path("link").is_symlink()
    assert sklaudio.load("mödel file").hidden_size == 7
    assert os.stat("mödel file").st_mode & 0o777 == 0o666 & ~umask()
    Path("folder").mkdir()
    with pytest.raises(IsADirectoryError, match="folder is a folder"):
        sklaudio.save(lstm(), "folder")
    with pytest.raises(IsADirectoryError, match="folder is a folder"):
        sklaudio.load("folder")
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*missing"):
        sklaudio.save(lstm(), "missing/model")
    with pytest.raises(FileNotFoundError, match="missing"):
        sklaudio.load("missing")
    if hasattr(os, "mkfifo"):
        os.mkfifo("pipe")
        with pytest.raises(ValueError, match="pipe is not a model"):
            sklaudio.load("pipe")


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_threads_save_and_load_beside_each_other(tones, tmp_path):
    X, y = tones
    model = voting().fit(X, y)
    failures = []

    def work(index):
        try:
            sklaudio.save(model, tmp_path / "one.skops")
            assert_equal_predictions(sklaudio.load(tmp_path / "one.skops"), model, X)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [path.name for path in tmp_path.iterdir()] == ["one.skops"]


# Versions


def rewrite(path, members):
    with open(path, "wb") as file:
        archive.pack(members, file)


def with_versions(path, **changes):
    """Rewrite a file as another version would have written it."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    versions = json.loads(members["sklaudio.json"]) | changes
    members["sklaudio.json"] = json.dumps(versions).encode()
    rewrite(path, members)


def test_a_newer_format_says_what_to_install(tmp_path):
    path = tmp_path / "model.skops"
    sklaudio.save(voting(), path)
    with_versions(path, format=2, sklaudio="7.1.0")
    with pytest.raises(ValueError, match=r"is of format 2, .* up to 1.*pip install 'sklaudio>=7\.1\.0'"):
        sklaudio.load(path)


def test_a_newer_format_may_look_otherwise_behind_its_first_member(tmp_path):
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("sklaudio.json", json.dumps({"format": 3, "sklaudio": "9.0"}))
        file.writestr("weights.safetensors", b"0" * 1000, compress_type=zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match=r"is of format 3.*sklaudio>=9\.0"):
        sklaudio.load(path)


def test_other_versions_of_scikit_learn_are_named_once(tones, tmp_path):
    X, y = tones
    model = table(RandomForestClassifier(3)).fit(X, y)
    path = tmp_path / "model.skops"
    sklaudio.save(model, path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["schema.json"] = members["schema.json"].replace(
        json.dumps(json.dumps(sklearn.__version__)).encode(), json.dumps(json.dumps("1.2.3")).encode()
    )
    rewrite(path, members)
    with_versions(path, **{"scikit-learn": "1.2.3"})
    with pytest.warns(UserWarning, match=r"saved with scikit-learn 1\.2\.3; here is scikit-learn") as caught:
        loaded = sklaudio.load(path)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert_equal_predictions(loaded, model, X)


def test_a_failure_with_another_version_says_so(tmp_path):
    path = tmp_path / "model.skops"
    sklaudio.save(voting(), path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["schema.json"] = members["schema.json"].replace(b"FrameScaler", b"FrameWhitener")
    rewrite(path, members)
    with_versions(path, sklaudio="0.9.0")
    with pytest.raises(ValueError, match=r"holds \['sklaudio\.features\.FrameWhitener'\].*saved with sklaudio 0\.9\.0"):
        sklaudio.load(path)


def test_a_parameter_that_came_later_has_its_default(tones, tmp_path):
    X, y = tones
    model = table(LogisticRegression()).fit(X, y)
    del model[-1].warm_start, model[0].offset
    loaded = round_trip(model, tmp_path / "model.skops")
    assert loaded[-1].warm_start is False
    assert loaded[0].offset == 0
    assert_equal_predictions(loaded, model, X)


def fixture_clips():
    time = np.arange(4000) / 8000
    return [(0.5 * np.sin(2 * np.pi * pitch * time)).astype(np.float32) for pitch in (200, 220, 1500, 1600)]


def make_fixture(folder):
    """How ``fixtures/model-format-1.skops`` was made, by sklaudio 0.1.0.

    It stays as it is: whoever changes the format raises `sklaudio.persistence.FORMAT`, and adds another.
    """
    features = MFCCTransformer(5, sr=8000, n_fft=512, hop_length=128, n_mels=20)
    net = LSTMClassifier(4, 1, max_epochs=20, lr=0.05, random_state=0)
    model = Pipeline([("mfcc", features), ("scaler", FrameScaler()), ("net", net)])
    model.fit(fixture_clips(), ["low", "low", "high", "high"])
    sklaudio.save(model, folder / "model-format-1.skops")
    predictions = {"classes": model.classes_.tolist(), "probabilities": model.predict_proba(fixture_clips()).tolist()}
    (folder / "model-format-1.json").write_text(json.dumps(predictions, indent=1) + "\n")


@pytest.mark.parametrize("number", range(1, sklaudio.persistence.FORMAT + 1))
def test_every_released_format_loads(number):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of another version of scikit-learn
        model = sklaudio.load(FIXTURES / f"model-format-{number}.skops")
    expected = json.loads((FIXTURES / f"model-format-{number}.json").read_text())
    assert model.classes_.tolist() == expected["classes"]
    np.testing.assert_allclose(model.predict_proba(fixture_clips()), expected["probabilities"], atol=1e-4)


def test_the_way_to_make_the_fixture_still_works(tmp_path):
    make_fixture(tmp_path)
    model = sklaudio.load(tmp_path / "model-format-1.skops")
    expected = json.loads((tmp_path / "model-format-1.json").read_text())
    assert model.predict_proba(fixture_clips()).tolist() == expected["probabilities"]


def public_classes():
    """Estimators of scikit-learn and sklaudio, and augmentations: what a model may hold without being trusted."""
    ours = [getattr(sklaudio, name) for name in sklaudio.__all__]
    steps = [getattr(place, name) for place in (augment, augment.waveform) for name in place.__all__]
    classes = [cls for _, cls in all_estimators() if cls.__module__.startswith("sklearn.")]
    classes += [thing for thing in ours if isinstance(thing, type) and hasattr(thing, "get_params")]
    return {known.public_name(cls): cls for cls in [*classes, *(step for step in steps if isinstance(step, type))]}


def test_the_list_holds_what_is_public_and_nothing_that_acts():
    names = public_classes()
    for name in ("sklaudio.features.MFCCTransformer", "sklaudio.nets.LSTMClassifier", "sklaudio.augment.Mixup"):
        assert name in names
    names |= {name: cls for name in known.LISTED if (cls := known.object_named(name)) is not None}
    assert GroupKFold in names.values()
    for name, cls in names.items():
        assert known.object_named(name) is cls
        assert name.startswith(("sklearn.", "sklaudio."))
        assert not hasattr(cls, "__reduce_ex__") or cls.__reduce_ex__ is object.__reduce_ex__
    for name in known.functions():
        assert name.startswith(("sklearn.metrics.", "sklearn.feature_selection.", "numpy."))
        assert not name.startswith("numpy.") or isinstance(known.functions()[name], np.ufunc) or name == "numpy.mean"


def test_the_list_holds_nothing_else_of_these_packages():
    names = public_classes().keys() | known.LISTED
    assert sum(known.object_named(name) is not None for name in known.LISTED) >= len(known.LISTED) - 1
    for module in [name for name in sys.modules if name.startswith(("sklearn", "sklaudio", "numpy", "torch", "os"))]:
        for attribute in list(vars(sys.modules[module])):
            name = f"{module}.{attribute}"
            assert name in names or known.object_named(name) is None


def test_a_file_names_what_to_import_only_within_the_list(tmp_path):
    sklaudio.save(FrameScaler(), tmp_path / "model.skops")
    code = "import sys, sklaudio\nsklaudio.load('model.skops')\n"
    code += "print('torch' in sys.modules, 'sklearn.tree' in sys.modules)"
    output = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert output.split() == ["False", "False"]
