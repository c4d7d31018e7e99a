"""Copies: a seed for each, made of clip and number, whatever draws from it."""

import random

import numpy as np
import soundfile
import torch

from sklaudio import Clip
from sklaudio.audio import as_clips
from sklaudio.augment.waveform import Gain, TimeShift
from sklaudio.augmented._copies import copies_of

SR = 8000


def sounds(copies):
    return [copy.make() for copy in copies]


def clips(rng, n_clips=4):
    return as_clips([0.1 * rng.normal(size=400) for _ in range(n_clips)])


def test_copies_do_not_depend_on_the_order_or_on_the_other_clips(rng):
    four = clips(rng)
    copies = sounds(copies_of(four, [Gain(), TimeShift()], 3, SR, 0))
    turned = sounds(copies_of([four[2], four[0]], [Gain(), TimeShift()], 3, SR, 0))
    for number in range(3):
        np.testing.assert_array_equal(turned[2 * number], copies[4 * number + 2])
        np.testing.assert_array_equal(turned[2 * number + 1], copies[4 * number])
    assert len({copy.tobytes() for copy in copies}) == 12
    other = sounds(copies_of(four, [Gain(), TimeShift()], 3, SR, 1))
    assert not {copy.tobytes() for copy in other} & {copy.tobytes() for copy in copies}


def test_keys_are_of_clip_number_seed_rate_and_steps(rng):
    four = clips(rng)
    keys = [
        copy.key
        for n, (step, sr, seed) in enumerate(
            [(Gain(), SR, 0), (Gain(1), SR, 0), (TimeShift(), SR, 0), (Gain(), 16000, 0), (Gain(), SR, 1)]
        )
        for copy in copies_of(four, [step], 2, sr, seed)
    ]
    assert len(set(keys)) == 5 * 8
    assert keys[:8] == [copy.key for copy in copies_of(four, [Gain()], 2, SR, 0)]
    assert {copy.key for copy in copies_of(four, [lambda samples, sr: samples], 2, SR, 0)} == {None}


def test_a_callable_without_a_generator_draws_from_seeded_global_ones_that_stay_as_they_were(rng):
    def step(samples, sr):
        noise = np.random.normal() + random.gauss(0, 1) + float(torch.randn(()))
        return samples + np.float32(noise)

    before = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()
    copies = copies_of(clips(rng), [step], 2, SR, 0)
    first, again = sounds(copies), sounds(reversed(copies))[::-1]
    np.testing.assert_array_equal(first, again)
    assert len({copy.tobytes() for copy in first}) == 8
    assert random.getstate() == before[0]
    assert (np.random.get_state()[1] == before[1]).all()
    assert torch.equal(torch.get_rng_state(), before[2])


def test_files_spans_bytes_and_arrays_of_other_rates_are_read_at_the_rate(tmp_path, rng):
    y = 0.1 * rng.normal(size=16000)
    path = tmp_path / "a.wav"
    soundfile.write(path, y, 16000)
    given = [
        path,
        Clip(path, 0.25, 0.75),
        path.read_bytes(),
        {"array": y.astype(np.float32), "sampling_rate": 16000},
    ]
    made = sounds(copies_of(as_clips(given), [Gain(0)], 1, SR, 0))
    assert [len(copy) for copy in made] == [8000, 4000, 8000, 8000]
    np.testing.assert_allclose(made[0], made[2])
