"""compare of events in time: F1 of the events and segments of a fold, tables of annotations, groups, budget, files."""

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.base import BaseEstimator

from sklaudio import Clip, compare, load, make_detector, save
from sklaudio.comparison import candidates, corrected_t_test
from sklaudio.comparison._events import are_events
from sklaudio.datasets import make_soundscapes
from sklaudio.metrics import event_scores, segment_scores

SR = 8000


class Repeats(BaseEstimator):
    """Predicts for any clip the events of one of those trained on."""

    _predicts_events = True

    def __init__(self, which=0):
        self.which = which

    def fit(self, X, y):
        self.table_ = y[self.which]
        return self

    def predict(self, X):
        return [self.table_ for _ in X]


class Never(Repeats):
    """Predicts no event."""

    def predict(self, X):
        return [[] for _ in X]


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Eight files of four groups, and their events."""
    folder = tmp_path_factory.mktemp("scenes")
    found = make_soundscapes(8, n_labels=2, duration=2, sr=SR, snr=15, n_events=(1, 2), random_state=0)
    files = [str(folder / f"{k}.wav") for k in range(8)]
    for file, samples in zip(files, found.data, strict=True):
        soundfile.write(file, samples, SR)
    return files, found.events, np.arange(8) // 2


def gru(**parameters):
    settings = {"hidden_size": 4, "num_layers": 1, "max_epochs": 1, "lr": 0.05, "random_state": 0}
    return make_detector("gru", sr=SR, **settings | parameters)


def by_hand(model, X, y, folds):
    """Predicted events of the clips of each fold, by models fitted on the others."""
    for train, test in folds:
        fitted = model.fit([X[k] for k in train], [y[k] for k in train])
        yield [y[k] for k in test], list(fitted.predict([X[k] for k in test]))


def micro(scores):
    return np.nan_to_num(scores.loc["(micro)", "f1"])


def test_scores_are_those_of_a_cross_validation_by_hand(scenes):
    X, y, groups = scenes
    y = [*y[:7], [(0.0, 2.0, "beep"), (0.2, 1.9, "hiss")]]
    models = {"never": Never(), "first": Repeats(), "last": Repeats(-1), "gru": gru(threshold=0.4)}
    found = compare(X, y, groups=groups, models=models, cv=2, random_state=0)
    assert found.table_.columns.tolist()[:5] == ["event_f1", "low", "high", "p_value", "segment_f1"]
    for name, model in models.items():
        parts = list(by_hand(model, X, y, found.folds_))
        f1s = [micro(event_scores(*part)) for part in parts]
        assert found.scores_.loc[name].tolist() == pytest.approx(f1s, abs=1e-6)
        y_true, y_pred = ([table for part in parts for table in part[side]] for side in (0, 1))
        row = found.table_.loc[name]
        assert row["event_f1"] == pytest.approx(np.mean(f1s), abs=1e-6)
        assert row["segment_f1"] == pytest.approx(micro(segment_scores(y_true, y_pred)), abs=1e-6)
    assert found.scores_.loc["never"].tolist() == [0, 0]
    against = found.scores_.loc["never"] - found.scores_.loc[found.best_]
    assert found.table_.loc["never", "p_value"] == pytest.approx(corrected_t_test(against, 4, 4)[0])
    assert found.best_ == found.table_.index[0] != "never"


def test_groups_are_whole_and_every_training_has_each_label(scenes):
    X, _, groups = scenes
    y = [[(0.5, 1.0, "rare" if k in (0, 1, 6) else "often")] for k in range(8)]
    found = compare(X, y, groups=groups, models={"first": Repeats()}, cv=2, random_state=0)
    for train, test in found.folds_:
        assert not set(groups[train]) & set(groups[test])
        assert {y[k][0][2] for k in train} == {"rare", "often"}


def test_a_table_of_annotations_is_taken_apart(scenes):
    X, y, groups = scenes
    models = {"first": Repeats(), "gru": gru()}
    frame = pd.concat([table.assign(path=file) for file, table in zip(X, y, strict=True)], ignore_index=True)
    found = compare(X, frame, groups=groups, models=models, cv=2, random_state=0)
    expected = compare(X, y, groups=groups, models=models, cv=2, random_state=0)
    pd.testing.assert_frame_equal(found.scores_, expected.scores_)
    halves = [Clip(file, start, start + 1) for file in X for start in (0, 1)]
    found = compare(halves, frame, groups=np.repeat(groups, 2), models=models, cv=2, random_state=0)
    assert found.table_["error"].isna().all()
    with pytest.raises(TypeError, match="clips holds ndarray, and a table of annotations is of files"):
        compare([np.zeros(SR, dtype=np.float32)] * 2, frame, models=models)


def test_the_best_is_fitted_on_all_clips_saved_and_loaded(scenes, tmp_path):
    X, y, groups = scenes
    found = compare(X, y, groups=groups, models={"gru": gru(max_epochs=3)}, cv=2, random_state=0)
    expected = gru(max_epochs=3).fit(X, y).predict_proba(X)
    save(found.best_estimator_, tmp_path / "best.skops")
    np.testing.assert_allclose(load(tmp_path / "best.skops").predict_proba(X), expected, atol=1e-5)
    assert found.table_.loc["gru", "bytes"] == pytest.approx((tmp_path / "best.skops").stat().st_size, rel=0.02)
    assert "segment_f1" in repr(found)


def test_what_fails_and_what_takes_too_long_are_rows(scenes):
    X, y, _ = scenes
    models = {"first": Repeats(), "fails": Repeats(99), "gru": gru(max_epochs=10**9)}
    found = compare(X, y, models=models, cv=2, budget=100, random_state=0)
    assert found.table_["error"].to_dict() == {
        "first": None,
        "fails": "IndexError: list index out of range",
        "gru": found.table_.loc["gru", "error"],
    }
    assert found.table_.loc["gru", "error"].startswith("not fitted: it needs about ")


def test_another_score(scenes):
    X, y, groups = scenes
    models = {"never": Never(), "gru": gru(max_epochs=2, threshold=0.3)}
    found = compare(X, y, groups=groups, models=models, cv=2, scoring="segment_f1", random_state=0)
    assert found.table_.columns.tolist()[:5] == ["segment_f1", "low", "high", "p_value", "event_f1"]
    own = compare(X, y, groups=groups, models={"gru": models["gru"]}, cv=2, scoring=segments, random_state=0)
    assert own.scores_.loc["gru"].tolist() == pytest.approx(found.scores_.loc["gru"].tolist())
    assert (own.table_.columns[0], found.best_) == ("segments", "gru")


def segments(model, X, y):
    return model.score(X, y)


def test_equal_scores_are_decided_by_segments(scenes):
    X, _, _ = scenes
    y = [[(0.1 * k, 0.1 * k + 0.5, "dog")] for k in (1, 4, 7, 10)] * 2  # none is near another
    late = [[(start + 5, end + 5, label)] for [(start, end, label)] in y]
    folds = [([0, 1], [2, 3]), ([4, 5], [6, 7])]
    found = compare(X, y, models={"late": Says(late[0]), "near": Says(y[0])}, cv=folds)
    assert found.table_["event_f1"].tolist() == [0, 0]
    assert (found.best_, found.table_.loc["near", "segment_f1"] > 0) == ("near", True)


class Says(Repeats):
    """Predicts the events that it is given."""

    def fit(self, X, y):
        self.table_ = self.which
        return self


def test_names_stand_for_detectors():
    names = ["rnn", "lstm", "blstm", "cnn", "crnn"]
    models = candidates(task="events", sr=SR, random_state=3)
    assert list(models) == names
    for name in names:
        assert repr(models[name]) == repr(make_detector(name, sr=SR, random_state=3))
    with pytest.raises(ValueError, match=r"no 'dense', 'digits', 'google-speech\+gru'\. Take some of blstm"):
        candidates(["dense", "digits", "google-speech+gru"], task="events")


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array([[0, 1, 2], [3, 4, 5]]), False),
        ([["a", "b"], ["c"]], False),
        ([[1, 0, 1], [0, 1, 0]], False),
        ([[], []], False),
        (["abc", "def"], False),
        (pd.DataFrame({"start": [1.0], "valence": [2.0]}), False),
        ([pd.DataFrame(), [(0, 1, "a")]], True),
    ],
)
def test_events_are_told_from_other_values(y, expected):
    assert are_events(y) is expected


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"y": [[]] * 8, "task": "events"}, "y holds no event"),
        ({"y": [[(0.1, 0.2, "dog")]] * 7}, "y has 7, and X 8"),
        ({"y": [[(0.1, 0.2, "dog")]] + [[]] * 7}, "a fold tests clips without any event"),
        ({"cv": 5}, "cv=5: .*Take fewer folds, or clips of more groups"),
        ({"scoring": "accuracy"}, "scoring='accuracy' is no score of events. Take 'event_f1', 'segment_f1'"),
        ({"y": [[(0.2, 0.1, "dog")]] * 8}, r"y\[0\]: .*"),
    ],
)
def test_errors_name_the_parameter(scenes, wrong, message):
    X, y, groups = scenes
    with pytest.raises(ValueError, match=message):
        compare(X, **{"y": y, "groups": groups, "models": {"first": Repeats()}, "cv": 2, **wrong})
