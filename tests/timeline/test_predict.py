"""Long recordings: every window is predicted as of the whole, whatever the file, and in memory that does not grow."""

import json
import subprocess
import sys
from io import StringIO

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import VotingClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import SVC
from tqdm.auto import tqdm

from sklaudio import (
    Clip,
    FrameSummary,
    FrameUnion,
    LSTMClassifier,
    MFCCTransformer,
    RMSTransformer,
    SegmentVotingClassifier,
    load_audio,
    merge_timeline,
    predict_timeline,
    timeline_to_audacity,
    timeline_to_json,
)
from sklaudio.audio import iter_audio
from sklaudio.datasets import load_annotations

SR = 8000
PITCH = {"low": 200, "mid": 900, "high": 2500}


def tone(label, seconds, sr=SR):
    return 0.5 * np.sin(2 * np.pi * PITCH[label] * np.arange(round(seconds * sr)) / sr)


def classical(last=None, **features):
    features = MFCCTransformer(n_mfcc=5, n_mels=20, sr=SR, n_fft=512, hop_length=256, **features)
    return make_pipeline(features, FrameSummary(), last or LogisticRegression())


@pytest.fixture
def clips(rng):
    labels = np.array(list(PITCH) * 8)
    return [tone(label, 0.5) + 0.02 * rng.normal(size=SR // 2) for label in labels], labels


@pytest.fixture
def model(clips):
    return classical().fit(*clips)


@pytest.fixture
def song(tmp_path, rng):
    """Low, high, low, mid: 12.3 s."""
    y = np.concatenate([tone("low", 4), tone("high", 3), tone("low", 3), tone("mid", 2.3)])
    path = tmp_path / "song.wav"
    soundfile.write(path, y + 0.02 * rng.normal(size=len(y)), SR)
    return path


@pytest.fixture
def small_blocks(monkeypatch):
    """Recordings of seconds come in many blocks, as those of minutes do.

    This sets a public constant of a private module: with the true blocks each recording here would be minutes long.
    """
    monkeypatch.setattr("sklaudio.audio._decode.BLOCK", 5000)


def predictions(model, path, window, hop, sr=SR):
    """What the whole recording, decoded and resampled at once, would be predicted window by window."""
    y, _ = load_audio(path, sr)
    times, votes = [], []
    for index in range(10**6):
        start = round(index * hop * sr)
        if start >= len(y):
            break
        window_samples = y[start : start + round(window * sr)]
        times.append((start / sr, (start + len(window_samples)) / sr))
        votes.append(model.predict_proba([window_samples])[0])
        if start + round(window * sr) >= len(y):
            break
    return np.array(times), np.array(votes)


def check_equal(timeline, model, path, window, hop, atol=1e-5):
    times, votes = predictions(model, path, window, hop)
    np.testing.assert_array_equal(timeline[["start", "end"]], times)
    np.testing.assert_allclose(timeline[[f"p({label})" for label in model.classes_]], votes, atol=atol)
    np.testing.assert_allclose(timeline["probability"], votes.max(axis=1), atol=atol)
    assert timeline["label"].tolist() == model.classes_[votes.argmax(axis=1)].tolist()


def test_a_song_of_tones_is_predicted_part_by_part(model, song):
    timeline = predict_timeline(model, song, window=1, hop=1)
    assert timeline.columns.tolist() == ["start", "end", "label", "probability"]
    assert timeline["label"].tolist() == ["low"] * 4 + ["high"] * 3 + ["low"] * 3 + ["mid"] * 3
    assert timeline["end"].iloc[-1] == 12.3
    assert timeline.attrs == {"path": str(song), "sr": SR, "window": 1.0, "hop": 1.0}
    spans = predict_timeline(model, song, window=1, hop=1, merge=True)
    assert spans[["start", "end"]].to_numpy().tolist() == [[0, 4], [4, 7], [7, 10], [10, 12.3]]
    assert spans["label"].tolist() == ["low", "high", "low", "mid"]


@pytest.mark.parametrize("extension", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("native_sr", [8000, 11025, 44100, 48000])
def test_windows_are_predicted_as_of_the_whole(extension, native_sr, model, tmp_path, rng, small_blocks):
    if (extension, native_sr) == ("mp3", 11025):
        native_sr = 22050
    y = np.concatenate([tone("low", 2.2, native_sr), tone("high", 2.5, native_sr)])
    path = tmp_path / f"song.{extension}"
    soundfile.write(path, np.stack([y, 0.5 * y + 0.02 * rng.normal(size=len(y))], axis=1), native_sr)
    check_equal(predict_timeline(model, path, window=1.5, hop=0.7, proba=True), model, path, 1.5, 0.7)


@pytest.mark.parametrize("extension", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100, 48000])
def test_blocks_are_the_whole_to_the_bit(extension, sr, tmp_path, rng, small_blocks):
    path = tmp_path / f"noise.{extension}"
    soundfile.write(path, 0.1 * rng.normal(size=(100_003, 2)), 44100)
    blocks = [y for y, _ in iter_audio(path, sr)]
    assert len(blocks) > 10
    np.testing.assert_array_equal(np.concatenate(blocks), load_audio(path, sr)[0])


@pytest.mark.parametrize("extension", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("sr", [8000, 44100])
@pytest.mark.parametrize("span", [(0.5, 1.75), (None, 1), (0.2501, None)])
def test_blocks_of_a_span_are_the_span_to_the_bit(extension, sr, span, tmp_path, rng, small_blocks):
    clip = Clip(tmp_path / f"noise.{extension}", *span)
    soundfile.write(clip.path, 0.1 * rng.normal(size=(100_003, 2)), 44100)
    blocks = list(iter_audio(clip, sr))
    assert len(blocks) > 5
    np.testing.assert_array_equal(np.concatenate([y for y, _ in blocks]), load_audio(clip, sr)[0])
    assert blocks[0][1] == pytest.approx((clip.end or 100_003 / 44100) - (clip.start or 0), abs=0.05)


@pytest.mark.parametrize("n_samples", [1, 2, 7, 5000, 5001])
@pytest.mark.parametrize("sr", [4000, 8000, 44100])
def test_blocks_of_short_files_are_the_whole(n_samples, sr, tmp_path, small_blocks):
    soundfile.write(tmp_path / "short.wav", np.linspace(-0.5, 0.5, n_samples), SR)
    blocks = [y for y, _ in iter_audio(tmp_path / "short.wav", sr)]
    np.testing.assert_array_equal(np.concatenate(blocks), load_audio(tmp_path / "short.wav", sr)[0])


@pytest.mark.parametrize(("window", "hop"), [(1, 1), (1, 2.5), (2, 0.3), (0.3, 0.1), (12.3, 1), (20, 1), (6.15, 6.15)])
def test_any_window_and_hop(window, hop, model, song, small_blocks):
    timeline = predict_timeline(model, song, window=window, hop=hop, proba=True)
    check_equal(timeline, model, song, window, hop)
    n_windows = {12.3: 1, 20: 1, 6.15: 2}.get(window)
    assert n_windows in (None, len(timeline))


@pytest.mark.parametrize(("start", "end"), [(4.2, 9.5), (None, 5), (7.3, None)])
@pytest.mark.parametrize("hop", [0.7, 1])
def test_times_of_a_span_are_those_of_its_recording(start, end, hop, model, song, small_blocks):
    timeline = predict_timeline(model, Clip(song, start, end), window=1, hop=hop, proba=True)
    assert timeline.attrs["path"] == str(song)
    assert timeline["start"].iloc[0] == (start or 0)
    assert timeline["end"].iloc[-1] == (end or 12.3)
    assert timeline["start"].tolist() == [round((start or 0) + hop * k, 9) for k in range(len(timeline))]
    y, _ = load_audio(Clip(song, start, end), SR)
    windows = [y[round(k * hop * SR) :][:SR] for k in range(len(timeline))]
    votes = timeline[[f"p({label})" for label in model.classes_]]
    np.testing.assert_allclose(votes, model.predict_proba(windows), atol=1e-5)
    rows = zip(timeline["start"], timeline["end"], strict=True)
    np.testing.assert_allclose(model.predict_proba([Clip(song, *row) for row in rows]), votes, atol=1e-3)


def test_spans_of_a_part_are_read_back_as_clips_of_the_recording(model, song):
    timeline = predict_timeline(model, Clip(song, 2.5, 9), window=1, hop=0.5)
    labels = song.with_suffix(".txt")
    labels.write_text(timeline_to_audacity(timeline))
    spans = load_annotations(labels)
    assert spans["label"].tolist() == ["low", "high", "low"]
    assert (spans["start"].iloc[0], spans["end"].iloc[-1]) == (2.5, 9)
    np.testing.assert_allclose(spans["end"][:2], [4, 7], atol=0.5)
    rows = spans[["path", "start", "end"]].itertuples(index=False)
    assert model.predict([Clip(*row) for row in rows]).tolist() == ["low", "high", "low"]


def test_a_span_past_the_end_is_named(model, song):
    with pytest.raises(
        ValueError, match=r"song\.wav\[5\.0:13\.0\]: end=13\.0 s is past the end of the file \(12\.300 s\)"
    ):
        predict_timeline(model, Clip(song, 5, 13))
    with pytest.raises(ValueError, match=r"song\.wav\[13\.0:\]: start=13\.0 s is past the end"):
        predict_timeline(model, Clip(song, 13))
    with pytest.raises(FileNotFoundError, match=r"lost\.wav\[1\.0:2\.0\]: there is no such file"):
        predict_timeline(model, Clip("lost.wav", 1, 2))


@pytest.mark.parametrize(("window", "hop"), [(1, 1), (3, 1), (2, 0.3), (20, 1)])
def test_the_bar_knows_how_many_windows_there_are(window, hop, model, song, monkeypatch):
    bars = {}

    class WatchedBar(tqdm):
        def __init__(self, *args, **settings):
            bars[settings["desc"]] = settings["total"]
            super().__init__(*args, **settings)

    monkeypatch.setattr("tqdm.auto.tqdm", WatchedBar)
    timeline = predict_timeline(model, song, window=window, hop=hop)
    assert bars["timeline"] == len(timeline)


def test_silence_gets_a_prediction(model, tmp_path):
    soundfile.write(tmp_path / "silence.flac", np.zeros(5 * SR), SR)
    timeline = predict_timeline(model, tmp_path / "silence.flac", proba=True)
    assert len(timeline) == 3
    np.testing.assert_allclose(timeline[["p(low)", "p(mid)", "p(high)"]].sum(axis=1), 1, rtol=1e-6)
    assert timeline["label"].nunique() == 1


def test_the_windows_replace_duration_offset_and_cache(clips, song, tmp_path):
    narrow = classical(duration=0.4, offset=0.1, memory=str(tmp_path / "cache")).fit(*clips)
    n_cached = len(list((tmp_path / "cache").rglob("output.pkl")))
    timeline = predict_timeline(narrow, song, window=2, hop=1, proba=True)
    features = narrow[0]
    assert (features.duration, features.offset, features.memory) == (0.4, 0.1, str(tmp_path / "cache"))
    assert len(list((tmp_path / "cache").rglob("output.pkl"))) == n_cached
    features.set_params(duration=None, offset=0.0)
    check_equal(timeline, narrow, song, 2, 1)


def test_nets_unions_segments_and_searches_predict_too(clips, song):
    common = {"sr": SR, "n_fft": 512, "hop_length": 256}
    members = [("mfcc", MFCCTransformer(n_mfcc=5, n_mels=20, **common)), ("rms", RMSTransformer(**common))]
    net = LSTMClassifier(8, 1, max_epochs=2, lr=0.02, random_state=0)
    union = Pipeline([("features", FrameUnion(members)), ("vote", SegmentVotingClassifier(net, segment_length=10))])
    search = GridSearchCV(classical(), {"logisticregression__C": [0.1, 1]}, cv=2)
    calibrated = CalibratedClassifierCV(classical(), cv=2)
    vote = VotingClassifier([("one", classical()), ("two", classical(DummyClassifier()))], voting="soft")
    for each in (union, search, calibrated, vote, make_pipeline("passthrough", classical())):
        each.fit(*clips)
        check_equal(predict_timeline(each, song, window=1, hop=0.8, proba=True), each, song, 1, 0.8)


def test_members_of_unions_lose_their_duration(clips, song):
    common = {"sr": SR, "n_fft": 512, "hop_length": 256, "duration": 0.25, "offset": 0.1}
    inner = FrameUnion([("rms", RMSTransformer(**common)), ("other", "drop")])
    union = FrameUnion([("mfcc", MFCCTransformer(n_mfcc=5, n_mels=20, **common)), ("inner", inner), ("none", "drop")])
    model = make_pipeline(union, LSTMClassifier(8, 1, max_epochs=2, lr=0.02, random_state=0)).fit(*clips)
    timeline = predict_timeline(model, song, window=1, hop=1, proba=True)
    for member in ("mfcc", "inner__rms"):
        union.set_params(**{f"{member}__duration": None, f"{member}__offset": 0.0})
    check_equal(timeline, model, song, 1, 1)


def test_without_probabilities_classes_are_votes(clips, song):
    model = classical(SVC()).fit(*clips)
    timeline = predict_timeline(model, song, window=1, hop=1, proba=True)
    assert set(timeline["probability"]) == {1.0}
    y, _ = load_audio(song, SR)
    windows = [y[start : start + SR] for start in range(0, len(y), SR)]
    assert timeline["label"].tolist() == model.predict(windows).tolist()
    smooth = predict_timeline(model, song, window=1, hop=1, smoothing="median")
    assert smooth["label"].tolist() == timeline["label"].tolist()


def test_labels_are_those_given(clips, song):
    X, y = clips
    model = classical().fit(X, np.searchsorted(sorted(PITCH), y))
    timeline = predict_timeline(model, song, window=1, hop=1, proba=True)
    assert timeline["label"].dtype.kind == "i"
    assert timeline["label"].tolist()[:5] == [1, 1, 1, 1, 0]
    assert timeline.columns.tolist()[4:] == ["p(0)", "p(1)", "p(2)"]


@pytest.mark.parametrize("smoothing", ["median", "viterbi"])
def test_smoothing_takes_a_click_of_another_class_out(smoothing, model, tmp_path, rng):
    y = np.concatenate([tone("low", 8), tone("high", 1), tone("low", 8), tone("mid", 8)])
    soundfile.write(tmp_path / "y.wav", y + 0.02 * rng.normal(size=len(y)), SR)
    plain = predict_timeline(model, tmp_path / "y.wav", window=1, hop=1, merge=True)
    assert plain["label"].tolist() == ["low", "high", "low", "mid"]
    smooth = predict_timeline(model, tmp_path / "y.wav", window=1, hop=1, merge=True, smoothing=smoothing)
    assert smooth["label"].tolist() == ["low", "mid"]
    assert smooth["end"].tolist() == [17, 25]


def test_audacity_reads_what_was_written(model, song):
    timeline = predict_timeline(model, song, window=1, hop=1)
    read = pd.read_csv(StringIO(timeline_to_audacity(timeline)), sep="\t", names=["start", "end", "label"])
    pd.testing.assert_frame_equal(read, merge_timeline(timeline)[["start", "end", "label"]], check_dtype=False)
    odd = pd.DataFrame({"start": [0], "end": [1], "label": ["one\ttwo\nthree, ä"]})
    assert timeline_to_audacity(odd) == "0.000000\t1.000000\tone two three, ä\n"


def test_json_reads_what_was_written(model, song):
    timeline = predict_timeline(model, song, window=1, hop=1, proba=True)
    read = json.loads(timeline_to_json(timeline))
    pd.testing.assert_frame_equal(pd.DataFrame(read.pop("rows")), timeline, check_dtype=False)
    assert read == {"path": str(song), "sr": SR, "window": 1.0, "hop": 1.0}


@pytest.mark.parametrize("name", ["window", "hop"])
@pytest.mark.parametrize("value", [0, -1, np.nan, np.inf, "3", 1e-9])
def test_bad_times_are_named(name, value, model, song):
    with pytest.raises(ValueError, match=name):
        predict_timeline(model, song, **{name: value})


def test_bad_settings_are_named(model, song):
    for wrong in ({"smoothing": "mean"}, {"median_length": 4}, {"median_length": 0}, {"stay": 1.0}, {"merge": "yes"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            predict_timeline(model, song, **wrong)


@pytest.mark.parametrize("path", [["song.wav"], None, 3, np.zeros(8000)], ids=type)
def test_what_is_no_path_is_refused(path, model):
    with pytest.raises(TypeError, match="path is"):
        predict_timeline(model, path)


def test_models_that_cannot_predict_are_refused(song, frames, clips):
    with pytest.raises(NotFittedError):
        predict_timeline(classical(), song)
    with pytest.raises(NotFittedError):
        predict_timeline(GridSearchCV(classical(), {"logisticregression__C": [1]}), song)
    with pytest.raises(TypeError, match=r"begins with LSTMClassifier, which takes no clips"):
        predict_timeline(LSTMClassifier(4, 1, max_epochs=1).fit(*frames), song)
    with pytest.raises(TypeError, match="begins with FrameSummary"):
        predict_timeline(make_pipeline(FrameSummary(), LogisticRegression()).fit(*frames), song)
    with pytest.raises(TypeError, match=r"sklaudio\.load"):
        predict_timeline("model.skops", song)
    with pytest.raises(TypeError, match="predicts clusters, not classes"):
        predict_timeline(classical(KMeans(2, n_init=1)).fit(clips[0]), song)
    other = make_pipeline(MFCCTransformer(n_mfcc=5, n_mels=20, sr=4000), FrameSummary(), LogisticRegression())
    mixed = VotingClassifier([("one", classical()), ("other", other)], voting="soft").fit(*clips)
    with pytest.raises(ValueError, match="unequal sr"):
        predict_timeline(mixed, song)


def test_files_that_cannot_be_read_are_named(model, song, tmp_path, small_blocks):
    with pytest.raises(FileNotFoundError, match=r"none\.wav"):
        predict_timeline(model, tmp_path / "none.wav")
    with pytest.raises(IsADirectoryError, match="folder"):
        predict_timeline(model, tmp_path)
    (tmp_path / "text.wav").write_text("not audio" * 99)
    with pytest.raises(ValueError, match=r"text\.wav: this is not an audio file"):
        predict_timeline(model, tmp_path / "text.wav")
    soundfile.write(tmp_path / "none.wav", np.zeros(0), SR)
    with pytest.raises(ValueError, match="holds no samples"):
        predict_timeline(model, tmp_path / "none.wav")
    y = tone("low", 10)
    y[-5] = np.nan
    soundfile.write(tmp_path / "nan.wav", y, SR, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"nan\.wav, the 0.625 s from 9.4 s on: 1 of 5000 samples"):
        predict_timeline(model, tmp_path / "nan.wav")
    soundfile.write(tmp_path / "rate.wav", tone("low", 1), 4_000_000)
    with pytest.raises(ValueError, match=r"rate\.wav: its header says 4000000 Hz"):
        predict_timeline(model, tmp_path / "rate.wav")


def test_a_truncated_file_gives_what_it_has(model, song, small_blocks):
    whole = predict_timeline(model, song, window=1, hop=1)
    song.write_bytes(song.read_bytes()[: 44 + 2 * round(5.5 * SR)])
    cut = predict_timeline(model, song, window=1, hop=1)
    assert cut["end"].iloc[-1] == 5.5
    pd.testing.assert_frame_equal(cut[:5], whole[:5])


CHILD = """
import resource, sys
import joblib
from sklaudio import predict_timeline

model = joblib.load(sys.argv[1])
print(len(predict_timeline(model, sys.argv[2])), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_recording(clips, tmp_path, rng):
    import joblib

    joblib.dump(classical().fit(*clips), tmp_path / "model")
    minute = (0.1 * rng.normal(size=(60 * 44100, 2))).astype(np.float32)
    peaks = {}
    for minutes in (3, 10, 60):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", 44100, 2) as file:
            for _ in range(minutes):
                file.write(minute)
        child = [sys.executable, "-c", CHILD, str(tmp_path / "model"), str(path)]
        out = subprocess.run(child, capture_output=True, text=True, check=True).stdout
        n_windows, kilobytes = map(int, out.split())
        assert n_windows == 60 * minutes - 2
        peaks[minutes] = kilobytes / 1024
    assert peaks[60] < peaks[10] + 20  # MiB; the whole hour takes 606 MiB as one channel of float32
