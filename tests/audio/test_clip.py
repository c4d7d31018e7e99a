"""Clip: a span of a recording wherever a path may stand, of which no more is decoded than is asked for."""

import os
import pickle

import joblib
import numpy as np
import pytest
import soundfile
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    Clip,
    EncoderTransformer,
    FrameSummary,
    FrameUnion,
    MFCCTransformer,
    UnreadableClipError,
    WaveformTransformer,
    check_clips,
    load_audio,
    predict_files,
)
from sklaudio.evaluate import evaluate_files

from ..tones import PITCHES, tone, tone_model

SR = 8000
SPANS = [(None, None), (0, 1), (2.5, 4), (8.75, None), (None, 3.2), (9.5, 10.05)]
FORMATS = {
    "wav": {},
    "flac": {},
    "ogg": {"subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {},
}


def noise_file(path, n_seconds=10, sr=SR, **options):
    """Write brown noise, in which no two parts are alike; return its path as str."""
    y = np.convolve(np.random.default_rng(0).normal(size=n_seconds * sr), np.ones(20) / 20, mode="same")
    soundfile.write(path, 0.3 * y, sr, **options)
    return str(path)


@pytest.fixture
def recording(tmp_path):
    return noise_file(tmp_path / "long.wav")


@pytest.fixture
def count_frames(monkeypatch):
    """Number of frames that libsndfile has decoded so far, read by read."""
    read, original = [], soundfile.SoundFile.read

    def counting(self, *args, **kwargs):
        y = original(self, *args, **kwargs)
        read.append(len(y))
        return y

    monkeypatch.setattr(soundfile.SoundFile, "read", counting)
    return read


@pytest.fixture
def tones(tmp_path):
    """One recording of three tones, half a second each; a span of each, and what they are."""
    path = tmp_path / "tones.wav"
    soundfile.write(path, np.concatenate([tone(pitch) for pitch in PITCHES.values()]), 22050)
    return [Clip(path, 0.5 * k, 0.5 * (k + 1)) for k in range(3)], list(PITCHES)


def test_it_is_printed_compared_hashed_and_pickled():
    clip = Clip("long.wav", 12.5, 15)
    assert str(clip) == "long.wav[12.5:15.0]"
    assert [str(Clip("a", *span)) for span in [(None, None), (2, None), (None, 3)]] == ["a[:]", "a[2.0:]", "a[:3.0]"]
    assert clip == Clip(os.fsencode("long.wav"), np.float32(12.5), np.int64(15))
    assert eval(repr(clip)) == clip
    assert len({clip, Clip("long.wav", 12.5, 15.0), Clip("long.wav", 12.5)}) == 2
    assert pickle.loads(pickle.dumps(clip)) == clip
    assert joblib.hash(clip) == joblib.hash(Clip("long.wav", 12.5, 15.0))
    with pytest.raises(AttributeError):
        clip.start = 3
    assert np.array([clip, clip]).shape == (2,)


@pytest.mark.parametrize(
    ("path", "start", "end", "error", "words"),
    [
        ("a.wav", -1, None, ValueError, r"start=-1\.0 must be a number of seconds from 0 on"),
        ("a.wav", None, -0.5, ValueError, r"end=-0\.5 must be"),
        ("a.wav", float("nan"), 2, ValueError, r"start=nan must be .* Use None for the start of the file"),
        ("a.wav", 1, float("nan"), ValueError, "end=nan must be .* Use None for the end of the file"),
        ("a.wav", 1, float("inf"), ValueError, "end=inf must be"),
        ("a.wav", 2, 2, ValueError, r"end=2\.0 s is not after start=2\.0 s"),
        ("a.wav", 3, 2, ValueError, r"end=2\.0 s is not after start=3\.0 s"),
        ("a.wav", None, 0, ValueError, r"end=0\.0 s is not after start=0\.0 s"),
        ("a.wav", "1:30", 2, TypeError, "start='1:30' is str. Pass a number of seconds"),
        ("a.wav", 1, True, TypeError, "end=True is bool"),
        (np.zeros(9), 1, 2, TypeError, "is ndarray; a Clip is a span of a file"),
    ],
)
def test_a_span_that_is_none_is_an_error_at_once(path, start, end, error, words):
    with pytest.raises(error, match=words) as caught:
        Clip(path, start, end)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("extension", FORMATS)
@pytest.mark.parametrize(("start", "end"), SPANS)
def test_it_is_that_part_of_the_file(start, end, extension, tmp_path):
    sr = 48000 if extension == "opus" else SR
    path = noise_file(tmp_path / f"long.{extension}", sr=sr, **FORMATS[extension])
    duration = None if end is None else end - (start or 0)
    expected, _ = load_audio(path, None, offset=start or 0, duration=duration)
    found, native = load_audio(Clip(path, start, end), None)
    assert native == sr
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(
        load_audio(Clip(path, start, end), 6000)[0], load_audio(path, 6000, offset=start or 0, duration=duration)[0]
    )


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg"])
def test_only_that_part_is_decoded(extension, tmp_path, count_frames):
    path = noise_file(tmp_path / f"long.{extension}", 60)
    load_audio(Clip(path, 58.5, 59), None)
    MFCCTransformer(sr=SR, n_fft=256, hop_length=128).transform([Clip(path, 30, 31), Clip(path, 59)])
    expected = [SR // 2, SR, SR]
    assert sum(count_frames) == sum(expected) + (3 if extension == "ogg" else 0)  # Vorbis is tried before it is sought


def test_spans_that_follow_each_other_are_the_whole_and_equal_spans_are_equally_long(recording):
    whole, _ = load_audio(recording, SR)
    parts = [load_audio(Clip(recording, k / 10, (k + 1) / 10), SR)[0] for k in range(100)]
    assert {len(part) for part in parts} == {SR // 10}
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-7)


def test_offset_and_duration_are_within_the_span(recording, count_frames):
    whole, _ = load_audio(recording, SR)
    count_frames.clear()
    reader = WaveformTransformer(100, sr=SR, offset=0.5, duration=1)
    [short, long] = reader.transform([Clip(recording, 2, 3), Clip(recording, 2)])
    np.testing.assert_array_equal(long.ravel(), whole[round(2.5 * SR) : round(3.5 * SR)])
    np.testing.assert_array_equal(short.ravel()[: SR // 2], whole[round(2.5 * SR) : 3 * SR])
    assert not short.ravel()[SR // 2 :].any()  # what follows in the file is not of the span
    assert sum(count_frames) == SR // 2 + SR
    with pytest.raises(UnreadableClipError, match=r"\[2\.0:2\.4\]: offset=0\.5 s is past the end of the span \(0\.4 s"):
        reader.transform([Clip(recording, 2, 2.4)])
    with pytest.raises(UnreadableClipError, match=r"start \+ offset=10\.1 s is past the end of the file \(10\.000 s\)"):
        reader.transform([Clip(recording, 9.6)])


@pytest.mark.parametrize(
    ("span", "reason"),
    [
        ((10, None), "start=10.0 s is past the end of the file (10.000 s). Use a smaller start."),
        ((200, 203), "start=200.0 s is past the end of the file (10.000 s). Use a smaller start."),
        ((9, 10.2), "end=10.2 s is past the end of the file (10.000 s). Use a smaller end, or None for the end"),
        ((2, 2.00001), "duration=1e-05 s is less than a sample"),
    ],
)
@pytest.mark.parametrize("memory", [False, True])
def test_a_span_past_the_end_is_named_with_its_row(span, reason, memory, recording, tmp_path):
    X = [recording, Clip(recording, 2, 3), Clip(recording, *span)]
    for feature in (MFCCTransformer(sr=SR), FrameUnion([("mfcc", MFCCTransformer(sr=SR))])):
        feature.set_params(memory=tmp_path / "cache" if memory else None)
        with pytest.raises(UnreadableClipError) as caught:
            feature.transform(X)
        error = caught.value
        assert (error.index, error.path) == (2, recording)
        assert isinstance(error, ValueError)
        assert error.reason.startswith(reason)
        assert str(error) == str(pickle.loads(pickle.dumps(error))) == f"{X[2]}: {error.reason}"
        assert error.__cause__ is not error  # or a pickle with its causes would have no end
        with pytest.warns(UserWarning, match="The clip has no frames"):
            frames = feature.set_params(on_error="warn").transform(X)
        assert [len(one) > 0 for one in frames] == [True, True, False]


def test_a_file_that_is_not_there_is_named_with_the_span(tmp_path):
    lost = Clip(tmp_path / "lost.wav", 1, 2)
    with pytest.raises(FileNotFoundError) as caught:
        MFCCTransformer().transform([tone(200), lost])
    assert (caught.value.index, caught.value.path) == (1, lost.path)
    assert str(caught.value).startswith(f"{lost}: there is no such file")


def test_a_model_takes_spans_everywhere(tones, tmp_path):
    clips, y = tones
    model = tone_model()
    assert model.predict(clips).tolist() == y
    assert [found[:2] for found in predict_files(model, clips)] == [
        (str(clip), label) for clip, label in zip(clips, y, strict=True)
    ]
    assert next(predict_files(model, clips[1])).label == y[1]
    past = Clip(clips[0].path, 9)
    *_, last = predict_files(model, [*clips, past])
    assert last.error == f"{past}: start=9.0 s is past the end of the file (1.500 s). Use a smaller start."
    found = evaluate_files(model, [*clips, clips[0]], [*y, y[0]])
    assert (found.accuracy, found.predictions["path"].tolist()) == (1, [*map(str, clips), str(clips[0])])
    done = sklaudio.report(model, clips, [*y[:2], y[0]], path=tmp_path / "page.html", with_map=False)
    assert (done.n_clips, done.n_right) == (3, 2)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "tones.wav[1.0:1.5]" in page
    assert page.count("data:audio/") == 1  # the mistake can be heard


def test_check_clips_knows_spans(tones):
    clips, y = tones
    assert len(check_clips(clips, y)) == 0
    path = clips[0].path
    findings = check_clips([*clips, Clip(path, 0.5, 1), Clip(path, 1, 1.05), Clip(path, 7)], near=False)
    assert findings[["path", "fault"]].to_numpy().tolist() == [
        [f"{path}[0.5:1.0]", "duplicate"],
        [f"{path}[1.0:1.05]", "short"],
        [f"{path}[7.0:]", "undecodable"],
    ]


def test_the_cache_knows_a_span_by_its_content(recording, tmp_path, count_frames):
    y, _ = load_audio(recording, SR)
    other = tmp_path / "other.wav"
    soundfile.write(other, y[2 * SR : 4 * SR], SR)
    expected = MFCCTransformer(sr=SR).transform([Clip(recording, 2, 3), Clip(recording, 3, 4)])
    cached = MFCCTransformer(sr=SR, memory=tmp_path / "cache")
    count_frames.clear()
    np.testing.assert_array_equal(cached.transform([Clip(recording, 2, 3), Clip(recording, 3, 4)]), expected)
    assert sum(count_frames) == 2 * SR  # each is decoded once, to know it and to make its frames
    assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 2
    np.testing.assert_array_equal(cached.transform([Clip(other, 0, 1), Clip(other, 1)]), expected)
    assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 2
    cached.set_params(duration=0.5).transform([Clip(recording, 2, 3)])
    assert len(list((tmp_path / "cache").rglob("output.pkl"))) == 3
    soundfile.write(recording, np.flip(y), SR)
    changed = cached.set_params(duration=None).transform([Clip(recording, 2, 3)])
    assert abs(changed[0] - expected[0]).max() > 1


def test_a_span_of_a_settled_file_is_decoded_once_for_many_folds(recording, tmp_path, count_frames):
    clips = [Clip(recording, k, k + 1) for k in range(8)]
    model = make_pipeline(MFCCTransformer(sr=SR, memory=tmp_path / "cache"), FrameSummary(), LogisticRegression())
    search = GridSearchCV(model, {"logisticregression__C": [0.1, 1]}, cv=2)
    yesterday = os.stat(recording).st_mtime - 86400
    os.utime(recording, (yesterday, yesterday))
    time_of_status = os.stat(recording).st_ctime
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.time", lambda: time_of_status + 60)
        search.fit(clips, [0, 1] * 4)
    assert sum(count_frames) == 8 * SR


def test_an_encoder_takes_spans(recording, tmp_path):
    class Bands(torch.nn.Module):
        def forward(self, samples):
            return samples.unfold(1, 400, 400).square()[..., :4]

    clips = [Clip(recording, 2, 3), Clip(recording, 3, 4)]
    encoder = EncoderTransformer(Bands(), sr=SR)
    y, _ = load_audio(recording, SR)
    expected = encoder.transform([y[2 * SR : 3 * SR], y[3 * SR : 4 * SR]])
    np.testing.assert_allclose(encoder.transform(clips), expected, atol=1e-6)
