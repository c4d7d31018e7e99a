"""Decoding, mixing, resampling, seeking; and the forms of X."""

import gc
import inspect
import multiprocessing
import sys
from pathlib import Path

import librosa
import numpy as np
import pandas as pd
import pytest
import soundfile

from sklaudio import load_audio
from sklaudio.audio import as_clips, holds_clips

SR = 22050
FORMATS = {
    "wav": {},
    "au": {},
    "flac": {},
    "ogg": {"subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {},
}


def write(path, y, sr=SR, **options):
    soundfile.write(path, y, sr, **options)
    return path


def loudest_frequency(y, sr):
    return np.abs(np.fft.rfft(y * np.hanning(len(y)))).argmax() * sr / len(y)


@pytest.mark.parametrize("extension", FORMATS)
def test_every_format_keeps_the_tone(extension, tmp_path):
    sr = 48000
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(2 * sr) / sr)
    path = write(tmp_path / f"tone.{extension}", tone, sr, **FORMATS[extension])
    y, native = load_audio(path, None)
    assert native == sr
    assert y.dtype == np.float32
    assert abs(loudest_frequency(y, sr) - 1000) < 1
    assert abs(np.sqrt(np.mean(y**2)) - 0.5 / np.sqrt(2)) < 0.02


@pytest.mark.parametrize("extension", FORMATS)
def test_a_part_equals_that_part_of_the_whole(extension, tmp_path, rng):
    sr = 48000
    y = 0.3 * np.convolve(rng.normal(size=3 * sr), np.ones(20) / 20, mode="same")
    path = write(tmp_path / f"noise.{extension}", y, sr, **FORMATS[extension])
    whole, _ = load_audio(path, None)
    part, _ = load_audio(path, None, offset=1.25, duration=0.5)
    assert part.shape == (sr // 2,)
    expected = whole[round(1.25 * sr) : round(1.75 * sr)]
    # A lossy decoder that starts in the middle lacks what its first frames lean on; after a tenth it has caught up.
    steady = slice(0 if extension in ("wav", "au", "flac") else sr // 20, None)
    assert np.abs(part - expected)[steady].max() < (1e-7 if steady.start == 0 else 2e-3)


def test_only_the_part_asked_for_is_read(tmp_path, monkeypatch):
    path = write(tmp_path / "long.wav", np.zeros(60 * 8000), 8000)
    read = []
    original = soundfile.SoundFile.read

    def counting(self, *args, **kwargs):
        y = original(self, *args, **kwargs)
        read.append(len(y))
        return y

    monkeypatch.setattr(soundfile.SoundFile, "read", counting)
    load_audio(path, None, offset=30, duration=1)
    assert sum(read) == 8000


@pytest.mark.parametrize("sr", [8000, 16000, 22050, 44100])
def test_resampling_equals_librosa(sr, tmp_path, noise):
    path = write(tmp_path / "noise.wav", noise)
    expected, _ = librosa.load(path, sr=sr)
    y, got = load_audio(path, sr)
    assert got == sr
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_channels_are_averaged(tmp_path, noise):
    path = write(tmp_path / "stereo.wav", np.stack([noise, -noise, 3 * noise], axis=1), subtype="FLOAT")
    np.testing.assert_allclose(load_audio(path)[0], noise, atol=1e-6)


def test_real_recordings_equal_librosa(gtzan_files):
    expected, _ = librosa.load(gtzan_files[0], sr=16000, offset=2.0, duration=3.0)
    y, _ = load_audio(gtzan_files[0], 16000, offset=2.0, duration=3.0)
    np.testing.assert_allclose(y, expected, atol=1e-6)


def test_a_part_longer_than_the_file_is_what_the_file_has(tmp_path, noise):
    assert len(load_audio(write(tmp_path / "a.wav", noise), offset=0.5, duration=9)[0]) == len(noise) - SR // 2


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda path: None, FileNotFoundError, "no such file"),
        (lambda path: path.mkdir(), IsADirectoryError, "folder"),
        (lambda path: path.write_bytes(b""), ValueError, "empty"),
        (lambda path: path.write_text("these are words\n" * 40), ValueError, "not an audio file"),
        (lambda path: write(path, np.zeros(0)), ValueError, "no samples"),
        (lambda path: write(path, np.array([0.1, np.nan, np.inf]), subtype="FLOAT"), ValueError, "2 of 3 samples"),
    ],
    ids=["missing", "folder", "empty", "text", "no samples", "nan"],
)
def test_bad_files_are_named(make, error, words, tmp_path):
    path = tmp_path / "bad.wav"
    make(path)
    with pytest.raises(error, match=words) as caught:
        load_audio(path)
    assert "bad.wav" in str(caught.value)


def test_bad_times_are_named(tmp_path, noise):
    path = write(tmp_path / "a.wav", noise)
    with pytest.raises(ValueError, match=r"a\.wav: offset=1\.5 s is past the end"):
        load_audio(path, offset=1.5)
    with pytest.raises(ValueError, match="offset=-1"):
        load_audio(path, offset=-1)
    with pytest.raises(ValueError, match="duration=0"):
        load_audio(path, duration=0)
    with pytest.raises(ValueError, match=r"duration=1e-06 s is less than a sample"):
        load_audio(path, duration=1e-6)
    with pytest.raises(ValueError, match="sr=0"):
        load_audio(path, 0)
    (tmp_path / "headless.raw").write_bytes(b"abc" * 99)
    with pytest.raises(ValueError, match=r"headless\.raw"):
        load_audio(tmp_path / "headless.raw")


@pytest.mark.parametrize(
    "X",
    [
        ["a.wav", "b.wav"],
        [Path("a.wav"), Path("b.wav")],
        np.array(["a.wav", "b.wav"]),
        np.array(["a.wav", "b.wav"], dtype=object),
        pd.Series(["a.wav", "b.wav"]),
        pd.Series([Path("a.wav"), Path("b.wav")]),
        ("a.wav", "b.wav"),
        [b"a.wav", b"b.wav"],
        np.array([b"a.wav", b"b.wav"]),
    ],
    ids=["str", "Path", "U array", "object array", "Series", "Series of Path", "tuple", "bytes", "S array"],
)
def test_lists_of_paths(X):
    assert holds_clips(X)
    assert as_clips(X) == ["a.wav", "b.wav"]


def test_lists_of_waveforms():
    X = [np.zeros(3), np.ones(5)]
    assert holds_clips(X)
    assert [clip.tolist() for clip in as_clips(X)] == [[0, 0, 0], [1, 1, 1, 1, 1]]
    assert holds_clips([[0.0, 1.0], [2.0]])  # unequal lengths are no table
    assert not holds_clips([[0.0, 1.0], [2.0, 3.0]])
    assert not holds_clips(np.zeros((2, 5)))
    assert not holds_clips(pd.DataFrame(np.zeros((2, 5))))


@pytest.mark.parametrize(
    ("X", "error", "words"),
    [
        ("a.wav", ValueError, r"\['a.wav'\]"),
        ([], ValueError, "no clip"),
        ([np.zeros(3), np.zeros(0)], ValueError, r"X\[1\]: the clip holds no samples"),
        ([np.zeros(3), np.array([0, np.nan])], ValueError, r"X\[1\]: 1 of 2 samples"),
        (["a.wav", 7], TypeError, r"X\[1\] is int"),
        (["a.wav", None], TypeError, r"X\[1\] is NoneType"),
        ([np.zeros((2, 9))], TypeError, r"X\[0\] is an array of shape \(2, 9\)"),
    ],
)
def test_what_is_no_clip_is_named(X, error, words):
    with pytest.raises(error, match=words):
        as_clips(X)


def closings_after_an_interrupt(path):
    """Raise KeyboardInterrupt where soundfile has closed a file and not noted that; exit with the closings in all."""
    close, closings = soundfile.SoundFile.close.__code__, []
    lines, first = inspect.getsourcelines(soundfile.SoundFile.close)
    line = first + next(number for number, text in enumerate(lines) if "self._file = None" in text)

    def interrupt(frame, event, argument):
        if frame.f_code is close and event == "line" and frame.f_lineno == line:
            closings.append(line)
            if len(closings) == 1:
                raise KeyboardInterrupt
        return interrupt

    def trace(frame, event, argument):  # an error ends the trace of its frame and of all that are called later
        sys.settrace(trace)
        return interrupt

    sys.settrace(trace)
    try:
        load_audio(path)
    except KeyboardInterrupt:
        sys.settrace(trace)
        gc.collect()
    sys.exit(len(closings))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
def test_a_file_is_closed_once_though_an_interrupt_comes_between(tmp_path):
    path = write(tmp_path / "tone.wav", np.zeros(100))
    child = multiprocessing.get_context("fork").Process(target=closings_after_an_interrupt, args=(path,))
    child.start()
    child.join(60)
    assert child.exitcode == 1  # a second one frees the same memory again, which may end the process
