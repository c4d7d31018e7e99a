"""scikit-learn's own checks, on every public estimator."""

import functools

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

import sklaudio
from sklaudio import (
    AugmentedClassifier,
    AugmentedRegressor,
    FrameScaler,
    FrameSummary,
    FrameUnion,
    MFCCTransformer,
    RMSTransformer,
    SegmentMeanRegressor,
    SegmentVotingClassifier,
    WaveformTransformer,
)
from sklaudio.augment.waveform import Gain, TimeShift

from .encoders.small import Loudness, Products

TRAINING = {
    "lr": 0.03,
    "max_epochs": 5,
    "batch_size": 64,
    "random_state": 0,
}  # as few steps as learn what the checks ask for
SMALL = {"hidden_size": 32, "num_layers": 1, **TRAINING}
ABSTRACT = {"FrameTransformer", "NetClassifier", "NetRegressor", "SpectralTransformer"}
OF_EVENTS = {"EventDetector"}  # its y is a table for each clip; tests/events/test_detector.py has checks without y
NETS = (sklaudio.NetClassifier, sklaudio.NetRegressor)


def of_samples(last):
    """A Pipeline whose table is the one of the samples."""
    return make_pipeline(WaveformTransformer(1), Flat(), last)


class Flat(TransformerMixin, BaseEstimator):
    """Frames of equal number as a table; a class, as a function's address would be in the names of tests."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X.reshape(len(X), -1).astype(np.float64)

    def __sklearn_is_fitted__(self):
        return True


BUILT = {
    "FrameUnion": [FrameUnion([("mfcc", MFCCTransformer()), ("rms", RMSTransformer())])],
    "FrameScaler": [FrameScaler(), FrameScaler(per="clip"), FrameScaler(per="clip-dim")],
    "CQTTransformer": [sklaudio.CQTTransformer(fmin=500, n_bins=24)],  # filters of the lowest octaves are the longest
    # Its default takes a constant-Q transform, which CQTTransformer is checked with.
    "TonnetzTransformer": [sklaudio.TonnetzTransformer(chroma="stft")],
    "SegmentVotingClassifier": [
        SegmentVotingClassifier(sklaudio.LSTMClassifier(**SMALL)),
        SegmentVotingClassifier(make_pipeline(FrameSummary(("mean",)), LogisticRegression()), voting="hard"),
    ],
    "SegmentMeanRegressor": [
        SegmentMeanRegressor(sklaudio.LSTMRegressor(**SMALL)),
        SegmentMeanRegressor(make_pipeline(FrameSummary(("mean",)), DecisionTreeRegressor(random_state=0))),
    ],
    "LabelThresholdClassifier": [
        sklaudio.LabelThresholdClassifier(LogisticRegression(), cv=3),
        sklaudio.LabelThresholdClassifier(LogisticRegression(), calibrate=True, thresholds=0.5, cv=3),
        sklaudio.LabelThresholdClassifier(sklaudio.DenseClassifier((32,), **TRAINING), thresholds=0.5, cv=2),
    ],
    "AugmentedClassifier": [
        AugmentedClassifier(of_samples(LogisticRegression(solver="newton-cholesky")), Gain((-1, 1)), n_copies=1)
    ],
    "AugmentedRegressor": [
        AugmentedRegressor(of_samples(DecisionTreeRegressor(random_state=0)), TimeShift(p=0.1), n_copies=1)
    ],
    "LSTMClassifier": [
        sklaudio.LSTMClassifier(**SMALL),
        sklaudio.LSTMClassifier(**SMALL, pooling="attention", head=(16,), early_stopping=True, n_iter_no_change=20),
    ],
    "BLSTMClassifier": [sklaudio.BLSTMClassifier(**SMALL)],
    "GRUClassifier": [sklaudio.GRUClassifier(**SMALL)],
    "RNNClassifier": [sklaudio.RNNClassifier(**SMALL)],
    "DenseClassifier": [sklaudio.DenseClassifier((32,), **TRAINING)],
    "CNNClassifier": [sklaudio.CNNClassifier((8, 8), **TRAINING)],
    "CRNNClassifier": [sklaudio.CRNNClassifier((8, 8), 16, **TRAINING)],
    "ParallelCNNLSTMClassifier": [sklaudio.ParallelCNNLSTMClassifier((8, 8), 16, **TRAINING)],
    "TinyCNNClassifier": [sklaudio.TinyCNNClassifier((8, 8), **TRAINING | {"augment": None, "max_epochs": 15})],
    "LSTMRegressor": [
        sklaudio.LSTMRegressor(**SMALL),
        sklaudio.LSTMRegressor(
            **SMALL | {"max_epochs": 10}, pooling="attention", head=(16,), early_stopping=True, loss="ccc"
        ),
    ],
    "BLSTMRegressor": [sklaudio.BLSTMRegressor(**SMALL, loss="mae")],
    "GRURegressor": [sklaudio.GRURegressor(**SMALL, loss="huber")],
    "RNNRegressor": [sklaudio.RNNRegressor(**SMALL)],
    "DenseRegressor": [sklaudio.DenseRegressor((32,), **TRAINING)],
    "CNNRegressor": [sklaudio.CNNRegressor((8, 8), **TRAINING)],
    "CRNNRegressor": [sklaudio.CRNNRegressor((8, 8), 16, **TRAINING)],
    "ParallelCNNLSTMRegressor": [sklaudio.ParallelCNNLSTMRegressor((8, 8), 16, **TRAINING)],
    "TinyCNNRegressor": [sklaudio.TinyCNNRegressor((8, 8), **TRAINING | {"augment": None, "max_epochs": 15})],
}
BUILT["EncoderTransformer"] = [sklaudio.EncoderTransformer(Loudness())]
ON_PRODUCTS = {"encoder": Products(), "lr": 0.2, "max_epochs": 15, "random_state": 0}
BUILT["EncoderClassifier"] = [sklaudio.EncoderClassifier(**ON_PRODUCTS)]
MINIBATCHES = (
    "A net takes its steps on batches of rows in random order: a row of weight 2 is in one batch, the same row twice "
    "is in two. The loss is the same, the steps are not; in a single batch they are (test_weights_count_as_copies_do)."
)
THRESHOLDS = (
    "Predictions are those at the learned threshold, not the class of the highest probability; a clip between the two "
    "fails check_classifiers_train, or none is there: a matter of the seed."
)
ROUNDING = (
    "The products of a batch are added up in another order than those of one row. Values near zero, of sums of much "
    "larger ones, are then further apart than the 1e-7 of the check (test_a_row_alone_is_the_row_among_others)."
)


def estimators():
    for name in sklaudio.__all__:
        public = getattr(sklaudio, name)
        if isinstance(public, type) and issubclass(public, BaseEstimator) and name not in ABSTRACT | OF_EVENTS:
            yield from BUILT[name] if name in BUILT else [public()]


def expected_failures(estimator):
    inner = getattr(estimator, "estimator", estimator)
    if isinstance(inner, NETS):
        return {"check_sample_weight_equivalence_on_dense_data": MINIBATCHES}
    if getattr(estimator, "thresholds", None) == "best":
        return {"check_classifiers_train": THRESHOLDS}
    return {}


def each_check_of(estimators, expected_failures, is_slow=lambda estimator, name: False):
    """scikit-learn's checks as tests, which are named after an estimator; its text is made once, not for each check."""
    mark = parametrize_with_checks(estimators, expected_failed_checks=expected_failures)
    names, pairs = mark.args
    cases = [pair if hasattr(pair, "marks") else pytest.param(*pair) for pair in pairs]
    for number, (values, marks, _) in enumerate(cases):
        estimator, check = values
        if is_slow(estimator, check.func.__name__):
            cases[number] = pytest.param(*values, marks=[*marks, pytest.mark.slow])
    return pytest.mark.parametrize(names, cases, ids=functools.cache(mark.kwargs["ids"]))


# These nets differ from those of LSTMs, convolutions and dense layers in their modules alone: checks of what all nets
# have in common, in which they train much or often, are slow for them.
SIBLINGS = tuple(
    getattr(sklaudio, f"{name}{kind}")
    for name in ("BLSTM", "GRU", "RNN", "CRNN", "ParallelCNNLSTM", "TinyCNN")
    for kind in ("Classifier", "Regressor")
)
LONG_CHECKS = {
    "check_array_api_input",
    "check_classifier_data_not_an_array",
    "check_classifiers_classes",
    "check_classifiers_multilabel_representation_invariance",
    "check_classifiers_train",
    "check_dtype_object",
    "check_estimators_dtypes",
    "check_estimators_nan_inf",
    "check_estimators_pickle",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_subset_invariance",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_regressor_data_not_an_array",
    "check_regressors_train",
    "check_sample_weight_equivalence_on_dense_data",
    "check_supervised_y_2d",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
    "check_transformer_preserve_dtypes",
}


def is_long(estimator, name):
    return isinstance(estimator, SIBLINGS) and name in LONG_CHECKS


@each_check_of(list(estimators()), expected_failures, is_long)
def test_scikit_learn_check(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", list(estimators()), ids=repr)
def test_the_tags_leave_the_suite_on(estimator):
    assert len(list(estimator_checks_generator(estimator))) > 40


def test_every_estimator_is_covered():
    names = {type(estimator).__name__ for estimator in estimators()}
    assert {"MFCCTransformer", "FrameSummary", "WaveformTransformer", "GRUClassifier"} | set(BUILT) <= names


def expected_failures_of_the_defaults(estimator):
    rounded = sklaudio.CRNNClassifier, sklaudio.NetRegressor
    rounding = {"check_methods_subset_invariance": ROUNDING} if isinstance(estimator, rounded) else {}
    return expected_failures(estimator) | rounding


# One of each kind of layers, as wide as they are by default: those with smaller ones, above, are all that there are.
BRIEFLY = {"lr": 0.01, "max_epochs": 8}
DEFAULTS = [
    sklaudio.DenseClassifier(),
    sklaudio.LSTMClassifier(**BRIEFLY),
    sklaudio.CNNClassifier(**BRIEFLY),
    sklaudio.CRNNClassifier(**BRIEFLY),
    sklaudio.ParallelCNNLSTMClassifier(**BRIEFLY),
    sklaudio.LSTMRegressor(**BRIEFLY),
    sklaudio.EncoderClassifier(**ON_PRODUCTS, trainable="all"),
    sklaudio.CQTTransformer(),
]
if sklaudio.encoders.card("google-speech")["installed"]:
    DEFAULTS.append(sklaudio.EncoderTransformer())


@pytest.mark.slow
@each_check_of(DEFAULTS, expected_failures_of_the_defaults)
def test_scikit_learn_check_of_the_defaults(estimator, check):
    check(estimator)


@pytest.mark.slow
def test_a_row_alone_is_the_row_among_others(rng):
    """What `check_methods_subset_invariance` asks, as closely as single precision allows."""
    X, y = 3 * rng.random((20, 3)), np.arange(20) % 2
    net = sklaudio.CRNNClassifier(random_state=1).fit(X, y)
    for method in (net.transform, net.predict_proba):
        alone = np.concatenate([method(row[np.newaxis]) for row in X])
        np.testing.assert_allclose(method(X), alone, rtol=1e-4, atol=2e-6)
