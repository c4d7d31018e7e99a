"""The page about events in time: each event is drawn once, as what it is, where it is, and can be played."""

import re

import numpy as np
import pytest
import soundfile

import sklaudio
from sklaudio.cli import _main as cli
from sklaudio.evaluate import EventEvaluation
from sklaudio.reporting import EventReport
from sklaudio.reporting._events import MAX_BUTTONS, MAX_ROWS

from ..loudness import SR, loud_model, noise_with
from ..reports import ODD, ODD_FILE, Page
from ..tones import tone

TRUE = [[(0.5, 1.5, "dog"), (2.0, 2.5, "car")], [], [(1.0, 2.0, "dog")], [(0.2, 0.8, "dog")]]
FOUND = [[(0.6, 1.6, "dog"), (2.1, 2.5, "dog")], [(0.0, 1.0, "car")], None, [(0.2, 0.8, "dog")]]


def write_page(path, y_true, y_pred, X=None, **settings):
    """A page of predictions that are there already, of three seconds each unless there are clips."""
    X = [tone(400, 3.0)] * len(y_true) if X is None else X
    lengths = [len(x) / 22050 for x in X]
    names = [f"{number}.wav" for number in range(len(X))]
    errors = [None if events is not None else "lost" for events in y_pred]
    evaluation = EventEvaluation.from_predictions(y_true, y_pred, durations=lengths, paths=names, errors=errors)
    return Page(sklaudio.report(evaluation, X, path=path, **settings).path)


def marks(page):
    """(outcome, kind, label, start, end) of each event that is drawn, in order."""
    drawn = [rect for rect in page.all("rect") if "data-label" in rect]
    outcomes = [rect["class"].split()[1] for rect in drawn]
    times = [(float(rect["data-start"]), float(rect["data-end"])) for rect in drawn]
    return [
        (outcome, rect["data-kind"], rect["data-label"], *time)
        for outcome, rect, time in zip(outcomes, drawn, times, strict=True)
    ]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write_page(tmp_path_factory.mktemp("events") / "r.html", TRUE, FOUND)


def test_hits_missed_and_false_alarms_are_drawn_as_what_they_are(page):
    """The worst clip comes first; one without a mistake has no picture."""
    assert marks(page) == [
        ("hit", "true", "dog", 0.5, 1.5),
        ("hit", "predicted", "dog", 0.6, 1.6),
        ("missed", "true", "car", 2.0, 2.5),
        ("false", "predicted", "dog", 2.1, 2.5),
        ("false", "predicted", "car", 0.0, 1.0),
    ]
    assert [audio["aria-label"].split(",")[0] for audio in page.all("audio")] == ["X[0]", "X[1]"]
    assert "X[3] 1 event" in page.text
    assert "X[2] lost" in page.text


def test_events_are_where_the_spectrogram_has_them(page):
    """Seconds are in proportion from the left end of its axes to the right one, of three seconds here."""
    left, width = 16.5, 79.5  # percent
    for rect in page.all("rect"):
        if "data-label" in rect:
            start, end = float(rect["data-start"]), float(rect["data-end"])
            assert float(rect["x"].rstrip("%")) == pytest.approx(left + width * start / 3, abs=0.02)
            assert float(rect["width"].rstrip("%")) == pytest.approx(width * (end - start) / 3, abs=0.02)
            assert float(rect["data-from"]) == pytest.approx(max(0, start - 0.15))
            assert float(rect["data-to"]) == pytest.approx(end + 0.15)
    assert len(page.all("svg", **{"class": "over"})) == 2
    bands = [rect["class"] for rect in page.all("rect") if rect.get("class", "").startswith("band")]
    assert bands == ["band hit", "band missed", "band false", "band false"]  # both events of a hit have one


def test_each_mistake_has_a_button_that_plays_it(page):
    buttons = [button for button in page.all("button") if "data-from" in button]
    assert [button["class"] for button in buttons] == ["missed", "false", "false"]
    assert "missed car, 00:02.0 to 00:02.5" in page.text
    assert "false alarm car, 00:00.0 to 00:01.0" in page.text


def test_numbers_of_the_table_open_the_excerpts_behind_them(page):
    """Of two missed events of dog and car, one is in a file without a prediction, of which there is no excerpt."""
    opens = {button["data-opens"]: button for button in page.all("button") if "data-opens" in button}
    assert {key: button["data-wanted"] for key, button in opens.items()} == {"m0": "1", "f0": "1", "f1": "1"}
    listed = [item["data-cell"].split() for item in page.all("li") if item.get("data-cell")]
    assert listed == [["m0", "f1"], ["f0"]]
    assert "car 1 1 1 1 0.000 0.000 0.000 2.000" in page.text
    assert "dog 3 3 1 1 0.667 0.667 0.667 0.667" in page.text
    assert "F1 of events 0.500" in page.text


def test_of_a_long_clip_there_are_parts_with_mistakes(tmp_path):
    y_true = [[(30.0, 30.5, "a"), (31.0, 31.5, "a"), (50.0, 51.0, "a"), (5.0, 6.0, "a")]]
    y_pred = [[(5.0, 6.0, "a"), (57.0, 59.0, "b")]]
    page = write_page(tmp_path / "r.html", y_true, y_pred, [noise_with([], 60.0 * 22050 / SR)], max_seconds=4.0)
    assert marks(page) == [
        ("missed", "true", "a", 30.0, 30.5),
        ("missed", "true", "a", 31.0, 31.5),
        ("missed", "true", "a", 50.0, 51.0),
        ("false", "predicted", "b", 57.0, 59.0),
    ]
    assert re.findall(r"aria-label=\"X\[0\], ([\d:.]+)", page.source)[:3] == ["00:29.6", "00:49.6", "00:56.6"]
    first = next(rect for rect in page.all("rect") if "data-label" in rect)
    assert float(first["data-from"]) == pytest.approx(0.4 - 0.15)


def test_a_clip_of_ten_seconds_is_whole_though_its_last_frame_ends_later(tmp_path):
    evaluation = EventEvaluation.from_predictions([[(7.0, 8.0, "a")]], [[]], durations=10.02)
    page = Page(sklaudio.report(evaluation, [tone(400, 10.0)], path=tmp_path / "r.html").path)
    assert [audio["aria-label"] for audio in page.all("audio")] == ["X[0], 00:00.0 to 00:10.0"]


def test_a_page_of_many_mistakes_is_bounded(tmp_path):
    rng = np.random.default_rng(0)
    starts = np.sort(rng.uniform(0, 2.8, size=(40, 300)))
    y_true = [[(start, start + 0.1, f"label {k % 50}") for k, start in enumerate(clip)] for clip in starts]
    done = write_page(tmp_path / "r.html", y_true, [[] for _ in y_true], max_clips=2)
    assert len(done.all("audio")) == 2
    assert len([button for button in done.all("button") if "data-from" in button]) <= 2 * MAX_BUTTONS
    assert len(done.all("rect", **{"class": "track"})) == 2 * 2 * MAX_ROWS
    assert "38 labels more are not drawn" in done.text
    assert "Only the first 2 of 40 have a player" in done.text
    assert "X[39] from 00:00.0: 300 missed, 0 false alarms" in done.text
    assert len(done.source) < 1_000_000


def test_names_stay_text(tmp_path):
    X = [str(tmp_path / ODD_FILE.replace("/", ""))]
    soundfile.write(X[0], tone(400, 2.0), 22050)
    evaluation = EventEvaluation.from_predictions([[(0, 1, ODD)]], [[(1.2, 1.9, f"{ODD}\n")]], durations=2)
    page = Page(sklaudio.report(evaluation, X, groups=[ODD], path=tmp_path / "r.html").path)
    assert {mark[2] for mark in marks(page)} == {ODD, f"{ODD}\\n"}
    assert ODD_FILE in page.text
    assert "<b>&" not in page.source
    assert not [image for image in page.all("img") if not image["src"].startswith("data:")]
    assert not [(tag, attributes) for tag, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def test_nothing_to_find_and_nothing_found(tmp_path):
    text = write_page(tmp_path / "r.html", [[], []], [[], []]).text
    assert "Every event of the clips that could be read is a hit" in text
    assert "nan" not in text.lower()


def test_links_lead_somewhere(page):
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {link["href"][1:] for link in page.all("a")} <= ids
    assert "model" not in ids  # of predictions without one


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("model") / "detector.skops")
    sklaudio.save(loud_model(), path)
    return path


@pytest.fixture
def scene(tmp_path):
    """A recording with three loud spans, and annotations of Audacity's of two of them and of another."""
    soundfile.write(tmp_path / "scene.wav", noise_with([(0.5, 1.2), (2.0, 2.6), (4.0, 4.6)], 6.0), SR)
    (tmp_path / "scene.txt").write_text("0.5\t1.2\tloud\n2.0\t2.6\tloud\n5.2\t5.6\tloud\n")
    return str(tmp_path / "scene.wav")


def test_a_detector_is_asked_for_its_events(saved, scene, tmp_path):
    events = [(0.5, 1.2, "loud"), (2.0, 2.6, "loud"), (5.2, 5.6, "loud")]
    done = sklaudio.report(saved, [scene, "lost.wav"], [events, []], path=tmp_path / "r.html")
    assert isinstance(done, EventReport)
    assert (done.n_clips, done.n_unreadable, done.n_hits, done.n_missed, done.n_false) == (2, 1, 2, 1, 1)
    assert done.event_f1 == pytest.approx(4 / 6)
    page = Page(done.path)
    outcomes = [mark[:2] for mark in marks(page)]
    assert sorted(outcomes) == [
        ("false", "predicted"), ("hit", "predicted"), ("hit", "predicted"), ("hit", "true"), ("hit", "true"),
        ("missed", "true"),
    ]  # fmt: skip
    assert "GRUClassifier, asked about 2 clips with 3 events of 1 label" in page.text
    assert "labels loud" in page.text
    assert "probability" in page.source


def test_the_command_takes_annotations(saved, scene, tmp_path, capsys):
    out = str(tmp_path / "r.html")
    assert cli.main(["report", saved, scene.replace(".wav", ".txt"), "-o", out]) == 0
    assert "F1 of events 0.667, of segments" in capsys.readouterr().out
    assert "2 hits" not in Page(out).text  # numbers have names before them there
    assert len(marks(Page(out))) == 6
