"""Scripts of the benchmarks that run in this process, where they end before there is much to do."""

import runpy
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch, capsys):
    """Run a script as ``python benchmarks/NAME`` does: exit code, stdout and stderr."""
    monkeypatch.syspath_prepend(BENCHMARKS)

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [str(BENCHMARKS / name), *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(sys.argv[0], run_name="__main__")
        return ended.value.code, *capsys.readouterr()

    return run
