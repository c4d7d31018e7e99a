"""``sklaudio plot``: pictures that are written, and what is printed where they cannot be."""

import os
import sys

import pytest

import sklaudio
from sklaudio import make_classifier
from sklaudio.cli import _main as cli

from ..tones import PITCHES, tone, tone_model, write_tone

START = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tone(tmp_path / "low.wav", PITCHES["low"], 2.0)
    sklaudio.save(tone_model(), "tones.skops")
    return tmp_path


@pytest.fixture
def net(folder):
    model = make_classifier("gru", hidden_size=4, num_layers=1, max_epochs=2, random_state=0)
    sklaudio.save(model.fit([tone(200), tone(800)] * 2, ["low", "high"] * 2), "net.skops")


@pytest.fixture
def drawn(monkeypatch):
    """The y labels of each figure that is saved."""
    from matplotlib.figure import Figure

    labels, savefig = [], Figure.savefig
    monkeypatch.setattr(
        Figure, "savefig", lambda self, *a, **k: (labels.append(y_labels(self)), savefig(self, *a, **k))
    )
    return labels


def y_labels(figure):
    return [axes.get_ylabel() for axes in figure.axes if axes.get_label() != "<colorbar>"]


def _note(figure, page, drawn):
    """What drawing would show, without the seconds that it takes."""
    page.write(b"drawn")
    drawn += [y_labels(figure), figure.axes[0].get_xlim()]


def test_what_speaks_for_a_class_is_drawn(folder, drawn, capsys):
    assert cli.main(["plot", "low.wav", "--explain", "tones.skops", "--target", "high"]) == 0
    assert capsys.readouterr().out == "written to low.png\n"
    assert drawn[0][0] == "frequency (Hz)"


@pytest.mark.parametrize("extension", START)
def test_an_audio_file_is_drawn_as_png_svg_or_pdf(folder, drawn, extension, capsys):
    picture = f"picture{extension}"
    assert cli.main(["plot", "low.wav", "--kind", "waveform", "--kind", "mel", "-o", picture]) == 0
    assert capsys.readouterr().out == f"written to {picture}\n"
    assert (folder / picture).read_bytes().startswith(START[extension])
    assert drawn == [["amplitude", "frequency (Hz)"]]


def test_kinds_go_to_the_display(folder, monkeypatch):
    drawn = []
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda self, page, **_: _note(self, page, drawn))
    assert cli.main(["plot", "low.wav", "--kind", "all", "--offset", "0.5", "--duration", "1"]) == 0
    assert len(drawn[0]) == 8
    assert drawn[1] == (0.5, 1.5)
    assert (folder / "low.png").is_file()


def test_a_model_is_drawn_as_its_training(folder, net, drawn):
    assert cli.main(["plot", "net.skops"]) == 0
    assert drawn == [["loss", "accuracy", "learning rate"]]
    assert (folder / "net.png").is_file()


def test_a_timeline_is_drawn_over_the_waveform(folder, drawn):
    assert cli.main(["plot", "low.wav", "--timeline", "tones.skops", "--window", "0.5", "--hop", "0.5"]) == 0
    assert drawn == [["probability", "amplitude"]]


def test_no_picture_is_replaced_unless_it_is_named(folder, capsys):
    (folder / "low.png").write_text("mine")
    assert cli.main(["plot", "low.wav"]) == 2
    assert "low.png is there already; name the picture with --out" in capsys.readouterr().err
    assert (folder / "low.png").read_text() == "mine"
    assert cli.main(["plot", "low.wav", "-o", "low.png"]) == 0


def test_without_matplotlib_one_line_says_how_to_get_it(folder, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert cli.main(["plot", "low.wav"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "Run: pip install 'sklaudio[plots]'" in err
    assert err.count("\n") == 1
    assert not (folder / "low.png").exists()


def test_an_interrupt_leaves_no_picture(folder, monkeypatch, capsys):
    def interrupted(self, page, **_):
        page.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("matplotlib.figure.Figure.savefig", interrupted)
    assert cli.main(["plot", "low.wav"]) == 130
    assert sorted(os.listdir(".")) == ["low.wav", "tones.skops"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["lost.wav"], 1, "lost.wav: there is no such file"),
        (["tones.skops"], 1, "has no history_"),
        (["tones.skops", "--kind", "mel"], 2, "--kind, --timeline and --explain are for audio files"),
        (["low.wav", "--kind", "mel", "--timeline", "tones.skops"], 2, "give one of --kind, --timeline and --explain"),
        (["low.wav", "--target", "low"], 2, "--target and --method are for --explain"),
        (["low.wav", "--explain", "tones.skops", "--target", "hi"], 1, "target='hi' is no class"),
        (["low.wav", "--kind", "smell"], 2, "invalid choice: 'smell'"),
        (["low.wav", "-o", "low.jpg"], 2, "must end with .png, .svg, .pdf"),
    ],
)
def test_errors_are_one_line(folder, arguments, code, message, capsys):
    try:
        found = cli.main(["plot", *arguments])
    except SystemExit as caught:
        found = caught.code
    out, err = capsys.readouterr()
    assert (found, out) == (code, "")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", [b"caf\xe9.wav", b"line\nend.wav", b"bell\x07.wav"])
@pytest.mark.parametrize("extension", START)
def test_names_that_are_not_utf8_are_drawn(folder, name, extension, capsys):
    os.rename("low.wav", name)
    assert cli.main(["plot", os.fsdecode(name), "-o", f"out{extension}"]) == 0, capsys.readouterr().err
    assert (folder / f"out{extension}").read_bytes().startswith(START[extension])
    assert cli.main(["plot", os.fsdecode(name)]) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert os.path.exists(os.path.splitext(name)[0] + b".png")
