"""Sounds for the steps on waveforms, and what is measured of them."""

import numpy as np
import pytest
import soundfile

SR = 16000


@pytest.fixture(scope="module")
def tone():
    """A second of 1 kHz."""
    return (0.5 * np.sin(2 * np.pi * 1000 * np.arange(SR) / SR)).astype(np.float32)


@pytest.fixture
def write(tmp_path):
    """Write noise, or what is given, into a file."""

    def write(name, y=None, *, seconds=1.0, sr=SR):
        if y is None:
            y = 0.1 * np.random.default_rng(len(name)).normal(size=round(seconds * sr))
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(tmp_path / name, y, sr, subtype="FLOAT")
        return tmp_path / name

    return write
