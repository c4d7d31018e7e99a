"""Files that hold more than their header says are read to the end of what is there."""

import os
import shutil
import subprocess
import warnings

import numpy as np
import pytest
import soundfile

from sklaudio import check_clips, load_audio
from sklaudio.audio import iter_audio

SR = 22050
SIZED = {"wav": "WAV", "rf64": "RF64", "w64": "W64", "aiff": "AIFF", "au": "AU", "caf": "CAF"}


@pytest.fixture
def song(rng):
    """Loud and quiet noise by turns, 6 s: a variable bit rate varies on it."""
    loudness = np.repeat([0.001, 0.3, 0.001, 0.3, 0.001, 0.3], SR)
    return (loudness * rng.normal(size=len(loudness))).clip(-0.9, 0.9).astype(np.float32)


def written(path, y, sr=SR, **options):
    """Bytes of a file."""
    soundfile.write(path, y, sr, **options)
    return path.read_bytes()


def mp3(path, y, sr=SR, mode="VARIABLE"):
    return written(path, y, sr, format="MP3", bitrate_mode=mode, compression_level=0.5)


def without_xing(data):
    """An mp3 without its first frame, which says how long it is: that begins where "Xing" or "Info" is near."""
    at = max(data.find(b"Xing"), data.find(b"Info"))
    start = data.rfind(b"\xff", 0, at)
    after = data.find(data[start : start + 2], at)
    return data[after:]


def put(data, at, number, width, order):
    data = bytearray(data)
    data[at : at + width] = number.to_bytes(width, order)
    return bytes(data)


def with_size(data, form, n_bytes):
    """A file whose header says that it holds so many bytes of samples."""
    if form == "au":
        return put(data, 8, n_bytes, 4, "big")
    if form == "rf64":
        return put(data, data.find(b"ds64") + 16, n_bytes, 8, "little")
    at = data.find(b"SSND" if form == "aiff" else b"data")
    if form == "aiff":
        frames = data.find(b"COMM") + 10
        return put(put(data, at + 4, n_bytes + 8, 4, "big"), frames, n_bytes // 2, 4, "big")
    if form == "w64":
        return put(data, at + 16, n_bytes + 24, 8, "little")
    return put(data, at + 4, n_bytes + 4 * (form == "caf"), *((8, "big") if form == "caf" else (4, "little")))


def checked(path, n_samples, sr=SR):
    """The samples, after all ways to read them agreed, and none warned."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y, native = load_audio(path, None)
        blocks = np.concatenate([block for block, _ in iter_audio(path, sr)])
        for offset in (0.3, 0.7 * n_samples / sr):
            part, _ = load_audio(path, None, offset=offset, duration=0.2)
            start = int(offset * sr)
            error = np.abs(part - y[start : start + len(part)]).mean()  # mp3 takes some frames to be what it was
            assert error < 0.05 * np.abs(part).mean()
            assert len(part) == int(0.2 * sr)
        with pytest.raises(ValueError, match="offset"):
            load_audio(path, None, offset=n_samples / sr + 1)
    assert native == sr
    assert len(y) == len(blocks) == n_samples
    np.testing.assert_array_equal(blocks, y)
    findings = check_clips([path], near=False)
    assert not set(findings["fault"]) & {"truncated", "cut", "undecodable"}
    return y


def test_an_mp3_of_variable_bit_rate_without_xing_header(tmp_path, song):
    data = mp3(tmp_path / "whole.mp3", song)
    path = tmp_path / "a.mp3"
    path.write_bytes(without_xing(data))
    assert soundfile.info(path).frames != pytest.approx(len(song), rel=0.05)  # or it would be no case
    n_samples = len(load_audio(path, None)[0])
    assert len(song) <= n_samples < len(song) + 4 * 1152
    checked(path, n_samples)


@pytest.mark.parametrize(
    "tag", [b"TAG" + bytes(125), b"TAG" + b"x" * 125, bytes(5000)], ids=["empty", "ID3v1", "zeros"]
)
@pytest.mark.parametrize("form", ["mp3", "mp3 without Xing header", "wav", "flac", "au", "aiff"])
def test_tags_and_zeros_at_the_end_are_no_samples(form, tag, tmp_path, song):
    path = tmp_path / f"a.{form.split()[0]}"
    data = mp3(path, song) if form.startswith("mp3") else written(path, song)
    path.write_bytes(without_xing(data) if "Xing" in form else data)
    n_samples = len(load_audio(path, None)[0])
    path.write_bytes(path.read_bytes() + tag)
    checked(path, n_samples)


@pytest.mark.parametrize("channels", [1, 2], ids=["both mono", "mono and stereo"])
def test_two_mp3_joined_with_cat(channels, tmp_path, song):
    two = mp3(tmp_path / "one.mp3", song), mp3(tmp_path / "two.mp3", np.stack([song[::-1]] * channels, axis=1))
    path = tmp_path / "joined.mp3"
    path.write_bytes(b"".join(two))
    y = checked(path, 2 * len(song))
    for half, name in ((y[: len(song)], "one.mp3"), (y[len(song) :], "two.mp3")):
        np.testing.assert_allclose(half, load_audio(tmp_path / name, None)[0], atol=1e-5)


def test_two_mp3_without_xing_header_joined_with_cat(tmp_path, song):
    path = tmp_path / "joined.mp3"
    one, two = (without_xing(mp3(tmp_path / "one.mp3", y)) for y in (song, song[::-1]))
    path.write_bytes(one)
    n_samples = len(load_audio(path, None)[0])
    path.write_bytes(one + two)
    n_joined = len(load_audio(path, None)[0])
    assert abs(n_joined - 2 * n_samples) <= 1152
    checked(path, n_joined)


@pytest.mark.parametrize(
    "options",
    [
        {"format": "OGG"},
        {"format": "OGG", "subtype": "OPUS"},
        *({"format": name} for name in ("FLAC", "WAV", "AIFF", "AU")),
    ],
    ids=lambda options: "-".join(options.values()),
)
@pytest.mark.parametrize("is_same", [True, False])
def test_chained_ogg_and_others_joined_with_cat(options, is_same, tmp_path, song):
    sr = 24000
    path = tmp_path / "joined"
    lengths, joined = [], b""
    for y in (song, song if is_same else np.stack([song[: len(song) // 2]] * 2, axis=1)):
        joined += written(path, y, sr, **options)
        lengths.append(len(load_audio(path, None)[0]))
    path.write_bytes(joined)
    native = load_audio(path, None)[1]  # that of Opus is always 48000
    checked(path, sum(lengths), native)


@pytest.mark.parametrize("n_bytes", [0, 30000], ids=["zero", "too small"])
@pytest.mark.parametrize("form", SIZED)
def test_a_data_size_that_a_crashed_recorder_left(form, n_bytes, tmp_path, song):
    path = tmp_path / f"crashed.{form}"
    data = written(path, song, format=SIZED[form], subtype="PCM_16")
    path.write_bytes(with_size(data, form, n_bytes))
    y = checked(path, len(song))
    np.testing.assert_allclose(y, song, atol=2**-15)


def test_a_wav_with_both_sizes_zero_and_one_of_silence(tmp_path, song):
    path = tmp_path / "crashed.wav"
    for y in (song, 0 * song):
        data = with_size(written(path, y), "wav", 0)
        path.write_bytes(put(data, 4, 0, 4, "little"))
        assert len(load_audio(path, None)[0]) == len(song)
        assert "undecodable" not in set(check_clips([path])["fault"])


@pytest.mark.parametrize(
    "rest",
    [b"LIST\x04\0\0\0INFO", b"id3 \x06\0\0\0abcdef", b"junk\x03\0\0\0abc\0", b"bext\xff\0\0\0cut", b"\0"],
    ids="LIST id3 odd cut padding".split(),
)
def test_chunks_behind_the_samples_are_no_samples(rest, tmp_path, song):
    path = tmp_path / "a.wav"
    data = written(path, song)
    path.write_bytes(put(data + rest, 4, len(data + rest) - 8, 4, "little"))
    checked(path, len(song))


def test_thousands_of_au_files_joined_with_cat(tmp_path, song):
    one = written(tmp_path / "one.au", song[:50])
    path = tmp_path / "all.au"
    path.write_bytes(one * 3000)
    np.testing.assert_array_equal(load_audio(path, None)[0], np.tile(load_audio(tmp_path / "one.au", None)[0], 3000))


@pytest.mark.parametrize("at", [0, 23])
def test_an_au_whose_samples_begin_within_its_header_is_named(at, tmp_path, song):
    data = written(tmp_path / "spoiled.au", song[:500])
    (tmp_path / "spoiled.au").write_bytes(data[:4] + at.to_bytes(4, "big") + bytes(4) + data[12:])
    with pytest.raises(ValueError, match=r"spoiled\.au: the file holds no samples"):
        load_audio(tmp_path / "spoiled.au")


def test_an_empty_wav_stays_empty(tmp_path):
    path = tmp_path / "empty.wav"
    data = written(path, np.zeros(0))
    for rest in (b"", b"LIST\x04\0\0\0INFO"):
        path.write_bytes(data + rest)
        with pytest.raises(ValueError, match="holds no samples"):
            load_audio(path)


@pytest.mark.parametrize("form", ["MP3", "OGG", "WAV", "FLAC"])
def test_what_cannot_be_read_to_its_end_is_named_and_listed(form, tmp_path, song):
    path = tmp_path / "joined.bin"
    first = written(path, song, 44100, format=form)
    n_samples = len(load_audio(path, None)[0])
    path.write_bytes(first + written(path, song, 22050, format=form))
    with pytest.warns(
        UserWarning, match=r"joined\.bin: the file is not read to its end, the rate .* Split it"
    ) as caught:
        y, _ = load_audio(path, None)
    assert len(caught) == 1
    assert len(y) == n_samples
    with pytest.warns(UserWarning, match="not read to its end"):
        assert sum(len(block) for block, _ in iter_audio(path, 44100)) == n_samples
    assert "cut" in check_clips([path], near=False)["fault"].tolist()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_audio(path, None, duration=0.5)  # which is all there


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    "options", [["-q:a", "2"], ["-b:a", "64k"], ["-q:a", "9", "-ar", "11025"]], ids=["VBR", "CBR", "MPEG 2.5"]
)
@pytest.mark.parametrize("has_xing", ["0", "1"])
def test_what_ffmpeg_writes(options, has_xing, tmp_path, song):
    soundfile.write(tmp_path / "song.wav", np.stack([song, song], axis=1), SR)
    path = tmp_path / "a.mp3"
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "song.wav", *options, "-write_xing", has_xing, path]
    subprocess.run(list(map(os.fspath, command)), check=True, stdin=subprocess.DEVNULL)
    y, sr = load_audio(path, None)
    assert len(song) / SR <= len(y) / sr + 0.001 < len(song) / SR + 0.25
    checked(path, len(y), sr)
