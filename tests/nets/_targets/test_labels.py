"""Nets that tell several labels of each clip."""

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, f1_score, make_scorer
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, GRUClassifier, MelSpectrogramTransformer
from sklaudio.augment import Mixup
from sklaudio.nets._targets._labels import label_weights

from ..small import InterruptOnce

SR = 8000
TONES = {"low": 300, "mid": 900, "high": 2500}  # Hz
NETS = {
    "rnn": sklaudio.RNNClassifier(16, 1, pooling="mean"),
    "gru": sklaudio.GRUClassifier(16, 1, pooling="mean"),
    "lstm": sklaudio.LSTMClassifier(16, 1, pooling="mean"),
    "blstm": sklaudio.BLSTMClassifier(8, 1, pooling="mean"),
    "dense": sklaudio.DenseClassifier((16,), dropout=0.0),
    "cnn": sklaudio.CNNClassifier((8, 8), head=(16,), dropout=0.0),
    "crnn": sklaudio.CRNNClassifier((4, 8), 8, dropout=0.0),
    "parallel": sklaudio.ParallelCNNLSTMClassifier((4, 8), 8, dropout=0.0),
}


def small(**parameters):
    defaults = {"hidden_size": 8, "num_layers": 1, "pooling": "mean", "dropout": 0.0, "lr": 0.03, "max_epochs": 12}
    return GRUClassifier(**defaults | {"batch_size": 20, "random_state": 0} | parameters)


@pytest.fixture
def labels(rng):
    """Eighty clips of ten frames of three dims, and three labels, each of which raises one dim; some have none."""
    Y = (rng.uniform(size=(80, 3)) < [0.5, 0.4, 0.25]).astype(int)
    X = rng.normal(size=(80, 10, 3)) + 1.5 * Y[:, np.newaxis]
    return X.astype(np.float32), Y


def tones(rng, n_clips):
    """Any of three tones at any level and phase, or none, in noise: waveforms, and which tones there are."""
    Y = (rng.uniform(size=(n_clips, 3)) < 0.4).astype(int)
    time = np.arange(SR // 4) / SR
    clips = []
    for row in Y:
        level, phase = 10 ** rng.uniform(-1, 0, 3), rng.uniform(0, 2 * np.pi, 3)
        waves = level[:, None] * np.sin(2 * np.pi * np.outer([*TONES.values()], time) + phase[:, None])
        clips.append((row @ waves + 0.001 * rng.normal(size=len(time))).astype(np.float32))
    return clips, pd.DataFrame(Y, columns=[*TONES])


def test_which_tones_are_in_clips_not_in_training(rng):
    clips, Y = tones(rng, 120)
    features = MelSpectrogramTransformer(32, sr=SR, n_fft=512, hop_length=256)
    model = make_pipeline(features, small(hidden_size=16, max_epochs=25)).fit(clips[:90], Y[:90])
    assert f1_score(Y[90:], model.predict(clips[90:]), average=None).min() > 0.9
    assert model[-1].label_names_.tolist() == ["low", "mid", "high"]
    assert not model.predict_proba([0.001 * rng.normal(size=SR // 4)]).round().any()  # noise alone has none
    assert (Y.sum(axis=1) == 3).any()
    assert (Y.sum(axis=1) == 0).any()


@pytest.mark.parametrize("name", NETS)
def test_each_architecture_learns_labels(name, labels):
    X, Y = labels
    net = clone(NETS[name]).set_params(lr=0.01, max_epochs=20, random_state=0).fit(X, Y)
    assert average_precision_score(Y, net.predict_proba(X)) > 0.9
    assert net.transform(X).shape[0] == len(X)


def test_conventions_are_those_of_scikit_learn(labels):
    X, Y = labels
    net, mlp = small(max_epochs=3).fit(X, Y), MLPClassifier(max_iter=3).fit(X[:, 0], Y)
    for attribute in (lambda model, x: model.classes_, lambda model, x: model.predict(x)):
        ours, theirs = attribute(net, X), attribute(mlp, X[:, 0])
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
    np.testing.assert_array_equal(net.classes_, mlp.classes_)
    p = net.predict_proba(X)
    assert p.shape == (80, 3)
    assert np.abs(p.sum(axis=1) - 1).max() > 0.01
    np.testing.assert_array_equal(net.predict(X), p > 0.5)
    np.testing.assert_array_equal(net.decision_function(X) > 0, p > 0.5)
    assert net.score(X, Y) == (net.predict(X) == Y).all(axis=1).mean()
    assert net.__sklearn_tags__().classifier_tags.multi_label
    assert not hasattr(small(max_epochs=1).fit(X, Y[:, 0]), "decision_function")


@pytest.mark.parametrize(
    "form", [np.asarray, np.ndarray.tolist, list, csr_matrix, lambda Y: Y.astype(bool), lambda Y: Y.astype(float)]
)
def test_forms_of_y(form, labels):
    X, Y = labels
    net = small(max_epochs=2).fit(X, form(Y))
    assert net.label_names_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(net.predict_proba(X), small(max_epochs=2).fit(X, Y).predict_proba(X))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame])
def test_names_of_columns_are_kept(kind, labels, tmp_path):
    X, Y = labels
    net = small(max_epochs=2).fit(X, kind(dict(zip(["dog", "rain", "car"], Y.T, strict=True))))
    assert net.label_names_.tolist() == ["dog", "rain", "car"]
    assert net.classes_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(net.predict_proba(X), small(max_epochs=2).fit(X, Y).predict_proba(X))


def test_a_column_is_one_of_classes_as_scikit_learn_has_it(labels):
    X, Y = labels
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        net = small(max_epochs=1).fit(X, Y[:, :1])
    assert net.predict(X).shape == (80,)
    assert not hasattr(net, "label_names_")


def test_clips_without_any_label_and_without_frames(labels):
    X, Y = labels
    Y[:10] = 0
    clips = np.empty(80, dtype=object)
    clips[:] = list(X)
    clips[5] = clips[5][:0]
    weight = np.arange(80) % 3
    net = small(max_epochs=2).fit(clips, Y, sample_weight=weight)
    expected = np.average(Y, axis=0, weights=weight)
    np.testing.assert_allclose(net.class_prior_, expected)
    np.testing.assert_allclose(net.class_count_, weight @ Y)
    np.testing.assert_allclose(net.predict_proba(clips)[5], expected, rtol=1e-6)


def test_a_label_that_is_constant_warns_and_is_predicted_so(labels):
    X, Y = labels
    Y[:, 1] = 0
    frame = pd.DataFrame(Y, columns=["dog", "rain", "car"])
    with pytest.warns(UserWarning, match="no clip has the labels 'rain'"):
        net = small(class_weight="balanced").fit(X, frame)
    assert not net.predict(X)[:, 1].any()
    assert net.class_prior_[1] == 0
    frame["rain"] = 1
    with pytest.warns(UserWarning, match="every clip has the labels 'rain'"):
        net = small(class_weight="balanced").fit(X, frame)
    assert net.predict(X)[:, 1].all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda Y: np.where(Y == 1, np.nan, 0.0), r"y\[\d+, \d\] is missing \(nan\)"),
        (lambda Y: 2 * Y, r"y\[\d+, \d\] is 2, and labels are 0 or 1"),
        (lambda Y: np.where(Y, "cat", "dog"), r"y\[0, 0\] is '\w+', and labels are 0 or 1"),
        (lambda Y: [["cat"], ["cat", "dog"]] * 40, "rows of unequal length"),
        (lambda Y: [["cat", "dog"], ["cat"]] * 40, "rows of unequal length.*MultiLabelBinarizer"),
        (lambda Y: Y[:, :0], r"shape \(80, 0\)"),
        (lambda Y: Y[:-1], "inconsistent numbers of samples"),
        (lambda Y: pd.DataFrame(Y, columns=["a", "b", "a"]), "several columns called 'a'"),
        (lambda Y: pd.DataFrame(Y, columns=["a", "b", 3]), "all by text"),
        (lambda Y: pd.DataFrame(Y, columns=[*"abc"]).replace(1, None), r"y\[\d+, \d\] is missing.*label '\w'"),
        (lambda Y: pl.DataFrame({"a": [1, 0] * 40, "b": [None, 1] * 40}), r"y\[0, 1\] is missing.*label 'b'"),
    ],
)
def test_what_is_no_label_is_refused(spoil, message, labels):
    X, Y = labels
    with pytest.raises(ValueError, match=message):
        small(max_epochs=1).fit(X, spoil(Y))


def test_validation_clips_have_the_same_labels(labels):
    X, Y = labels
    frame = pd.DataFrame(Y, columns=[*"abc"])
    net = small(max_epochs=2).fit(X, frame, X_val=X[:20], y_val=frame[:20])
    assert net.history_["valid_loss"].notna().all()
    for y_val in (Y[:20, :2], frame[:20][["b", "a", "c"]]):
        with pytest.raises(ValueError, match=r"y_val has .* that of fit 3: "):
            small().fit(X, frame, X_val=X[:20], y_val=y_val)
    with pytest.raises(ValueError, match=r"y_val is of shape|y_val has"):
        small().fit(X, frame, X_val=X[:20], y_val=Y[:20, 0])


def test_weights_of_labels_have_a_mean_of_one():
    names, positives = np.array(["a", "b", "c"], dtype=object), np.array([10.0, 5.0, 0.0])
    balanced = label_weights("balanced", names, positives, 20)
    np.testing.assert_allclose(balanced, [[1, 20 / 30, 1], [1, 2, 1]])
    given = label_weights({"b": 4}, names, positives, 20)
    np.testing.assert_allclose(given[1] / given[0], [1, 4, 1])
    np.testing.assert_allclose(given[0, :2] * (20 - positives[:2]) + given[1, :2] * positives[:2], 20)
    np.testing.assert_array_equal(label_weights(None, names, positives, 20), np.ones((2, 3)))


def test_balanced_labels_are_found_more_often(rng):
    Y = (rng.uniform(size=(200, 2)) < [0.5, 0.08]).astype(int)
    X = (rng.normal(size=(200, 5, 2)) + 0.6 * Y[:, np.newaxis]).astype(np.float32)
    plain, balanced = (small(max_epochs=8, class_weight=weight).fit(X, Y) for weight in (None, "balanced"))
    by_name = small(max_epochs=8, class_weight={1: 10}).fit(X, Y)
    recalls = [(net.predict(X) & Y).sum(axis=0) / Y.sum(axis=0) for net in (plain, balanced, by_name)]
    assert recalls[1][1] > recalls[0][1] + 0.2
    assert recalls[2][1] > recalls[0][1] + 0.2
    with pytest.raises(ValueError, match=r"class_weight names \['rain'\]"):
        small(class_weight={"rain": 2}).fit(X, Y)
    with pytest.raises(ValueError, match="above 0"):
        small(class_weight={0: 0}).fit(X, Y)


def test_weights_of_clips_count_as_copies_do(labels):
    X, Y = labels
    weight = np.arange(80) % 3
    settings = {"batch_size": 500, "optimizer": "sgd", "lr": 0.1, "class_weight": "balanced", "dropout": 0.0}
    weighted = small(**settings).fit(X, Y, sample_weight=weight)
    copied = small(**settings).fit(np.repeat(X, weight, axis=0), np.repeat(Y, weight, axis=0))
    np.testing.assert_allclose(weighted.predict_proba(X), copied.predict_proba(X), atol=1e-5)


def test_smoothing_keeps_probabilities_from_the_ends(labels):
    X, Y = labels
    sure, smooth = (small(max_epochs=25, label_smoothing=amount).fit(X, Y) for amount in (0.0, 0.2))
    assert np.abs(sure.decision_function(X)).max() > 1.5 * np.abs(smooth.decision_function(X)).max()
    assert (smooth.predict(X) == Y).mean() > 0.95


def test_clips_that_are_mixed_have_both_labels_in_part(labels):
    X, Y = labels
    assert average_precision_score(Y, small(augment=Mixup(1.0)).fit(X, Y).predict_proba(X)) > 0.9


def test_early_stopping_divides_no_group_and_keeps_rare_labels(labels, rng):
    X, _ = labels
    groups = np.arange(80) // 4
    Y = (rng.uniform(size=(80, 4)) < 0.5).astype(int)  # nothing to learn
    Y[:, 3] = groups == 7  # of one recording alone
    net = small(early_stopping=True, validation_fraction=0.3, n_iter_no_change=4, max_epochs=40)
    for seed in range(2):
        net.set_params(random_state=seed).fit(X, Y, groups=groups)
        assert len(net.history_) == net.history_["valid_loss"].idxmin() + 1 + 4
    only = np.repeat(np.eye(4, dtype=int), 20, axis=0)  # each label in one group
    with pytest.raises(ValueError, match="each has all clips of a class"):
        net.fit(X, only, groups=np.arange(80) // 20)


def test_accuracies_of_the_history_are_those_of_score(labels):
    X, Y = labels
    net = small(max_epochs=6).fit(X, Y, X_val=X, y_val=Y)
    assert net.history_["valid_acc"].iloc[-1] == pytest.approx(net.score(X, Y), abs=1e-6)


def test_an_interrupted_training_goes_on_from_its_checkpoint(labels, tmp_path):
    X, Y = labels
    whole = small(max_epochs=6).fit(X, Y)
    net = small(max_epochs=6, checkpoint=str(tmp_path / "nets"), callbacks=[InterruptOnce(str(tmp_path / "seen"))])
    with pytest.raises(KeyboardInterrupt):
        clone(net).fit(X, Y)
    np.testing.assert_array_equal(clone(net).fit(X, Y).predict_proba(X), whole.predict_proba(X))


def test_partial_fit_learns_epoch_by_epoch(labels):
    X, Y = labels
    net = small(class_weight="balanced")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a label may come later
        net.partial_fit(X[:2], Y[:2], classes=["dog", "rain", "car"])
    for _ in range(10):
        net.partial_fit(X, Y)
    assert average_precision_score(Y, net.predict_proba(X)) > 0.95
    assert net.label_names_.tolist() == ["dog", "rain", "car"]
    np.testing.assert_allclose(net.class_prior_, (10 * Y.sum(axis=0) + Y[:2].sum(axis=0)) / (10 * 80 + 2))
    for other in (Y[:, :2], pd.DataFrame(Y, columns=[*"abc"])):
        with pytest.raises(ValueError, match="that of fit 3: "):
            net.partial_fit(X, other)
    with pytest.raises(ValueError, match="not those of the first call"):
        net.partial_fit(X, Y, classes=[*"abc"])
    with pytest.raises(ValueError, match=r"classes=.* are not the labels of y"):
        small().partial_fit(X, Y, classes=[*"ab"])


def test_warm_start_goes_on_and_other_labels_get_a_new_output(labels):
    X, Y = labels
    frame = pd.DataFrame(Y, columns=[*"abc"])
    net = small().fit(X, frame)
    before = net.history_["train_loss"].iloc[-1]
    net.set_params(warm_start=True, max_epochs=2).fit(X, Y)  # columns without names are those before
    assert net.label_names_.tolist() == [*"abc"]
    assert net.history_["train_loss"].iloc[12] < 2 * before + 0.05
    net.fit(X, frame[["a", "b"]])
    assert net.predict_proba(X).shape == (80, 2)
    assert net.history_["train_loss"].iloc[14] > 2 * before
    net.fit(X, frame[["a", "b"]].rename(columns={"b": "x"}))
    assert net.label_names_.tolist() == ["a", "x"]
    net.fit(X, Y[:, 0])
    assert net.predict(X).shape == (80,)
    assert not hasattr(net, "label_names_")
    net.fit(X, Y)
    assert net.predict(X).shape == (80, 3)
    net.set_params(warm_start=False).fit(X, np.where(Y[:, 0], "yes", "no"))
    assert net.classes_.tolist() == ["no", "yes"]
    assert not hasattr(net, "label_names_")


@pytest.mark.parametrize("named", [False, True])
def test_saved_and_loaded_it_predicts_the_same(named, labels, tmp_path):
    X, Y = labels
    net = small(max_epochs=3).fit(X, pd.DataFrame(Y, columns=[*"abc"]) if named else Y)
    sklaudio.save(net, tmp_path / "net.skops")
    for again in (sklaudio.load(tmp_path / "net.skops"), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(again.predict_proba(X), net.predict_proba(X))
        assert again.label_names_.tolist() == net.label_names_.tolist()
        again.partial_fit(X, Y)
        np.testing.assert_allclose(again.class_count_, 2 * net.class_count_)


@pytest.mark.parametrize(
    ("name", "bad"),
    [("label_names_", np.array(["a", "b"])), ("label_names_", np.array(["a", "b", "b"])), ("_clip_count", 0.0)],
)
def test_a_file_whose_labels_contradict_each_other_is_refused(name, bad, labels, tmp_path):
    net = small(max_epochs=1).fit(*labels)
    setattr(net, name, bad)
    with pytest.raises(ValueError, match=name):
        sklaudio.save(net, tmp_path / "net.skops")


@pytest.mark.parametrize("n_labels", [2, 3])
def test_searches_scores_and_predictions_of_scikit_learn(n_labels, labels):
    """With two labels as well, whose numbers scorers take for two classes where they ask for probabilities first."""
    X, Y = labels[0], labels[1][:, :n_labels]
    search = GridSearchCV(small(max_epochs=6), {"lr": [1e-6, 0.02]}, scoring="average_precision", cv=2)
    search.fit(X, Y)
    assert search.best_params_ == {"lr": 0.02}
    assert search.predict_proba(X).shape == Y.shape
    assert cross_val_predict(small(max_epochs=1), X, Y, cv=2, method="predict_proba").shape == Y.shape
    by_clip = make_scorer(average_precision_score, average="samples", response_method="decision_function")
    some = Y.any(axis=1)  # a clip without labels has no precision
    assert cross_val_score(small(), X[some], Y[some], cv=2, scoring=by_clip, error_score="raise").min() > 0.8


def test_one_net_and_one_classifier_for_each_label_stand_side_by_side(labels):
    X, Y = labels
    baseline = make_pipeline(FrameSummary(), OneVsRestClassifier(LogisticRegression()))
    for model in (baseline, small()):
        assert cross_val_score(model, X, Y, cv=2, scoring="average_precision", error_score="raise").min() > 0.8


def test_a_published_net_with_its_softmax_takes_one_class(labels):
    net = sklaudio.published.make("words-cnn")[-1]
    with pytest.raises(ValueError, match="architecture='words-cnn' ends with a softmax"):
        net.fit(*labels)
    assert not net.__sklearn_tags__().classifier_tags.multi_label
