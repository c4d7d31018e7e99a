"""Docstrings of public estimators: each parameter is documented once, and constrained."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import sklaudio

ESTIMATORS = [
    thing
    for name in sklaudio.__all__
    if isinstance(thing := getattr(sklaudio, name), type) and hasattr(thing, "get_params")
]

SOURCE = Path(sklaudio.__file__).parent
NO_VERB = re.compile(r"(The|An?|What|How|Which|Whether|Where|Why|One|Any|Base)\b|(?!Warn|Say)[\w-]+ of\b")


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


def first_lines(path):
    """First lines of the docstrings of functions, with their place; properties may be nouns."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and not any("property" in ast.unparse(by) for by in node.decorator_list):
            yield f"{path.relative_to(SOURCE)}:{node.lineno}", (ast.get_docstring(node) or "").partition("\n")[0]


def test_first_lines_begin_with_a_verb():
    lines = {place: line for path in SOURCE.rglob("*.py") for place, line in first_lines(path)}
    assert len(lines) > 1500
    public = {name: getattr(sklaudio, name) for name in sklaudio.__all__}
    lines |= {name: inspect.getdoc(thing) for name, thing in public.items() if isinstance(thing, type)}
    assert {place: line for place, line in lines.items() if NO_VERB.match(line)} == {}
    assert all(map(NO_VERB.match, ("A table of", "Names of the columns.", "Whether it is.", "Start of a span")))
