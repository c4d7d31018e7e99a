"""A fixed validation part comes through the steps before the net, by our helper and by scikit-learn's routing."""

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from sklaudio import (
    Clip,
    FrameScaler,
    FrameSummary,
    FrameUnion,
    GRUClassifier,
    GRURegressor,
    MFCCTransformer,
    RMSTransformer,
    SegmentVotingClassifier,
    load,
    load_audio,
    make_classifier,
    published,
    save,
)
from sklaudio.segments import cut_segments, last_step
from sklaudio.train import fit_with_validation

from ..nets.small import small
from ..tones import PITCHES, tone, write_tone

N_TRAIN = 12


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Files of unequal length to train on and, fewer and of other lengths, to validate on, with their labels."""
    folder = tmp_path_factory.mktemp("parts")
    labels = np.array([list(PITCHES)[number % 3] for number in range(N_TRAIN + 6)])
    files = [
        write_tone(folder / f"{number}.wav", PITCHES[label] * (0.9 + 0.01 * number), 0.3 + 0.03 * number)
        for number, label in enumerate(labels)
    ]
    return files[:N_TRAIN], labels[:N_TRAIN], files[N_TRAIN:], labels[N_TRAIN:]


def net(**settings):
    return GRUClassifier(6, 1, **{"pooling": "mean", "lr": 0.02, "max_epochs": 3, "random_state": 0} | settings)


def mfcc():
    return MFCCTransformer(8, n_mels=20)


def scaled(parts):
    """Both parts as an MFCCTransformer and a FrameScaler that is fitted on the first make them."""
    files, _, files_val, _ = parts
    scaler = FrameScaler().fit(mfcc().fit_transform(files))
    return [scaler.transform(mfcc().fit_transform(paths)) for paths in (files, files_val)]


@pytest.fixture(scope="module")
def by_hand(parts):
    """The net of a training on transformed clips."""
    X, X_val = scaled(parts)
    return net().fit(X, parts[1], X_val=X_val, y_val=parts[3])


def assert_same(trained, expected):
    for column in ("train_loss", "valid_loss", "valid_acc"):
        assert trained.history_[column].tolist() == expected.history_[column].tolist()
    assert trained.history_["valid_loss"].notna().all()


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(mfcc(), FrameScaler(), net()),
        make_pipeline(mfcc(), make_pipeline(FrameScaler(), net())),
        make_pipeline(make_pipeline(mfcc(), FrameScaler()), make_pipeline(make_pipeline(net()))),
        make_pipeline(mfcc(), "passthrough", FrameScaler(), None, net()),
    ],
    ids=["flat", "nested", "more nested", "steps that do nothing"],
)
def test_a_pipeline_is_validated_as_by_hand(model, parts, by_hand):
    assert fit_with_validation(model, *parts) is model
    assert_same(last_step(model), by_hand)
    np.testing.assert_array_equal(model.predict_proba(parts[2]), by_hand.predict_proba(scaled(parts)[1]))


def test_a_net_alone_is_fitted_as_it_does_it(parts, by_hand):
    X, X_val = scaled(parts)
    assert_same(fit_with_validation(net(), X, parts[1], X_val, parts[3]), by_hand)


def test_a_pipeline_with_a_cache(parts, by_hand, tmp_path):
    for _ in range(2):
        model = make_pipeline(mfcc(), FrameScaler(), net(), memory=str(tmp_path))
        assert_same(fit_with_validation(model, *parts)[-1], by_hand)
        assert model.score(*parts[:2]) >= 0  # the steps that were fitted are those of the model


def test_clips_that_a_step_draws_are_those_to_train_on(parts):
    pipeline = pytest.importorskip("imblearn.pipeline", reason="installed by the extra `test`")
    over_sampling = pytest.importorskip("imblearn.over_sampling")
    files, y, files_val, y_val = (np.array(part) for part in parts)
    files, y, files_val = files[:-1, np.newaxis], y[:-1], files_val[:, np.newaxis]
    sampler = over_sampling.RandomOverSampler(random_state=0)
    drawn, labels = sampler.fit_resample(files, y)
    assert len(drawn) == 12
    expected = fit_with_validation(make_pipeline(mfcc(), net()), drawn, labels, files_val, y_val)
    model = pipeline.make_pipeline(sampler, mfcc(), net())
    assert_same(fit_with_validation(model, files, y, files_val, y_val)[-1], expected[-1])


class Watched(TransformerMixin, BaseEstimator):
    """Notes how many clips it is fitted on, and how many it transforms."""

    def __init__(self, note):
        self.note = note

    def fit(self, X, y=None, weight=None):
        self.note.append(("fit", len(X), weight))
        self.fitted_ = True
        return self

    def transform(self, X):
        self.note.append(("transform", len(X)))
        return X


def test_clips_to_validate_on_are_transformed_and_never_fitted_on(parts):
    note = []
    model = make_pipeline(mfcc(), Watched(note), net(max_epochs=1))
    fit_with_validation(model, *parts, watched__weight="heavy")
    assert note == [("fit", 12, "heavy"), ("transform", 12), ("transform", 6)]


@pytest.mark.parametrize(
    "form",
    [
        np.array,
        lambda files: np.array(files)[:, np.newaxis],
        lambda files: [Clip(file) for file in files],
        lambda files: [load_audio(file, sr=22050)[0] for file in files],
    ],
    ids=["array", "column", "Clip", "waveforms"],
)
def test_clips_of_any_form(form, parts, by_hand):
    files, y, files_val, y_val = parts
    model = make_pipeline(mfcc(), FrameScaler(), net())
    assert_same(fit_with_validation(model, files, y, form(files_val), y_val)[-1], by_hand)
    assert_same(fit_with_validation(model, form(files), y, files_val, y_val)[-1], by_hand)


def test_features_side_by_side(parts):
    union = FrameUnion([("mfcc", mfcc()), ("rms", RMSTransformer())])
    X, X_val = (union.fit_transform(files) for files in (parts[0], parts[2]))
    expected = net().fit(X, parts[1], X_val=X_val, y_val=parts[3])
    assert_same(fit_with_validation(make_pipeline(union, net()), *parts)[-1], expected)


def test_weights_and_groups_come_to_the_last_step_by_their_own_names(parts):
    X, X_val = scaled(parts)
    weight = np.arange(12) + 1.0
    expected = net().fit(X, parts[1], X_val=X_val, y_val=parts[3], sample_weight=weight)
    for model in (
        make_pipeline(mfcc(), FrameScaler(), net()),
        make_pipeline(mfcc(), make_pipeline(FrameScaler(), net())),
    ):
        fit_with_validation(model, *parts, sample_weight=weight, groups=np.arange(12))
        assert_same(last_step(model), expected)
    qualified = make_pipeline(mfcc(), FrameScaler(), net())
    assert_same(fit_with_validation(qualified, *parts, gruclassifier__sample_weight=weight)[-1], expected)


def test_early_stopping_goes_by_these_clips(parts):
    files, y, files_val, y_val = parts
    stopping = net(early_stopping=True, n_iter_no_change=2, max_epochs=40, lr=0.05)
    wrong = np.roll(y_val, 1)
    model = fit_with_validation(make_pipeline(mfcc(), FrameScaler(), stopping), files, y, files_val, wrong)
    losses = model[-1].history_["valid_loss"]
    assert len(losses) == losses.argmin() + 3 < 40
    assert model[-1].class_count_.sum() == len(y)  # none of X was set aside


def test_segments_of_these_clips_are_cut_as_well(parts):
    X, X_val = scaled(parts)
    (segments, clip), (segments_val, clip_val) = cut_segments(X, 8, 4), cut_segments(X_val, 8, 4)
    weight = np.arange(12) + 1.0
    labels = {"y_val": parts[3][clip_val], "sample_weight": weight[clip], "groups": clip}
    expected = net().fit(segments, parts[1][clip], X_val=segments_val, **labels)

    vote = SegmentVotingClassifier(net(), segment_length=8, hop_length=4)
    model = fit_with_validation(make_pipeline(mfcc(), FrameScaler(), vote), *parts, sample_weight=weight)
    assert_same(model[-1].estimator_, expected)
    with_scaler = SegmentVotingClassifier(make_pipeline(FrameScaler(), net()), segment_length=8, hop_length=4)
    scaler = FrameScaler().fit(segments)
    expected = net().fit(
        scaler.transform(segments), parts[1][clip], X_val=scaler.transform(segments_val), y_val=parts[3][clip_val]
    )
    assert_same(with_scaler.fit(X, parts[1], X_val=X_val, y_val=parts[3]).estimator_[-1], expected)


def test_a_vote_on_clips_without_frames(parts):
    X, X_val = scaled(parts)
    X_val[2] = X_val[2][:0]
    rest = np.arange(6) != 2
    for model in (net(), SegmentVotingClassifier(net(), segment_length=8)):
        losses = [
            getattr(fitted, "estimator_", fitted).history_["valid_loss"].tolist()
            for kept in (slice(None), rest)
            for fitted in [model.fit(X, parts[1], X_val=X_val[kept], y_val=parts[3][kept])]
        ]
        assert losses[0] == losses[1]


@pytest.mark.parametrize("model", [small(), SegmentVotingClassifier(small(), segment_length=5)])
def test_errors_say_that_they_are_of_these_clips(model, frames):
    X, y = frames
    unread = np.empty(2, dtype=object)
    unread[:] = [np.zeros((0, 3))] * 2
    for X_val, words in (
        (X[:2, :, :2], "X_val: X has 2 features, but .* is expecting 3 features"),
        (X[:2] * np.nan, "X_val: Input .*contains NaN"),
        (unread, "X_val holds no frames: none of its clips could be read"),
    ):
        with pytest.raises(ValueError, match=f"^{words}"):
            model.fit(X, y, X_val=X_val, y_val=y[:2])


@pytest.mark.parametrize("segment_length", ["auto", 10])
def test_what_make_classifier_makes(segment_length, parts):
    model = make_classifier("gru", segment_length=segment_length, max_epochs=2, random_state=0)
    fit_with_validation(model, *parts)
    assert model["vote"].estimator_.history_["valid_loss"].notna().tolist() == [True, True]


def test_a_published_system(parts):
    model = published.make("genre-lstm-mfcc").set_params(net__max_epochs=1)
    assert fit_with_validation(model, *parts)["net"].history_["valid_loss"].notna().all()


def test_numbers(parts):
    files, y, files_val, y_val = parts
    pitch, pitch_val = ([[PITCHES[label], 1.0 * n] for n, label in enumerate(labels)] for labels in (y, y_val))
    regressor = GRURegressor(4, 1, max_epochs=3, lr=0.02, random_state=0)
    X, X_val = scaled(parts)
    expected = sklearn.clone(regressor).fit(X, pitch, X_val=X_val, y_val=pitch_val).history_["valid_loss"]
    model = make_pipeline(mfcc(), FrameScaler(), regressor)
    fit_with_validation(model, files, pitch, files_val, pitch_val)
    assert model[-1].history_["valid_loss"].tolist() == expected.tolist()


def test_a_warm_start_goes_on(parts):
    model = make_pipeline(mfcc(), net(warm_start=True))
    for n_epochs in (3, 6):
        assert len(fit_with_validation(model, *parts)[-1].history_) == n_epochs
    assert model[-1].history_["valid_loss"].is_monotonic_decreasing


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (make_pipeline(mfcc(), FrameSummary(), LogisticRegression()), "LogisticRegression"),
        (SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression())), "LogisticRegression"),
        (GridSearchCV(make_pipeline(mfcc(), net()), {}), "GridSearchCV"),
        (TransformedTargetRegressor(GRURegressor()), "TransformedTargetRegressor"),
        (make_pipeline(mfcc(), "passthrough"), "passthrough"),
        (FeatureUnion([("mfcc", mfcc())]), "FeatureUnion"),
    ],
)
def test_what_takes_no_x_val_is_named_before_any_work(model, name):
    with pytest.raises(ValueError, match=f"^{name} takes no X_val"):
        fit_with_validation(model, ["none.wav"], ["a"], ["no.wav"], ["a"])


def test_a_vote_around_what_takes_no_x_val(frames):
    X, y = frames
    vote = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length=5)
    with pytest.raises(ValueError, match=r"^LogisticRegression takes no X_val"):
        vote.fit(X, y, X_val=X, y_val=y)
    for incomplete in ({"X_val": X}, {"y_val": y}):
        with pytest.raises(ValueError, match="X_val and y_val belong together"):
            SegmentVotingClassifier(small(), segment_length=5).fit(X, y, **incomplete)


def test_unequal_numbers_of_clips_and_labels_are_an_error_before_any_work():
    with pytest.raises(ValueError, match="X_val holds 2 clips and y_val 1 labels"):
        fit_with_validation(make_pipeline(mfcc(), net()), ["none.wav"], ["a"], ["no.wav", "none.wav"], ["a"])


def routed(**params):
    return net().set_fit_request(X_val=True, y_val=True, **params)


def test_routing_of_scikit_learn_does_the_same(parts, by_hand, tmp_path):
    files, y, files_val, y_val = parts
    with sklearn.config_context(enable_metadata_routing=True):
        steps = [("mfcc", mfcc()), ("scaler", FrameScaler()), ("net", routed(groups=True))]
        model = Pipeline(steps, transform_input=["X_val"])
        model.fit(files, y, X_val=files_val, y_val=y_val, groups=np.arange(12))
        assert_same(model["net"], by_hand)
        assert_same(fit_with_validation(sklearn.clone(model), *parts, groups=np.arange(12))["net"], by_hand)
        save(model, tmp_path / "model.skops")
        loaded = load(tmp_path / "model.skops")
        np.testing.assert_array_equal(loaded.predict_proba(files_val), model.predict_proba(files_val))


def test_routing_into_a_vote(parts):
    files, y, files_val, y_val = parts
    whole = fit_with_validation(make_pipeline(mfcc(), SegmentVotingClassifier(net(), segment_length=8)), *parts)
    with sklearn.config_context(enable_metadata_routing=True):
        vote = SegmentVotingClassifier(net(), segment_length=8).set_fit_request(X_val=True, y_val=True, groups=True)
        model = Pipeline([("mfcc", mfcc()), ("vote", vote)], transform_input=["X_val"])
        model.fit(files, y, X_val=files_val, y_val=y_val, groups=np.arange(12))
    assert_same(model["vote"].estimator_, whole[-1].estimator_)


def test_routing_through_a_search(parts, by_hand):
    files, y, files_val, y_val = parts
    with sklearn.config_context(enable_metadata_routing=True):
        steps = [("mfcc", mfcc()), ("scaler", FrameScaler()), ("net", routed())]
        search = GridSearchCV(Pipeline(steps, transform_input=["X_val"]), {"net__lr": [0.02]}, cv=2)
        search.fit(files, y, X_val=files_val, y_val=y_val)
    assert_same(search.best_estimator_["net"], by_hand)


def test_waveforms_to_validate_on_may_be_longer(parts):
    files, y, _, y_val = parts
    model = make_pipeline(mfcc(), net())
    longer = [tone(PITCHES[label], 2.0) for label in y_val]
    assert fit_with_validation(model, files, y, longer, y_val)[-1].history_["valid_loss"].notna().all()
