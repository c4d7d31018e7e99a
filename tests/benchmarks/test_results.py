"""Sections of the page of results are measured again by their commands, those of this commit left alone."""

import importlib
import shlex
import subprocess

import pytest

from .conftest import BENCHMARKS

SCRIPT = """\
import sys
sys.path.insert(0, {lib!r})
from lib.results_page import write_section
from pathlib import Path
name, page = sys.argv[1], Path(sys.argv[sys.argv.index("--results") + 1])
if name == "fails":
    sys.exit(3)
write_section(page, "words", name, {{"command": " ".join(["python", *sys.argv])}}, "new")
"""


def section(title, command, measured):
    return f"### {title}\n\n- command: {command}\n- measured: {measured}\n\n```\nold\n```\n\n"


@pytest.fixture
def results(monkeypatch, tmp_path):
    """The module, as if the repository were in a folder with one commit."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("results")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "commit", lambda: "abc123")
    (tmp_path / "measure.py").write_text(SCRIPT.format(lib=str(BENCHMARKS)))
    return module


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.md"
    new = "2026-11-27, commit abc123"
    path.write_text(
        "# Results\n\n## Words\n\nAbout.\n\n"
        + section("one", "python measure.py one --results page.md", "2026-11-01, commit 123abc")
        + section("two", "python measure.py two --results page.md", new)
        + section("three", "python measure.py three --results page.md", "2026-11-01")
    )
    return path


def texts(page):
    """What stands in the table of each section."""
    sections = page.read_text().split("### ")[1:]
    return {part.split("\n")[0]: part.split("```")[1].strip() for part in sections}


def test_sections_of_other_commits_are_measured_again(results, page):
    assert results.main(["--page", str(page)]) == 0
    assert texts(page) == {"one": "new", "three": "new", "two": "old"}
    assert "- command: python measure.py one --results page.md\n" in page.read_text()


def test_one_can_be_asked_for(results, page):
    assert results.main(["--page", str(page), "--only", "ONE", "four"]) == 0
    assert texts(page) == {"one": "new", "three": "old", "two": "old"}


def test_a_list_runs_nothing(results, page, capsys):
    before = page.read_text()
    assert results.main(["--page", str(page), "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.endswith("to be measured") for line in lines] == [True, False, True]
    assert page.read_text() == before


@pytest.mark.parametrize("command", ["python measure.py fails --results page.md", "python measure.py one"])
def test_what_fails_is_named_and_the_others_are_measured(results, page, command, capsys):
    page.write_text(page.read_text().replace("python measure.py one --results page.md", command))
    assert results.main(["--page", str(page)]) == 1
    assert "failed: one\n" in capsys.readouterr().err
    assert texts(page) == {"one": "old", "three": "new", "two": "old"}


def test_changed_code_is_not_measured(results, page, monkeypatch, capsys):
    monkeypatch.setattr(results, "commit", lambda: "abc123-dirty")
    assert results.main(["--page", str(page)]) == 1
    assert "commit what is changed first" in capsys.readouterr().err
    assert set(texts(page).values()) == {"old"}


def test_docs_may_be_changed_since_the_commit_and_code_may_not(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("lib.results_page")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "benchmarks" / "lib" / "results_page.py"))
    assert module.commit() is None  # no git here
    for name in ("docs/page.md", "code.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before")
    identity = "-c user.name=a -c user.email=a@example.org"
    for command in ("init -q", "add .", f"{identity} commit -q -m one"):
        subprocess.run(["git", *shlex.split(command)], cwd=tmp_path, check=True)
    first = module.commit()
    assert len(first) >= 7
    (tmp_path / "docs" / "page.md").write_text("after")
    (tmp_path / "new.txt").write_text("not of git")
    assert module.commit() == first
    (tmp_path / "code.py").write_text("after")
    assert module.commit() == f"{first}-dirty"


def test_every_command_of_the_page_can_be_run_again(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    module = importlib.import_module("results")
    for one in module.sections_of((BENCHMARKS.parent / module.PAGE).read_text(encoding="utf-8")):
        program, script, *arguments = shlex.split(one.command)
        assert (program, arguments[-2:]) == ("python", ["--results", "docs/results.md"]), one.title
        assert (BENCHMARKS.parent / script).is_file()
