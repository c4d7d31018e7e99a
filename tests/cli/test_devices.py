"""Blocks of devices: all of the sound, in order, and silence for what is lost."""

import sys

import numpy as np
import pytest
import soundfile

from sklaudio.cli._command import WrongUseError
from sklaudio.cli._devices import MAX_WAITING, blocks_of

from ..loopback import Loopback, LoopbackStream

SR = 1000


def test_a_file_comes_in_blocks_at_its_own_rate(tmp_path, rng):
    y = rng.uniform(-0.5, 0.5, size=(1234, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", y, SR, subtype="FLOAT")
    blocks, rates = zip(*blocks_of(str(tmp_path / "a.wav"), None), strict=True)
    np.testing.assert_allclose(np.concatenate(blocks), y.mean(axis=1), atol=1e-7)
    assert set(rates) == {SR}
    assert [len(block) for block in blocks] == [100] * 12 + [34]


class LateStream(LoopbackStream):
    """One that gives a minute at once, 7 s that find no place, and a last block when the model has come so far."""

    n_asked = 0

    def __enter__(self):
        n_late = (MAX_WAITING + 70) * self.blocksize
        self.give(self.y[:n_late])
        self.rest = self.y[n_late:]

    @property
    def active(self):
        self.n_asked += 1
        if self.n_asked == 1:
            self.give(self.rest)
        return self.n_asked == 1

    @active.setter
    def active(self, value):
        pass


def test_silence_takes_the_place_of_what_is_lost(monkeypatch):
    y = np.arange(1, (MAX_WAITING + 71) * 100 + 1, dtype=np.float32)
    device = Loopback(y, SR)
    device.stream_class = LateStream
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    blocks = blocks_of(None, None)
    with pytest.warns(UserWarning, match="60 s behind"):
        found = [next(blocks)[0] for _ in range(MAX_WAITING + 2)]
    with pytest.raises(OSError, match="has stopped"):
        next(blocks)
    expected = y.copy()
    expected[MAX_WAITING * 100 : (MAX_WAITING + 70) * 100] = 0
    np.testing.assert_array_equal(np.concatenate(found), expected)


def test_rates_that_are_missing_or_too_much(tmp_path):
    with pytest.raises(WrongUseError, match="--sr"):
        blocks_of("-", None)
    soundfile.write(tmp_path / "a.wav", np.zeros(100), SR)
    with pytest.raises(WrongUseError, match="has a rate"):
        blocks_of(str(tmp_path / "a.wav"), SR)
