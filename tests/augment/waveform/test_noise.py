"""BackgroundNoise: the ratio is the one asked for, whatever the files are like."""

import numpy as np
import pytest

from sklaudio import Clip
from sklaudio.augment import BackgroundNoise

SR = 16000


def ratio(clip, noisy, sound=slice(None)):
    """Signal-to-noise ratio in decibels."""
    return 10 * np.log10(np.mean(clip[sound] ** 2.0) / np.mean((noisy - clip)[sound].astype(float) ** 2))


@pytest.mark.parametrize(("seconds", "sr"), [(10, SR), (0.3, SR), (3, 44100), (0.2, 8000), (1, SR)])
@pytest.mark.parametrize("snr", [-5, 0, 12.5])
def test_the_ratio_is_exact_for_longer_and_shorter_noise_of_any_rate(tone, write, snr, seconds, sr):
    step = BackgroundNoise(write("noise.wav", seconds=seconds, sr=sr), snr=snr, p=1)
    for seed in range(3):
        assert ratio(tone, step(tone, SR, random_state=seed)) == pytest.approx(snr, abs=0.01)


def test_the_ratio_is_over_the_sound_of_a_clip_not_over_the_zeros_around_it(tone, write):
    padded = np.concatenate([np.zeros(5000), tone, np.zeros(3 * SR)]).astype(np.float32)
    noisy = BackgroundNoise(write("noise.wav", seconds=9), snr=5, p=1)(padded, SR, random_state=0)
    first, *_, last = np.flatnonzero(padded)
    assert ratio(padded, noisy, slice(first, last + 1)) == pytest.approx(5, abs=0.01)
    assert np.std(noisy[:5000]) == pytest.approx(np.std(noisy[-SR:]), rel=0.1)  # it does not begin with the clip


def test_ratios_are_drawn_evenly_between_the_bounds(tone, write):
    step = BackgroundNoise(write("noise.wav", seconds=4), snr=(0, 20), p=1)
    found = [ratio(tone, step(tone, SR, random_state=seed)) for seed in range(60)]
    assert 0 <= min(found) < 3 < 17 < max(found) <= 20.01


def test_long_noise_is_taken_from_anywhere_and_short_noise_repeated(tone, write):
    ramp = write("ramp.wav", np.linspace(0.1, 0.9, 10 * SR))
    step = BackgroundNoise(ramp, snr=0, p=1)
    parts = [step(tone, SR, random_state=seed) - tone for seed in range(20)]
    begins = [part[0] / np.ptp(part) for part in parts]  # a part of the ramp is the steeper, the earlier it begins
    assert max(begins) > 4 * min(begins)
    short = BackgroundNoise(write("short.wav", seconds=0.25), snr=0, p=1)(tone, SR, random_state=0) - tone
    np.testing.assert_allclose(short[:4000], short[4000:8000], atol=1e-5)


def test_silent_files_and_silent_parts_are_passed_over(tone, write):
    folder = write("noises/loud.wav").parent
    for number in range(5):
        write(f"noises/silent {number}.wav", np.zeros(2 * SR))
    gaps = write("gaps.wav", np.concatenate([np.zeros(60 * SR), 0.1 * np.ones(SR // 2), np.zeros(60 * SR)]))
    for seed in range(8):
        for files in (folder, gaps):
            noisy = BackgroundNoise(files, snr=3, p=1)(tone, SR, random_state=seed)
            assert ratio(tone, noisy) == pytest.approx(3, abs=0.01)
    with pytest.raises(ValueError, match=r"all files are silent, such as .*silent 0\.wav"):
        BackgroundNoise(sorted(folder.glob("silent*")), p=1)(tone, SR, random_state=0)


def test_a_single_click_in_a_long_silence_is_found_for_a_short_sound(tone, write):
    padded = np.concatenate([tone[:500], np.zeros(2 * SR)]).astype(np.float32)
    noise = np.zeros(20 * SR)
    noise[-1] = 0.5
    path = write("click.wav", noise)
    for seed in range(5):
        noisy = BackgroundNoise(path, snr=0, p=1)(padded, SR, random_state=seed)
        assert ratio(padded, noisy, slice(1, 500)) == pytest.approx(0, abs=0.1)


def test_a_silent_clip_stays_silent_and_others_only_with_probability_p(tone, write):
    path = write("noise.wav")
    assert not BackgroundNoise(path, p=1)(np.zeros(100), SR, random_state=0).any()
    changed = [(BackgroundNoise(path)(tone, SR, random_state=seed) != tone).any() for seed in range(60)]
    assert 15 < sum(changed) < 45
    np.testing.assert_array_equal(BackgroundNoise(path, p=0)(tone, SR), tone)


def test_a_clip_of_a_recording_gives_that_part_alone(tone, write):
    path = write("two.wav", np.concatenate([np.full(SR, 0.5), np.full(SR, -0.5)]))
    noise = BackgroundNoise([Clip(path, 1.0, 2.0)], snr=0, p=1)(tone, SR, random_state=0) - tone
    assert (noise < 0).all()


def test_a_seed_decides_all_and_without_one_numpys_generator_does(tone, write):
    step = BackgroundNoise(write("noise.wav", seconds=5), p=1)
    np.testing.assert_array_equal(step(tone, SR, random_state=3), step(tone, SR, random_state=3))
    assert (step(tone, SR, random_state=3) != step(tone, SR, random_state=4)).any()
    before = np.random.get_state()
    try:
        np.random.seed(5)
        first = step(tone, SR)
        np.random.seed(5)
        np.testing.assert_array_equal(step(tone, SR), first)
    finally:
        np.random.set_state(before)
