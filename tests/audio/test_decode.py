"""Files of every kind, and what is no file: samples, or an error that names it, within memory and time."""

import os
import socket
import tracemalloc
import warnings

import numpy as np
import pytest
import soundfile

from sklaudio import load_audio
from sklaudio.audio._decode import READ_AT_ONCE, decode

from ..mutations import mend_ogg

SR = 22050
LOSSLESS = {
    "wav": ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"],
    "au": ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"],
    "flac": ["PCM_S8", "PCM_16", "PCM_24"],
    "aiff": ["PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"],
}
BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16}


@pytest.fixture
def clip(tmp_path, noise):
    """A good file of one second."""
    path = tmp_path / "clip.wav"
    soundfile.write(path, noise, SR)
    return path


def put(path, at, number, width, order):
    """Write a number over a header."""
    data = bytearray(path.read_bytes())
    data[at : at + width] = number.to_bytes(width, order)
    path.write_bytes(data)


def put_flac_length(path, n_samples):
    """Write the 36 bits of the header of a FLAC file that say how long it is."""
    others = int.from_bytes(path.read_bytes()[18:26], "big") >> 36 << 36
    put(path, 18, others | n_samples, 8, "big")


@pytest.mark.parametrize(("extension", "subtype"), [(e, s) for e, subtypes in LOSSLESS.items() for s in subtypes])
def test_every_width_number_of_channels_and_rate(extension, subtype, tmp_path, rng):
    for n_channels, sr in zip(range(1, 9), (4000, 8000, 11025, 22050, 44100, 48000, 96000, 192000), strict=True):
        y = rng.uniform(-1, 1, (50, n_channels)).clip(-0.99, 0.99)
        path = tmp_path / f"clip.{extension}"
        soundfile.write(path, y, sr, subtype=subtype)
        read, native = load_audio(path, None)
        assert (native, read.dtype, read.shape) == (sr, np.float32, (50,))
        np.testing.assert_allclose(read, y.mean(axis=1), atol=1.01 * 2.0 ** -(BITS.get(subtype, 23) - 1))
        assert len(load_audio(path)[0]) == -(-50 * SR // sr)


@pytest.mark.parametrize("extension", ["wav", "au", "flac", "aiff"])
@pytest.mark.parametrize("y", [[0.5], [0.0] * 99, [0.25] * 99, [1.0, -1.0] * 50], ids=["one", "silence", "DC", "full"])
def test_plain_signals_come_back_as_they_are(extension, y, tmp_path):
    path = tmp_path / f"clip.{extension}"
    soundfile.write(path, np.array(y), SR)
    np.testing.assert_allclose(load_audio(path)[0], y, atol=2**-15)
    assert np.isfinite(load_audio(path, 8000)[0]).all()


@pytest.mark.parametrize("container", ["OGG", "MP3"])
def test_one_sample_in_a_lossy_file_is_no_error(container, tmp_path):
    path = tmp_path / "clip"
    soundfile.write(path, np.array([0.5]), SR, format=container)
    assert len(load_audio(path)[0]) >= 1


@pytest.mark.parametrize(
    "bad",
    [[np.nan, 0], [0, np.inf], [np.inf, -np.inf], [3e38, 3e38], [1e300, 0]],
    ids="nan inf both huge double".split(),
)
def test_what_is_not_finite_is_named_without_a_warning(bad, tmp_path):
    path = tmp_path / "clip.wav"
    soundfile.write(path, np.array([[0.1, 0.1], bad, [0.1, 0.1]]), SR, subtype="DOUBLE")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=r"clip\.wav: (1 of 3 samples are NaN or infinity|samples reach 3e\+38)"):
            load_audio(path, 8000)


@pytest.mark.parametrize(
    "name", ["clip", "clip.mp3", "clip.flac", "clip.txt", "Ünï cödé ♪", " a b ", "a\nb", b"\xff.wav"]
)
def test_names_do_not_matter(name, clip, noise):
    renamed = os.path.join(os.fsencode(clip.parent), name if isinstance(name, bytes) else name.encode())
    os.rename(clip, renamed)
    for path in (renamed, os.fsdecode(renamed)):
        np.testing.assert_allclose(load_audio(path)[0], noise, atol=2**-15)


@pytest.mark.parametrize("extension", ["au", "snd", "raw", "vox", "gsm", "mp3", "wav"])
def test_words_are_never_taken_for_samples(extension, tmp_path):
    path = tmp_path / f"words.{extension}"
    path.write_text("these are words\n" * 400)
    with pytest.raises(ValueError, match=rf"words\.{extension}: this is not an audio file"):
        load_audio(path)


def test_what_is_no_file_is_an_error_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    os.mkfifo("pipe.wav")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.wav")
    for path, words in [("pipe.wav", "named pipe"), ("socket.wav", "socket"), ("/dev/zero", "device")]:
        with pytest.raises(ValueError, match=f"{path}: this is a {words}, not a file"):
            load_audio(path)
    os.symlink("gone.wav", "link.wav")
    os.symlink("loop.wav", "loop.wav")
    with pytest.raises(FileNotFoundError, match=r"link\.wav: the link leads to gone\.wav, which is not there"):
        load_audio("link.wav")
    named = {"loop.wav": "loop.wav", "a" * 300: "a{50,}…a{50,}: this cannot be the name of a file", "": "''"}
    for path, words in (named | {"null\0.wav": r"null\\x00\.wav"}).items():
        with pytest.raises((OSError, ValueError), match=words):
            load_audio(path)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_named(clip):
    clip.chmod(0)
    with pytest.raises(PermissionError, match=r"clip\.wav: there is no permission"):
        load_audio(clip)


def before_each(monkeypatch, method, do):
    """From now on, something happens just before soundfile opens (`__init__`) or reads any file."""
    original = getattr(soundfile.SoundFile, method)

    def do_first(*args, **kwargs):
        do()
        return original(*args, **kwargs)

    monkeypatch.setattr(soundfile.SoundFile, method, do_first)


def test_a_file_that_vanishes_after_the_first_look_is_named(clip, monkeypatch):
    before_each(monkeypatch, "__init__", lambda: clip.unlink(missing_ok=True))
    with pytest.raises(FileNotFoundError, match=r"clip\.wav: there is no such file"):
        load_audio(clip)


def test_a_file_that_shrinks_while_it_is_open_gives_what_it_has(clip, noise, monkeypatch):
    before_each(monkeypatch, "read", lambda: os.truncate(clip, 44 + 2 * 8000))
    np.testing.assert_allclose(load_audio(clip)[0], noise[:8000], atol=2**-15)


@pytest.mark.parametrize("extension", ["wav", "au", "flac", "ogg"])
def test_a_header_that_promises_gigabytes_costs_none(extension, tmp_path, noise):
    path = tmp_path / f"clip.{extension}"
    soundfile.write(path, noise, SR)
    if extension == "ogg":
        data = bytearray(path.read_bytes())
        last = data.rfind(b"OggS")
        data[last + 6 : last + 14] = (2**40).to_bytes(8, "little")
        mend_ogg(data)
        path.write_bytes(data)
    elif extension == "flac":
        put_flac_length(path, 2**36 - 1)
    else:
        put(path, 40 if extension == "wav" else 8, 2**32 - 1, 4, "little" if extension == "wav" else "big")
    tracemalloc.start()
    y, _ = load_audio(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert abs(len(y) - len(noise)) < 2000
    assert peak < 20 * 2**20


def test_a_flac_stream_of_unknown_length_is_read_to_its_end(tmp_path, noise):
    path = tmp_path / "clip.flac"
    soundfile.write(path, noise, SR)
    put_flac_length(path, 0)
    np.testing.assert_allclose(load_audio(path)[0], noise, atol=2**-15)


def test_blocks_join_to_the_whole(tmp_path, rng):
    """Silence, of which a small file may hold more than is read at once, and noise where blocks meet."""
    path = tmp_path / "clip.flac"
    n_at_once = READ_AT_ONCE // 2  # of two channels
    y = np.zeros((n_at_once + 20_000, 2), dtype=np.int16)
    y[n_at_once - 5000 : n_at_once + 5000] = rng.integers(-(2**15), 2**15, (10_000, 2))
    soundfile.write(path, y, SR)
    sizes = []
    decoded = decode(path, on_block=lambda block: sizes.append(block.shape))
    assert sizes == [(n_at_once, 2), (20_000, 2)]
    np.testing.assert_allclose(decoded.y, y.mean(axis=1) / 2**15, atol=1e-7)
    assert len(load_audio(path, None, duration=0.1)[0]) == 2205


def test_a_file_that_swells_beyond_all_measure_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "silence.flac"
    soundfile.write(path, np.zeros(READ_AT_ONCE + 20_000, dtype=np.int16), SR)
    # A public constant of a private module: to come to the true one, a test would need 1 GiB of memory.
    monkeypatch.setattr("sklaudio.audio._decode.MAX_SAMPLES", READ_AT_ONCE // 2)
    with pytest.raises(ValueError, match=r"silence\.flac: .* duration="):
        load_audio(path)
    assert len(load_audio(path, None, duration=0.5)[0]) == SR // 2
    with pytest.raises(ValueError, match=r"silence\.flac: .* duration="):
        load_audio(path, 250 * SR, duration=0.5)  # 11,025 samples are to become 2,756,250


@pytest.mark.parametrize("native", [1, 80, 2**31 - 1])
def test_an_absurd_rate_is_named(native, clip, noise):
    put(clip, 24, native, 4, "little")
    with pytest.raises(ValueError, match=rf"clip\.wav: its header says {native} Hz"):
        load_audio(clip)
    assert len(load_audio(clip, None)[0]) == len(noise)


def test_a_vorbis_file_without_codebooks_does_not_crash_the_process(tmp_path, noise):
    path = tmp_path / "clip.ogg"
    soundfile.write(path, noise, SR)
    data = bytearray(path.read_bytes())
    books = data.find(b"\x05vorbis")
    data[books + 8 : books + 40] = bytes(32)
    mend_ogg(data)
    path.write_bytes(data)
    for offset in (0.0, 0.3):
        with pytest.raises(ValueError, match=r"clip\.ogg: "):
            load_audio(path, offset=offset)
