"""Codec: what comes back is the clip, as long and where it was, with what the codec leaves of it."""

import numpy as np
import pytest

from sklaudio.augment.waveform import Codec

SR = 16000


@pytest.fixture(scope="module")
def chirp():
    time = np.arange(SR) / SR
    return (0.4 * np.sin(2 * np.pi * (300 * time + 700 * time**2)) * np.hanning(SR)).astype(np.float32)


@pytest.mark.parametrize("codec", ["mp3", "opus", "telephone"])
def test_a_clip_comes_back_where_it_was(chirp, codec):
    y = Codec(codec, p=1)(chirp, SR, random_state=0)
    assert (y.dtype, len(y)) == (np.float32, SR)
    assert 0.9 < np.corrcoef(y, chirp)[0, 1] < 1 - 1e-9
    assert np.std(y) == pytest.approx(np.std(chirp), rel=0.1)


@pytest.mark.parametrize("codec", ["mp3", "opus", "telephone"])
@pytest.mark.parametrize(("n_samples", "sr"), [(1, SR), (37, 8000), (5000, 22050), (9000, 44100), (2000, 96000)])
def test_any_length_and_rate_goes_through(codec, n_samples, sr, rng):
    y = Codec(codec, p=1)(0.1 * rng.normal(size=n_samples), sr, random_state=0)
    assert len(y) == n_samples
    assert np.isfinite(y).all()


def test_a_telephone_has_its_band_and_256_levels(rng):
    noise = 0.1 * rng.normal(size=4 * SR)
    spectrum = np.abs(np.fft.rfft(Codec("telephone", p=1)(noise, SR))) ** 2 / np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / SR)

    def level(low, high):
        return 10 * np.log10(np.median(spectrum[(hertz >= low) & (hertz < high)]))

    assert abs(level(600, 2800)) < 1
    assert level(20, 120) < -20
    assert level(4200, 8000) < -25
    assert len(np.unique(Codec("telephone", p=1)(noise[:8000], 8000))) <= 256


def test_more_compression_loses_more(rng):
    noise = 0.1 * rng.normal(size=SR)
    errors = [np.std(Codec("mp3", compression=c, p=1)(noise, SR) - noise) for c in (0.0, 1.0)]
    assert errors[1] > 1.5 * errors[0]


def test_codecs_are_drawn_and_loud_clips_are_not_cut(chirp):
    drawn = {Codec(("mp3", "telephone"), p=1)(chirp, SR, random_state=seed).tobytes() for seed in range(20)}
    assert len(drawn) > 2
    loud = Codec("opus", p=1)(10 * chirp, SR, random_state=0)
    assert np.abs(loud).max() == pytest.approx(4, rel=0.1)
    assert not Codec("mp3", p=1)(np.zeros(100), SR).any()


@pytest.mark.parametrize(("wrong", "message"), [
    ({"codecs": "gsm"}, "codecs='gsm' must be one or several of mp3, opus, telephone"),
    ({"codecs": ()}, "must be one or several"),
    ({"compression": (0.5, 2)}, r"compression=\(0.5, 2\) must be in \[0, 1\]"),
])  # fmt: skip
def test_other_codecs_are_errors(chirp, wrong, message):
    with pytest.raises(ValueError, match=message):
        Codec(**wrong, p=1)(chirp, SR)
