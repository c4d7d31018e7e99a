"""ImpulseResponse: convolution, with the direct sound where the clip was and the power it had."""

import numpy as np
import pytest

from sklaudio.augment import ImpulseResponse

SR = 16000


@pytest.mark.parametrize(("delay", "level"), [(0, 1.0), (300, 0.25), (300, -0.25)])
def test_a_click_changes_nothing_wherever_it_is_and_however_loud(tone, write, delay, level):
    response = np.zeros(1000)
    response[delay] = level
    changed = ImpulseResponse(write("click.wav", response), p=1)(tone, SR, random_state=0)
    np.testing.assert_allclose(changed, np.sign(level) * tone, atol=1e-5)


def test_an_echo_comes_when_and_as_loud_as_it_does(write):
    response = np.zeros(2000)
    response[[10, 1610]] = 1.0, 0.5  # a tenth of a second later
    click = np.zeros(SR, dtype=np.float32)
    click[4000] = 1
    changed = ImpulseResponse(write("echo.wav", response), p=1)(click, SR, random_state=0)
    assert np.flatnonzero(np.abs(changed) > 0.01).tolist() == [4000, 5600]
    assert changed[5600] / changed[4000] == pytest.approx(0.5, abs=1e-4)


def test_power_and_length_stay_and_rates_are_brought_together(tone, write):
    decay = np.random.default_rng(0).normal(size=24000) * np.exp(-np.arange(24000) / 4000)
    for sr in (SR, 48000):
        changed = ImpulseResponse(write("room.wav", decay, sr=sr), p=1)(tone, SR, random_state=0)
        assert len(changed) == len(tone)
        assert np.mean(changed**2.0) == pytest.approx(np.mean(tone**2.0), rel=1e-4)
        assert np.corrcoef(changed, tone)[0, 1] < 0.99
    response = np.zeros(4800)
    response[[0, 2400]] = 1.0, 0.5  # 50 ms at 48 kHz
    click = np.zeros(SR, dtype=np.float32)
    click[4000] = 1
    echo = ImpulseResponse(write("echo.wav", response, sr=48000), p=1)(click, SR, random_state=0)
    assert 4000 + np.abs(echo[4400:]).argmax() + 400 == 4000 + 0.05 * SR


def test_silence_stays_and_a_silent_response_is_an_error(write, tone):
    step = ImpulseResponse(write("click.wav", np.eye(1, 50)[0]), p=1)
    assert not step(np.zeros(100), SR).any()
    with pytest.raises(ValueError, match=r"silent\.wav is silent, and no response"):
        ImpulseResponse(write("silent.wav", np.zeros(100)), p=1)(tone, SR)


def test_each_response_is_drawn(write, tone):
    folder = write("rooms/a.wav", np.array([1.0])).parent
    write("rooms/b.wav", np.array([-1.0]))
    signs = [np.sign(ImpulseResponse(folder, p=1)(tone, SR, random_state=seed)[4]) for seed in range(30)]
    assert 5 < signs.count(1.0) < 25
