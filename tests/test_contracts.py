"""The whole way: files to classes, in Pipelines, cross-validation and grid searches."""

import pickle
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from skorch.callbacks import Callback

from sklaudio import FrameScaler, FrameSummary, LSTMClassifier, MFCCTransformer, SegmentVotingClassifier, genre_features
from sklaudio.segments import cut_segments

NET = {"hidden_size": 8, "num_layers": 1, "lr": 0.02, "max_epochs": 8, "random_state": 0}


def whole(**net):
    """Features, scaler, segments and net: three levels of parameters."""
    inner = Pipeline([("scaler", FrameScaler()), ("net", LSTMClassifier(**{**NET, **net}))])
    return Pipeline([("mfcc", MFCCTransformer()), ("vote", SegmentVotingClassifier(inner, segment_length=10))])


def test_files_to_classes_as_written_in_the_contract(tone_files):
    paths, labels = tone_files
    pipeline = Pipeline([("mfcc", MFCCTransformer()), ("lstm", LSTMClassifier())])
    pipeline.fit(paths, labels)
    assert pipeline.score(paths, labels) == 1
    assert pipeline.classes_.tolist() == ["high", "low"]
    assert pipeline.predict(paths[:2]).tolist() == labels[:2]


def test_a_grid_search_extracts_each_file_once_per_setting(tone_files, tmp_path):
    paths, labels = tone_files
    net = LSTMClassifier(hidden_size=4, max_epochs=1, random_state=0)
    pipeline = Pipeline([("mfcc", MFCCTransformer(memory=tmp_path / "cache")), ("lstm", net)])
    grid = {"lstm__lr": [1e-3, 1e-2], "lstm__num_layers": [1, 2], "mfcc__n_mfcc": [5, 13]}
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2, error_score="raise").fit(paths, labels)
    assert search.best_params_.keys() == grid.keys()
    assert search.predict(paths).shape == (12,)
    assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 2 * len(paths)


def forms_of_x(paths):
    y = [np.random.default_rng(k).normal(size=3000 + 100 * (k % 3)) * (1 + 4 * (k % 2)) for k in range(12)]
    return {
        "list of str": paths,
        "list of Path": [Path(path) for path in paths],
        "array of str": np.array(paths),
        "object array of Path": np.array([Path(path) for path in paths], dtype=object),
        "Series": pd.Series(paths, index=np.arange(12) * 7),
        "list of waveforms": y,
        "2-D array": np.stack([clip[:3000] for clip in y]),
    }


def same_clips(form, paths):
    """The clips of a form, one by one, as a list of a kind that other tests look at."""
    if form == "2-D array":
        return list(forms_of_x(paths)[form])
    return forms_of_x(paths)["list of waveforms"] if form == "list of waveforms" else paths


@pytest.mark.parametrize("form", forms_of_x([""] * 12))
def test_every_form_of_x_has_the_values_of_its_clips_everywhere(form, tone_files):
    paths, labels = tone_files
    X, clips = forms_of_x(paths)[form], same_clips(form, paths)
    for found, expected in zip(MFCCTransformer().transform(X), MFCCTransformer().transform(clips), strict=True):
        np.testing.assert_array_equal(found, expected)
    pipeline = make_pipeline(MFCCTransformer(), LSTMClassifier(4, 1, max_epochs=2, random_state=0))
    expected = clone(pipeline).fit(clips, labels).predict_proba(clips)
    np.testing.assert_allclose(pipeline.fit(X, labels).predict_proba(X), expected, atol=1e-6)
    assert np.ptp(expected[:, 0]) > 0
    scores = [cross_val_score(pipeline, same, labels, cv=2, error_score="raise") for same in (X, clips)]
    np.testing.assert_array_equal(*scores)
    search = GridSearchCV(pipeline, {"mfcctransformer__n_mfcc": [5, 13]}, cv=2, error_score="raise").fit(X, labels)
    expected = search.best_estimator_.predict_proba(clips)
    np.testing.assert_allclose(search.predict_proba(X), expected, atol=1e-6)


def test_parameters_reach_three_levels_deep():
    model = whole()
    model.set_params(vote__estimator__net__lr=0.5, vote__segment_length=7, mfcc__n_mfcc=4)
    parameters = clone(model).get_params()
    assert parameters["vote__estimator__net__lr"] == 0.5
    assert parameters["vote__segment_length"] == 7
    assert parameters["mfcc__n_mfcc"] == 4


@pytest.mark.parametrize("fitted", [False, True])
def test_the_whole_is_pickled(fitted, tone_files):
    paths, labels = tone_files
    model = whole()
    if not fitted:
        assert pickle.loads(pickle.dumps(model)).get_params().keys() == model.get_params().keys()
        return
    model.fit(paths, labels)
    copy = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copy.predict_proba(paths), model.predict_proba(paths))


def test_the_whole_refits_to_the_same_bits(tone_files):
    paths, labels = tone_files
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = whole(early_stopping=True, dropout=0.3).fit(paths, labels).predict_proba(paths)
    again = whole(early_stopping=True, dropout=0.3).fit(paths, labels).predict_proba(paths)
    other = whole(early_stopping=True, dropout=0.3, random_state=1).fit(paths, labels).predict_proba(paths)
    np.testing.assert_array_equal(again, first)
    assert not np.array_equal(other, first)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])


def test_processes_and_cache_change_nothing(tone_files, tmp_path):
    paths, labels = tone_files
    one = cross_val_predict(whole(), paths, labels, cv=3, method="predict_proba", n_jobs=1)
    cached = whole().set_params(mfcc__memory=tmp_path)
    two = cross_val_predict(cached, paths, labels, cv=3, method="predict_proba", n_jobs=2)
    np.testing.assert_allclose(one, two, atol=1e-4)  # torch may use another number of threads there


TRAINED_ON = []  # segments of each training; callbacks are copied with the net


class CountsTrainingSegments(Callback):
    def on_train_begin(self, net, X=None, **kwargs):
        TRAINED_ON.append(len(X))


def test_groups_reach_the_validation_split_through_a_pipeline(tone_files):
    paths, labels = tone_files
    groups = np.arange(12) // 2
    model = whole(early_stopping=True, validation_fraction=0.2, callbacks=[CountsTrainingSegments()])
    model.set_params(vote__segment_length=3, vote__hop_length=1)
    TRAINED_ON.clear()
    model.fit(paths, labels, vote__groups=groups)
    _, clip_of_segment = cut_segments(model["mfcc"].transform(paths), 3, 1)
    held_out = len(clip_of_segment) - TRAINED_ON[0]
    in_groups = np.bincount(groups[clip_of_segment])
    assert held_out in [sum(some) for n in (1, 2) for some in combinations(in_groups, n)]  # both clips of a group
    assert held_out > np.bincount(clip_of_segment).max()
    scores = cross_val_score(whole(), paths, labels, groups=groups, cv=GroupKFold(3))
    folds = GroupKFold(3).split(paths, labels, groups)
    X, y = np.array(paths), np.array(labels)
    assert scores.tolist() == [whole().fit(X[train], y[train]).score(X[test], y[test]) for train, test in folds]


def test_an_ensemble_of_seeds_votes(tone_files):
    paths, labels = tone_files
    ensemble = VotingClassifier([(f"seed {k}", whole(random_state=k)) for k in range(2)], voting="soft")
    assert ensemble.fit(paths, labels).score(paths, labels) == 1


def test_classical_estimators_stand_at_the_end_of_the_same_way(tone_files):
    paths, labels = tone_files
    table = make_pipeline(genre_features(), FrameSummary().set_output(transform="pandas"), LogisticRegression())
    assert table.fit(paths, labels).score(paths, labels) == 1


def test_a_bad_file_among_many_is_named(tone_files, tmp_path):
    paths, labels = tone_files
    (tmp_path / "words.wav").write_text("not a sound")
    with pytest.raises(ValueError, match=r"words\.wav"):
        whole().fit([*paths, str(tmp_path / "words.wav")], [*labels, "low"])
    with pytest.raises(FileNotFoundError, match=r"missing\.wav"):
        whole().fit(paths, labels).predict(["missing.wav"])
    with pytest.raises(ValueError, match=r"\[12, 11\]"):
        whole().fit(paths, labels[:11])
    with pytest.raises(ValueError, match="one class only"):
        whole().fit(paths, ["low"] * 12)
    with pytest.raises(ValueError, match=r"y\[2\] is missing"):
        Pipeline([whole().steps[0], ("lstm", LSTMClassifier(**NET))]).fit(paths, [*labels[:2], None, *labels[3:]])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*(Path(path).name for path in paths), "words.wav"]
    )


def test_real_speakers_are_distinguished(speaker_files):
    labels = [path.parent.name for path in speaker_files]
    net = LSTMClassifier(64, 1, pooling="mean", lr=0.01, random_state=0)
    assert cross_val_score(make_pipeline(MFCCTransformer(), net), speaker_files, labels, cv=2).mean() > 0.8
