"""train_on_files: what is held out, and what the last training is of."""

import numpy as np
import pytest
import soundfile
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from sklaudio import FrameSummary, MFCCTransformer, make_classifier
from sklaudio.metrics import accuracy_interval
from sklaudio.train import train_on_files

from ..tones import PITCHES, write_tone

FITTED, EXTRACTED = [], []


class Remembering(ClassifierMixin, BaseEstimator):
    """Knows what it was fitted on; guesses the first class."""

    def fit(self, X, y, groups=None):
        self.classes_ = np.unique(y)
        FITTED.append((len(y), set(groups)))
        return self

    def predict(self, X):
        return np.repeat(self.classes_[:1], len(X))


@pytest.fixture
def files(tmp_path):
    """Twelve clips of two classes in six groups, two clips each."""
    labels = ["high", "low"] * 6
    paths = [write_tone(tmp_path / f"{k}.wav", PITCHES[label], 0.1 + 0.01 * k) for k, label in enumerate(labels)]
    return paths, labels, [f"take {k // 2}" for k in range(12)]


@pytest.fixture
def remembering():
    FITTED.clear()
    return Pipeline([("features", MFCCTransformer()), ("guess", Remembering())])


def test_a_fraction_of_the_groups_is_held_out_whole(files, remembering):
    training = train_on_files(remembering, *files, validate=1 / 3)
    (n_kept, kept), (n_all, every) = FITTED
    assert (n_kept, n_all) == (8, 12)
    assert len(kept) == 4
    assert every == set(files[2])
    held_out = training.held_out
    assert (held_out.n_clips, held_out.n_groups, held_out.n_right) == (4, 2, 2)
    assert held_out.accuracies == [0.5]
    assert held_out.std is None
    assert held_out.interval == accuracy_interval(2, 4)
    assert not hasattr(remembering[-1], "classes_")  # is not changed


def test_folds_hold_each_group_out_once(files, remembering):
    training = train_on_files(remembering, *files, validate=3)
    assert [n for n, _ in FITTED] == [8, 8, 8, 12]
    away = [set(files[2]) - kept for _, kept in FITTED[:3]]
    assert set.union(*away) == set(files[2])
    assert sum(map(len, away)) == 6
    assert training.held_out.n_clips == 12
    assert training.held_out.accuracies == [0.5] * 3
    assert training.held_out.std == 0
    with pytest.warns(FutureWarning, match=r"HeldOut\.deviation is HeldOut\.std now"):
        assert training.held_out.deviation == 0


def test_folds_that_are_there_are_held_out(files, remembering, tmp_path):
    paths, labels, groups = files
    (tmp_path / "0.wav").write_text("words")
    splits = [(np.arange(4, 12), np.arange(4)), (np.arange(1, 12), np.arange(1)), (np.arange(6), np.arange(6, 12))]
    with pytest.warns(UserWarning, match=r"0\.wav"):
        training = train_on_files(remembering, paths, labels, groups, splits=splits, validate=0)
    assert [n for n, _ in FITTED] == [8, 5, 11]  # the second fold has no clip that can be read
    assert (training.held_out.n_clips, training.held_out.n_groups) == (9, 5)


def test_validation_clips_reach_each_training_and_no_score(files, tmp_path):
    paths, labels, groups = files
    (tmp_path / "11.wav").write_text("words")
    net = make_classifier("gru", hidden_size=4, num_layers=1, segment_length=None, max_epochs=1, random_state=0)
    validation = (paths[8:], labels[8:])
    with pytest.warns(UserWarning, match=r"11\.wav"):
        training = train_on_files(net, paths[:8], labels[:8], groups[:8], validate=2, validation=validation)
    assert training.unreadable == paths[11:]
    assert (training.n_clips, training.held_out.n_clips) == (8, 8)
    history = training.model[-1].history_
    X_val = list(net[0].fit(paths).transform(paths[8:11]))
    alone = clone(net[-1]).fit(
        net[0].transform(paths[:8]), labels[:8], groups=groups[:8], X_val=X_val, y_val=labels[8:11]
    )
    assert history["valid_loss"].tolist() == alone.history_["valid_loss"].tolist()
    with pytest.raises(ValueError, match="LogisticRegression takes no X_val"):
        train_on_files(make_pipeline(MFCCTransformer(), LogisticRegression()), *files, validation=validation)


def test_the_seed_decides_the_splits(files, remembering):
    for seed in (0, 0, 1, 2, 3):
        train_on_files(remembering, *files, validate=0.2, seed=seed)
    kept = [groups for _, groups in FITTED[::2]]
    assert kept[0] == kept[1]
    assert any(validated != kept[0] for validated in kept[2:])


class CountingMFCC(MFCCTransformer):
    """Notes the length of each signal that frames are made of."""

    def _frames(self, signal):
        EXTRACTED.append(len(signal.y))
        return super()._frames(signal)


def test_the_model_is_that_of_fit_and_the_frames_are_made_once(files):
    model = Pipeline([("features", CountingMFCC()), ("mean", FrameSummary()), ("net", LogisticRegression())])
    EXTRACTED.clear()
    training = train_on_files(model, *files, validate=3)
    assert [soundfile.info(path).frames for path in files[0]] == EXTRACTED
    expected = clone(model).fit(*files[:2]).predict_proba(files[0])
    np.testing.assert_array_equal(training.model.predict_proba(files[0]), expected)
    assert training.held_out.accuracy == 1


def test_unreadable_files_are_left_out_by_name(files, remembering, tmp_path):
    bad = tmp_path / "bad.wav"
    bad.write_text("words")
    paths, labels, groups = files
    with pytest.warns(UserWarning, match="bad.wav: this is not an audio file"):
        training = train_on_files(remembering, [*paths, str(bad)], [*labels, "low"], [*groups, "x"], validate=0)
    assert training.unreadable == [str(bad)]
    assert (training.n_clips, training.n_groups, training.held_out) == (12, 6, None)
    assert training.model[0].on_error == "raise"
    with (
        pytest.warns(UserWarning, match="bad.wav"),
        pytest.raises(ValueError, match="none of the 1 files can be read"),
    ):
        train_on_files(remembering, [str(bad)], ["low"], ["x"])


def test_nets_are_quiet_afterwards_and_the_cache_is_not_theirs(files, tmp_path):
    for segment_length in (None, 10):
        model = make_classifier("gru", max_epochs=1, verbose=2, segment_length=segment_length, random_state=0)
        training = train_on_files(model, *files, validate=0, memory=str(tmp_path / "cache"))
        net = training.model[-1]
        nets = [net] if segment_length is None else [net.estimator, net.estimator_]
        assert [net.verbose for net in nets] == [0] * len(nets)
        assert training.model[0].memory is None
    assert (tmp_path / "cache" / "joblib" / "sklaudio").is_dir()


def test_too_few_groups_or_classes_are_named(files, remembering):
    paths, labels, groups = files
    with pytest.raises(ValueError, match=r"validate=7 cannot hold out some of 6 groups"):
        train_on_files(remembering, *files, validate=7)
    with pytest.raises(ValueError, match=r"validate=0\.2 cannot hold out some of 1 groups"):
        train_on_files(remembering, paths, labels, ["one"] * 12, validate=0.2)
    with pytest.raises(ValueError, match=r"clips of 1 class"):
        train_on_files(remembering, paths[::2], labels[::2], groups[::2])
