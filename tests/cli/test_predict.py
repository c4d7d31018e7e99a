"""``sklaudio predict``, as it is used: what it prints, where, and with which exit code."""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from sklearn.linear_model import RidgeClassifier

import sklaudio
from sklaudio import pretrained
from sklaudio.cli import _main as cli

from ..killing import forked
from ..test_pretrained import publish
from ..tones import PITCHES, tone_model, write_tone


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Six recordings of many kinds in the working directory."""
    monkeypatch.chdir(tmp_path)
    write_tone(tmp_path / "in" / "low.wav", 200, 1.0, 48000, 2)
    write_tone(tmp_path / "in" / "deep" / "middle.flac", 800, 0.7, 11025)
    write_tone(tmp_path / "in" / "deep" / "er" / "high.wav", 3000, 1.0, 44100, 6)
    write_tone(tmp_path / "in" / "low.OGG", 200, 2.0, 44100)
    write_tone(tmp_path / "in" / "middle, for minutes.flac", 800, 180.0, 22050)
    write_tone(tmp_path / "in" / "high\n.wav", 3000, 0.3, 8000)
    (tmp_path / "in" / "notes.txt").write_text("words")
    return tmp_path


@pytest.fixture
def faulty(folder):
    (folder / "in" / "bad\n.wav").write_text("words")
    (folder / "in" / "deep" / "empty.wav").write_text("")
    return folder


@pytest.fixture
def predict(capfd):
    """Exit code, stdout and stderr, what decoders write among it, of the command in this process."""

    def predict(*arguments):
        return cli.main(["predict", *arguments]), *capfd.readouterr()

    return predict


def test_a_folder_is_a_line_for_each_file(folder, model):
    command = [sys.executable, "-m", "sklaudio", "predict", model, "in"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line[:24].rstrip() for line in lines] == [
        "in/deep/er/high.wav",
        "in/deep/middle.flac",
        "in/high\\n.wav",
        "in/low.OGG",
        "in/low.wav",
        "in/middle, for minutes.f",
    ]
    for line in lines:
        words = line[29:].split()
        assert words[0] in line[:28]
        assert sorted(words[0::2]) == sorted(PITCHES)
        assert sum(map(float, words[1::2])) == pytest.approx(1, abs=0.002)
    assert len({line.index(" 0.") for line in lines}) <= 2  # in columns


def test_faulty_files_are_named_on_stderr_and_the_others_predicted(faulty, model, predict):
    code, out, err = predict(model, "in")
    assert code == 1
    assert len(out.splitlines()) == 6
    first, second, last = err.splitlines()
    assert first.startswith("sklaudio predict: in/bad\\n.wav: this is not an audio file")
    assert second.startswith("sklaudio predict: in/deep/empty.wav: the file is empty")
    assert last == "sklaudio predict: 2 of 8 files cannot be predicted"


def test_json_is_one_array(faulty, model, predict):
    code, out, err = predict(model, "in/**", "lost.wav", "--json")
    assert code == 1
    assert err == "sklaudio predict: 3 of 9 files cannot be predicted\n"
    predictions = {prediction["path"]: prediction for prediction in json.loads(out)}
    assert set(predictions["in/low.wav"]) == {"path", "label", "probabilities"}
    assert set(predictions["lost.wav"]) == {"path", "error"}
    assert predictions["in/high\n.wav"]["label"] == "high"
    assert set(predictions["in/low.wav"]["probabilities"]) == set(PITCHES)
    assert "in/notes.txt" not in predictions


def test_csv_is_a_row_for_each_file(faulty, model, predict):
    code, out, _ = predict(model, "in", "--csv")
    assert code == 1
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(out))}
    assert rows["in/low.wav"]["label"] == "low"
    assert rows["in/low.wav"]["probability"] == rows["in/low.wav"]["p(low)"]
    assert list(rows["in/bad\n.wav"].values()) == ["in/bad\n.wav", "", "", "", "", ""]
    assert all(os.path.exists(path) for path in rows)


def test_only_faulty_files_are_exit_code_1_and_no_output(faulty, model, capsys):
    assert cli.main(["predict", model, "lost.wav"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sklaudio predict: lost.wav: there is no such file")
    assert err.count("\n") == 1


def test_options_are_obeyed(folder, model, capsys):
    assert cli.main(["predict", model, "in/low.wav", "--top", "1", "--jobs", "1"]) == 0
    assert capsys.readouterr().out.split()[:2] == ["in/low.wav", "low"]
    assert cli.main(["predict", "--top", "2", "--jobs", "2", model, "in/low.wav", "in/deep"]) == 0
    assert [len(line.split()) for line in capsys.readouterr().out.splitlines()] == [5, 5, 5]


def test_models_without_probabilities_print_the_label(folder, capsys):
    sklaudio.save(tone_model(RidgeClassifier()), "ridge.skops")
    assert cli.main(["predict", "ridge.skops", "in/low.wav", "in/deep"]) == 0
    assert [line.split()[1:] for line in capsys.readouterr().out.splitlines()] == [["low"], ["high"], ["middle"]]


def test_a_model_may_be_a_pretrained_name(folder, model, monkeypatch, capsys):
    monkeypatch.setattr(pretrained, "PACKAGE", folder)
    publish(tone_model(), folder / "weights", "tones")
    assert cli.main(["predict", "tones", "in/low.wav"]) == 0
    assert capsys.readouterr().out.split()[1] == "low"
    os.mkdir("tones")  # a folder is no model
    assert cli.main(["predict", "tones", "in/low.wav"]) == 0
    os.rmdir("tones")
    (folder / "tones").write_text("words")  # a file is what is meant
    assert cli.main(["predict", "tones", "in/low.wav"]) == 1
    assert "tones is no model file" in capsys.readouterr().err
    for name, message in [("tone", "neither a file nor a pretrained model (tones)"), ("./tone", "there is no file")]:
        with pytest.raises(SystemExit, match="2"):
            cli.main(["predict", name, "in/low.wav"])
        assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [["--json", "--csv"], ["--jobs", "0"], ["--top", "0"], ["--top", "x"], ["--bottom"]],
)
def test_wrong_use_is_exit_code_2(folder, model, wrong, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["predict", model, "in", *wrong])
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("nothing", ["*.aiff", "void", "in/**/*.mp3"])
def test_what_finds_no_file_is_named_and_nothing_predicted(folder, model, nothing, capsys):
    os.mkdir("void")
    assert cli.main(["predict", model, "in", nothing]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"sklaudio predict: {nothing}: ")
    assert err.count("\n") == 1


def test_what_is_no_model_of_clips_is_one_line(folder, capsys):
    sklaudio.save(RidgeClassifier().fit(np.eye(2), [0, 1]), "table.skops")
    assert cli.main(["predict", "table.skops", "in"]) == 1
    assert "takes no clips" in capsys.readouterr().err


def test_warnings_are_one_line_each(folder, capsys):
    sklaudio.save(tone_model().set_params(mfcctransformer__memory="cache"), "caching.skops")
    assert cli.main(["predict", "caching.skops", "in/low.wav"]) == 0
    out, err = capsys.readouterr()
    assert out.split()[1] == "low"
    assert err.startswith("sklaudio predict: caching.skops: memory='cache'")
    assert err.count("\n") == 1
    assert not os.path.exists("cache")


def test_names_that_are_not_utf8_are_printed(folder, model, monkeypatch):
    os.rename(b"in/low.wav", b"in/deep/\xff.wav")
    stdout = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stdout, encoding="ascii"))
    for form in ([], ["--csv"], ["--json"]):
        assert cli.main(["predict", model, "in/deep", *form]) == 0
    assert stdout.getvalue().count(b"\\udcff.wav") == 2
    assert stdout.getvalue().count(b"\xff.wav") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_in_csv_are_those_of_the_files(folder, model, encoding, monkeypatch):
    shutil.rmtree("in/deep")
    os.mkdir("in/deep")
    for name in (b"line\n.wav", b"return\r.wav", b"both\r\n.wav", b"\xff.wav", b'a "quote", a comma.wav'):
        shutil.copy("in/low.wav", b"in/deep/" + name)
    stdout = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(stdout, encoding=encoding))
    assert cli.main(["predict", model, "in/deep", "--csv"]) == 0
    text = stdout.getvalue().decode("utf-8", "surrogateescape")
    paths = [row["path"] for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert sorted(map(os.fsencode, paths)) == sorted(os.path.join(b"in/deep", name) for name in os.listdir(b"in/deep"))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_has_seen_enough_is_no_error(folder, model, form, monkeypatch, capfd):
    reader, writer = os.pipe()
    os.close(reader)
    with monkeypatch.context() as patch, open(writer, "w") as stdout:
        patch.setattr(sys, "stdout", stdout)
        assert cli.main(["predict", model, "in", *form]) == 1
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_predictions_come_before_all_files_are_read_and_an_interrupt_ends_it(folder, model, jobs):
    for k in range(3000):  # their lines are more than a pipe holds: without a reader the command does not end
        os.link("in/low.wav", f"in/deep/{k}.wav")
    with forked(cli.main, ["predict", model, "in/deep", "--jobs", jobs]) as (child, stdout, stderr):
        assert stdout.readline().startswith("in/deep/0.wav")
        assert child.is_alive()
        os.kill(child.pid, signal.SIGINT)
        stdout.read()
        assert stderr.read() == "sklaudio predict: interrupted\n"
    assert child.exitcode == 130


def test_help_loads_nothing_heavy():
    heavy = "{'torch', 'librosa', 'sklearn', 'pandas', 'numpy', 'scipy', 'skorch'} & set(sys.modules)"
    code = "import sys\nfrom sklaudio.cli import main\ntry: main(['predict', '--help'])"
    code += f"\nexcept SystemExit: print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
    assert "sklaudio timeline" in done.stdout
