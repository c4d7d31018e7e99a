"""``sklaudio cache``: sizes, and a question before anything is deleted."""

import json

import numpy as np
import pytest

from sklaudio import MFCCTransformer
from sklaudio._utils.data_home import RECORD
from sklaudio.cli import _main as cli

from ..terminal import at_terminal


@pytest.fixture
def memory(tmp_path):
    folder = tmp_path / "kept"
    MFCCTransformer(memory=str(folder)).fit_transform([np.ones(3000, dtype=np.float32)])
    return folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data set as a download leaves it, and what somebody put beside it."""
    folder = tmp_path / "home" / "fsdd"
    folder.mkdir(parents=True)
    (folder / "1.wav").write_bytes(bytes(1500))
    (folder / RECORD).write_text('["1.wav"]')
    (tmp_path / "home" / "mine.wav").write_bytes(bytes(10))
    monkeypatch.setenv("SKLAUDIO_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


def test_sizes_are_printed(home, memory, capsys):
    assert cli.main(["cache"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"   1.5 kB  data set: {home}/fsdd (2 files)",
        "   1.5 kB  in all",
    ]
    assert cli.main(["cache", "size", "--memory", str(memory), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {folder["kind"] for folder in printed["folders"]} == {"features"}
    assert printed["bytes"] == sum(folder["bytes"] for folder in printed["folders"]) > 0


def test_clear_deletes_only_what_was_named(home, memory, capsys):
    assert cli.main(["cache", "clear", "--memory", str(memory), "--yes"]) == 0
    assert capsys.readouterr().out.endswith("in all\ndeleted\n")
    assert not (memory / "joblib" / "sklaudio").exists()
    assert (home / "fsdd" / "1.wav").exists()
    assert cli.main(["cache", "clear", "--memory", str(memory), "--data-home", str(home), "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == 1509
    assert [path.name for path in home.iterdir()] == ["mine.wav"]
    assert cli.main(["cache", "clear"]) == 0  # nothing to ask about
    assert capsys.readouterr().out == "      0 B  in all\n"


def test_without_a_terminal_it_takes_a_yes(home, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", open("/dev/null"))  # noqa: SIM115
    assert cli.main(["cache", "clear"]) == 2
    assert "--yes deletes without asking" in capsys.readouterr().err
    assert (home / "fsdd" / "1.wav").exists()


def test_a_terminal_asks(home):
    question = "Delete these 1.5 kB? [y/N] "
    code, seen = at_terminal(["cache", "clear"], keys=b"\n", once=question)
    assert code == 1
    assert seen.endswith("sklaudio cache: nothing was deleted\r\n")
    code, seen = at_terminal(["cache", "clear"], keys=b"\x03", once=question)
    assert code == 130
    assert "Traceback" not in seen
    assert (home / "fsdd" / "1.wav").exists()
    code, seen = at_terminal(["cache", "clear"], keys=b"y\n", once=question)
    assert code == 0
    assert seen.endswith("deleted\r\n")
    assert not (home / "fsdd").exists()


@pytest.mark.parametrize("wrong", [["shrink"], ["size", "--memory", "nowhere"], ["--data-home", "nowhere"]])
def test_wrong_use_is_exit_code_2(wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["cache", *wrong])
    assert capsys.readouterr().err.count("\n") == 1
