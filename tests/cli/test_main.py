"""The command: what it prints, where, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sklaudio.cli import _main as cli

from ..check.test_check import tune


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(["a/0.wav", "b/1.wav"]):
        (tmp_path / name).parent.mkdir()
        soundfile.write(tmp_path / name, tune(seed, 1.0), 22050)
    return tmp_path


@pytest.fixture
def faulty(folder):
    soundfile.write(folder / "a" / "silent.wav", np.zeros(22050), 22050)
    (folder / "b" / "Ünï\n.wav").write_text("words")
    return folder


def run(*arguments, **options):
    command = [sys.executable, "-m", "sklaudio", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_nothing_found_is_exit_code_0(folder, capsys):
    assert cli.main(["check", str(folder)]) == 0
    assert capsys.readouterr() == ("0 findings in 2 clips\n", "")


def test_findings_are_one_line_each_and_exit_code_1(faulty, capsys):
    assert cli.main(["check", str(faulty)]) == 1
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "silent (1)",
        f"  {faulty}/a/silent.wav: all samples are equal (limit -60 dB)",
        "undecodable (1)",
        f"  {faulty}/b/Ünï\\n.wav: this is not an audio file that can be decoded (Format not recognised). "
        "Take it out of the list, or convert it to wav or flac.",
        "2 findings in 4 clips: 1 silent, 1 undecodable",
    ]
    assert err == ""


def test_json_is_one_object(faulty, capsys):
    assert cli.main(["check", str(faulty), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["n_clips"] == 4
    assert [(one["class"], one["fault"]) for one in found["findings"]] == [("a", "silent"), ("b", "undecodable")]
    assert found["findings"][1]["path"] == f"{faulty}/b/Ünï\n.wav"


def test_options_reach_the_engine(folder, capsys):
    soundfile.write(folder / "a" / "copy.wav", 0.5 * tune(1, 1.0), 22050)
    assert cli.main(["check", str(folder), "--jobs", "1"]) == 1
    assert "near duplicate in another class" in capsys.readouterr().out
    assert cli.main(["check", str(folder), "--no-near"]) == 0
    assert cli.main(["check", str(folder), "--no-near", "--min-duration", "1.5"]) == 1
    assert "short (3)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [[], ["chek", "."], ["check"], ["check", "nowhere"], ["check", ".", "--min-duration", "-1"], ["check", ".", "--x"]],
)
def test_wrong_use_is_one_line_and_exit_code_2(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sklaudio")
    assert err.count("\n") == 1


def test_failures_are_one_line_and_exit_code_1(tmp_path, capsys):
    assert cli.main(["check", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"sklaudio check: {tmp_path}: there is no audio file")
    assert err.endswith(" (--debug shows where)\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize("place", [0, 2])
def test_debug_shows_the_traceback(place, tmp_path, capsys):
    arguments = ["check", str(tmp_path)]
    arguments.insert(place, "--debug")
    assert cli.main(arguments) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_without_a_traceback(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setitem(cli.COMMANDS, "wait", (interrupted, ()))
    interrupted.__doc__ = "Wait."
    assert cli.main(["wait"]) == 130
    assert capsys.readouterr().err == "sklaudio wait: interrupted\n"


def test_a_new_command_is_one_function(monkeypatch, capsys):
    monkeypatch.setitem(cli.COMMANDS, "say", None)  # is taken out again

    @cli.command(cli.argument("words", nargs="*"), cli.argument("--times", type=int, default=1))
    def say(words, *, times):
        """Say words."""
        print(*words * times)

    assert cli.main(["say", "a", "b", "--times", "2"]) == 0
    assert capsys.readouterr().out == "a b a b\n"


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'librosa', 'sklearn', 'pandas', 'numpy', 'scipy', 'skorch'} & set(sys.modules)"
    code = f"import sys\nfrom sklaudio.cli import main\ntry: main(['--help'])\nexcept SystemExit: print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
    assert "check" in done.stdout
    assert run("--help").returncode == 0


def test_checking_does_without_torch_librosa_and_scikit_learn(folder):
    heavy = "{'torch', 'librosa', 'sklearn'} & set(sys.modules)"
    code = f"import sys; from sklaudio.cli import main; main(['check', {str(folder)!r}]); print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0 findings in 2 clips\nset()\n"


def test_decoders_and_bars_keep_stderr_clean(folder):
    sound = folder / "a" / "2.mp3"
    soundfile.write(sound, tune(2), 22050)
    data = bytearray(sound.read_bytes())
    data[3000:3400] = bytes(400)  # mpg123 has something to say of that
    sound.write_bytes(data)
    done = run("check", folder)
    assert done.stderr == ""
    assert "3 clips" in done.stdout


def test_names_that_are_not_utf8_are_printed(folder, capsys):
    os.rename(os.fsencode(folder / "b" / "1.wav"), os.fsencode(folder / "b") + b"/\xff.wav")
    (folder / "a" / "0.wav").write_text("words")
    with open(os.fsencode(folder / "b") + b"/\xff.wav", "w") as file:
        file.write("words")
    done = run("check", folder, env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
    assert done.returncode == 1
    assert "\\udcff.wav: this is not an audio file" in done.stdout
    assert cli.main(["check", str(folder), "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 2


def test_a_reader_that_has_seen_enough_is_no_error(faulty):
    command = f"{sys.executable} -m sklaudio check '{faulty}' | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert done.stderr == ""


def test_files_of_a_pattern_without_quotes_are_told_from_unknown_options(faulty, capsys):
    files = [str(faulty / name) for name in ("0.csv", "1.csv")]
    for file in files:
        Path(file).write_text("path,label\n")
    for arguments, hint in [
        (files, "put a pattern in quotes"),
        ([str(faulty), "--no-naer"], "Did you mean '--no-near'?"),
    ]:
        with pytest.raises(SystemExit) as stopped:
            cli.main(["check", *arguments])
        assert stopped.value.code == 2
        err = capsys.readouterr().err
        assert err.startswith("sklaudio check: ")
        assert hint in err
        assert err.count("\n") == 1
