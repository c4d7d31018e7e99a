"""sklaudio.report: what is on the page, that nothing else gets on it, and how it is written."""

import base64
import hashlib
import io
import json
import os
import re
import sys
from pathlib import Path

import librosa
import numpy as np
import pytest
import sklearn
import soundfile
from sklearn.linear_model import RidgeClassifier

import sklaudio
from sklaudio import pretrained
from sklaudio.cli import _main as cli
from sklaudio.evaluate import Evaluation
from sklaudio.reporting._page import MAX_LISTED, Limits
from sklaudio.reporting._page import page as page_of
from sklaudio.reporting._sources import Clips

from ..reports import GROUPS, LONG, ODD, ODD_FILE, Page, word_model, write_words
from ..test_pretrained import publish
from ..tones import PITCHES, tone, tone_model

KINDS = "page", "classes", "labels", "numbers", "events", "macros"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = write_words(tmp_path_factory.mktemp("words"))
    (Path(folder) / "mei" / "broken.wav").write_text("words")
    return folder


@pytest.fixture(scope="module")
def model():
    return word_model()


@pytest.fixture(scope="module")
def done(model, folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    return sklaudio.report(model, folder, path=path, groups=GROUPS, title="Words & <more>", command="made 'here'")


@pytest.fixture(scope="module")
def page(done):
    return Page(done.path)


@pytest.fixture(scope="module")
def predictions(model, folder):
    """(path below the folder, class, prediction) of each file."""
    data = sklaudio.datasets.load_folder(folder)
    said = [prediction.label for prediction in sklaudio.predict_files(model, data.data)]
    below = [os.path.relpath(path, folder) for path in data.data]
    return list(zip(below, data.target.tolist(), said, strict=True))


def sounds(page):
    """Waveform and rate of each player."""
    contents = [base64.b64decode(audio["src"].split(",", 1)[1]) for audio in page.all("audio") if "src" in audio]
    return [soundfile.read(io.BytesIO(content)) for content in contents]


def test_it_counts_as_predict_files_does(done, predictions):
    assert done.n_clips == len(predictions) == 35
    assert done.n_right == sum(label == said for _, label, said in predictions)
    assert done.n_unreadable == 1
    assert done.accuracy == done.n_right / done.n_clips
    assert done.accuracy_interval[0] < done.accuracy < done.accuracy_interval[1]
    assert done.n_bytes == os.path.getsize(done.path)


def test_the_matrix_holds_every_clip(page, predictions, done, model):
    labels = sorted({label for _, label, _ in predictions})
    columns = [*model.classes_.tolist(), None]
    expected = {}
    for _, label, said in predictions:
        key = f"{labels.index(label)}-{columns.index(said) if said else 'x'}"
        expected[key] = expected.get(key, 0) + 1
    assert page.cells == expected
    listed = [item["data-cell"] for item in page.all("li") if "data-cell" in item]
    assert {key: listed.count(key) for key in set(listed)} == expected


def test_every_mistake_can_be_played_and_seen(page, predictions, folder):
    wrong = {path for path, label, said in predictions if said not in (label, None)}
    assert len(wrong) >= 2
    labels = [audio["aria-label"] for audio in page.all("audio") if audio.get("id") != "map-audio"]
    assert {label.rsplit(", ", 1)[0] for label in labels} == wrong
    for label, (y, sr) in zip(labels, sounds(page), strict=True):
        original, native_sr = soundfile.read(os.path.join(folder, label.rsplit(", ", 1)[0]))
        assert sr == native_sr == 16000
        assert len(y) / sr == pytest.approx(1.0, abs=0.15)
        assert np.sqrt((y**2).mean()) == pytest.approx(np.sqrt((original**2).mean()), rel=0.2)
        spectra = [np.abs(librosa.stft(one)).mean(axis=1) for one in (y, original)]
        assert np.corrcoef(*spectra)[0, 1] > 0.95
    pictures = [image for image in page.all("img") if image["alt"].startswith("Mel spectrogram of")]
    assert len(pictures) == len(wrong)
    assert all(image["src"].startswith("data:image/png;base64,iVBOR") for image in pictures)
    assert "00:00.0 to 00:01.0, up to 8000 Hz" in pictures[0]["alt"]


def test_names_stay_text(page, predictions):
    assert "Words & <more>" in page.text
    assert ODD in page.text
    assert any(path.endswith(ODD_FILE) for path, label, said in predictions)
    assert ODD_FILE in page.text
    assert any(button.get("data-title", "").startswith(f"is {ODD}, said ") for button in page.all("button"))
    assert not [image for image in page.all("img") if not image["src"].startswith("data:")]
    assert not [(tag, attributes) for tag, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert "<b>&" not in page.source
    assert "<more>" not in page.source


def test_nothing_comes_from_elsewhere(page):
    for _, attributes in page.tags:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert attributes.get(name, "#").startswith(("data:", "#"))
    assert not re.findall(r"@import|url\(|fetch\(|XMLHttp|import\(", page.source)
    [policy] = [meta["content"] for meta in page.all("meta", **{"http-equiv": "Content-Security-Policy"})]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        text = re.search(f"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)[1]
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
    assert not [attributes for _, attributes in page.tags if "style" in attributes]  # the policy would leave it out


def test_links_lead_somewhere(page):
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {link["href"][1:] for link in page.all("a")} <= ids
    assert {"scores", "confusion", "mistakes", "unreadable", "right", "calibration", "model", "made"} <= ids
    for _, attributes in page.tags:
        for name in ("aria-labelledby", "aria-describedby"):
            assert attributes.get(name, "scores") in ids


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
    assert len([image for image in page.all("img") if " epochs" in image["alt"]]) == 3


def test_limits_bite_and_are_named(model, folder, tmp_path):
    done = sklaudio.report(model, folder, path=tmp_path / "few.html", max_clips=1, max_seconds=0.3)
    page = Page(done.path)
    [(y, sr)] = sounds(page)
    assert 0.25 < len(y) / sr < 0.5
    n_mistakes = done.n_clips - done.n_right - done.n_unreadable
    assert f"Only the first 1 of {n_mistakes} mistakes have a player" in page.text
    assert "at 16,000 Hz, and its first 00:00.3 alone" in page.text
    assert "and goes on" in page.text
    assert len([item for item in page.all("li") if "data-cell" in item]) == done.n_clips
    none = Page(sklaudio.report(model, folder, path=tmp_path / "none.html", max_clips=0).path)
    assert not none.all("audio")
    assert none.cells == page.cells


def test_long_lists_are_cut_and_the_page_says_so():
    n = MAX_LISTED + 2
    evaluation = Evaluation.from_predictions(["low"] * (2 * n), ["low", "high"] * n)
    clips = Clips([None] * (2 * n), [f"{k}.wav" for k in range(2 * n)], None, "")
    about = {"title": "Many", "data": "", "date": "", "command": None, "source": [], "card": None, "caveat": None}
    content, given = page_of(evaluation, clips, about, Limits(0, 1.0), tone_model())
    assert (given["scores"].n, given["scores"].n_right) == (2 * n, n)
    assert "2 clips more, the surest, are not listed" in content
    assert "listed below them, but for 2, the least sure" in content
    assert content.count(".wav") == 2 * MAX_LISTED


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
    assert "calibration" not in {section.get("id") for section in page.all("section")}
    assert "RidgeClassifier" in page.text


def test_classes_that_the_model_does_not_know_are_wrong(tmp_path):
    X = [tone(PITCHES["low"]), tone(PITCHES["high"]), tone(500)]
    done = sklaudio.report(tone_model(), X, ["low", "high", "owl"], path=tmp_path / "r.html")
    assert done.n_right == 2
    assert "No clip is of middle" in Page(done.path).text
    assert "The model does not know owl, so clips of it are always wrong" in Page(done.path).text


def test_what_is_undefined_is_a_dash(tmp_path):
    """No clip is of middle, which is predicted once; nobody predicts high."""
    X = [tone(PITCHES["low"]), tone(PITCHES["middle"])]
    page = Page(sklaudio.report(tone_model(), X, ["low", "high"], path=tmp_path / "r.html").path)
    text = " ".join(page.text.split())
    assert "middle 0 of 0 – no clip of it 0.0 % 0.000" in text.replace("\xa0", " ")
    assert re.search(r"high 0 of 1 0.0 % [\d.]+ to [\d.]+ % – 0.000", text.replace("\xa0", " "))
    assert "nan" not in text.lower()


def test_numbers_are_labels(tmp_path):
    model = tone_model()
    X = [tone(pitch * factor) for pitch in PITCHES.values() for factor in (0.9, 1.0, 1.1)]
    y = np.repeat([1, 2, 3], 3)
    model.fit(X, y)
    assert sklaudio.report(model, X, y.astype(float), path=tmp_path / "r.html").n_right == 9


def test_a_pretrained_model_shows_its_card(tmp_path, monkeypatch):
    monkeypatch.setattr(pretrained, "PACKAGE", tmp_path)
    publish(tone_model(), tmp_path / "weights", "tones")
    [card] = tmp_path.glob("weights/*.json")
    facts = json.loads(card.read_text())
    facts |= {"limits": ["Only <tones>."], "data": {"name": "Tones", "licence": "none"}}
    facts |= {"fine_tuned_from": {"task": "hums", "data": {"name": "Hums", "licence": "CC0", "attribution": "Hummers"}}}
    card.write_text(json.dumps(facts))
    X = [tone(pitch) for pitch in PITCHES.values()]
    text = Page(sklaudio.report("tones", X, list(PITCHES), path=tmp_path / "r.html").path).text
    data = ["data: licence none", "data it was pretrained on: attribution Hummers"]
    for part in ("tones, pretrained:", facts["description"], "Only <tones>.", *data):
        assert part in text


def test_file_names_of_any_bytes(tmp_path):
    for name, pitch in PITCHES.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        path = os.fsencode(tmp_path / "in" / name) + b"/\xff\n.wav"
        soundfile.write(io.FileIO(path, "wb"), tone(pitch), 22050, format="WAV")
    done = sklaudio.report(tone_model(), tmp_path / "in", path=tmp_path / "r.html")
    assert done.n_right == 3
    assert r"low/\udcff\n.wav" in Page(done.path).text


@pytest.mark.parametrize("error", [OSError("the disk is full"), KeyboardInterrupt()])
def test_a_failure_leaves_what_was_there(error, model, folder, tmp_path, monkeypatch):
    (tmp_path / "r.html").write_text("before")

    def fail(*_):
        raise error

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(error)):
        sklaudio.report(model, folder, path=tmp_path / "r.html", max_clips=0)
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
    assert (tmp_path / "r.html").read_text() == "before"


def test_what_cannot_be_done_is_an_error_before_the_work(model, folder, tmp_path, monkeypatch):
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
    printed = capsys.readouterr()
    size = os.path.getsize(out) / 1e6
    assert printed.out.startswith(f"{out}: {size:.1f} MB; ")
    assert re.search(r"\d+ of 35 clips right, \d+\.\d% \(\d+\.\d% to \d+\.\d%\)$", printed.out.strip())
    assert printed.err == "sklaudio report: 1 of 35 files cannot be predicted\n"
    page = Page(out)
    assert f"sklaudio report {saved} {folder} -o '{out}' --max-clips 2" in page.text
    assert "SHA-256" in page.text
    assert callable(sklaudio.report)


def test_the_command_as_json(saved, folder, tmp_path, capsys):
    out = str(tmp_path / "r.html")
    assert cli.main(["report", saved, folder, "-o", out, "--json", "--group-by", GROUPS, "--max-clips", "1"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert (printed["path"], printed["n_clips"], printed["n_bytes"]) == (out, 35, os.path.getsize(out))


def test_the_command_interrupted_leaves_no_file(saved, folder, tmp_path, capsys, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)  # once the page is written
    assert cli.main(["report", saved, folder, "-o", str(tmp_path / "r.html"), "--max-clips", "1"]) == 130
    assert capsys.readouterr().err.endswith("sklaudio report: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["model.skops"]


def test_wrong_use_of_the_command(saved, folder, tmp_path, capsys):
    for arguments in (["no-such-model", folder], [saved, str(tmp_path / "none")], [saved, folder, "--max-clips", "no"]):
        with pytest.raises(SystemExit) as stopped:
            cli.main(["report", *arguments])
        assert stopped.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1
