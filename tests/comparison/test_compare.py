"""compare: the same folds for all, groups on one side, a row for each model, and the best on all clips."""

import numpy as np
import pytest
import sklearn
from scipy.stats import ttest_1samp
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, log_loss
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.fixes import parse_version

import sklaudio
from sklaudio import FrameSummary, MFCCTransformer, compare
from sklaudio.comparison import Comparison, candidates, corrected_t_test
from sklaudio.datasets import make_words
from sklaudio.metrics import accuracy_interval

SR = 8000
SEEN = []  # what Spy was fitted with and asked for


class Spy(ClassifierMixin, BaseEstimator):
    """Writes down the first sample of each clip, which is its number, and predicts at random."""

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        SEEN.append(("fit", [int(clip[0]) for clip in X], groups))
        return self

    def predict(self, X):
        SEEN.append(("predict", [int(clip[0]) for clip in X], None))
        return self.classes_[np.zeros(len(X), dtype=int)]


class Fails(ClassifierMixin, BaseEstimator):
    """Cannot be fitted."""

    def fit(self, X, y):
        raise RuntimeError("out of <b>luck</b>")


class CountingMFCC(MFCCTransformer):
    """Counts the clips that frames are made of."""

    n_clips = 0

    def _frames(self, signal):
        CountingMFCC.n_clips += 1
        return super()._frames(signal)


@pytest.fixture
def numbered():
    """Clips that begin with their number, two classes, four groups of which each has clips of both."""
    clips = [np.full(9, number, dtype=np.float32) for number in range(24)]
    return clips, np.array(["a", "b"] * 12), np.arange(24) // 6


@pytest.fixture
def tones(rng):
    """Twenty-four tones, low and high, of four speakers."""
    y = np.array(["low", "high"] * 12)
    time = np.arange(SR // 2) / SR
    pitches = np.where(y == "low", 300, 2000) * rng.uniform(0.9, 1.1, 24)
    clips = np.sin(2 * np.pi * pitches[:, np.newaxis] * time) + 0.05 * rng.normal(size=(24, SR // 2))
    return list(clips.astype(np.float32)), y, np.arange(24) // 6


def linear(features=None, **settings):
    features = MFCCTransformer(sr=SR) if features is None else features
    return make_pipeline(features, FrameSummary(), StandardScaler(), LogisticRegression(**settings))


def constant(strategy="prior"):
    return make_pipeline(MFCCTransformer(sr=SR), FrameSummary(), DummyClassifier(strategy=strategy, random_state=0))


def test_no_group_is_on_both_sides_and_all_models_have_the_same_folds(numbered):
    clips, y, groups = numbered
    SEEN.clear()
    found = compare(clips, y, groups=groups, models={"one": Spy(), "two": Spy()}, cv=4, random_state=0)
    fits = [(numbers, given) for what, numbers, given in SEEN if what == "fit"]
    asked = [numbers for what, numbers, _ in SEEN if what == "predict"]
    assert len(fits) == 9  # four folds of each, and the best on all
    for (train, given), test, (expected_train, expected_test) in zip(fits, asked, found.folds_ * 2, strict=False):
        assert not set(groups[train]) & set(groups[test])
        assert given.tolist() == groups[train].tolist()
        assert (train, test) == (expected_train.tolist(), expected_test.tolist())
    assert fits[-1][0] == list(range(24))
    assert sorted(np.concatenate([test for _, test in found.folds_])) == list(range(24))


def test_scores_are_those_of_a_cross_validation_by_hand(tones):
    clips, y, groups = tones
    y = np.where(np.arange(24) % 7 == 0, "low", y)  # or there would be nothing to get wrong
    found = compare(clips, y, groups=groups, models={"linear": linear(), "constant": constant()}, cv=4, random_state=3)
    proba, right = np.empty((24, 2)), []
    for train, test in found.folds_:
        model = linear().fit([clips[k] for k in train], y[train])
        proba[test] = model.predict_proba([clips[k] for k in test])
        right.append(np.mean(model.predict([clips[k] for k in test]) == y[test]))
    row = found.table_.loc["linear"]
    n_right = int((np.array(["high", "low"])[proba.argmax(axis=1)] == y).sum())
    assert row["accuracy"] == pytest.approx(n_right / 24)
    assert (row["low"], row["high"]) == pytest.approx(accuracy_interval(n_right, 24))
    assert row["log_loss"] == pytest.approx(log_loss(y, proba), rel=1e-4)
    assert found.scores_.loc["linear"].tolist() == pytest.approx(right)
    assert np.isnan(row["p_value"])
    assert found.best_ == found.table_.index[0] == "linear"
    against = found.scores_.loc["constant"] - found.scores_.loc["linear"]
    assert found.table_.loc["constant", "p_value"] == corrected_t_test(against, 18, 6)[0]
    assert found.table_["error"].tolist() == [None, None]


def test_the_corrected_test_is_less_sure_than_the_plain_one():
    differences = [0.1, 0.05, 0.2, 0.0, 0.1]
    plain = ttest_1samp(differences, 0).pvalue
    assert corrected_t_test(differences, 1e12, 1)[0] == pytest.approx(plain)  # next to nothing to test on
    t = np.mean(differences) / (np.std(differences, ddof=1) * np.sqrt(1 / 5 + 20 / 80))
    from scipy.stats import t as student

    assert corrected_t_test(differences, 80, 20)[0] == pytest.approx(2 * student.sf(t, 4))
    assert corrected_t_test([0, 0, 0], 80, 20)[0] == 1
    assert corrected_t_test([0.1, 0.1], 80, 20)[0] == 0
    assert np.isnan(corrected_t_test([0.1], 80, 20)[0])


def test_the_best_is_fitted_on_all_clips_saved_and_loaded(tones, tmp_path):
    clips, y, groups = tones
    found = compare(clips, y, groups=groups, models={"constant": constant(), "linear": linear()}, cv=2, random_state=0)
    expected = linear().fit(clips, y)
    np.testing.assert_array_equal(found.best_estimator_.predict_proba(clips), expected.predict_proba(clips))
    sklaudio.save(found.best_estimator_, tmp_path / "best.skops")
    loaded = sklaudio.load(tmp_path / "best.skops")
    np.testing.assert_array_equal(loaded.predict_proba(clips), expected.predict_proba(clips))
    size = (tmp_path / "best.skops").stat().st_size
    assert found.table_.loc["linear", "bytes"] == pytest.approx(size, rel=0.02)


def test_a_model_that_fails_is_a_row(tones):
    clips, y, groups = tones
    models = {"constant": constant(), "fails": Fails(), "no model": 3, "linear": linear()}
    found = compare(clips, y, groups=groups, models=models, cv=2, random_state=0)
    assert found.table_.index.tolist() == ["linear", "constant", "fails", "no model"]
    assert found.table_.loc["fails", "error"] == "RuntimeError: out of <b>luck</b>"
    assert found.table_.loc["fails", ["accuracy", "low", "p_value", "log_loss", "bytes"]].isna().all()
    assert found.scores_.loc["fails"].isna().all()
    assert "out of <b>luck</b>" in repr(found)
    html = found._repr_html_()
    assert "out of &lt;b&gt;luck&lt;/b&gt;" in html
    assert html.count("<tr") == 6  # two of names, a row of each
    with pytest.raises(ValueError, match=r"no model could be scored \(fails: RuntimeError: out of"):
        compare(clips, y, groups=groups, models={"fails": Fails()}, cv=2)


def test_what_the_budget_does_not_allow_is_a_row_that_says_so(tones):
    clips, y, _ = tones
    found = compare(clips, y, models={"constant": constant(), "linear": linear()}, cv=2, budget=1e-9, random_state=0)
    assert found.best_ == "constant"
    assert found.table_.loc["linear", "error"] == "not fitted: the budget of 1e-09 s was spent"
    assert compare(clips, y, models={"c": constant(), "linear": linear()}, cv=2, budget=1e9).best_ == "linear"


def test_a_net_that_would_take_too_long_is_not_begun(tones):
    clips, y, _ = tones
    net = sklaudio.GRUClassifier(4, 1, max_epochs=10**9, random_state=0)
    models = {"linear": linear(), "net": make_pipeline(MFCCTransformer(sr=SR), net)}
    found = compare(clips, y, models=models, cv=2, budget=100, random_state=0)
    assert found.table_.loc["net", "error"].startswith("not fitted: it needs about ")


def test_frames_are_made_once_for_all_that_take_the_same(tones):
    clips, y, _ = tones
    CountingMFCC.n_clips = 0
    features = [CountingMFCC(sr=SR), CountingMFCC(sr=SR), CountingMFCC(20, sr=SR)]
    models = {f"model {k}": linear(feature) for k, feature in enumerate(features)}
    compare(clips, y, models=models, cv=3, random_state=0)
    assert CountingMFCC.n_clips == 2 * 24


def test_models_that_do_not_begin_with_features_take_the_clips(tones):
    clips, y, groups = tones
    search = GridSearchCV(linear(), {"logisticregression__C": [0.1, 1.0]}, cv=2)
    found = compare(clips, y, groups=groups, models={"search": search}, cv=2, random_state=0)
    assert found.best_estimator_.best_params_["logisticregression__C"] in (0.1, 1.0)
    assert found.table_.loc["search", "accuracy"] == 1.0


def test_another_score_than_accuracy(tones):
    clips, y, groups = tones
    y = np.where(np.arange(24) % 7 == 0, "low", y)
    models = {"constant": constant(), "linear": linear()}
    found = compare(clips, y, groups=groups, models=models, cv=4, scoring="f1_macro", random_state=0)
    assert found.table_.columns[0] == "f1_macro"
    expected = []
    for train, test in found.folds_:
        model = linear().fit([clips[k] for k in train], y[train])
        expected.append(f1_score(y[test], model.predict([clips[k] for k in test]), average="macro"))
    row = found.table_.loc["linear"]
    assert row["f1_macro"] == pytest.approx(np.mean(expected))
    half = corrected_t_test(expected, 18, 6)[1]
    assert (row["low"], row["high"]) == pytest.approx((np.mean(expected) - half, np.mean(expected) + half))


def test_user_defined_folds_and_a_class_that_a_training_lacks(tones):
    clips, y, groups = tones
    y = np.where(groups == 0, "rare", y)
    found = compare(clips, y, groups=groups, models={"linear": linear()}, cv=LeaveOneGroupOut())
    assert len(found.folds_) == 4
    assert found.scores_.loc["linear"].tolist()[0] == 0.0
    assert found.table_.loc["linear", "log_loss"] > 5  # the class had the probability 0


def test_a_seed_fixes_folds_and_scores():
    words = make_words(30, n_speakers=5, random_state=0)
    settings = {"groups": words.groups, "cv": 2, "sr": 16000}
    names = ["majority", "mfcc-logistic", "mfcc-svm"]
    runs = [compare(words.data, words.target, models=names, random_state=0, **settings) for _ in range(2)]
    columns = ["accuracy", "low", "high", "p_value", "log_loss"]
    assert runs[0].table_[columns].equals(runs[1].table_[columns])
    assert runs[0].best_ != "majority"
    assert isinstance(runs[0], Comparison)


def test_another_seed_has_other_folds():
    words = make_words(30, n_speakers=5, random_state=0)
    settings = {"groups": words.groups, "models": ["majority"], "cv": 2, "sr": 16000}
    runs = [compare(words.data, words.target, random_state=seed, **settings) for seed in range(6)]
    folds = {str([test.tolist() for _, test in run.folds_]) for run in runs}
    if parse_version(sklearn.__version__) < parse_version("1.8"):
        pytest.skip("shuffling of groups that are alike has no effect in this scikit-learn")
    assert len(folds) > 1


def test_an_encoder_and_a_net_by_name():
    words = make_words(30, n_speakers=3, random_state=0)
    models = candidates(["majority", "digits", "gru"], sr=16000, random_state=0)
    models["gru"].set_params(vote__estimator__max_epochs=1)
    found = compare(words.data, words.target, groups=words.groups, models=models, cv=2, random_state=0)
    assert found.best_ == "digits"
    assert set(found.best_estimator_.predict(words.data[:5])) <= set(words.target)
    assert clone(found.best_estimator_)["features"].encoder == "digits"


def test_auto_is_cheap_ones_first_and_every_installed_encoder():
    names = list(candidates())
    assert names[:3] == ["majority", "mfcc-logistic", "mfcc-svm"]
    assert names[-3:] == ["lstm", "cnn", "crnn"]
    pretrained = ("google-speech", "musicnn-msd", "musicnn-mtt")
    assert names[3:-3] == [name for name in pretrained if sklaudio.encoders.card(name)["installed"]]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"models": "best"}, "models='best' must be 'auto'"),
        ({"models": ["majority", "forest"]}, "models: there is no 'forest'. Take some of majority"),
        ({"models": {}}, "models holds none"),
        ({"budget": 0}, "budget=0 must be"),
        ({"budget": "10m"}, "budget='10m' must be"),
        ({"cv": 9, "groups": [0, 1] * 12}, "cv=9: "),
        ({"cv": 2, "groups": [0, 1] * 12}, "cv=2: .*all clips of a class"),
        ({"scoring": "beauty"}, "beauty"),
    ],
)
def test_errors_name_the_parameter(numbered, wrong, message):
    clips, y, _ = numbered
    with pytest.raises(ValueError, match=message):
        compare(clips, y, **{"models": ["majority"], **wrong})
    with pytest.raises(ValueError, match="y has 1 class"):
        compare(clips, ["a"] * 24, models=["majority"])
