"""What a class does, by its code: an edited class is another, a moved one of ours is not."""

import pytest

from sklaudio import MFCCTransformer
from sklaudio._utils.code_key import class_key

FEATURE = """
from sklaudio import SpectralTransformer
FACTOR = 2.0
calls = []
count = 0
def scale(x):
    global count
    count += 1
    calls.append(x)
    return FACTOR * x
class Feature(SpectralTransformer):
    offset_of_all = 1.0
    n_calls = 0
    seen = []
    def _dim_names(self):
        return ["level"]
    def _frames(self, signal):
        type(self).n_calls += 1
        self.seen.append(signal)
        return scale(signal.power) + self.offset_of_all
    @property
    def inner(self):
        return [each + 1 for each in (1, 2)]
"""


def define(code=FEATURE, module="notebook"):
    names = {"__name__": module}
    exec(code, names)
    return names


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FACTOR = 2.0", "FACTOR = 3.0"),
        ("FACTOR * x", "FACTOR + x"),
        ("offset_of_all = 1.0", "offset_of_all = 2.0"),
        ("signal.power)", "signal.magnitude)"),
        ("each + 1", "each + 2"),
        ("class Feature(", "class Other("),
        ("(SpectralTransformer)", "(FrameTransformer)"),
    ],
)
def test_an_edited_class_is_another(before, after):
    edited = FEATURE.replace(before, after).replace("import Sp", "import FrameTransformer, Sp")
    assert edited != FEATURE
    name = "Other" if "class Other" in edited else "Feature"
    assert class_key(define()["Feature"]) == class_key(define()["Feature"])
    assert class_key(define(edited)[name]) != class_key(define()["Feature"])


def test_two_of_one_name_in_two_modules_are_two():
    assert class_key(define(module="one")["Feature"]) != class_key(define(module="two")["Feature"])


def test_what_is_counted_and_collected_changes_nothing():
    names = define()
    before = class_key(names["Feature"])
    names["scale"](1)
    names["Feature"].n_calls += 1
    names["Feature"].seen.append(1)
    assert class_key(names["Feature"]) == before


def test_two_classes_of_one_function_differ_by_what_it_was_given():
    def make(gain, helper=lambda x: x):
        class Local(MFCCTransformer):
            def _frames(self, signal):
                return gain * helper(super()._frames(signal))

        return Local

    assert class_key(make(1)) == class_key(make(1)) != class_key(make(2))
    assert class_key(make(1)) != class_key(make(1, lambda x: x + 1))


def test_a_moved_class_of_sklaudio_is_the_same():
    moved = type("MFCCTransformer", (MFCCTransformer,), {"__module__": "sklaudio.features.elsewhere"})
    assert class_key(moved) == class_key(MFCCTransformer)
    assert class_key(type("MFCCTransformer", (MFCCTransformer,), {"__module__": "mine"})) != class_key(MFCCTransformer)
