"""Docstrings of public estimators: each parameter is documented once, and constrained."""

import inspect
import re

import pytest

import sklaudio

ESTIMATORS = [
    thing
    for name in sklaudio.__all__
    if isinstance(thing := getattr(sklaudio, name), type) and hasattr(thing, "get_params")
]


def documented(cls):
    """Names in the section "Parameters" of a docstring, in order."""
    lines = inspect.getdoc(cls).split("\n")
    start = next(index for index, line in enumerate(lines) if line == "Parameters") + 2
    names = []
    for line, following in zip(lines[start:], [*lines[start + 1 :], ""], strict=True):
        if following.startswith("---"):
            break
        if re.match(r"\S", line):
            names += [name.strip() for name in line.split(" : ")[0].split(",")]
    return [name for name in names if name]


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_signature_docstring_and_constraints_name_the_same_parameters(cls):
    parameters = set(inspect.signature(cls).parameters)
    names = documented(cls)
    assert sorted(names) == sorted(set(names)), "a parameter is documented twice"
    assert set(names) == parameters
    assert set(cls._parameter_constraints) == parameters


def test_nets_share_the_documentation_of_their_training():
    training = documented(sklaudio.NetClassifier)
    for cls in (sklaudio.LSTMClassifier, sklaudio.CRNNClassifier, sklaudio.DenseClassifier):
        assert set(training) <= set(documented(cls))
        assert "{training}" not in cls.__doc__
