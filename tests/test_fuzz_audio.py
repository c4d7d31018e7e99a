"""Spoiled files, in seconds; `make fuzz` does thousands more. And that the harness sees what it is there to see."""

import os
import signal
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from sklaudio import load_audio
from sklaudio.check._one_clip import Limits, inspect

from . import fuzz_audio
from .mutations import KINDS, good_files, mend_flac, mend_ogg, spoil

LIMITS = Limits(sr=22050, min_duration=0.1, silence_db=-60.0, max_clipped=0.001, max_dc=0.02)
few = settings(max_examples=250, derandomize=True, database=None, deadline=5000)
corpus = cache(lambda: good_files(np.random.default_rng(0)))
mutations = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 2**31), st.integers(0, 2**63), st.integers(1, 64)), max_size=4
)


@few
@given(
    file=st.integers(0, 10**6),
    other=st.integers(0, 10**6),
    mutations=mutations,
    name=st.sampled_from(fuzz_audio.NAMES),
    sr=st.sampled_from([None, 8000, 22050, 192000]),
    offset=st.sampled_from([0.0, 0.01, 0.1]),
    duration=st.sampled_from([None, 0.05, 1e6]),
)
def test_a_spoiled_file_gives_samples_or_an_error_that_names_it(file, other, mutations, name, sr, offset, duration):
    extension, data = corpus()[file % len(corpus())]
    _, other = corpus()[other % len(corpus())]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name.format(f".{extension}"))
        Path(path).write_bytes(spoil(data, mutations, other))
        outcome, words = fuzz_audio.judge(path, {"sr": sr, "offset": offset, "duration": duration})
        whole, _ = fuzz_audio.judge(path, {"sr": None})
        faults = {fault for fault, _ in inspect(path, path, LIMITS).faults}
    assert outcome in ("decoded", "refused"), words
    assert (whole == "refused") == bool(faults & {"undecodable", "not finite"})
    if not mutations and not offset:
        assert outcome == "decoded", words


@few
@given(
    n_samples=st.integers(1, 400),
    n_channels=st.integers(1, 8),
    native=st.integers(400, 19200).map(lambda tens: 10 * tens),  # FLAC takes no others above 65,535 Hz
    sr=st.sampled_from([8000, 22050, 44100]),
    kind=st.sampled_from([("WAV", "FLOAT"), ("AU", "PCM_24"), ("FLAC", "PCM_24"), ("AIFF", "DOUBLE")]),
    level=st.sampled_from([0.0, 1e-4, 0.5, 0.99]),
)
def test_a_good_file_of_any_shape_is_the_mean_of_its_channels(n_samples, n_channels, native, sr, kind, level):
    y = level * np.random.default_rng(n_samples).uniform(-1, 1, (n_samples, n_channels))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "clip")
        soundfile.write(path, y, native, format=kind[0], subtype=kind[1])
        np.testing.assert_allclose(load_audio(path, None)[0], y.mean(axis=1), atol=2e-7)
        assert len(load_audio(path, sr)[0]) == -(-n_samples * sr // native)


@pytest.mark.parametrize("extension", ["ogg", "opus", "flac"])
def test_mending_leaves_good_files_as_they_are_and_makes_spoiled_ones_readable(extension):
    data = next(data for kind, data in corpus() if kind == extension)
    mended = bytearray(data)
    mend_ogg(mended)
    mend_flac(mended, data)
    assert mended == data
    at = len(data) - 40
    mended[at] ^= 1
    broken = bytes(mended)
    mend_ogg(mended)
    mend_flac(mended, data)
    assert sum(one != other for one, other in zip(mended, broken, strict=True)) in range(1, 5)  # the checksum alone


def crash(path, **arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(path, **arguments):
    time.sleep(60)


def swell(path, **arguments):
    return np.ones(2**28), 22050


def say_nothing(path, **arguments):
    raise ValueError("something is wrong")


@pytest.mark.parametrize(
    ("load", "outcome"), [(crash, "crash"), (hang, "hang"), (swell, "memory"), (say_nothing, "wrong")]
)
def test_the_harness_keeps_the_file_and_goes_on(load, outcome, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(fuzz_audio, "load_audio", load)
    assert fuzz_audio.main(["--files", "2", "--seconds", "0.5", "--keep", str(tmp_path)]) == 1
    kept = sorted(path.name.split(".")[0] for path in tmp_path.iterdir())
    assert kept == [f"0-0-{outcome}", f"0-1-{outcome}"]
    assert f"{outcome}: {tmp_path}" in capfd.readouterr().out


def test_the_harness_finds_nothing_in_a_short_run(tmp_path, capfd):
    assert fuzz_audio.main(["--files", "300", "--keep", str(tmp_path)]) == 0
    assert "300 files, seed 0" in capfd.readouterr().out
