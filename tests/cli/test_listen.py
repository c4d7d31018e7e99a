"""``sklaudio listen``, as it is used: with a file, samples of standard input, or a loopback as the microphone."""

import csv
import io
import json
import sys

import numpy as np
import pytest
import soundfile
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import FrameSummary, RMSTransformer, predict_timeline
from sklaudio.cli import _main as cli

from ..loopback import Loopback, LoopbackStream
from ..tones import PITCHES, tone

SIZES = ("--window", "1", "--hop", "0.5")


@pytest.fixture
def y():
    """Three seconds low, two high."""
    return np.concatenate([tone(PITCHES["low"], 3.0), tone(PITCHES["high"], 2.0)]).astype(np.float32)


@pytest.fixture
def recording(y, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("long.wav", y, 22050, subtype="FLOAT")
    return "long.wav"


@pytest.fixture
def listen(model, capsys):
    def listen(*arguments, expected=0):
        code = cli.main(["listen", model, *SIZES, *arguments])
        out, err = capsys.readouterr()
        assert code == expected, err
        return out if not expected else err

    return listen


@pytest.fixture
def loopback(y, monkeypatch):
    device = Loopback(y, 22050)
    monkeypatch.setitem(sys.modules, "sounddevice", device)
    return device


def test_a_file_in_place_of_a_device_has_its_timeline(listen, recording, model):
    lines = listen("--device", recording).splitlines()
    assert len(lines) == 9
    assert lines[0].split()[:3] == ["00:00.0", "00:01.0", "low"]
    assert lines[8].split()[:3] == ["00:04.0", "00:05.0", "high"]
    assert 0.5 < float(lines[8].split()[3]) <= 1
    assert len({line.rindex(" ") for line in lines}) == 1
    timeline = predict_timeline(sklaudio.load(model), recording, window=1, hop=0.5)
    rows = [json.loads(line) for line in listen("--device", recording, "--jsonl").splitlines()]
    assert [list(row) for row in rows] == [["start", "end", "label", "probability"]] * 9
    for name in ("start", "end", "label"):
        assert [row[name] for row in rows] == timeline[name].tolist()
    np.testing.assert_allclose([row["probability"] for row in rows], timeline["probability"], atol=1e-5)
    table = list(csv.DictReader(io.StringIO(listen("--device", recording, "--csv"))))
    assert [row["label"] for row in table] == timeline["label"].tolist()


def test_rejected_changes_and_seconds(listen, recording):
    assert [line.split()[2] for line in listen("--device", recording, "--changes").splitlines()] == ["low", "high"]
    changes = list(csv.DictReader(io.StringIO(listen("--device", recording, "--changes", "--csv"))))
    assert [row["label"] for row in changes] == ["low", "high"]
    unsure = ("--device", recording, "--reject-below", "0.999999")
    assert {json.loads(line)["label"] for line in listen(*unsure, "--jsonl").splitlines()} == {None}
    assert " - " in listen(*unsure)
    assert len(listen(*unsure, "--changes").splitlines()) == 1
    lines = listen("--device", recording, "--seconds", "2.25").splitlines()
    assert [line.split()[1] for line in lines] == ["00:01.0", "00:01.5", "00:02.0", "00:02.2"]


def test_samples_from_standard_input(listen, y, monkeypatch):
    y = y.astype(np.float64)[::2]
    data = np.round(y * 2**15).astype("<i2").tobytes() + b"\x00"  # cut off within a sample
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    lines = listen("--device", "-", "--sr", "11025", "--changes").splitlines()
    assert [line.split()[2] for line in lines] == ["low", "high"]


def test_a_microphone(listen, loopback, recording):
    expected = listen("--device", recording, "--seconds", "4.5")
    assert listen("--seconds", "4.5") == expected
    assert listen("--device", "Loop", "--sr", "22050", "--seconds", "4.5") == expected
    assert listen("--device", "1", "--seconds", "4.5") == expected
    assert "cannot be listened to: No input device matching 'nope'" in listen("--device", "nope", expected=1)


def test_a_microphone_that_is_unplugged(model, loopback, capsys):
    assert cli.main(["listen", model, *SIZES]) == 1
    out, err = capsys.readouterr()
    assert out.count("\n") == 9
    assert "the device has stopped" in err


class InterruptedStream(LoopbackStream):
    """One at whose end the user presses Ctrl-C."""

    @property
    def active(self):
        raise KeyboardInterrupt

    @active.setter
    def active(self, value):
        pass


def test_ctrl_c_ends_it(model, loopback, capsys):
    loopback.y = loopback.y[: round(4.8 * 22050)]
    loopback.stream_class = InterruptedStream
    assert cli.main(["listen", model, *SIZES]) == 0
    out, err = capsys.readouterr()
    assert [line.split()[1] for line in out.splitlines()][-2:] == ["00:04.5", "00:04.8"]
    assert err == ""


def test_devices_are_listed(loopback, capsys):
    assert cli.main(["listen", "--list-devices"]) == 0
    assert capsys.readouterr().out == "*   1  Loopback: PCM    2 channels  22050 Hz\n"
    loopback.devices = loopback.devices[:1]
    assert cli.main(["listen", "--list-devices"]) == 0
    assert capsys.readouterr().out == "there are no input devices\n"


def test_what_is_missing_is_named(model, capsys, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert cli.main(["listen", model]) == 1
    assert "pip install 'sklaudio[live]'" in capsys.readouterr().err
    monkeypatch.delitem(sys.modules, "sounddevice")
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.syspath_prepend(tmp_path)
    assert cli.main(["listen", "--list-devices"]) == 1
    assert "apt install libportaudio2" in capsys.readouterr().err


def test_wrong_use(model, recording, capsys):
    for arguments, words in [
        ([], "give the MODEL"),
        ([model, "--device", "-"], "give their rate as --sr"),
        ([model, "--device", recording, "--sr", "8000"], "which has a rate"),
    ]:
        assert cli.main(["listen", *arguments]) == 2
        assert words in capsys.readouterr().err
    for arguments, words in [
        ([model, "--window", "0"], "more than 0"),
        ([model, "--reject-below", "2"], "between 0 and 1"),
        ([model, "--csv", "--jsonl"], "not allowed with"),
        (["nothing.skops"], "there is no file"),
    ]:
        with pytest.raises(SystemExit, match="2"):
            cli.main(["listen", *arguments])
        assert words in capsys.readouterr().err


def test_a_file_that_cannot_be_read_is_named(listen, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    assert "text.wav" in listen("--device", str(tmp_path / "text.wav"), expected=1)


def test_numbers(recording, tmp_path, capsys):
    model = make_pipeline(RMSTransformer(), FrameSummary(("mean",)), LinearRegression())
    model.fit([np.full(4000, level) for level in (0.1, 0.5)], [0.1, 0.5])
    sklaudio.save(model, tmp_path / "level.skops")
    assert cli.main(["listen", str(tmp_path / "level.skops"), *SIZES, "--device", recording]) == 0
    first = capsys.readouterr().out.splitlines()[0].split()
    assert first[:3] == ["00:00.0", "00:01.0", "prediction"]
    assert 0.2 < float(first[3]) < 0.6
    assert cli.main(["listen", str(tmp_path / "level.skops"), *SIZES, "--device", recording, "--changes"]) == 2
    assert "one class" in capsys.readouterr().err
