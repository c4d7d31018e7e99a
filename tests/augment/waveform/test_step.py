"""What steps on waveforms have in common: parameters, errors, copies of themselves."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone

from sklaudio.augment import waveform

SR = 16000


@pytest.fixture
def steps(write):
    path = write("noise.wav")
    made = {"BackgroundNoise": (path,), "ImpulseResponse": (path,)}
    return [getattr(waveform, name)(*made.get(name, ())) for name in waveform.__all__]


def test_steps_are_cloned_pickled_and_set_as_estimators_are(steps, tone):
    for step in steps:
        step.set_params(p=1)
        for copy in (clone(step), pickle.loads(pickle.dumps(step))):
            first, again = (same(tone, SR, random_state=1) for same in (step, copy))
            np.testing.assert_array_equal(first, again)
            assert first.dtype == np.float32
            assert (len(first) != len(tone)) or (first != tone).any()
        assert step(tone.tolist(), SR, random_state=1).tolist() == first.tolist()
        np.testing.assert_array_equal(step.set_params(p=0)(tone, SR), tone)


def test_the_clip_that_is_given_stays_as_it_is(steps, tone):
    before = tone.copy()
    for step in steps:
        step.set_params(p=1)(tone, SR)
    np.testing.assert_array_equal(tone, before)


@pytest.mark.parametrize("wrong", [np.zeros((2, 10)), np.zeros(0), 3.0])
def test_what_is_no_waveform_is_an_error(wrong):
    with pytest.raises(ValueError, match="a waveform has"):
        waveform.Gain()(wrong, SR)


@pytest.mark.parametrize("bounds", [(3, 1), (np.nan, 1), np.inf, (1, 2, 3), (1,), "3", None, ("1", "2")])
def test_bounds_are_in_order(tone, bounds):
    with pytest.raises(ValueError, match=r"decibel=.* must be a number, or a lowest and a highest one"):
        waveform.Gain(bounds)(tone, SR)


@pytest.mark.parametrize("p", [-0.1, 1.5, "often"])
def test_p_is_a_probability(tone, p):
    with pytest.raises(ValueError, match="'p' parameter"):
        waveform.Gain(p=p)(tone, SR)
