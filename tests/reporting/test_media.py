"""Sounds and pictures of clips, as they are put on a page."""

import base64
import io

import librosa
import numpy as np
import pytest

from sklaudio.reporting import _media

from ..tones import tone, tone_model


def test_a_tone_is_where_its_pitch_is():
    from PIL import Image

    picture = _media.spectrogram(tone(2000, 1.0), 22050)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.split(",")[1]))).convert("L"), dtype=float)
    height, width = pixels.shape
    loudest = pixels[:, width // 2].argmax()
    share = ((height - loudest) / height - 0.27) / 0.67  # of the axes, from below
    assert share == pytest.approx(librosa.hz_to_mel(2000) / librosa.hz_to_mel(11025), abs=0.03)


@pytest.mark.parametrize("sr", [4000, 8000, 11025, 16000, 22050, 44100, 96000])
@pytest.mark.parametrize("seconds", [0.02, 0.5])
def test_sounds_of_every_rate_and_length_have_a_picture(sr, seconds):
    assert _media.spectrogram(tone(440, seconds, sr), sr).startswith("data:image/png")


def test_a_file_that_goes_meanwhile_has_a_reason_for_its_player(tmp_path):
    heard = _media.Listener(tone_model(), 1.0).listen(str(tmp_path / "gone.wav"))
    assert heard["sound"] is None
    assert "gone.wav" in heard["reason"]


def test_only_what_the_model_hears_is_heard():
    listener = _media.Listener(tone_model(duration=0.5, offset=0.25), 10.0)
    heard = listener.listen(tone(440, 2.0))
    assert heard["span"] == "00:00.2 to 00:00.8"
    assert not heard["is_cut"]  # the model hears no more either
