"""Sound in HTML: it is that of the clip, at a rate that browsers play."""

import base64
import io

import pytest
import soundfile

from sklaudio.audio import _playable

from ..tones import tone


@pytest.mark.parametrize("sr", [4000, 8000, 11025, 16000, 22050, 44100, 96000])
@pytest.mark.parametrize("seconds", [0.02, 0.5])
def test_sounds_of_every_rate_and_length(sr, seconds):
    y, rate = soundfile.read(io.BytesIO(base64.b64decode(_playable.sound(tone(440, seconds, sr), sr).split(",")[1])))
    assert rate in _playable.MP3_RATES
    assert len(y) / rate == pytest.approx(seconds, abs=0.2)


def test_sounds_where_there_is_no_mp3(monkeypatch):
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": "WAV"})
    uri = _playable.sound(tone(440), 22050)
    assert uri.startswith("data:audio/wav")
    assert soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])))[1] == 22050


def test_only_the_start_of_a_long_clip_is_played():
    html = _playable.player("a", tone(440, 3.0), max_seconds=1.0)
    y, rate = soundfile.read(io.BytesIO(base64.b64decode(html.split("base64,")[1].split('"')[0])))
    assert len(y) / rate == pytest.approx(1.0, abs=0.1)
