"""EventDetector: tones at known times in noise are found; blocks, folds, tables, searches and files."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.utils import estimator_checks

from sklaudio import (
    CNNClassifier,
    CRNNClassifier,
    DenseClassifier,
    EventDetector,
    FrameScaler,
    FrameSummary,
    LSTMClassifier,
    MelSpectrogramTransformer,
    SegmentVotingClassifier,
    load,
    save,
)
from sklaudio.metrics import event_scores

SR, HOP = 4000, 64
PITCH = {"low": 400, "high": 1300}
MEL = MelSpectrogramTransformer(n_mels=16, sr=SR, n_fft=256, hop_length=HOP)
STEP = HOP / SR  # seconds


def soundscapes(n_clips, seed=0, seconds=(1.5, 2.0), level=0.02):
    """Noise with a tone of each pitch somewhere, which may overlap; and where."""
    rng = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(n_clips):
        clip = level * rng.normal(size=int(SR * rng.uniform(*seconds)))
        rows = []
        for label, pitch in PITCH.items():
            n_samples = int(SR * rng.uniform(0.3, 0.6))
            start = rng.integers(200, len(clip) - n_samples - 200)
            clip[start : start + n_samples] += 0.3 * np.sin(2 * np.pi * pitch * np.arange(n_samples) / SR)
            rows.append((start / SR, (start + n_samples) / SR, label))
        X.append(clip.astype(np.float32))
        y.append(pd.DataFrame(rows, columns=["start", "end", "label"]))
    return X, y


def cnn(**parameters):
    return CNNClassifier((4, 8), head=(), lr=0.02, batch_size=8, random_state=0, **parameters)


def detector(net=None, **parameters):
    return EventDetector(net or cnn(max_epochs=8), **{"hop": STEP, "median_length": 5} | parameters)


@pytest.fixture(scope="module")
def data():
    X, y = soundscapes(24)
    return MEL.fit_transform(X), y


@pytest.fixture(scope="module")
def fitted(data):
    return detector().fit(*data)


NETS = {  # with the frames of a step
    "cnn": (cnn(max_epochs=10), 4),
    "lstm": (LSTMClassifier(12, 1, lr=0.02, batch_size=4, max_epochs=12, random_state=0), 1),
    "crnn": (CRNNClassifier((4, 8, 8), 8, lr=0.01, batch_size=4, max_epochs=16, random_state=0), 8),
}


@pytest.mark.parametrize("net", NETS)
def test_tones_are_found_where_they_are(data, net):
    net, stride = NETS[net]
    model = detector(make_pipeline(FrameScaler(), net)).fit(*data)
    X, y = soundscapes(8, seed=1)
    found = model.predict(MEL.transform(X))
    collar = (0.5 * stride + 2) * STEP  # half a step, and half a window
    scores = event_scores(y, found, collar=collar, offset_ratio=0.0)
    assert scores.loc["(micro)", "f1"] > 0.9
    assert model.score(MEL.transform(X), y) > 0.9


def test_labels_overlap_and_silence_has_none(fitted):
    times = np.arange(2 * SR) / SR
    clip = 0.02 * np.random.default_rng(2).normal(size=len(times))
    clip[2000:5000] += 0.3 * np.sin(2 * np.pi * 400 * times[2000:5000])
    clip[3200:6000] += 0.3 * np.sin(2 * np.pi * 1300 * times[3200:6000])
    both, none = fitted.predict(MEL.transform([clip, 0.02 * clip[:2000]]))
    assert both["label"].tolist() == ["low", "high"]
    np.testing.assert_allclose(both[["start", "end"]], [[0.5, 1.25], [0.8, 1.5]], atol=3 * STEP)
    assert both["probability"].between(0.5, 1).all()
    assert none.columns.tolist() == ["start", "end", "label", "probability"]
    assert len(none) == 0


def test_curves_are_of_each_frame(fitted, data):
    curves = fitted.predict_proba(data[0])
    assert fitted.classes_.tolist() == ["high", "low"]
    assert [clip.shape for clip in curves] == [(len(clip), 2) for clip in data[0]]
    pd.testing.assert_frame_equal(fitted.events_of(curves[3]), fitted.predict(data[0])[3])
    start, end = data[1][0].query("label == 'low'")[["start", "end"]].to_numpy()[0]
    center = np.average(np.arange(len(curves[0])), weights=curves[0][:, 1])
    assert center == pytest.approx(0.5 * (start + end) / STEP, abs=9)


def test_a_long_clip_in_blocks_has_the_curves_of_the_whole(fitted):
    X, _ = soundscapes(1, seed=3, seconds=(60, 60.1))
    frames = MEL.transform(X)
    assert frames.shape[1] > 3 * 1024
    in_blocks = fitted.predict_proba(frames)[0]
    np.testing.assert_allclose(in_blocks, fitted.estimator_.predict_proba(frames)[0], atol=1e-5)


def test_clips_without_frames_or_events_are_allowed(data):
    X, y = list(data[0][:8]), list(data[1][:8])
    X[2], y[3] = np.zeros((0, 16), dtype=np.float32), {"start": [], "end": [], "label": []}
    model = detector(cnn(max_epochs=1)).fit(X, y)
    assert model.predict_proba(X)[2].shape == (0, 2)
    assert 0 <= model.score(X, y) <= 1
    assert model.predict(X)[2].empty


def test_long_clips_are_cut_to_train_on(data):
    model = detector(cnn(max_epochs=1), segment_length=40).fit(*data)
    assert model.estimator_.n_frames_ <= 40
    assert detector(cnn(max_epochs=1)).fit(*data).estimator_.n_frames_ > 90


def test_what_decides_is_given_by_label(data):
    model = detector(cnn(max_epochs=1), threshold={"low": 0.3}, min_duration={"high": 0.2}, median_length=3).fit(*data)
    assert model.threshold_.tolist() == [0.5, 0.3]
    assert model.min_duration_.tolist() == [0.2, 0.1]
    assert model.median_length_.tolist() == [3, 3]


def test_the_best_is_learned_on_folds_that_keep_groups(data):
    groups = np.arange(len(data[0])) // 3
    seen = []

    class Noting(CNNClassifier):
        def fit(self, X, y, *, groups=None):
            seen.append(set(groups))
            return super().fit(X, y, groups=groups)

    net = Noting((4, 8), head=(), lr=0.02, batch_size=8, max_epochs=4, random_state=0)
    model = detector(net, threshold="best", cv=2).fit(*data, groups=groups)
    assert len(seen) == 3
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] == seen[2] == set(groups)
    assert ((model.threshold_ > 0) & (model.threshold_ < 1)).all()
    assert model.median_length_.tolist() == [5, 5]
    again = detector(net, threshold="best", cv=2).fit(*data, groups=groups)
    np.testing.assert_array_equal(again.threshold_, model.threshold_)


def test_weights_and_groups_come_to_the_net(data):
    X, y = data
    weight = np.zeros(len(X))
    weight[:6] = 1
    some = detector(cnn(max_epochs=2)).fit(X[:6], y[:6])
    weighted = detector(cnn(max_epochs=2)).fit(X, y, sample_weight=weight)
    np.testing.assert_allclose(weighted.estimator_.class_count_, some.estimator_.class_count_)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        detector().fit(X, y, groups=[0, 1])


def test_clone_pickle_and_file(fitted, data, tmp_path):
    expected = fitted.predict(data[0][:3])
    save(fitted, tmp_path / "events.skl")
    for copy in (pickle.loads(pickle.dumps(fitted)), load(tmp_path / "events.skl")):
        for found, events in zip(copy.predict(data[0][:3]), expected, strict=True):
            pd.testing.assert_frame_equal(found, events)
    copy = clone(fitted)
    assert copy.get_params()["estimator__channels"] == (4, 8)
    assert not hasattr(copy, "classes_")


def test_a_file_whose_parts_contradict_each_other_is_not_written(fitted, tmp_path):
    copy = pickle.loads(pickle.dumps(fitted))
    copy.threshold_ = np.array([0.5])
    with pytest.raises(ValueError, match="threshold_ are not of its 2 labels"):
        save(copy, tmp_path / "events.skl")
    copy.threshold_, copy.median_length_ = np.array([0.5, 0.5]), np.array([3, 4])
    with pytest.raises(ValueError, match="median_length_ are no odd numbers"):
        save(copy, tmp_path / "events.skl")


def test_a_search_over_a_pipeline_of_clips():
    X, y = soundscapes(9)
    model = make_pipeline(MEL, detector(cnn(max_epochs=2)))
    search = GridSearchCV(model, {"eventdetector__threshold": [0.4, 1.0]}, cv=GroupKFold(3))
    search.fit(X, y, groups=np.arange(9) % 3)
    assert search.best_params_ == {"eventdetector__threshold": 0.4}
    assert search.cv_results_["mean_test_score"][1] == 0
    assert len(search.predict(X)) == 9
    assert cross_val_score(model, X, y, cv=2).shape == (2,)


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable,
        estimator_checks.check_estimator_tags_renamed,
        estimator_checks.check_valid_tag_types,
        estimator_checks.check_estimator_repr,
        estimator_checks.check_no_attributes_set_in_init,
        estimator_checks.check_get_params_invariance,
        estimator_checks.check_set_params,
        estimator_checks.check_estimators_unfitted,
        estimator_checks.check_mixin_order,
    ],
)
def test_scikit_learn_check(check):
    check("EventDetector", EventDetector(cnn()))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda y: y[:-1], ValueError, "y holds 23 tables of events, and there are 24 clips"),
        (lambda y: y[0], TypeError, r"y is one DataFrame.*events_by_clip"),
        (lambda y: [[]] * len(y), ValueError, "y holds no events in clips with frames"),
        (lambda y: [*y[:2], [(0.1, np.nan, "low")], *y[3:]], ValueError, r"y\[2\].*end"),
        (
            lambda y: [*y[:2], [(0.1, 3.9, "low")], *y[3:]],
            ValueError,
            r"y\[2\]: row 0 \('low' from 0.1 to 3.9 s\)",
        ),
        (lambda y: [*y[:2], [(0.1, 0.3, 7)], *y[3:]], ValueError, "y: the events hold both text and numbers as labels"),
        (lambda y: None, ValueError, "requires y to be passed"),
    ],
)
def test_bad_tables(data, change, error, message):
    with pytest.raises(error, match=message):
        detector().fit(data[0], change(data[1]))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"threshold": 1.5}, r"threshold=1.5 must be in \[0, 1\]"),
        ({"threshold": "good"}, r"threshold='good' must be in \[0, 1\], a dict of such by label, or 'best'"),
        ({"median_length": 4}, "median_length=4 must be an odd number of frames"),
        ({"min_duration": {"low": -1}}, "min_duration=.* must be a number of seconds"),
        ({"threshold": {"siren": 0.5}}, r"threshold names 'siren', which is none of the labels \['high', 'low'\] of y"),
        ({"hop": 0}, "hop"),
        ({"net": DenseClassifier((4,))}, "DenseClassifier predicts whole clips alone"),
    ],
)
def test_bad_parameters(data, parameters, message):
    model = detector(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(*data)
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize(
    "estimator",
    [make_pipeline(FrameSummary(), LogisticRegression()), SegmentVotingClassifier(cnn())],
)
def test_what_predicts_whole_clips_is_refused(data, estimator):
    with pytest.raises(ValueError, match=r"estimator ends in .*, which cannot be fitted with labels of every frame"):
        detector(estimator).fit(*data)


def test_a_warm_start_goes_on(data):
    model = detector(cnn(max_epochs=1, warm_start=True))
    model.fit(*data).fit(*data)
    assert len(model.estimator_.history_) == 2


def test_a_label_that_training_has_not_seen_is_missed(fitted, data):
    X, y = data
    unseen = [pd.concat([table, table.assign(label="siren")], ignore_index=True) for table in y]
    assert fitted.score(X, unseen) < 0.8 < fitted.score(X, y)


def test_events_where_there_are_none_score_0(fitted, data):
    X, y = data
    assert fitted.score(X, [table.iloc[:0] for table in y]) == 0
