"""The per-clip cache, when whoever writes it is killed."""

import time

import numpy as np
import pytest
import soundfile

import sklaudio.features._base as base
from sklaudio import MFCCTransformer

from ..killing import kill_at_random

SR = 22050


@pytest.fixture
def files(tmp_path, rng):
    """Two hundred files of noise."""
    paths = [tmp_path / f"{index}.wav" for index in range(200)]
    for path in paths:
        soundfile.write(path, 0.1 * rng.normal(size=SR // 2), SR)
    return [str(path) for path in paths]


@pytest.mark.parametrize("n_kills", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_random_moments_it_reuses_what_was_done(n_kills, files, tmp_path, monkeypatch):
    expected = MFCCTransformer().transform(files)
    start = time.perf_counter()
    MFCCTransformer(memory=tmp_path / "other").transform(files)
    seconds = time.perf_counter() - start
    cached = MFCCTransformer(memory=tmp_path / "cache")
    n_killed = kill_at_random(
        cached.transform,
        (files,),
        n_kills=n_kills,
        longest=seconds / n_kills,
        progress=lambda: sum(1 for _ in (tmp_path / "cache").rglob("output.pkl")),
    )
    assert n_killed >= n_kills / 2
    n_done = sum(1 for _ in (tmp_path / "cache").rglob("output.pkl"))
    decoded = []
    original = base.load_audio

    def count(path, *args, **settings):
        decoded.append(path)
        return original(path, *args, **settings)

    monkeypatch.setattr(base, "load_audio", count)
    np.testing.assert_array_equal(cached.transform(files), expected)
    assert len(decoded) <= len(files) - n_done
    assert n_done > 0
