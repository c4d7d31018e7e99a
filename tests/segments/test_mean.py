"""SegmentMeanRegressor: every segment has its clip's numbers, and a clip's prediction is the mean over its segments."""

import pickle

import numpy as np
import pytest
import sklearn
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.model_selection import GridSearchCV, GroupKFold, KFold, LeaveOneGroupOut
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVR
from skorch.callbacks import Callback

import sklaudio
from sklaudio import FrameScaler, FrameSummary, LSTMRegressor, SegmentMeanRegressor
from sklaudio.segments import cut_segments
from sklaudio.segments._voting import without_idle_vote


class Spy(RegressorMixin, BaseEstimator):
    """Keeps what it was fitted with, and predicts the first frame of the first dim, for each of the targets."""

    def fit(self, X, y, sample_weight=None, groups=None):
        self.seen_ = X, y, sample_weight, groups
        return self

    def predict(self, X):
        first = np.array([segment[0, 0] for segment in X])
        return np.reshape(first, (-1, *[1] * (self.seen_[1].ndim - 1))) * np.ones(self.seen_[1].shape[1:])


class Overflowing(Spy):
    """Predicts ten times the largest number of a segment, in single precision."""

    def predict(self, X):
        with np.errstate(over="ignore"):
            return np.float32(10) * X.max(axis=(1, 2))


class InterruptSecond(Callback):
    """Ctrl-C after the second epoch."""

    def on_epoch_end(self, net, **kwargs):
        if len(net.history) == 2:
            raise KeyboardInterrupt


def numbered(*lengths):
    """Clips whose frames count up from 0: an object array of (n_frames, 1)."""
    clips = np.empty(len(lengths), dtype=object)
    clips[:] = [np.arange(length, dtype=np.float32)[:, np.newaxis] for length in lengths]
    return clips


def net(**parameters):
    defaults = {"hidden_size": 8, "num_layers": 1, "pooling": "mean", "lr": 0.02, "max_epochs": 20, "random_state": 0}
    return LSTMRegressor(**defaults | parameters)


@pytest.fixture
def levels(rng):
    """Forty clips of twelve frames of two dims, whose level is the number of the clip."""
    y = rng.uniform(1, 9, size=40)
    return (rng.normal(size=(40, 12, 2)) + y[:, None, None]).astype(np.float32), y


def test_segments_have_the_numbers_the_weight_and_the_group_of_their_clip():
    mean = SegmentMeanRegressor(Spy(), segment_length=4)
    X, y, weight, groups = mean.fit(numbered(8, 8, 8), [1, 2, 3], sample_weight=[1, 2, 3]).estimator_.seen_
    assert X[:, 0, 0].tolist() == [0, 4, 0, 4, 0, 4]
    assert y.tolist() == [1, 1, 2, 2, 3, 3]
    assert weight.tolist() == [1, 1, 2, 2, 3, 3]
    assert groups.tolist() == [0, 0, 1, 1, 2, 2]
    inside = SegmentMeanRegressor(make_pipeline(FrameScaler(), make_pipeline(FrameScaler(), Spy())), segment_length=4)
    seen = inside.fit(numbered(8, 8, 8), [1, 2, 3], groups=[7, 7, 9]).estimator_[-1][-1].seen_
    assert seen[2] is None  # all clips have equally many segments
    assert seen[3].tolist() == [7, 7, 7, 7, 9, 9]


@pytest.mark.parametrize("y", [[1.0, 3.0], [[1.0, 10.0], [3.0, 30.0]]])
def test_a_prediction_is_the_mean_over_segments(y):
    mean = SegmentMeanRegressor(Spy(), segment_length=4).fit(numbered(12, 4), y)
    predicted = mean.predict(numbered(12, 4))
    assert predicted.shape == np.shape(y)
    assert predicted[0].tolist() == np.full(np.shape(y)[1:], 4.0).tolist()  # the mean of 0, 4 and 8
    assert predicted[1].tolist() == np.zeros(np.shape(y)[1:]).tolist()
    numbers, clip = mean.predict_segments(numbered(12, 4))
    assert numbers.reshape(4, -1)[:, 0].tolist() == [0, 4, 8, 0]
    assert clip.tolist() == [0, 0, 0, 1]


def test_a_clip_weighs_the_same_however_many_segments_it_has():
    mean = SegmentMeanRegressor(Spy(), segment_length=4).fit(numbered(12, 4), [1.0, 3.0])
    weight = mean.estimator_.seen_[2]
    np.testing.assert_allclose(weight, [2 / 3, 2 / 3, 2 / 3, 2])  # as many as the segments, half of it for each clip
    assert mean.target_mean_ == 2.0
    mean.fit(numbered(12, 4), [1.0, 3.0], sample_weight=[3, 1])
    weight = mean.estimator_.seen_[2]
    assert weight[:3].sum() / weight[3] == pytest.approx(3)
    assert mean.target_mean_ == 1.5
    level = SegmentMeanRegressor(make_pipeline(FrameSummary(), Ridge(1e6)), segment_length=4)  # predicts the mean
    assert level.fit(numbered(12, 4), [1.0, 3.0]).predict(numbered(4)) == pytest.approx(2.0, abs=0.01)


def test_an_estimator_without_weights_is_fitted_without_unless_they_are_given():
    knn = SegmentMeanRegressor(make_pipeline(FrameSummary(), KNeighborsRegressor(1)), segment_length=4)
    assert knn.fit(numbered(12, 4), [1.0, 3.0]).predict(numbered(4)).shape == (1,)
    with pytest.raises(ValueError, match="does not take it"):
        knn.fit(numbered(12, 4), [1.0, 3.0], sample_weight=[1, 1])
    with sklearn.config_context(enable_metadata_routing=True):
        routed = Pipeline([("summary", FrameSummary()), ("ridge", Ridge().set_fit_request(sample_weight=False))])
        SegmentMeanRegressor(routed, segment_length=4).fit(numbered(12, 4), [1.0, 3.0])


@pytest.mark.parametrize("cv", [None, 3])
def test_folds_of_a_search_or_a_ridge_are_folds_by_recording(cv, levels):
    X, y = levels
    groups = np.repeat(np.arange(20), 2)
    for inner in (GridSearchCV(SVR(), {"C": [1]}, cv=cv), RidgeCV([0.1, 1], cv=cv)):
        mean = SegmentMeanRegressor(make_pipeline(FrameSummary(), inner), segment_length=4).fit(X, y, groups=groups)
        splits = mean.estimator_[-1].cv
        assert len(splits) == (cv or 5)
        for train, test in splits:
            assert not set(groups.repeat(3)[train]) & set(groups.repeat(3)[test])
    by_group = GridSearchCV(Spy(), {}, cv=LeaveOneGroupOut())
    assert len(SegmentMeanRegressor(by_group, segment_length=4).fit(X, y).estimator_.cv) == 40
    SegmentMeanRegressor(GridSearchCV(Spy(), {}, cv=GroupKFold(2)), segment_length=4).fit(X, y)


def test_splits_that_divide_a_recording_are_refused(levels):
    X, y = levels
    divided = GridSearchCV(make_pipeline(FrameSummary(), SVR()), {"svr__C": [1]}, cv=KFold(3))
    with pytest.raises(ValueError, match="both sides of a split"):
        SegmentMeanRegressor(divided, segment_length=4).fit(X, y)
    few = make_pipeline(FrameSummary(), RidgeCV(cv=3))
    with pytest.raises(ValueError, match=r"cv=3 of RidgeCV: 3 folds of 2 groups"):
        SegmentMeanRegressor(few, segment_length=4).fit(X, y, groups=np.arange(40) % 2)


SPLITS = []


class NoteSplit(Callback):
    """Notes the values of the second dim of what a net trains on, and of what it is validated on."""

    def on_train_begin(self, net, X=None, **kwargs):
        _, validation = net.get_split_datasets(X)
        SPLITS.append([set(dataset.frames[:, :, 1].ravel().tolist()) for dataset in (X, validation)])


def test_early_stopping_inside_never_divides_a_recording(levels):
    X, y = levels
    X[:, :, 1] = np.arange(40)[:, np.newaxis]  # the recording, in each of its segments
    SPLITS.clear()
    stopping = net(max_epochs=2, early_stopping=True, callbacks=[NoteSplit()], standardize=False)
    SegmentMeanRegressor(stopping, segment_length=4).fit(X, y)
    ((kept, held_out),) = SPLITS
    assert not kept & held_out
    assert len(kept) + len(held_out) == 40


def test_a_net_learns_two_targets_of_clips_of_unequal_length(levels):
    X, y = levels
    clips = np.empty(40, dtype=object)
    clips[:] = [clip[: 6 + index % 7] for index, clip in enumerate(X)]
    both = np.column_stack([y, -y])
    mean = SegmentMeanRegressor(net(), segment_length=5, hop_length="auto").fit(clips, both)
    assert mean.score(clips, both) > 0.8
    assert mean.transform(clips).shape == (40, 8)
    embedded, clip = mean.estimator_.transform(cut_segments(clips, 5, 2)[0]), cut_segments(clips, 5, 2)[1]
    np.testing.assert_allclose(mean.transform(clips)[3], embedded[clip == 3].mean(axis=0), rtol=1e-5)
    copied = pickle.loads(pickle.dumps(mean))
    np.testing.assert_array_equal(copied.predict(clips), mean.predict(clips))


def test_it_is_saved_and_loaded(levels, tmp_path):
    X, y = levels
    for inner in (net(max_epochs=1), make_pipeline(FrameSummary(), Ridge())):
        mean = SegmentMeanRegressor(inner, segment_length="auto", auto_length=5).fit(X, y)
        sklaudio.save(mean, tmp_path / "mean.skops")
        loaded = sklaudio.load(tmp_path / "mean.skops")
        np.testing.assert_array_equal(loaded.predict(X), mean.predict(X))
        assert loaded.segment_length_ == 5
    mean.target_mean_ = np.array(np.nan)
    with pytest.raises(ValueError, match="target_mean_ is no mean"):
        sklaudio.save(mean, tmp_path / "mean.skops")


@pytest.mark.parametrize(("auto_length", "learned"), [(6, None), (5, 5)])
def test_auto_cuts_where_the_median_clip_is_long(auto_length, learned, levels):
    mean = SegmentMeanRegressor(Spy(), segment_length="auto", hop_length="auto", auto_length=auto_length).fit(*levels)
    assert mean.segment_length_ == learned
    assert np.bincount(mean.predict_segments(levels[0])[1]).tolist() == [1 if learned is None else 4] * 40


@pytest.mark.parametrize("segment_length", ["auto", None])
def test_clips_that_are_left_whole_are_the_nets_alone(segment_length, levels):
    X, y = levels
    model = Pipeline([("mean", SegmentMeanRegressor(net(max_epochs=2), segment_length=segment_length))]).fit(X, y)
    np.testing.assert_array_equal(model.predict(X), net(max_epochs=2).fit(X, y).predict(X))
    without = without_idle_vote(model)
    assert type(without["net"]) is LSTMRegressor
    np.testing.assert_array_equal(without.predict(X), model.predict(X))


def test_a_clip_without_frames_gets_the_mean_of_training():
    X = numbered(8, 8, 0)
    mean = SegmentMeanRegressor(Spy(), segment_length=4).fit(X, [1.0, 2.0, 6.0], sample_weight=[1, 1, 2])
    assert mean.predict(X)[2] == mean.target_mean_ == 3.75
    assert mean.predict(numbered(0)).tolist() == [3.75]


def test_training_goes_on(levels):
    X, y = levels
    mean = SegmentMeanRegressor(net(), segment_length=4)
    for _ in range(25):
        mean.partial_fit(X[:20], y[:20])
    mean.partial_fit(X[20:], y[20:], sample_weight=np.full(20, 2))
    assert mean.score(X, y) > 0.8
    assert mean.target_weight_ == 540
    assert mean.target_mean_ == pytest.approx((500 * y[:20].mean() + 40 * y[20:].mean()) / 540)
    with pytest.raises(ValueError, match=r"y is of shape \(40, 2\), and that of the first call was"):
        mean.partial_fit(X, np.column_stack([y, y]))
    assert not hasattr(SegmentMeanRegressor(make_pipeline(FrameSummary(), Ridge())), "partial_fit")
    warm = SegmentMeanRegressor(net(max_epochs=2, warm_start=True), segment_length=4).fit(X, y).fit(X, y)
    assert len(warm.estimator_.history_) == 4


def test_a_net_is_validated_on_segments_of_other_clips(levels):
    X, y = levels
    mean = SegmentMeanRegressor(net(max_epochs=2), segment_length=4).fit(X[:30], y[:30], X_val=X[30:], y_val=y[30:])
    assert mean.estimator_.history_["valid_loss"].notna().all()
    with pytest.raises(ValueError, match="takes no X_val"):
        SegmentMeanRegressor(make_pipeline(FrameSummary(), Ridge())).fit(X, y, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="belong together"):
        mean.fit(X, y, X_val=X)


def test_an_interrupt_leaves_what_was_learned(levels):
    X, y = levels
    mean = SegmentMeanRegressor(net(callbacks=[InterruptSecond()]), segment_length=4)
    with pytest.raises(KeyboardInterrupt):
        mean.fit(X, y)
    assert len(mean.estimator_.history_) == 2
    assert mean.predict(X).shape == (40,)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"segment_length": 0}, "segment_length"),
        ({"hop_length": "half"}, "hop_length"),
        ({"auto_length": 0}, "auto_len"),
    ],
)
def test_bad_settings_are_named(wrong, message, levels):
    with pytest.raises(ValueError, match=message):
        SegmentMeanRegressor(Spy(), **wrong).fit(*levels)


def test_bad_numbers_are_named(levels):
    X, y = levels
    y[3] = np.nan
    mean = SegmentMeanRegressor(Spy(), segment_length=4)
    with pytest.raises(ValueError, match="y contains NaN"):
        mean.fit(X, y)
    with pytest.raises(ValueError, match="y has 39, and X 40"):
        mean.fit(X, np.arange(39))
    with pytest.raises(ValueError, match="at least one non-zero"):
        mean.fit(X, np.arange(40), sample_weight=np.zeros(40))
    assert not hasattr(mean, "estimator_")
    mean = SegmentMeanRegressor(Overflowing(), segment_length=4).fit(X, np.arange(40))
    X[5, 4, 0] = 1e38
    with pytest.raises(FloatingPointError, match=r"segment of X\[5\]"):
        mean.predict(X)
