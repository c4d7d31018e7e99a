"""A stream has the rows of the file, whatever the blocks and rates, at the cost of what is new, and does not grow."""

import gc
import json
import tracemalloc

import numpy as np
import pandas as pd
import pytest
import soundfile
import torch
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline

from sklaudio import (
    CRNNClassifier,
    EncoderTransformer,
    EventDetector,
    FrameScaler,
    FrameSummary,
    FrameUnion,
    GRUClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    RMSTransformer,
    SegmentVotingClassifier,
    SpectralTransformer,
    StreamPredictor,
    WaveformTransformer,
    ZeroCrossingRateTransformer,
    load,
    merge_timeline,
    predict_timeline,
    save,
    timeline_to_json,
)

SR = 8000
FRAMES = {"sr": SR, "n_fft": 256, "hop_length": 80}
PITCH = {"low": 200, "mid": 900, "high": 2500}


def tone(label, seconds, sr=SR):
    return 0.3 * np.sin(2 * np.pi * PITCH[label] * np.arange(round(seconds * sr)) / sr)


def clips():
    rng = np.random.default_rng(0)
    labels = np.array(list(PITCH) * 8)
    levels = rng.uniform(0.2, 1, size=len(labels))
    return [
        (level * (tone(label, 0.5) + 0.05 * rng.normal(size=SR // 2))).astype(np.float32)
        for label, level in zip(labels, levels, strict=True)
    ], labels


@pytest.fixture(scope="module")
def classical():
    features = MelSpectrogramTransformer(20, **FRAMES, duration=0.3)  # which counts as little as in predict_timeline
    return make_pipeline(features, FrameSummary(), LogisticRegression(C=1e-3)).fit(*clips())


@pytest.fixture(scope="module")
def net():
    net = CRNNClassifier(max_epochs=2, random_state=0)
    return make_pipeline(MelSpectrogramTransformer(20, **FRAMES), net).fit(*clips())


@pytest.fixture(scope="module")
def song():
    """Low, high, low, mid, at changing levels: 4.27 s, by sampling rate."""
    rng = np.random.default_rng(1)
    parts = [("low", 1, 1), ("high", 0.7, 0.2), ("low", 1.2, 0.5), ("mid", 1.37, 0.05)]
    return {
        sr: np.concatenate(
            [level * (tone(label, n, sr) + 0.02 * rng.normal(size=round(n * sr))) for label, n, level in parts]
        ).astype(np.float32)
        for sr in (SR, 44100)
    }


def rows_of(stream, y, sr, n_at_once):
    """All rows of a stream, in blocks of so many samples."""
    found = (stream.push(y[first : first + n_at_once], sr) for first in range(0, len(y), n_at_once))
    return pd.concat([*(rows for rows in found if len(rows)), stream.flush()], ignore_index=True)


def check_equal(rows, timeline, atol=2e-6):
    numbers = [name for name in timeline.columns if name not in ("start", "end", "label")]
    assert rows.columns.tolist() == timeline.columns.tolist()
    pd.testing.assert_frame_equal(rows[["start", "end"]], timeline[["start", "end"]], check_exact=True)
    np.testing.assert_allclose(rows[numbers], timeline[numbers], atol=atol)
    if "label" in timeline:
        assert rows["label"].tolist() == timeline["label"].tolist()


@pytest.mark.parametrize("sr", [SR, 44100])
@pytest.mark.parametrize("n_at_once", [1, 37, 441, 441_000])
def test_rows_are_those_of_the_file_whatever_the_blocks(sr, n_at_once, classical, song, tmp_path):
    y = song[sr][: 6000 if n_at_once == 1 and sr == SR else 25_000 if n_at_once == 1 else None]
    soundfile.write(tmp_path / "song.wav", y, sr, subtype="FLOAT")
    timeline = predict_timeline(classical, tmp_path / "song.wav", window=0.5, hop=0.1, proba=True)
    stream = StreamPredictor(classical, window=0.5, hop=0.1, proba=True)
    rows = rows_of(stream, y, sr, n_at_once)
    check_equal(rows, timeline)
    assert rows.attrs == timeline.attrs | {"path": None}
    assert json.loads(timeline_to_json(rows))["hop"] == 0.1
    check_equal(rows_of(stream, y, sr, 1000), timeline)  # flush has made it ready for another one


@pytest.mark.parametrize(("window", "hop"), [(0.5, 0.123), (0.5, 0.5), (0.3, 0.77), (6.0, 1.0), (0.04, 0.01)])
def test_any_window_and_hop(window, hop, classical, song):
    timeline = predict_timeline(classical, song[SR], sr=SR, window=window, hop=hop, proba=True)
    rows = rows_of(StreamPredictor(classical, window=window, hop=hop, proba=True), song[SR], SR, 700)
    check_equal(rows, timeline)


class PeakTransformer(SpectralTransformer):
    """A user-defined feature, which knows nothing of streams."""

    def _dim_names(self):
        return ["peak"]

    def _frames(self, signal):
        return signal.frequencies[signal.magnitude.argmax(axis=1)][:, None] / 1000


class Bands(torch.nn.Module):
    """An encoder: levels of pieces of 20 ms."""

    def forward(self, samples):  # (batch, n_samples) -> (batch, n_frames, n_dims)
        return samples.unfold(1, 160, 80)[..., :8].square()


def models():
    mel = MelSpectrogramTransformer(20, **FRAMES)
    union = FrameUnion(
        [
            ("mfcc", MFCCTransformer(5, n_mels=20, delta=1, **FRAMES)),
            ("peak", PeakTransformer(**FRAMES)),
            ("rms", RMSTransformer(**FRAMES)),
        ],
        n_jobs=2,
    )
    linear = make_pipeline(mel, FrameSummary(), LogisticRegression(C=1e-3))
    voting = SegmentVotingClassifier(make_pipeline(FrameSummary(), LogisticRegression(C=1e-3)), segment_length=20)
    return {
        "encoder": make_pipeline(EncoderTransformer(Bands(), sr=SR), FrameSummary(), LogisticRegression()),
        "union": make_pipeline(union, FrameSummary(), LogisticRegression(C=1e-3)),
        "frames of samples": make_pipeline(
            WaveformTransformer(80, sr=SR), FrameScaler(), FrameSummary(("std",)), LogisticRegression()
        ),
        "search": GridSearchCV(linear, {"logisticregression__C": [1e-3]}, cv=2),
        "vote": VotingClassifier([("mel", linear), ("union", make_pipeline(union, voting))], voting="soft"),
        "calibrated": CalibratedClassifierCV(linear, cv=2),
        "no probabilities": make_pipeline(mel, FrameSummary(), DummyClassifier(strategy="uniform", random_state=0)),
    }


@pytest.mark.parametrize("name", models())
def test_any_model_of_clips(name, song):
    model = models()[name].fit(*clips())
    timeline = predict_timeline(model, song[SR], sr=SR, window=0.5, hop=0.1, proba=name != "no probabilities")
    stream = StreamPredictor(model, window=0.5, hop=0.1, proba=name != "no probabilities")
    assert stream.shares_frames == (name not in ("encoder", "frames of samples"))
    if name != "no probabilities":
        check_equal(rows_of(stream, song[SR], SR, 1234), timeline)


def test_nets(net, song):
    timeline = predict_timeline(net, song[SR], sr=SR, window=0.5, hop=0.1, proba=True)
    check_equal(rows_of(StreamPredictor(net, window=0.5, hop=0.1, proba=True), song[SR], SR, 800), timeline, atol=1e-5)


def test_several_labels(song):
    X, labels = clips()
    y = pd.DataFrame({"low": labels == "low", "loud": [np.abs(clip).max() > 0.15 for clip in X]}).astype(int)
    features = MelSpectrogramTransformer(20, **FRAMES)
    model = make_pipeline(features, GRUClassifier(8, 1, max_epochs=3, lr=0.01, random_state=0)).fit(X, y)
    for proba in (False, True):
        timeline = predict_timeline(model, song[SR], sr=SR, window=0.5, hop=0.1, proba=proba)
        stream = StreamPredictor(model, window=0.5, hop=0.1, proba=proba)
        assert len(timeline) > 5
        check_equal(rows_of(stream, song[SR], SR, 900), timeline, atol=1e-5)
    least = timeline["probability"].median()
    rejecting = StreamPredictor(model, window=0.5, hop=0.1, proba=True, reject_below=least)
    rows = rows_of(rejecting, song[SR], SR, 900)
    assert 0 < len(rows) < len(timeline)
    assert (rows["probability"] >= least).all()
    assert len(merge_timeline(rows)) < len(rows)


def test_numbers(song):
    X, _ = clips()
    y = np.array([np.abs(clip).max() for clip in X])
    model = make_pipeline(MelSpectrogramTransformer(20, **FRAMES), FrameSummary(), Ridge()).fit(X, y)
    stream = StreamPredictor(model, window=0.5, hop=0.1)
    check_equal(rows_of(stream, song[SR], SR, 900), predict_timeline(model, song[SR], sr=SR, window=0.5, hop=0.1))
    with pytest.raises(TypeError, match=r"reject_below=.* is for probabilities"):
        StreamPredictor(model, window=0.5, hop=0.1, reject_below=0.5)


def test_less_sure_predictions_are_rejected(classical, song):
    whole = rows_of(StreamPredictor(classical, window=0.5, hop=0.1), song[SR], SR, 800)
    least = whole["probability"].median()
    rows = rows_of(StreamPredictor(classical, window=0.5, hop=0.1, reject_below=least), song[SR], SR, 800)
    is_rejected = whole["probability"] < least
    assert 0 < is_rejected.sum() < len(rows)
    assert rows["label"].isna().tolist() == is_rejected.tolist()
    assert rows["label"][~is_rejected].tolist() == whole["label"][~is_rejected].tolist()
    pd.testing.assert_series_equal(rows["probability"], whole["probability"])


def test_rows_come_with_the_block_that_completes_their_window(classical, song):
    stream = StreamPredictor(classical, window=0.5, hop=0.25)
    assert len(stream.push(song[SR][:3999], SR)) == 0
    assert stream.push(song[SR][3999:4000], SR)["end"].tolist() == [0.5]
    assert stream.push(song[SR][4000:9000], SR)["start"].tolist() == [0.25, 0.5]
    assert len(stream.push([], SR)) == 0
    assert stream.flush()["start"].tolist() == [0.75]
    assert len(stream.flush()) == 0


def test_without_rows_there_are_the_columns_of_rows(classical, song):
    stream = StreamPredictor(classical, window=0.5, hop=0.25, proba=True)
    empty = stream.push(song[SR][:10], SR)
    rows = stream.push(song[SR][10:5000], SR)
    assert empty.columns.tolist() == rows.columns.tolist()
    assert empty[["start", "end", "probability"]].dtypes.tolist() == [np.float64] * 3
    assert empty.attrs == rows.attrs


def test_channels_and_integers_are_those_of_files(classical, song, tmp_path):
    y = np.stack([song[SR], 0.3 * song[SR][::-1]], axis=1)
    soundfile.write(tmp_path / "song.wav", y, SR)
    integers, _ = soundfile.read(tmp_path / "song.wav", dtype="int16")
    timeline = predict_timeline(classical, tmp_path / "song.wav", window=0.5, hop=0.1, proba=True)
    stream = StreamPredictor(classical, window=0.5, hop=0.1, proba=True)
    check_equal(rows_of(stream, integers, SR, 333), timeline)
    check_equal(rows_of(stream, integers.astype(np.float64) / 2**15, SR, 333), timeline)


def test_frames_are_shared_where_the_hop_is_a_whole_number_of_them(classical):
    assert StreamPredictor(classical, window=0.5, hop=0.1).shares_frames
    assert StreamPredictor(classical, window=0.123, hop=0.01).shares_frames
    assert not StreamPredictor(classical, window=0.5, hop=0.105).shares_frames
    assert not StreamPredictor(classical, window=0.5, hop=0.1001).shares_frames
    crossings = make_pipeline(ZeroCrossingRateTransformer(**FRAMES), FrameSummary(), LogisticRegression())
    assert not StreamPredictor(crossings.fit(*clips()), window=0.5, hop=0.1).shares_frames


class CountingTransformer(SpectralTransformer):
    """Counts the frames whose spectrum is computed."""

    n_frames = 0

    def _dim_names(self):
        return ["loudest"]

    def _frames(self, signal):
        return signal.by_frame(loudest)


def loudest(signal):
    CountingTransformer.n_frames += len(signal.magnitude)
    return signal.magnitude.max(axis=1, keepdims=True)


def test_each_inner_frame_is_computed_once(song):
    model = make_pipeline(CountingTransformer(**FRAMES), FrameSummary(), LogisticRegression()).fit(*clips())
    stream = StreamPredictor(model, window=0.5, hop=0.05)
    CountingTransformer.n_frames = 0
    rows = stream.push(song[SR], SR)
    n_inner = 1 + (round(rows["end"].iloc[-1] * SR) - 256) // 80
    n_at_edges = 51 - (1 + (4000 - 256) // 80)
    assert CountingTransformer.n_frames == pytest.approx(n_inner + n_at_edges * len(rows), abs=2)
    assert CountingTransformer.n_frames < 0.3 * 51 * len(rows)


def test_memory_does_not_grow(classical):
    stream = StreamPredictor(classical, window=0.5, hop=0.25)
    rng = np.random.default_rng(0)
    block = (0.1 * rng.normal(size=960)).astype(np.float32)

    def held_after(n_blocks):
        for _ in range(n_blocks):
            stream.push(block, 48000)
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = held_after(200)
        assert held_after(600) - before < 50_000
    finally:
        tracemalloc.stop()


def test_bad_blocks_are_refused_and_leave_the_stream_as_it_is(classical, song):
    stream = StreamPredictor(classical, window=0.5, hop=0.1, proba=True)
    y = song[SR]
    found = [stream.push(y[:5000], SR)]
    for block, sr, error in [
        ([np.nan], SR, ValueError),
        ([np.inf], SR, ValueError),
        (np.zeros(10, dtype=np.int64), SR, ValueError),
        (np.zeros((2, 480)), SR, TypeError),
        (np.zeros((4, 2, 2)), SR, TypeError),
        ("song.wav", SR, TypeError),
        (None, SR, TypeError),
        (y[:10], 44100, ValueError),
        (y[:10], None, ValueError),
        (y[:10], 0, ValueError),
        (y[:10], True, ValueError),
    ]:
        with pytest.raises(error, match=r"block|sr="):
            stream.push(block, sr)
    found += [stream.push(y[5000:], float(SR)), stream.flush()]
    timeline = predict_timeline(classical, y, sr=SR, window=0.5, hop=0.1, proba=True)
    check_equal(pd.concat(found, ignore_index=True), timeline)
    for sr in (None, 0, -1, np.nan, np.inf, 1, 1e9, "8000"):
        with pytest.raises(ValueError, match="sr="):
            StreamPredictor(classical, window=0.5, hop=0.1).push(y, sr)


def test_bad_parameters_are_named(classical):
    good = {"window": 0.5, "hop": 0.1}
    for wrong in ({"window": 0}, {"hop": -1}, {"hop": 1e-9}, {"window": 1e-9}, {"window": "1"}, {"hop": np.nan}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            StreamPredictor(classical, **good | wrong)
    for wrong in ({"reject_below": 0}, {"reject_below": 1.1}, {"proba": "yes"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            StreamPredictor(classical, **good | wrong)
    with pytest.raises(TypeError):
        StreamPredictor(classical)


def test_models_that_cannot_are_refused(classical, song):
    sizes = {"window": 0.5, "hop": 0.1}
    with pytest.raises(NotFittedError):
        StreamPredictor(make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()), **sizes)
    with pytest.raises(TypeError, match="is str"):
        StreamPredictor("model.skops", **sizes)
    with pytest.raises(TypeError, match="takes no clips"):
        StreamPredictor(classical[1:], **sizes)
    detector = EventDetector(GRUClassifier(4, 1, max_epochs=1, random_state=0), hop=0.01)
    events = [[(0.1, 0.3, "tone")]] * 4
    model = make_pipeline(MelSpectrogramTransformer(8, **FRAMES), detector).fit(clips()[0][:4], events)
    with pytest.raises(TypeError, match=r"predicts every frame.*predict_timeline"):
        StreamPredictor(model, **sizes)


def test_the_model_is_left_as_it_is_and_files_of_models_serve(classical, song, tmp_path):
    before = classical.predict_proba(clips()[0])
    save(classical, tmp_path / "model.skops")
    stream = StreamPredictor(load(tmp_path / "model.skops"), window=0.5, hop=0.1, proba=True)
    check_equal(
        rows_of(stream, song[SR], SR, 800),
        rows_of(StreamPredictor(classical, window=0.5, hop=0.1, proba=True), song[SR], SR, 4000),
    )
    np.testing.assert_array_equal(classical.predict_proba(clips()[0]), before)
    assert classical[0].duration == 0.3
    assert "_signal" not in vars(classical[0])


def test_thresholds_decide(song):
    X, labels = clips()
    linear = make_pipeline(MelSpectrogramTransformer(20, **FRAMES), FrameSummary(), LogisticRegression(C=1e-3))
    model = FixedThresholdClassifier(linear, threshold=0.3, pos_label="low").fit(
        X, np.where(labels == "low", "low", "x")
    )
    timeline = predict_timeline(model, song[SR], sr=SR, window=0.5, hop=0.1)
    check_equal(rows_of(StreamPredictor(model, window=0.5, hop=0.1), song[SR], SR, 800), timeline)


def test_pipelines_of_one_step_serve(song):
    features = MelSpectrogramTransformer(20, **FRAMES)
    inner = Pipeline([("summary", FrameSummary()), ("last", LogisticRegression(C=1e-3))])
    model = Pipeline([("none", "passthrough"), ("features", features), ("rest", inner)]).fit(*clips())
    timeline = predict_timeline(model, song[SR], sr=SR, window=0.5, hop=0.1)
    check_equal(rows_of(StreamPredictor(model, window=0.5, hop=0.1), song[SR], SR, 800), timeline)
