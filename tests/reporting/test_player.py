"""Player: what is heard are the clips, and names are shown as they are."""

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from sklaudio import Clip
from sklaudio.reporting import Player

from ..tones import tone


def players(html):
    """Name, loudest frequency in hertz and seconds of each player."""
    found = []
    for name, sound in re.findall(r'<figcaption>(.*?)</figcaption><audio controls [^>]*src="(.*?)"></audio>', html):
        y, sr = soundfile.read(io.BytesIO(base64.b64decode(sound.split(",")[1])))
        found.append((name, np.abs(np.fft.rfft(y)).argmax() * sr / len(y), len(y) / sr))
    return found


def test_clips_of_any_kind_are_played(tmp_path):
    soundfile.write(tmp_path / "two.wav", np.concatenate([tone(440, 1.0, 16000), tone(1000, 1.0, 16000)]), 16000)
    clips = {"span": Clip(tmp_path / "two.wav", 1.0, 2.0), "<wave>\n": tone(600, 0.5, 22050)}
    (span, span_pitch, seconds), (wave, wave_pitch, _) = players(Player(clips)._repr_html_())
    assert (span, wave) == ("span", "&lt;wave&gt;\\n")
    assert span_pitch == pytest.approx(1000, abs=5)
    assert wave_pitch == pytest.approx(600, abs=5)
    assert seconds == pytest.approx(1.0, abs=0.1)


def test_a_single_clip_has_a_rate_and_no_name():
    ((name, pitch, _),) = players(Player(tone(300, 0.5, 8000), sr=8000)._repr_html_())
    assert name == ""
    assert pitch == pytest.approx(300, abs=5)


def test_what_cannot_be_played_is_named():
    with pytest.raises(ValueError, match=r"clips\['b'\]"):
        Player({"a": tone(300, 0.1, 8000), "b": np.array([np.nan, 0.0])})._repr_html_()
    assert repr(Player(dict.fromkeys("abcdefg", None))) == "Player(a, b, c, d, e, …)"
    assert repr(Player("a.wav")) == "Player(1 clip)"
