"""Files that cannot be read in a large set: all are named, or let through without frames."""

import os
import threading
import time
import warnings

import joblib
import numpy as np
import pytest
import soundfile
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import (
    FrameScaler,
    FrameSummary,
    FrameTransformer,
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
    assert [len(clip_frames) for clip_frames in frames[[1, 4, 11]]] == [0, 0, 0]
    assert frames[1].shape == (0, good[0].shape[1])
    for ours, expected in zip((clip_frames for clip_frames in frames if len(clip_frames)), good, strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_batches_on_a_device_let_them_through_as_well(spoiled):
    """The device "cpu:0" is a CPU, and goes the way of a GPU."""
    with pytest.warns(UserWarning, match="no frames"):
        frames = MFCCTransformer(on_error="warn", device="cpu:0").transform(spoiled[0])
    assert [index for index, clip_frames in enumerate(frames) if len(clip_frames) == 0] == [1, 4, 11]


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
def test_classifiers_predict_the_prior(last, scaler, spoiled):
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
@pytest.mark.parametrize(
    "last",
    [
        LSTMClassifier(**NET),
        SegmentVotingClassifier(LSTMClassifier(**NET), segment_length=8),
        SegmentVotingClassifier(LSTMClassifier(**NET), segment_length=8, voting="hard"),
        SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression()), segment_length=8),
    ],
)
@pytest.mark.parametrize("per", ["dim", "clip", "clip-dim"])
def test_lost_clips_alone_get_the_prediction_they_get_in_company(last, per, spoiled):
    paths, labels = spoiled
    model = make_pipeline(MFCCTransformer(on_error="warn"), FrameScaler(per=per), last).fit(paths, labels)
    prior = model[-1].class_prior_
    in_company = model.predict_proba([paths[0], "lost.wav"])[1]
    np.testing.assert_allclose(in_company, prior, rtol=1e-6)
    for lost in (["lost.wav"], ["lost.wav", "gone.wav"], np.array(["lost.wav"])):
        np.testing.assert_allclose(model.predict_proba(lost), [prior] * len(lost), rtol=1e-6)
        assert model.predict(lost).tolist() == [model.classes_[prior.argmax()]] * len(lost)
    if hasattr(model[-1], "predict_segments"):
        votes, clip = model[-1].predict_segments(model[:-1].transform(["lost.wav"]))
        assert (votes.shape, clip.shape) == ((0, 2), (0,))


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
@pytest.mark.parametrize(
    "last",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        SVC(),
        HistGradientBoostingClassifier(min_samples_leaf=1, max_iter=5),
        KNeighborsClassifier(1),
    ],
)
def test_baselines_have_a_prediction_for_a_lost_clip(last, tone_files):
    paths, labels = tone_files
    model = make_pipeline(MFCCTransformer(on_error="warn"), FrameScaler(), FrameSummary(), last).fit(paths, labels)
    mean = model[:-1].transform(paths).mean(axis=0)
    np.testing.assert_allclose(model[:-1].transform(["lost.wav"]), [mean], rtol=1e-4, atol=1e-5)
    in_company = model.predict([paths[0], "lost.wav"])
    assert in_company[0] == labels[0]
    assert model.predict(["lost.wav"]).tolist() == [in_company[1]]


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
def test_a_baseline_learns_beside_lost_clips(spoiled):
    paths, labels = spoiled
    good = [index for index in range(12) if index not in (1, 4, 11)]
    rows = make_pipeline(MFCCTransformer(on_error="warn"), FrameSummary()).fit_transform(paths)
    expected = make_pipeline(MFCCTransformer(), FrameSummary()).fit_transform([paths[index] for index in good])
    np.testing.assert_allclose(rows[good], expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(rows[[1, 4, 11]], [expected.mean(axis=0)] * 3, rtol=1e-4, atol=1e-5)
    union = FeatureUnion([("mean", FrameSummary(("mean",))), ("max", FrameSummary(("max",)))])
    model = make_pipeline(MFCCTransformer(on_error="warn"), union, LogisticRegression(max_iter=5000))
    assert len(model.fit(paths, labels).predict(["lost.wav"])) == 1


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
@pytest.mark.parametrize("kind", ["net", "votes"])
def test_what_cannot_do_without_frames_says_so(kind, spoiled):
    net = LSTMClassifier(**NET)
    net = net if kind == "net" else SegmentVotingClassifier(net, segment_length=8)
    model = make_pipeline(MFCCTransformer(on_error="warn"), net).fit(*spoiled)
    with pytest.raises(ValueError, match=r"X\[1\] holds no frames"):
        model.transform(spoiled[0])
    with pytest.raises(ValueError, match="none of its clips could be read"):
        make_pipeline(MFCCTransformer(on_error="warn"), FrameSummary()).fit(["lost.wav"])


def feature_by_process(**attributes):
    """A feature of two dims: the process that made the frame, and the loudest sample. Clips above 0.5 take long."""

    class WhereTransformer(FrameTransformer):
        def _dim_names(self):
            return ["process", "peak"]

        def _frames(self, signal):
            if signal.y.max() > 0.5:
                time.sleep(0.05)  # of 16 such clips among 300: as if all took 14 s
            return np.array([[os.getpid(), signal.y.max()]])

    vars(feature := WhereTransformer(n_jobs=2)).update(attributes)
    return feature


@pytest.fixture(scope="module")
def slow_then_fast(tmp_path_factory):
    """16 files that take long, one that is not there, and 283 others, no two alike; and the loudest sample of each."""
    folder, paths = tmp_path_factory.mktemp("clips"), []
    peaks = np.where(np.arange(300) < 16, 0.6, 0.1) + np.arange(300) / 1000
    for index, peak in enumerate(peaks):
        paths.append(str(folder / f"{index}.wav"))
        soundfile.write(paths[-1], np.full(100, peak, dtype=np.float32), 22050, subtype="FLOAT")
    os.remove(paths[200])
    peaks[200] = np.nan
    return paths, peaks.astype(np.float32)


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
def test_what_takes_long_is_made_by_processes_in_the_same_order(slow_then_fast):
    paths, peaks = slow_then_fast
    frames = feature_by_process(on_error="warn").transform(paths)
    assert len(frames[200]) == 0
    process, found = np.array([frame[0] if len(frame) else [0, np.nan] for frame in frames]).T
    np.testing.assert_array_equal(found.astype(np.float32), peaks)
    assert set(process[:16]) == {np.float32(os.getpid())}
    assert np.float32(os.getpid()) not in process[16:]


def test_errors_of_processes_are_those_of_threads(slow_then_fast):
    with pytest.raises(FileNotFoundError, match=r"200\.wav") as caught:
        feature_by_process().transform(slow_then_fast[0])
    assert caught.value.errors[0].index == 200


@pytest.mark.filterwarnings("ignore:.*The clip has no frames")
@pytest.mark.parametrize("reason", ["short", "waveforms", "cannot be sent", "backend", "within a job"])
def test_all_else_is_made_here(reason, slow_then_fast):
    paths, peaks = slow_then_fast
    feature = feature_by_process(on_error="warn", **({"lock": threading.Lock()} if reason == "cannot be sent" else {}))
    clips = {
        "short": paths[16:],
        "waveforms": [np.full(100, peak) for peak in np.nan_to_num(peaks, nan=0.1)],
    }.get(reason, paths)
    if reason == "backend":
        with joblib.parallel_config(backend="threading"):
            frames = feature.transform(clips)
    elif reason == "within a job":
        jobs = [joblib.delayed(feature.transform)(part) for part in (clips, clips[:1])]
        frames = joblib.Parallel(n_jobs=2, backend="threading")(jobs)[0]
    else:
        frames = feature.transform(clips)
    assert {frame[0, 0] for frame in frames if len(frame)} == {np.float32(os.getpid())}


def test_processes_share_the_cache(slow_then_fast, tmp_path):
    paths = slow_then_fast[0][:200]
    expected = MFCCTransformer().transform(paths)
    cached = MFCCTransformer(n_jobs=2, memory=tmp_path)
    with joblib.parallel_config(backend="loky"):
        np.testing.assert_array_equal(cached.transform(paths), expected)
    np.testing.assert_array_equal(MFCCTransformer(memory=tmp_path).transform(paths), expected)
    np.testing.assert_array_equal(MFCCTransformer(n_jobs=2).transform(paths), expected)
