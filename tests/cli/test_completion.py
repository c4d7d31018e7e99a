"""What shells complete, asked of the shells."""

import os
import shutil
import subprocess
import sys

import pytest

from sklaudio.cli import _main as cli

BASH = """
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_sklaudio
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(tmp_path, monkeypatch, capsys):
    """Where the script for bash is, beside a folder with some files, which becomes the working directory."""
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--print-completion", "bash"])
    (tmp_path / "script").write_text(capsys.readouterr().out)
    (tmp_path / "here" / "music").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    for name in ("a.wav", "b.FLAC", "c.skops", "d.txt", "e.csv"):
        (tmp_path / "here" / name).touch()
    return tmp_path / "script"


def completions(script, *words):
    command = ["bash", "--norc", "-c", BASH, "bash", str(script), "sklaudio", *words]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_bash_completes_commands_options_files_and_names(script):
    assert completions(script, "ev") == {"evaluate"}
    assert completions(script, "train", "--gr") == {"--group", "--group-by"}
    assert completions(script, "train", "music", "--model", "gr") == {"gru"}
    assert completions(script, "train", "") == {"e.csv", "music"}
    assert completions(script, "predict", "") == {"c.skops", "music", "digits", "genres", "instruments", "words"}
    assert completions(script, "predict", "c.skops", "") == {"a.wav", "b.FLAC", "music"}
    assert completions(script, "train", "music", "--test", "") == {"e.csv", "music"}
    assert completions(script, "predict", "c.skops", "--files-from", "d") == {"d.txt"}
    assert completions(script, "predict", "c.skops", "--js") == {"--json", "--jsonl"}
    assert completions(script, "models", "genre-lstm-m") == {"genre-lstm-mfcc"}
    assert completions(script, "timeline", "genres", "a.wav", "--smoothing", "v") == {"viterbi"}
    assert {"a.wav", "c.skops", "genres"} <= completions(script, "plot", "")


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_takes_the_script(script, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--print-completion", "zsh"])
    script.write_text(capsys.readouterr().out)
    check = f"eval \"$(cat '{script}')\" && whence -w _shtab_sklaudio && print -r -- $_comps[sklaudio]"
    done = subprocess.run(["zsh", "-f", "-c", check], capture_output=True, text=True, env={**os.environ, "HOME": "."})
    assert done.stdout.split("\n")[:2] == ["_shtab_sklaudio: function", "_shtab_sklaudio"]


def test_a_shell_that_is_not_known_is_wrong_use(capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["--print-completion", "fish"])
    assert "invalid choice: 'fish'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["--print-completion", "bash"]])
def test_start_takes_nothing_heavy(arguments):
    command = [sys.executable, "-X", "importtime", "-m", "sklaudio", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|")[-1].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"torch", "librosa", "sklearn", "pandas", "numpy", "scipy", "skorch", "matplotlib"}
