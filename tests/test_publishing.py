"""What is published: the types that programs see, the wheel, the sdist, and how to cite."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import sklaudio

ROOT = Path(__file__).parents[1]
USER_PROGRAM = Path(__file__).parent / "fixtures" / "user_program.py"
MAX_BYTES = 8_000_000  # of a wheel, and of an sdist


@pytest.mark.slow
def test_type_checkers_accept_a_user_program_and_refuse_its_mistakes(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    options = ["--strict", "--allow-untyped-calls", "--ignore-missing-imports", f"--cache-dir={tmp_path}"]
    command = [sys.executable, "-m", "mypy", *options, USER_PROGRAM]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    # A mistake that is not found is an error as well: an unused "type: ignore".
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_packages_pass_the_check_of_twine_and_are_small(published):
    pytest.importorskip("twine", reason="twine, which checks packages, is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *published], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for package in published:
        assert package.stat().st_size < MAX_BYTES, f"{package.name} has {package.stat().st_size:,} bytes"


@pytest.mark.slow
def test_a_wheel_holds_the_package_and_nothing_else(published):
    with zipfile.ZipFile(published[0]) as wheel:
        names = set(wheel.namelist())
    info = f"sklaudio-{sklaudio.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"sklaudio", info}
    assert {"sklaudio/py.typed", "sklaudio/__init__.pyi", f"{info}/licenses/LICENSE"} <= names
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "sklaudio").rglob("*") if path.is_file()}
    expected |= {f"sklaudio/{path.relative_to(ROOT)}" for path in (ROOT / "weights").iterdir()}
    in_package = {name for name in names if name.startswith("sklaudio/")}
    assert in_package == {name for name in expected if "__pycache__" not in name}


@pytest.mark.slow
def test_an_sdist_has_all_that_its_tests_and_documentation_need(published):
    with tarfile.open(published[1]) as sdist:
        names = {name.split("/", 1)[1] for name in sdist.getnames()}
    assert {"Makefile", "pyproject.toml", "constraints.txt", "conftest.py", "CITATION.cff", "docs/conf.py"} <= names
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "weights/words.skops"} <= names
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("*.py")} <= names
    assert not {
        name for name in names if re.search(r"\.(flac|mp3|ogg)$|(^|/)(\.venv|results|_build|__pycache__)/", name)
    }


def test_the_citation_names_this_version():
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what the format requires
    assert citation["version"] == sklaudio.__version__
    assert citation["license"] == "BSD-3-Clause"
