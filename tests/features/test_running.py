"""Files that cannot be read in a large set: all are named, or let through without frames."""

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio.features._base as base
from sklaudio import (
    FrameScaler,
    FrameSummary,
    LSTMClassifier,
    MFCCTransformer,
    SegmentVotingClassifier,
    genre_features,
)

NET = {"hidden_size": 4, "num_layers": 1, "max_epochs": 2, "random_state": 0}


@pytest.fixture
def spoiled(tone_files, tmp_path):
    """Twelve files and their labels, of which the second is text, the fifth is not there, and the last is empty."""
    paths, labels = tone_files
    (tmp_path / "text.wav").write_text("no audio")
    (tmp_path / "empty.wav").touch()
    for index, name in ((1, "text.wav"), (4, "gone.wav"), (11, "empty.wav")):
        paths[index] = str(tmp_path / name)
    return paths, labels


@pytest.mark.parametrize("settings", [{}, {"n_jobs": 2}, {"memory": "cache"}])
def test_the_error_lists_all_bad_files(spoiled, settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths, _ = spoiled
    with pytest.raises(ValueError, match="3 clips cannot be read") as caught:
        MFCCTransformer(**settings).transform(paths)
    assert all(name in str(caught.value) for name in ("text.wav", "gone.wav", "empty.wav", 'on_error="warn"'))
    with pytest.raises(FileNotFoundError, match=r"gone\.wav"):
        MFCCTransformer(**settings).transform([paths[0], paths[4]])


def test_a_long_list_is_cut(tmp_path):
    with pytest.raises(FileNotFoundError, match="and 10 more"):
        MFCCTransformer().transform([f"{tmp_path}/{index}.wav" for index in range(30)])


@pytest.mark.parametrize("settings", [{}, {"n_jobs": 2}, {"memory": "cache"}, {"duration": 0.2}])
@pytest.mark.parametrize("make", [MFCCTransformer, genre_features])
def test_a_warning_names_each_and_they_have_no_frames(make, spoiled, settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths, _ = spoiled
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frames = make(on_error="warn", **settings).transform(paths)
    assert sorted(name for name in ("text", "gone", "empty") for w in caught if f"{name}.wav" in str(w.message)) == [
        "empty", "gone", "text",
    ]  # fmt: skip
    good = make(**settings).transform([path for index, path in enumerate(paths) if index not in (1, 4, 11)])
    assert [len(own) for own in frames[[1, 4, 11]]] == [0, 0, 0]
    assert frames[1].shape == (0, good[0].shape[1])
    for ours, expected in zip((own for own in frames if len(own)), good, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_batches_on_a_device_let_them_through_as_well(spoiled, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(base, "resolve_device", lambda device: "cpu:0")
    with pytest.warns(UserWarning, match="no frames"):
        frames = MFCCTransformer(on_error="warn").transform(spoiled[0])
    assert [index for index, own in enumerate(frames) if len(own) == 0] == [1, 4, 11]


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
@pytest.mark.parametrize(
    "last",
    [
        LSTMClassifier(**NET),
        SegmentVotingClassifier(LSTMClassifier(**NET), segment_length=8),
        SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length=8),
    ],
)
@pytest.mark.parametrize("scaler", [FrameScaler(), FrameScaler(per="clip"), FrameScaler(per="clip-dim")])
def test_classifiers_answer_with_the_prior(last, scaler, spoiled):
    paths, labels = spoiled
    model = make_pipeline(MFCCTransformer(on_error="warn"), scaler, last).fit(paths, labels)
    proba = model.predict_proba(paths)
    assert proba.shape == (12, 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1, rtol=1e-5)
    # Nets learn from the nine clips that have frames; votes know the labels of all twelve.
    prior = model[-1].class_prior_
    np.testing.assert_allclose(proba[[1, 4, 11]], [prior] * 3, rtol=1e-6)
    assert len(model.predict(paths)) == 12
    only_bad = make_pipeline(MFCCTransformer(on_error="warn"))
    with pytest.raises(ValueError, match=r"none of its clips could be read|holds no frames"):
        last.fit(only_bad.transform([paths[1], paths[4]]), ["a", "b"])


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
def test_what_cannot_do_without_frames_says_so(spoiled):
    with pytest.raises(ValueError, match=r"X\[1\] holds no frames"):
        make_pipeline(MFCCTransformer(on_error="warn"), FrameSummary()).fit_transform(spoiled[0])
