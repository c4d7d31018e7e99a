"""Pages that run models, in a real browser, with a file as its microphone: predictions are those of Python.

What needs ONNX Runtime Web takes it from SKLAUDIO_TEST_RUNTIME, a folder with what ``npm pack onnxruntime-web@1.30.0``
writes (or with its files).
"""

import csv
import io
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

import sklaudio
from sklaudio import (
    EventDetector,
    FrameSummary,
    GRUClassifier,
    GRURegressor,
    LabelThresholdClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    export_page,
)
from sklaudio.cli import _main as cli
from sklaudio.export._web_runtime import VERSION

from ..browser import (
    DESKTOP,
    PHONE,
    assert_asked_for_nothing_else,
    contrast,
    css,
    forget_logs,
    has_browser,
    press,
    resize,
    start_browser,
    wait,
)
from ..tones import tone, tone_model

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytest.importorskip("onnxscript")
pytest.importorskip("skl2onnx")
in_a_browser = pytest.mark.skipif(not has_browser(), reason="chromium and chromedriver are not installed")

SR = 8000
TRAINING = {"max_epochs": 3, "lr": 0.02, "batch_size": 4, "random_state": 0, "device": "cpu"}
ODD = "a<b>&\"c'</script>"  # would be HTML, or end a script


@pytest.fixture(scope="module")
def runtime():
    place = os.environ.get("SKLAUDIO_TEST_RUNTIME")
    if not place:
        pytest.skip(
            f"no ONNX Runtime Web: npm pack onnxruntime-web@{VERSION}, and set SKLAUDIO_TEST_RUNTIME to its folder"
        )
    return next(Path(place).glob(f"onnxruntime-web-{VERSION}.tgz"), place)


def sequence(pitches, sr=SR, duration=0.5):
    """Tones one after another."""
    return np.concatenate([tone(pitch, duration, sr) for pitch in pitches])


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A file of 3.2 s that ends in a short window, at the rate of the models, and what is in it."""
    y = np.append(sequence([200, 800, 3000, 200, 800, 200]), tone(800, 0.2, SR))
    path = tmp_path_factory.mktemp("recordings") / "tones.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    return str(path)


@pytest.fixture(scope="module")
def model():
    """Three classes of tones, one of which has an odd name."""
    names = {200: "low", 800: "middle", 3000: ODD}
    pitches = [pitch * factor for pitch in names for factor in (0.9, 0.95, 1.0, 1.05, 1.1)]
    clips = [tone(pitch, 0.5, SR) for pitch in pitches]
    return make_pipeline(MFCCTransformer(sr=SR), FrameSummary(), LogisticRegression()).fit(
        clips, np.repeat([*names.values()], 5)
    )


@pytest.fixture(scope="module")
def url(model, runtime, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "demo.html"
    notes = {"licence <i>": ["CC0 & more", "<b>none</b>"]}
    size = export_page(model, path, title=ODD, window=0.5, hop=0.2, notes=notes, runtime=runtime)
    assert size == path.stat().st_size < 6e6
    return path.as_uri()


@pytest.fixture
def browser(started, url):
    """The page on a desktop; at the end nothing may have been complained about or asked of a network."""
    yield from opened(started, url)


def opened(driver, url):
    resize(driver, DESKTOP)
    forget_logs(driver)
    driver.get(url)
    wait(driver, lambda: mode(driver) == "ready", 30)
    yield driver
    assert driver.get_log("browser") == []
    assert_asked_for_nothing_else(driver, url, ("data:", "blob:"))


def mode(driver):
    return driver.execute_script("return sklaudio.state.mode")


def by_id(driver, name):
    return driver.find_element("id", name)


def drop(driver, path):
    """Drag a file onto the page, and wait until it is predicted."""
    data = {"items": [], "files": [path], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": 50, "y": 50, "data": data})
    wait(driver, lambda: mode(driver) == "working" or by_id(driver, "name").text.startswith(os.path.basename(path)))
    wait(driver, lambda: mode(driver) == "ready", 60)
    assert not by_id(driver, "error").is_displayed()


def rows_of(driver):
    """Start, end and values of each row, (n_rows, 2 + n_names)."""
    return np.array(
        driver.execute_script("return sklaudio.state.rows.map((row) => [row.start, row.end, ...row.values])")
    )


def whole_of(driver):
    return np.array(driver.execute_script("return [...sklaudio.state.whole.values]"))


def assert_rows(driver, model, sound, *, window, hop, columns=None, **options):
    """The rows are those of predict_timeline."""
    expected = sklaudio.predict_timeline(model, sound, window=window, hop=hop, **options)
    found = rows_of(driver)
    assert len(found) == len(expected) > 2
    np.testing.assert_allclose(found[:, :2], expected[["start", "end"]], atol=1e-9)
    np.testing.assert_allclose(found[:, 2:], expected[columns or expected.columns[4:]], atol=1e-3)
    return expected


# --- files ---


@in_a_browser
def test_a_file_that_is_dropped_is_predicted_as_in_python(browser, model, recording):
    drop(browser, recording)
    np.testing.assert_allclose(whole_of(browser), model.predict_proba([recording])[0], atol=1e-3)
    expected = assert_rows(browser, model, recording, window=0.5, hop=0.2, proba=True)
    assert set(expected["label"]) == {ODD, "low", "middle"}
    assert by_id(browser, "caption").text == "the whole recording"
    assert by_id(browser, "said").text == model.predict([recording])[0]
    assert [item.text for item in css(browser, "#bars .label")] == [ODD, "low", "middle"]
    assert css(browser, "h1")[0].text == ODD
    about = css(browser, ".facts")[0].text
    assert "licence <i>" in about
    assert "<b>none</b>" in about


@in_a_browser
def test_channels_are_averaged_and_other_rates_resampled(browser, model, tmp_path):
    left, right = sequence([200, 3000], duration=1.0), sequence([3000, 200], duration=1.0)
    path = str(tmp_path / "stereo.flac")
    soundfile.write(path, 0.5 * np.column_stack([left, right]), SR)
    drop(browser, path)
    np.testing.assert_allclose(whole_of(browser), model.predict_proba([path])[0], atol=1e-3)
    soundfile.write(path, sequence([800, 200], sr=44100, duration=1.0), 44100)
    drop(browser, path)
    np.testing.assert_allclose(whole_of(browser), model.predict_proba([path])[0], atol=0.05)


@pytest.mark.slow
@in_a_browser
def test_bars_and_pictures_move_while_it_is_played(browser, recording):
    drop(browser, recording)
    still = picture(browser)
    audio = by_id(browser, "audio")
    browser.execute_script("arguments[0].focus()", audio)
    press(browser, webdriver.Keys.SPACE)
    said = set()
    wait(browser, lambda: said.add(by_id(browser, "said").text) or len(said) == 3)
    assert said == {ODD, "low", "middle"}
    assert float(browser.execute_script("return parseFloat(document.getElementById('playhead').style.left)")) > 5
    assert picture(browser) == still  # of a short recording all is seen
    wait(browser, lambda: by_id(browser, "caption").text == "the whole recording")  # at its end
    assert by_id(browser, "spoken").get_attribute("textContent")


def picture(driver):
    return driver.execute_script("return document.getElementById('spectrum').toDataURL()")


@in_a_browser
def test_a_click_on_the_picture_goes_there(browser, recording):
    drop(browser, recording)
    spectrum = by_id(browser, "spectrum")
    webdriver.ActionChains(browser).move_to_element(spectrum).click().perform()
    wait(
        browser, lambda: abs(browser.execute_script("return document.getElementById('audio').currentTime") - 1.6) < 0.1
    )
    wait(browser, lambda: by_id(browser, "caption").text.startswith("0:01."))


@in_a_browser
def test_a_tone_is_drawn_at_its_pitch(browser, tmp_path):
    path = str(tmp_path / "tone.wav")
    soundfile.write(path, tone(800, 1.0, SR), SR)
    drop(browser, path)
    wait(browser, lambda: browser.execute_script("return document.getElementById('spectrum').width") > 100)
    brightest = browser.execute_script(
        """
        const canvas = document.getElementById("spectrum");
        const {data, width, height} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const level = (y) => data[4 * (y * width + width / 2 | 0)] + data[4 * (y * width + width / 2 | 0) + 1];
        return [...Array(height).keys()].reduce((best, y) => (level(y) > level(best) ? y : best), 0) / height;
        """
    )
    mel = [2595 * np.log10(1 + hertz / 700) for hertz in (800, SR / 2)]
    assert brightest == pytest.approx(1 - mel[0] / mel[1], abs=0.03)


@in_a_browser
def test_windows_can_be_changed_and_saved(browser, model, recording):
    drop(browser, recording)
    for name, seconds in (("window", "1"), ("hop", "0.3")):
        type_over(browser, name, seconds)
        wait(browser, lambda: mode(browser) == "ready")
    expected = assert_rows(browser, model, recording, window=1.0, hop=0.3, proba=True)
    table = list(csv.DictReader(io.StringIO(browser.execute_script("return csv()"))))
    assert [row["label"] for row in table] == list(expected["label"])
    assert list(table[0]) == list(expected.columns.drop("probability"))
    css(browser, "summary")[0].click()
    assert len(css(browser, "#rows tr")) == len(expected)
    type_over(browser, "hop", "0")
    assert by_id(browser, "hop").get_property("value") == "0.3"


def type_over(driver, name, text):
    by_id(driver, name).send_keys(webdriver.Keys.CONTROL, "a", webdriver.Keys.NULL, text, webdriver.Keys.TAB)


@in_a_browser
def test_what_is_no_sound_is_named(browser, recording, tmp_path):
    drop(browser, recording)
    path = tmp_path / "text.wav"
    path.write_text("no sound")
    by_id(browser, "file").send_keys(str(path))
    wait(browser, lambda: by_id(browser, "error").is_displayed())
    assert by_id(browser, "error").text.startswith("text.wav cannot be decoded")
    assert by_id(browser, "error").get_attribute("role") == "alert"
    assert len(rows_of(browser)) == 0  # of the file before
    drop(browser, recording)


# --- people ---


@in_a_browser
def test_the_keyboard_alone_will_do(browser, recording):
    drop(browser, recording)
    reached = []
    for _ in range(14):
        press(browser, webdriver.Keys.TAB)
        reached.append(browser.switch_to.active_element.get_attribute("id"))
        if reached[-1] == "microphone":
            outline = "return getComputedStyle(document.activeElement).outlineStyle"
            assert browser.execute_script(outline) == "solid"
            press(browser, webdriver.Keys.ENTER)
            wait(browser, lambda: mode(browser) == "listening")
            assert by_id(browser, "microphone").text == "Stop"
            wait(browser, lambda: len(rows_of(browser)) > 1)
            press(browser, webdriver.Keys.ENTER)
            wait(browser, lambda: mode(browser) == "ready")
    assert list(dict.fromkeys(filter(None, reached))) == ["file", "microphone", "audio", "window", "hop", "save"]


@in_a_browser
def test_screen_readers_are_given_the_bars(browser, recording):
    drop(browser, recording)
    meters = css(browser, "[role=meter]")
    assert [meter.accessible_name for meter in meters] == [ODD, "low", "middle"]
    values = [float(meter.get_attribute("aria-valuenow")) for meter in meters]
    np.testing.assert_allclose(values, whole_of(browser), atol=1e-6)
    assert [css(browser, f"#{name}")[0].accessible_name for name in ("file", "window")] == ["Choose a file", "Window s"]
    for canvas in css(browser, "canvas"):
        assert canvas.get_attribute("role") == "img"
        assert canvas.get_attribute("aria-label")


@in_a_browser
@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "dark"), *(pytest.param(size, "light", marks=pytest.mark.slow) for size in ((320, 600), DESKTOP))],
    ids=str,
)
def test_it_can_be_read_on_any_screen(browser, recording, size, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    resize(browser, size)
    drop(browser, recording)
    browser.execute_script("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    inside, screen = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= screen == size[0]
    for selector in (
        "h1",
        ".about",
        "#caption",
        "#said",
        "#certainty",
        ".label",
        ".value",
        "#microphone",
        ".main",
        "td",
    ):
        assert contrast(browser, css(browser, selector)[0]) >= 4.5, selector
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


# --- the microphone ---


def listen(driver, n_rows):
    """Use the microphone until there are so many rows, and stop it; return the samples that came."""
    by_id(driver, "microphone").click()
    wait(driver, lambda: mode(driver) == "listening")
    wait(driver, lambda: len(rows_of(driver)) >= n_rows, 60)
    by_id(driver, "microphone").click()
    wait(driver, lambda: mode(driver) == "ready", 60)
    assert not by_id(driver, "error").is_displayed()
    samples = driver.execute_script("return [...sklaudio.state.recording.all()]")
    assert driver.execute_script("return sklaudio.state.skipped") == 0
    return np.array(samples, dtype=np.float32)


@in_a_browser
def test_the_microphone_is_predicted_as_in_python(browser, model, microphone_file):
    y = listen(browser, n_rows=15)
    expected = assert_rows(browser, model, y, sr=SR, window=0.5, hop=0.2, proba=True)
    np.testing.assert_allclose(whole_of(browser), model.predict_proba([y])[0], atol=1e-3)
    played, _ = sklaudio.load_audio(microphone_file, SR)
    np.testing.assert_allclose(spectrum(y), spectrum(played), atol=0.1)  # it comes again every three seconds
    assert set(expected["label"]) == {ODD, "low", "middle"}
    assert by_id(browser, "name").text.startswith("microphone, 0:0")


def spectrum(y):
    """Amplitudes of the first three seconds around the pitches, of all: no other sound, and as loud."""
    amplitudes = np.abs(np.fft.rfft(y[: 3 * SR])) / (1.5 * SR)
    hertz = np.fft.rfftfreq(3 * SR, 1 / SR)
    found = [np.sqrt((amplitudes[abs(hertz - pitch) < 50] ** 2).sum()) for pitch in (200, 800, 3000)]
    return [*found, np.sqrt((amplitudes**2).sum())]


@pytest.mark.slow
@in_a_browser
def test_a_microphone_that_may_not_be_used_is_named(started, url, tmp_path_factory):
    driver = start_browser(tmp_path_factory.mktemp("profile"), "--use-fake-device-for-media-stream")
    try:
        setting = {"permission": {"name": "microphone"}, "setting": "denied"}
        driver.execute_cdp_cmd("Browser.setPermission", setting)
        driver.get(url)
        wait(driver, lambda: mode(driver) == "ready", 30)
        by_id(driver, "microphone").click()
        wait(driver, lambda: by_id(driver, "error").is_displayed())
        assert by_id(driver, "error").text.startswith("The microphone may not be used")
        assert mode(driver) == "ready"
    finally:
        driver.quit()


@in_a_browser
@pytest.mark.parametrize("rates", [(48000, 16000), (44100, 8000), (16000, 22050)], ids=str)
def test_blocks_of_other_rates_are_resampled(browser, rates):
    """For browsers that give microphones at their own rate alone."""
    found = browser.execute_script(
        """
        const [from, to, pitch] = arguments;
        const y = Float32Array.from({length: from / 2}, (_, i) => Math.sin(2 * Math.PI * pitch * i / from));
        const inBlocks = (n) => {
            const resampler = new Resampler(from, to);
            const found = [];
            for (let i = 0; i < y.length; i += n) found.push(...resampler.push(y.subarray(i, i + n)));
            return found;
        };
        return [inBlocks(512), inBlocks(y.length)];
        """,
        *rates,
        1000,
    )
    np.testing.assert_allclose(*(np.array(each)[:3000] for each in found), atol=1e-6)
    time = np.arange(len(found[0])) / rates[1]
    assert len(time) > 0.48 * rates[1]
    middle = slice(rates[1] // 20, -rates[1] // 20)
    np.testing.assert_allclose(np.array(found[0])[middle], np.sin(2 * np.pi * 1000 * time)[middle], atol=2e-3)


@in_a_browser
def test_of_a_long_recording_the_last_part_is_kept(browser):
    first, length, held, part = browser.execute_script(
        """
        const recording = new Recording(new Float32Array(0), 100);
        for (let i = 0; i < 1000; i += 50) recording.push(Float32Array.from({length: 50}, (_, at) => i + at));
        return [recording.first, recording.length, [...recording.all()], [...recording.slice(990, 1002)]];
        """
    )
    assert length == 1000
    assert 100 <= length - first < 400
    assert held == list(range(first, 1000))
    assert part == [*range(990, 1000), 0, 0]


@in_a_browser
def test_of_many_classes_those_of_the_highest_values_have_lanes(browser):
    shown = "return pictures.shownColumns(Array.from({length: 30}, (_, i) => [0, i === 3 ? 0 : i / 30]))"
    assert browser.execute_script(shown) == list(range(6, 30))


# --- models of every kind ---


def labels_of_tones(n_clips=24, seed=0):
    rng = np.random.default_rng(seed)
    Y = rng.integers(0, 2, (n_clips, 2))
    clips = [0.5 * row[0] * tone(200, 0.5, SR) + 0.5 * row[1] * tone(3000, 0.5, SR) for row in Y]
    return [clip + 0.01 * rng.normal(size=len(clip)).astype(np.float32) for clip in clips], Y


def model_of(kind):
    mfcc, mel = MFCCTransformer(sr=SR), MelSpectrogramTransformer(16, sr=SR, n_fft=256, hop_length=100)
    clips, Y = labels_of_tones()
    if kind == "scores":
        binary = [str(label) for label in Y[:, 0]]
        return make_pipeline(MFCCTransformer(sr=SR, duration=0.4, offset=0.05), FrameSummary(), SVC()).fit(
            clips, binary
        )
    if kind == "labels":
        inner = make_pipeline(mfcc, FrameSummary(), OneVsRestClassifier(LogisticRegression()))
        return LabelThresholdClassifier(inner, calibrate=True, cv=3).fit(clips, Y)
    if kind == "numbers":
        net = GRURegressor(4, 1, **TRAINING)
        return make_pipeline(mfcc, net).fit(clips, pd.DataFrame(5.0 * Y + 1, columns=["low", "high"]))
    if kind == "events":
        tables = [
            [(0.0, 0.5, name) for name, is_there in zip(("low", "high"), row, strict=True) if is_there] for row in Y
        ]
        decisions = {"median_length": {"high": 5, "low": 1}, "threshold": {"low": 0.4}, "min_duration": 0.05}
        return make_pipeline(mel, EventDetector(GRUClassifier(8, 1, **TRAINING), hop=0.0125, **decisions)).fit(
            clips, tables
        )
    level = [frames.mean(axis=1, keepdims=True) for frames in mel.fit_transform(clips)]
    return make_pipeline(mel, GRURegressor(4, 1, **TRAINING)).fit(clips, level)


KINDS = ["scores", "labels", "numbers", "events", "frame_numbers"]


@pytest.fixture(scope="module", params=KINDS)
def kind(request, runtime, tmp_path_factory):
    """Name, model and address of the page of a kind."""
    model = model_of(request.param)
    path = tmp_path_factory.mktemp("page") / f"{request.param}.html"
    export_page(model, path, window=0.5, hop=0.25, runtime=runtime)
    return request.param, model, path.as_uri()


@pytest.mark.slow
@in_a_browser
def test_every_kind_predicts_files_as_in_python(kind, started, recording):
    name, model, url = kind
    for driver in opened(started, url):
        drop(driver, recording)
        if name in ("scores", "labels"):
            assert_kind_of_labels(driver, name, model, recording)
        elif name == "numbers":
            expected = assert_rows(driver, model, recording, window=0.5, hop=0.25, columns=["low", "high"])
            assert np.ptp(expected["low"]) > 0.1
            np.testing.assert_allclose(whole_of(driver), model.predict([recording])[0], atol=1e-2)
        elif name == "events":
            assert_events(driver, model, recording)
        else:
            curve = model.predict([recording])[0]
            np.testing.assert_allclose(rows_of(driver)[:, 2:], curve, atol=1e-3 * np.abs(curve).max())


def assert_kind_of_labels(driver, name, model, recording):
    found, y = rows_of(driver), sklaudio.load_audio(recording, SR)[0]
    clips = [y[round(start * SR) : round(end * SR)] for start, end in found[:, :2]]
    present = driver.execute_script("return sklaudio.state.rows.map((row) => presentIn(row.values))")
    if name == "labels":
        np.testing.assert_allclose(found[:, 2:], model.predict_proba(clips), atol=1e-3)
        np.testing.assert_allclose(whole_of(driver), model.predict_proba([recording])[0], atol=1e-3)
        has_label = np.array([[column in row for column in range(2)] for row in present])
        np.testing.assert_array_equal(has_label, model.predict(clips))
        assert has_label.any()
        return
    np.testing.assert_allclose(whole_of(driver)[1], model.decision_function([recording]), atol=1e-3)
    expected = sklaudio.predict_timeline(model, recording, window=0.5, hop=0.25)
    assert model.classes_[present].ravel().tolist() == list(expected["label"])


def assert_events(driver, model, recording):
    expected = model.predict([recording])[0]
    found = driver.execute_script("return sklaudio.state.events.map((e) => [e.start, e.end, e.label, e.probability])")
    assert len(expected) >= 2
    assert [row[2] for row in found] == list(expected["label"])
    np.testing.assert_allclose([row[:2] + row[3:] for row in found], expected.drop(columns="label"), atol=1e-3)


@pytest.mark.slow
@in_a_browser
def test_detectors_predict_long_recordings_in_blocks(runtime, started, tmp_path):
    model = model_of("events")
    path = tmp_path / "long.wav"
    y = np.tile(sequence([200, 3000, 800, 800], duration=1.0), 9)  # 2880 frames
    soundfile.write(path, y + 0.01 * np.random.default_rng(0).normal(size=len(y)), SR, subtype="FLOAT")
    export_page(model, tmp_path / "demo.html", runtime=runtime)
    for driver in opened(started, (tmp_path / "demo.html").as_uri()):
        drop(driver, str(path))
        assert len(rows_of(driver)) == 1 + len(y) // 100
        np.testing.assert_allclose(rows_of(driver)[:, 2:], model.predict_proba([str(path)])[0], atol=1e-3)
        found = driver.execute_script("return sklaudio.state.events.map((e) => [e.start, e.end])")
        np.testing.assert_allclose(found, sklaudio.predict_timeline(model, str(path))[["start", "end"]], atol=1e-2)


@pytest.mark.slow
@in_a_browser
def test_every_kind_listens(kind, started):
    name, model, url = kind
    for driver in opened(started, url):
        y = listen(driver, n_rows=8)
        found = rows_of(driver)
        if name in ("events", "frame_numbers"):
            expected = (model.predict_proba if name == "events" else model.predict)([y])[0]
            np.testing.assert_allclose(found[:, 2:], expected, atol=1e-3 * max(1, np.abs(expected).max()))
            continue
        clips = [y[round(start * SR) : round(end * SR)] for start, end in found[:, :2]]
        assert found[-1, 1] == len(y) / SR
        if name != "scores":
            expected = model.predict_proba(clips) if name == "labels" else model.predict(clips)
            np.testing.assert_allclose(found[:, 2:], expected, atol=1e-3)


@pytest.mark.slow
@in_a_browser
def test_a_page_says_when_it_is_not_sure(runtime, started, model, recording, tmp_path):
    export_page(model, tmp_path / "demo.html", window=0.5, hop=0.2, reject_below=0.999, runtime=runtime)
    for driver in opened(started, (tmp_path / "demo.html").as_uri()):
        drop(driver, recording)
        sure = rows_of(driver)[:, 2:].max(axis=1) >= 0.999
        present = driver.execute_script("return sklaudio.state.rows.map((row) => presentIn(row.values).length)")
        assert present == sure.astype(int).tolist()
        assert not sure.all()


# --- the command, and what is refused ---


@pytest.mark.slow
def test_numbers_may_be_numpys(runtime, tmp_path):
    features = MelSpectrogramTransformer(8, sr=np.int64(SR), duration=np.float32(0.5), offset=np.float32(0.25))
    model = make_pipeline(features, FrameSummary(), LogisticRegression())
    model.fit([tone(pitch, 1.0, SR) for pitch in (300, 400, 3000, 4000)], ["low", "low", "high", "high"])
    export_page(model, tmp_path / "demo.html", reject_below=np.float32(0.75), runtime=runtime)
    source = (tmp_path / "demo.html").read_text(encoding="utf-8")
    settings = json.loads(source.split('id="settings">')[1].split("</script>")[0])
    assert [settings[name] for name in ("sr", "duration", "offset", "rejectBelow")] == [SR, 0.5, 0.25, 0.75]


@pytest.mark.slow
@in_a_browser
def test_the_command_writes_a_page_of_a_pretrained_model(runtime, started, tmp_path, capsys):
    path = tmp_path / "demo.html"
    assert cli.main(["page", "words", "-o", str(path), "--quantize", "int8", "--runtime", str(runtime)]) == 0
    assert capsys.readouterr().out == f"{path}: {path.stat().st_size / 1e6:.1f} MB, nothing from elsewhere\n"
    source = path.read_text(encoding="utf-8")
    assert "Permission is hereby granted" in source
    assert "Copyright (c) Microsoft Corporation" in source
    words = sklaudio.datasets.make_words(3, random_state=0)
    clip = str(tmp_path / "word.wav")
    soundfile.write(clip, words.data[0], words.sr, subtype="FLOAT")
    for driver in opened(started, path.as_uri()):
        assert css(driver, "h1")[0].text == "words"
        assert "CC BY 4.0" in css(driver, ".facts")[0].text
        assert driver.execute_script("return [sklaudio.settings.window, sklaudio.settings.hop]") == [1.0, 0.25]
        drop(driver, clip)
        expected = sklaudio.load_pretrained("words").predict_proba([clip])[0]
        np.testing.assert_allclose(whole_of(driver), expected, atol=0.05)  # of 8 bits


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"reject_below": 1.5}, ValueError, "reject_below"),
        ({"window": 0}, ValueError, "window"),
        ({"window": 1e-6}, ValueError, r"window=1e-06 s is less than a sample at sr=8000 Hz"),
        ({"quantize": "int4"}, ValueError, 'take None or "int8"'),
        ({"runtime": "nowhere"}, FileNotFoundError, r"runtime='nowhere' is not there.*npm pack"),
        ({"notes": "CC0"}, ValueError, "notes"),
    ],
    ids=str,
)
def test_bad_parameters_leave_what_was_there(options, error, message, tmp_path):
    path = tmp_path / "demo.html"
    path.write_text("before")
    with pytest.raises(error, match=message):
        export_page(tone_model(sr=SR), path, **options)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["demo.html"]
    assert path.read_text() == "before"


def test_models_that_cannot_be_in_a_page_are_named(tmp_path):
    clips, Y = labels_of_tones(8)
    path = tmp_path / "demo.html"
    boosted = make_pipeline(MFCCTransformer(sr=SR), FrameSummary(), HistGradientBoostingClassifier(max_iter=1))
    boosted.fit(clips, Y[:, 0])
    with pytest.raises(ValueError, match=r"HistGradientBoosting.* cannot be exported.*`sklaudio listen` takes it"):
        export_page(boosted, path)
    numbers = make_pipeline(MFCCTransformer(sr=SR), GRURegressor(4, 1, **TRAINING)).fit(clips, Y[:, 0])
    with pytest.raises(TypeError, match=r"reject_below=0.5 is for probabilities of clips"):
        export_page(numbers, path, reject_below=0.5)
    with pytest.raises(ValueError, match=r"model takes 2000 Hz, and browsers"):
        export_page(tone_model(sr=2000, n_fft=256), path)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        export_page(numbers, tmp_path / "none" / "demo.html")
    assert not list(tmp_path.iterdir())


def test_the_command_names_what_is_wrong(tmp_path, capsys):
    assert cli.main(["page", "words", "-o", str(tmp_path / "demo.html"), "--runtime", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("sklaudio page: runtime=")  # warnings may come before
    assert not list(tmp_path.iterdir())
    with pytest.raises(SystemExit, match="2"):
        cli.main(["page", "words"])
