"""sklaudio.report: what is on the page, that nothing else gets on it, and how it is written."""

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import librosa
import numpy as np
import pytest
import sklearn
import soundfile
from sklearn.linear_model import RidgeClassifier

import sklaudio
from sklaudio import _whole_file, cli, pretrained
from sklaudio._report import _media, _page

from .reports import GROUPS, LONG, ODD, ODD_FILE, Page, word_model, write_words
from .test_pretrained import publish
from .tones import PITCHES, tone, tone_model

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_words(tmp_path_factory.mktemp("words"))
    (Path(folder) / "mei" / "broken.wav").write_text("words")
    return folder


@pytest.fixture(scope="module")
def model(folder, tmp_path_factory):
    return word_model(write_words(tmp_path_factory.mktemp("training"), seed=0))


@pytest.fixture(scope="module")
def done(model, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    return sklaudio.report(model, folder, path=path, groups=GROUPS, title="Words & <more>", command="made 'here'")


@pytest.fixture(scope="module")
def page(done):
    return Page(done.path)


@pytest.fixture(scope="module")
def answers(model, folder):
    """(path below the folder, class, answer) of each file."""
    data = sklaudio.datasets.load_folder(folder)
    said = [answer.label for answer in sklaudio.predict_files(model, data.data)]
    below = [os.path.relpath(path, folder) for path in data.data]
    return list(zip(below, data.target.tolist(), said, strict=True))


def sounds(page):
    """Waveform and rate of each player."""
    contents = [base64.b64decode(own["src"].split(",", 1)[1]) for own in page.all("audio")]
    return [soundfile.read(io.BytesIO(content)) for content in contents]


def test_it_counts_as_predict_files_does(done, answers):
    assert done.n_clips == len(answers) == 35
    assert done.n_right == sum(truth == said for _, truth, said in answers)
    assert done.n_unreadable == 1
    assert done.accuracy == done.n_right / done.n_clips
    assert done.accuracy_interval[0] < done.accuracy < done.accuracy_interval[1]
    assert done.n_bytes == os.path.getsize(done.path)


def test_the_matrix_holds_every_clip(page, answers, done, model):
    truths = sorted({truth for _, truth, _ in answers})
    columns = [*model.classes_.tolist(), None]
    expected = {}
    for _, truth, said in answers:
        key = f"{truths.index(truth)}-{columns.index(said) if said else 'x'}"
        expected[key] = expected.get(key, 0) + 1
    assert page.cells == expected
    listed = [own["data-cell"] for own in page.all("li") if "data-cell" in own]
    assert {key: listed.count(key) for key in set(listed)} == expected


def test_every_mistake_can_be_heard_and_seen(page, answers, folder):
    wrong = {path for path, truth, said in answers if said not in (truth, None)}
    assert len(wrong) >= 2
    labels = [own["aria-label"] for own in page.all("audio")]
    assert {label.rsplit(", ", 1)[0] for label in labels} == wrong
    for label, (y, sr) in zip(labels, sounds(page), strict=True):
        original, native_sr = soundfile.read(os.path.join(folder, label.rsplit(", ", 1)[0]))
        assert sr == native_sr == 16000
        assert len(y) / sr == pytest.approx(1.0, abs=0.15)
        assert np.sqrt((y**2).mean()) == pytest.approx(np.sqrt((original**2).mean()), rel=0.2)
        spectra = [np.abs(librosa.stft(one)).mean(axis=1) for one in (y, original)]
        assert np.corrcoef(*spectra)[0, 1] > 0.95
    pictures = [own for own in page.all("img") if own["alt"].startswith("Mel spectrogram of")]
    assert len(pictures) == len(wrong)
    assert all(own["src"].startswith("data:image/png;base64,iVBOR") for own in pictures)
    assert "00:00.0 to 00:01.0, up to 8000 Hz" in pictures[0]["alt"]


def test_names_stay_text(page, answers):
    assert "Words & <more>" in page.text
    assert ODD in page.text
    assert any(path.endswith(ODD_FILE) for path, truth, said in answers)
    assert ODD_FILE in page.text
    assert any(own.get("data-title", "").startswith(f"is {ODD}, said ") for own in page.all("button"))
    assert not [own for own in page.all("img") if not own["src"].startswith("data:")]
    assert not [(tag, own) for tag, own in page.tags if any(name.startswith("on") for name in own)]
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert "<b>&" not in page.source
    assert "<more>" not in page.source


def test_nothing_comes_from_elsewhere(page):
    for _, own in page.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert own.get(name, "#").startswith(("data:", "#"))
    assert not re.findall(r"@import|url\(|fetch\(|XMLHttp|import\(", page.source)
    [policy] = [own["content"] for own in page.all("meta", **{"http-equiv": "Content-Security-Policy"})]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)[1]
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert not [own for _, own in page.tags if "style" in own]  # the policy would leave it out


def test_links_lead_somewhere(page):
    ids = {own["id"] for _, own in page.tags if "id" in own}
    assert {own["href"][1:] for own in page.all("a")} <= ids
    assert {"scores", "confusion", "mistakes", "unreadable", "right", "calibration", "model", "made"} <= ids
    for _, own in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert own.get(name, "scores") in ids


def test_unreadable_files_are_wrong_and_listed(page, done):
    assert "1 clip could not be read or predicted. It counts as wrong" in page.text
    assert "mei/broken.wav is mei" in page.text
    assert "this is not an audio file" in page.text
    assert sum(n for key, n in page.cells.items() if key.endswith("-x")) == 1
    right = int(page.text.split("right of")[0].split()[-1])
    assert right == done.n_right


def test_the_page_tells_how_it_was_made(page, model):
    for text in [
        "made 'here'",
        "DenseClassifier",
        "max_epochs=4",
        f"clips of each class {ODD} 9, {LONG} 9, mei 8",
        f"parameters learned {model[-1].n_parameters_:,}",
        f"scikit-learn {sklearn.__version__}",
        "expected calibration error",
        "MB of sounds",
        "over 6 groups",  # the four speakers, the copy's, and files without one
    ]:
        assert text in page.text
    assert "batch_size" in page.text  # among all parameters
    assert len([own for own in page.all("img") if " epochs" in own["alt"]]) == 3


def test_limits_bite_and_are_told(model, folder, tmp_path):
    done = sklaudio.report(model, folder, path=tmp_path / "few.html", max_clips=1, max_seconds=0.3)
    page = Page(done.path)
    [(y, sr)] = sounds(page)
    assert 0.25 < len(y) / sr < 0.5
    n_mistakes = done.n_clips - done.n_right - done.n_unreadable
    assert f"Only the first 1 of {n_mistakes} mistakes have a player" in page.text
    assert "at 16,000 Hz, and its first 00:00.3 alone" in page.text
    assert "and goes on" in page.text
    assert len([own for own in page.all("li") if "data-cell" in own]) == done.n_clips
    none = Page(sklaudio.report(model, folder, path=tmp_path / "none.html", max_clips=0).path)
    assert not none.all("audio")
    assert none.cells == page.cells


def test_long_lists_are_cut_and_it_is_told(model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(_page, "MOST_LISTED", 2)
    done = sklaudio.report(model, folder, path=tmp_path / "r.html")
    assert f"{done.n_right - 2} clips more, the surest, are not listed" in Page(done.path).text
    done = sklaudio.report(model, folder, path=tmp_path / "r.html", max_clips=0)
    n_mistakes = done.n_clips - done.n_right - done.n_unreadable
    assert f"listed below them, but for {n_mistakes - 2}, the least sure" in Page(done.path).text


def test_waveforms_and_models_without_probabilities(tmp_path):
    X = [tone(pitch) for pitch in PITCHES.values()] + [np.full(2205, np.nan)]
    y = ["high", "high", "middle", "low"]  # the second is low
    done = sklaudio.report(tone_model(RidgeClassifier()), X, y, path=tmp_path / "r.html", groups=[1, 1, 2, 2])
    page = Page(done.path)
    assert (done.n_right, done.n_unreadable) == (2, 1)
    assert "X[1] is high, said low" in page.text
    assert "X[3] is low" in page.text
    assert "over 2 groups" in page.text
    assert not page.all("ul", **{"class": "bars"})
    assert "calibration" not in {own.get("id") for own in page.all("section")}
    assert "RidgeClassifier" in page.text


def test_classes_that_the_model_does_not_know_are_wrong(tmp_path):
    X = [tone(PITCHES["low"]), tone(PITCHES["high"]), tone(500)]
    done = sklaudio.report(tone_model(), X, ["low", "high", "owl"], path=tmp_path / "r.html")
    assert done.n_right == 2
    assert "No clip is of middle" in Page(done.path).text
    assert "The model does not know owl, so clips of it are always wrong" in Page(done.path).text


def test_numbers_are_labels(tmp_path):
    model = tone_model()
    X = [tone(pitch * factor) for pitch in PITCHES.values() for factor in (0.9, 1.0, 1.1)]
    y = np.repeat([1, 2, 3], 3)
    model.fit(X, y)
    assert sklaudio.report(model, X, y.astype(float), path=tmp_path / "r.html").n_right == 9


def test_a_pretrained_model_shows_its_card(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "_folders", lambda: [tmp_path])
    publish(tone_model(), tmp_path, "tones")
    [card] = tmp_path.glob("*.json")
    told = json.loads(card.read_text())
    told |= {"limits": ["Only <tones>."], "data": {"name": "Tones", "licence": "none"}}
    told |= {"begun_with": {"task": "hums", "data": {"name": "Hums", "licence": "CC0", "attribution": "Hummers"}}}
    card.write_text(json.dumps(told))
    X = [tone(pitch) for pitch in PITCHES.values()]
    text = Page(sklaudio.report("tones", X, list(PITCHES), path=tmp_path / "r.html").path).text
    facts = ["data: licence none", "data it began with: attribution Hummers"]
    for part in ("tones, pretrained:", told["description"], "Only <tones>.", *facts):
        assert part in text


def test_file_names_of_any_bytes(tmp_path):
    for name, pitch in PITCHES.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        path = os.fsencode(tmp_path / "in" / name) + b"/\xff\n.wav"
        soundfile.write(io.FileIO(path, "wb"), tone(pitch), 22050, format="WAV")
    done = sklaudio.report(tone_model(), tmp_path / "in", path=tmp_path / "r.html")
    assert done.n_right == 3
    assert r"low/\udcff\n.wav" in Page(done.path).text


def test_a_tone_is_where_its_pitch_is():
    from PIL import Image

    picture = _media.spectrogram(tone(2000, 1.0), 22050)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture.split(",")[1]))).convert("L"), dtype=float)
    height, width = pixels.shape
    loudest = pixels[:, width // 2].argmax()
    share = ((height - loudest) / height - 0.27) / 0.67  # of the axes, from below
    assert share == pytest.approx(librosa.hz_to_mel(2000) / librosa.hz_to_mel(11025), abs=0.03)


@pytest.mark.parametrize("sr", [4000, 8000, 11025, 16000, 22050, 44100, 96000])
@pytest.mark.parametrize("seconds", [0.02, 0.5])
def test_sounds_of_every_rate_and_length(sr, seconds):
    y, rate = soundfile.read(io.BytesIO(base64.b64decode(_media.sound(tone(440, seconds, sr), sr).split(",")[1])))
    assert rate in _media.MP3_RATES
    assert len(y) / rate == pytest.approx(seconds, abs=0.2)
    assert _media.spectrogram(tone(440, seconds, sr), sr).startswith("data:image/png")


def test_sounds_where_there_is_no_mp3(monkeypatch):
    monkeypatch.setattr(soundfile, "available_formats", lambda: {"WAV": "WAV"})
    uri = _media.sound(tone(440), 22050)
    assert uri.startswith("data:audio/wav")
    assert soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])))[1] == 22050


def test_a_file_that_goes_meanwhile_has_a_reason_for_its_player(tmp_path):
    heard = _media.Listener(tone_model(), 1.0).listen(str(tmp_path / "gone.wav"))
    assert heard["sound"] is None
    assert "gone.wav" in heard["reason"]


def test_only_what_the_model_hears_is_heard():
    listener = _media.Listener(tone_model(duration=0.5, offset=0.25), 10.0)
    heard = listener.listen(tone(440, 2.0))
    assert heard["span"] == "00:00.2 to 00:00.8"
    assert not heard["is_cut"]  # the model hears no more either


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there(error, model, folder, tmp_path, monkeypatch):
    (tmp_path / "r.html").write_text("before")

    def fail(*_):
        raise error

    monkeypatch.setattr(_whole_file.os, "replace", fail)
    with pytest.raises(type(error)):
        sklaudio.report(model, folder, path=tmp_path / "r.html", max_clips=0)
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert (tmp_path / "r.html").read_text() == "before"


def test_what_cannot_be_done_is_told_before_the_work(model, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(type(model), "predict_proba", None)  # would fail if it were asked
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        sklaudio.report(model, folder, path=tmp_path / "none" / "r.html")
    with pytest.raises(IsADirectoryError, match=r"such as 'report\.html'"):
        sklaudio.report(model, folder, path=tmp_path)
    with pytest.raises(ValueError, match="y is missing"):
        sklaudio.report(model, [tone(200)], path=tmp_path / "r.html")
    with pytest.raises(ValueError, match="Leave y out"):
        sklaudio.report(model, folder, ["a"], path=tmp_path / "r.html")
    with pytest.raises(ValueError, match="y has 2 entries for 1 clips"):
        sklaudio.report(model, [tone(200)], ["a", "b"], path=tmp_path / "r.html")
    with pytest.raises(ValueError, match="groups must name a group for each of the 1 clips"):
        sklaudio.report(model, [tone(200)], ["a"], groups=[1, 2], path=tmp_path / "r.html")
    with pytest.raises(TypeError, match="Pass a regular expression"):
        sklaudio.report(model, folder, groups=[1, 2], path=tmp_path / "r.html")
    for wrong in ({"max_clips": -1}, {"max_clips": 1.5}, {"max_seconds": 0}, {"max_seconds": np.inf}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            sklaudio.report(model, folder, path=tmp_path / "r.html", **wrong)
    with pytest.raises(TypeError, match="not a classifier"):
        sklaudio.report(3, folder, path=tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_nothing_readable_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="none of the 1 clips can be predicted"):
        sklaudio.report(tone_model(), [str(tmp_path / "lost.wav")], ["low"], path=tmp_path / "r.html")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_extra_is_named(model, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'sklaudio\[plots\]'"):
        sklaudio.report(model, folder)


def test_figures_are_nobodys(model, folder, tmp_path, pyplot_unchanged):
    sklaudio.report(model, folder, path=tmp_path / "r.html", max_clips=1)


@pytest.fixture
def saved(model, tmp_path):
    sklaudio.save(model, tmp_path / "model.skops")
    return str(tmp_path / "model.skops")


def test_the_command_writes_the_page(saved, folder, tmp_path, capsys):
    out = str(tmp_path / "it is.html")
    assert cli.main(["report", saved, folder, "-o", out, "--max-clips", "2", "--jobs", "1"]) == 1
    told = capsys.readouterr()
    size = os.path.getsize(out) / 1e6
    assert told.out.startswith(f"{out}: {size:.1f} MB; ")
    assert re.search(r"\d+ of 35 clips right, \d+\.\d% \(\d+\.\d% to \d+\.\d%\)$", told.out.strip())
    assert told.err == "sklaudio report: 1 of 35 files cannot be predicted\n"
    page = Page(out)
    assert f"sklaudio report {saved} {folder} -o '{out}' --max-clips 2" in page.text
    assert "SHA-256" in page.text
    assert callable(sklaudio.report)


def test_the_command_as_json(saved, folder, tmp_path, capsys):
    out = str(tmp_path / "r.html")
    assert cli.main(["report", saved, folder, "-o", out, "--json", "--group-by", GROUPS, "--max-clips", "1"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["path"], told["n_clips"], told["n_bytes"]) == (out, 35, os.path.getsize(out))


def test_the_command_interrupted_leaves_no_file(saved, folder, tmp_path, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(_page, "score", interrupt)
    assert cli.main(["report", saved, folder, "-o", str(tmp_path / "r.html")]) == 130
    assert capsys.readouterr().err.endswith("sklaudio report: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["model.skops"]


def test_wrong_use_of_the_command(saved, folder, tmp_path, capsys):
    for arguments in (["no-such-model", folder], [saved, str(tmp_path / "none")], [saved, folder, "--max-clips", "no"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["report", *arguments])
        assert stopped.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.slow
def test_the_template_is_in_a_wheel(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling, which builds wheels, is not installed")
    source = tmp_path / "source"
    shutil.copytree(ROOT / "sklaudio", source / "sklaudio", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "weights", source / "weights")
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {f"sklaudio/_report/{name}" for name in ("page.html.jinja", "style.css", "script.js")} <= names
