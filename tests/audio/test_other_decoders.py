"""Files that libsndfile does not decode, by PyAV and by ffmpeg."""

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sklaudio import Clip, check_clips, check_folder, load_audio
from sklaudio.audio import iter_audio
from sklaudio.audio._patterns import audio_files
from sklaudio.datasets import load_folder

SR = 44100
FORMS = {"m4a": "aac", "mp4": "aac", "aac": "aac", "mka": "aac", "webm": "libopus", "wma": "wmav2"}


def encode(path, y, sr=SR):
    """Write a file of a form that soundfile does not write, by PyAV."""
    av = pytest.importorskip("av")
    codec = FORMS[path.suffix[1:].lower()]
    rate = 48000 if codec == "libopus" else sr
    kinds = {".m4a": "mp4", ".wma": "asf", ".aac": "adts", ".mka": "matroska"}
    with av.open(str(path), "w", format=kinds.get(path.suffix.lower(), path.suffix[1:].lower())) as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(y[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = sr
        resampler = av.AudioResampler(
            stream.codec_context.format, "mono", rate, stream.codec_context.frame_size or 1024
        )
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path


def without_av(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)


def without_decoders(monkeypatch):
    without_av(monkeypatch)
    monkeypatch.setenv("PATH", "")


@pytest.fixture(params=["PyAV", "ffmpeg"])
def decoder(request, monkeypatch):
    """One of the two decoders; files are to be written before it is asked for."""

    def use():
        if request.param == "ffmpeg":
            if shutil.which("ffmpeg") is None:
                pytest.skip("ffmpeg is not installed")
            without_av(monkeypatch)

    return use


@pytest.fixture
def tones():
    """A second each of 500, 1000 and 2000 Hz."""
    time = np.arange(SR) / SR
    return np.concatenate([0.5 * np.sin(2 * np.pi * pitch * time) for pitch in (500, 1000, 2000)]).astype(np.float32)


def pitch(y, sr):
    return np.abs(np.fft.rfft(y)).argmax() * sr / len(y)


@pytest.mark.parametrize("form", FORMS)
def test_phone_and_browser_recordings(form, tmp_path, tones, decoder):
    path = encode(tmp_path / f"-a: b %d\n.{form}", tones)
    decoder()
    y, sr = load_audio(path, None)
    assert abs(len(y) / sr - 3) < 0.1
    for second, expected in enumerate((500, 1000, 2000)):
        part = y[int((second + 0.2) * sr) : int((second + 0.8) * sr)]
        assert pitch(part, sr) == pytest.approx(expected, abs=5)
        assert np.abs(part).max() == pytest.approx(0.5, abs=0.05)
    part, _ = load_audio(path, None, offset=1.2, duration=0.5)
    np.testing.assert_array_equal(part, y[int(1.2 * sr) :][: int(0.5 * sr)])
    np.testing.assert_array_equal(np.concatenate([block for block, _ in iter_audio(path, sr)]), y)
    assert len(load_audio(path, 8000)[0]) == pytest.approx(24000, abs=800)
    assert not set(check_clips([path], near=False)["fault"]) & {"undecodable", "truncated", "cut"}
    with pytest.raises(ValueError, match="nothing can be decoded from offset"):
        load_audio(path, offset=10)


@pytest.fixture
def podcast(tmp_path):
    """Twenty seconds of noise as m4a, of which no two parts are alike."""
    y = np.convolve(np.random.default_rng(0).normal(size=20 * SR), np.ones(20) / 20, mode="same")
    return encode(tmp_path / "podcast.m4a", 0.3 * y)


def test_spans_of_an_m4a_are_those_of_the_whole(podcast):
    whole, sr = load_audio(podcast, None)
    for start, end in [(5.001, 6.2), (12.3456, 13), (19, len(whole) / sr), (0.5, 6)]:
        found, _ = load_audio(Clip(podcast, start, end), None)
        assert len(found) == pytest.approx((end - start) * sr, abs=1)
        difference = found - whole[int(start * sr) :][: len(found)]
        assert np.sqrt(np.mean(difference**2)) < 1e-3  # one sample off makes 3e-2; AAC lets decoders make up some noise
    with pytest.raises(ValueError, match=r"\[30\.0:\]: nothing can be decoded from start=30\.0 s on"):
        load_audio(Clip(podcast, 30))


def test_what_is_before_a_span_of_an_m4a_is_not_decoded(podcast):
    expected, _ = load_audio(Clip(podcast, 18, 19), None)
    data = bytearray(podcast.read_bytes())
    middle, at = len(data) // 2, data.index(b"mdat") + 4
    data[at + 1000 : middle] = bytes(255 for _ in range(middle - at - 1000))
    podcast.write_bytes(data)
    np.testing.assert_array_equal(load_audio(Clip(podcast, 18, 19), None)[0], expected)
    with pytest.warns(UserWarning, match="its decoder stops"):
        load_audio(podcast, None)


def test_damaged_ones_are_named(tmp_path, tones, decoder):
    path = encode(tmp_path / "cut.m4a", tones)
    path.write_bytes(path.read_bytes()[:5000])  # without the index at its end
    decoder()
    with pytest.raises(ValueError, match=r"cut\.m4a: this is not an audio file that can be decoded"):
        load_audio(path)


def test_video_without_sound_is_named(tmp_path, decoder):
    av = pytest.importorskip("av")
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=24)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8)).reformat(format="yuv420p"))
        )
        container.mux(stream.encode(None))
    decoder()
    with pytest.raises(ValueError, match=r"silent\.mp4: .*there is no sound in it"):
        load_audio(path)


def test_sound_of_a_codec_that_no_decoder_knows_is_named(tmp_path, tones, decoder):
    path = tmp_path / "odd.wav"
    soundfile.write(path, tones, 22050)
    data = bytearray(path.read_bytes())
    data[20:22] = b"\xfa\xfa"  # the code of the codec
    path.write_bytes(data)
    decoder()
    with pytest.raises(ValueError, match=r"odd\.wav: this is not an audio file that can be decoded"):
        load_audio(path)


def test_without_a_decoder_the_error_says_what_to_install(tmp_path, monkeypatch):
    path = tmp_path / "song.m4a"
    path.write_bytes(b"\0\0\0\x20ftypM4A " + bytes(500))
    without_decoders(monkeypatch)
    with pytest.raises(ValueError, match=r"song\.m4a: .* MPEG-4.*sklaudio\[formats\].*ffmpeg.*convert it to wav"):
        load_audio(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes with files of many kinds; nothing of it is decoded."""
    names = [
        "cat/a.wav",
        "cat/b.M4A",
        "cat/c.webm",
        "cat/d.m4a",
        "dog/e.caf",
        "dog/f.WAVE",
        "dog/.g.m4a",
        "dog/notes.txt",
    ]
    for name in [*names, "dog/i.w64", "dog/j.aifc"]:
        path = tmp_path / "pets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path / "pets"


def test_what_can_be_decoded_is_listed(folder, monkeypatch):
    pytest.importorskip("av")
    expected = ["a.wav", "b.M4A", "c.webm", "d.m4a", "e.caf", "f.WAVE", "i.w64", "j.aifc"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [Path(path).name for path in load_folder(folder).data] == expected
        assert [Path(path).name for path in audio_files(folder)] == expected


def test_what_cannot_be_decoded_is_counted_once(folder, monkeypatch):
    without_decoders(monkeypatch)
    soundfile.write(folder / "dog" / "take 2", np.zeros(100), SR, format="FLAC")
    words = r"left out files .*: 2 of \.m4a, 1 of \.webm, 1 of no extension\. .*sklaudio\[formats\]"
    for read in (load_folder, audio_files, lambda path: audio_files(f"{path}/*/*")):
        with pytest.warns(UserWarning, match=words) as caught:
            read(folder)
        assert len(caught) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_folder(folder, extensions=[".wav", ".caf"])  # as was asked for
    for name in ("a.wav", "e.caf", "f.WAVE", "i.w64", "j.aifc"):
        soundfile.write(next(folder.rglob(name)), np.ones(100), SR, format="WAV")
    findings = check_folder(folder, near=False)
    ignored = findings[findings["fault"] == "ignored"]
    assert sorted(Path(path).name for path in ignored["path"]) == ["b.M4A", "c.webm", "d.m4a", "take 2"]


def test_links_to_folders_are_followed_and_not_in_circles(tmp_path):
    for name in ["pets/cat/a.wav", "pets/cat/deep/b.wav", "elsewhere/c.wav", "elsewhere/deep/d.wav", "more/e.wav"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    pets = tmp_path / "pets"
    os.symlink(tmp_path / "elsewhere", pets / "cat" / "a link")
    os.symlink(tmp_path / "elsewhere", pets / "cat" / "another link")  # to what is listed already
    os.symlink("..", pets / "cat" / "deep" / "circle")
    os.symlink(pets, pets / "cat" / "root")
    os.symlink(pets, tmp_path / "elsewhere" / "back")
    os.symlink(pets / "cat" / "deep", pets / "cat" / "a alias")
    os.symlink(tmp_path / "more", pets / "dog")
    os.symlink(pets, pets / "itself")
    os.symlink("gone", pets / "cat" / "broken")
    expected = ["cat/a link/c.wav", "cat/a link/deep/d.wav", "cat/a.wav", "cat/deep/b.wav", "dog/e.wav"]
    bunch = load_folder(pets)
    assert [Path(path).relative_to(pets).as_posix() for path in bunch.data] == expected
    assert bunch.target.tolist() == ["cat"] * 4 + ["dog"]
    assert [Path(path).relative_to(pets).as_posix() for path in audio_files(pets)] == expected
    assert len(audio_files(f"{pets}/**/*.wav")) == len(expected)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize("form", FORMS)
def test_pyav_and_ffmpeg_agree(form, tmp_path, tones, monkeypatch):
    soundfile.write(tmp_path / "song.wav", tones, SR)
    path = tmp_path / f"song.{form}"
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "song.wav", path]
    subprocess.run(list(map(os.fspath, command)), check=True, stdin=subprocess.DEVNULL)
    pytest.importorskip("av")
    by_av, sr = load_audio(path, None)
    without_av(monkeypatch)
    by_ffmpeg, native = load_audio(path, None)
    assert native == sr
    assert len(by_av) == len(by_ffmpeg)
    np.testing.assert_allclose(by_av, by_ffmpeg, atol=1e-3)
