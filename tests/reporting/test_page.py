"""A report in a real browser: opened from the disk, without a network, with mouse, keyboard, and on a phone."""

from pathlib import Path

import pytest

import sklaudio
from sklaudio.evaluate import EventEvaluation

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
    wait,
)
from ..reports import GROUPS, ODD, ODD_FILE, word_model, write_words
from ..tones import tone

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
pytestmark = pytest.mark.skipif(not has_browser(), reason="chromium and chromedriver are not installed")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = write_words(tmp_path_factory.mktemp("words"))
    (Path(folder) / "mei" / "broken.wav").write_text("words")
    path = tmp_path_factory.mktemp("page") / "report.html"
    sklaudio.report(word_model(), folder, path=path, groups=GROUPS, title="Words with a rather long title " * 3)
    return path.as_uri()


@pytest.fixture
def browser(started, url):
    """The page on a desktop; at the end nothing may have been complained about or asked of a network."""
    resize(started, DESKTOP)
    forget_logs(started)
    started.get(url)
    yield started
    assert started.get_log("browser") == []
    assert_asked_for_nothing_else(started, url)


def focused(driver):
    return driver.switch_to.active_element


def dialog(driver):
    [found] = css(driver, "dialog")
    return found


def is_playing(driver, audio):
    state = "const a = arguments[0]; return [a.currentTime, a.error && a.error.message, a.duration]"
    time, error, duration = driver.execute_script(state, audio)
    assert error is None
    return time > 0 and duration > 0.5


def cell_of_a_mistake(driver):
    """A button of the matrix behind which there is a player."""
    [first, *_] = css(driver, "li.mistake")
    [button] = css(driver, f"button[data-opens='{first.get_attribute('data-cell')}']")
    return button


def test_a_cell_opens_the_clips_behind_it(browser):
    for button in css(browser, ".matrix button"):
        button.click()
        listed = css(browser, "dialog[open] #clips-list > li")
        assert len(listed) == int(button.text)
        assert css(browser, "#clips-title")[0].text == button.get_attribute("data-title")
        assert {one.get_attribute("data-cell") for one in listed} == {button.get_attribute("data-opens")}
        css(browser, "#close")[0].click()
        assert not css(browser, "dialog[open]")
    wait(browser, lambda: not css(browser, "#clips-list > li"))  # emptied by an event that comes a moment later


def test_names_are_text_in_the_list_too(browser):
    buttons = [one for one in css(browser, ".matrix button") if f"is {ODD}, said" in one.accessible_name]
    names = ""
    for button in buttons:
        button.click()
        assert f"is {ODD}, said" in css(browser, "#clips-title")[0].text
        names += css(browser, "#clips-list")[0].text
        press(browser, webdriver.Keys.ESCAPE)
    assert ODD_FILE in names
    assert not css(browser, "img[src='x']")


def test_a_clip_of_a_cell_is_played(browser):
    cell_of_a_mistake(browser).click()
    audio = css(browser, "dialog audio")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", audio)
    rect = audio.rect
    webdriver.ActionChains(browser).move_to_element_with_offset(audio, 26 - rect["width"] // 2, 0).click().perform()
    wait(browser, lambda: is_playing(browser, audio))


def test_the_keyboard_alone_will_do(browser):
    keys = webdriver.Keys
    press(browser, keys.TAB)
    assert focused(browser).text == "Skip to the mistakes"
    browser.execute_script("document.querySelectorAll('li.mistake').forEach((one) => { one.inert = true; })")
    for _ in range(40):  # without those of the mistakes, whose players have many
        press(browser, keys.TAB)
        if focused(browser).get_attribute("data-opens"):
            break
    browser.execute_script("document.querySelectorAll('li.mistake').forEach((one) => { one.inert = false; })")
    first = focused(browser)
    assert first.get_attribute("data-opens"), "no cell is reached by Tab"
    outline = browser.execute_script("return getComputedStyle(arguments[0]).outlineStyle", first)
    assert outline == "solid"
    press(browser, keys.ARROW_DOWN)
    assert focused(browser).get_attribute("data-opens") != first.get_attribute("data-opens")
    press(browser, keys.ARROW_UP)
    browser.execute_script("arguments[0].focus()", cell_of_a_mistake(browser))
    press(browser, keys.ENTER)
    assert dialog(browser).get_attribute("open")
    assert focused(browser).text == "Close"
    press(browser, keys.TAB)
    audio = focused(browser)
    assert audio.tag_name == "audio"
    press(browser, keys.SPACE)
    wait(browser, lambda: is_playing(browser, audio))
    press(browser, keys.ESCAPE)
    assert not css(browser, "dialog[open]")
    assert focused(browser) == cell_of_a_mistake(browser)


def test_one_clip_is_played_at_a_time(browser):
    [first, second, *_] = css(browser, "li.mistake audio")
    browser.execute_script("for (const a of arguments) a.loop = true", first, second)
    for audio in (first, second):
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].focus()", audio)
        press(browser, webdriver.Keys.SPACE)
        wait(browser, lambda audio=audio: is_playing(browser, audio))
    assert browser.execute_script("return [arguments[0].paused, arguments[1].paused]", first, second) == [True, False]


def test_points_of_the_map_are_played_by_mouse_and_keyboard(browser):
    keys = webdriver.Keys
    [said] = css(browser, "#map-said")
    [audio] = css(browser, "#map-audio")
    [points] = css(browser, "#map-points")
    point = css(browser, "#map-points .point.plays")[-1]  # no other is drawn over it
    webdriver.ActionChains(browser).move_to_element(point).click().perform()
    assert said.text.startswith(point.get_attribute("data-name"))
    wait(browser, lambda: is_playing(browser, audio))
    browser.execute_script("arguments[0].pause(); arguments[0].currentTime = 0; arguments[1].focus()", audio, points)
    press(browser, keys.ENTER)
    wait(browser, lambda: is_playing(browser, audio))
    chosen = {said.text}
    for key in (keys.ARROW_LEFT, keys.ARROW_RIGHT, keys.ARROW_UP, keys.ARROW_DOWN):
        press(browser, key)
        chosen.add(said.text)
    assert len(chosen) > 2


@pytest.mark.parametrize("size", [PHONE, (320, 600), DESKTOP], ids=str)
def test_the_page_is_as_wide_as_the_screen(browser, size):
    resize(browser, size)
    browser.execute_script("document.querySelectorAll('details').forEach((node) => { node.open = true; })")
    inside, screen = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert inside <= screen == size[0]
    cell_of_a_mistake(browser).click()
    box = dialog(browser)
    assert browser.execute_script("return arguments[0].scrollWidth <= arguments[0].clientWidth", box)
    assert 0 <= box.rect["x"] <= box.rect["x"] + box.rect["width"] <= size[0]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_light_and_dark(browser, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for selector in ("h1", ".about", ".figures dd", ".remark", "td.number", ".matrix td button", ".verdict .said", "a"):
        assert contrast(browser, css(browser, f"{selector}:not(.skip)")[0]) >= 4.5, selector
    deepest = max(css(browser, ".matrix td.right"), key=lambda cell: cell.get_attribute("class"))
    assert contrast(browser, deepest) >= 4.5
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_page_can_be_printed(browser):
    page = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    assert len(page["data"]) > 20_000


def test_print_has_no_players_and_shows_numbers(browser):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        for selector in ("audio", "nav", "summary", ".on-screen", "dialog"):
            assert not any(one.is_displayed() for one in css(browser, selector)), selector
        for selector in (".answer", "li.mistake img", ".matrix button", "#model"):
            assert css(browser, selector)[0].is_displayed(), selector
        ground = "return getComputedStyle(document.querySelector('.answer').parentElement).backgroundColor"
        assert browser.execute_script(ground) == "rgb(255, 255, 255)"
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_nothing_is_lost_without_scripts(browser, url):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(url)
        assert "Scripts are off" in css(browser, "#confusion")[0].text
        assert css(browser, "li.mistake audio")[0].is_displayed()
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.fixture(scope="module")
def url_of_events(tmp_path_factory):
    y_true, y_pred = (
        [[(0.5, 1.0, "dog"), (4.0, 4.5, f"{ODD} {'long ' * 20}")]],
        [[(0.5, 1.0, "dog"), (2.0, 2.4, "dog")]],
    )
    evaluation = EventEvaluation.from_predictions(y_true, y_pred, durations=6)
    path = tmp_path_factory.mktemp("page") / "events.html"
    sklaudio.report(evaluation, [tone(400, 6.0)], path=path)
    return path.as_uri()


def test_events_are_played_from_their_start_to_their_end(started, url_of_events):
    resize(started, DESKTOP)
    started.get(url_of_events)
    [audio] = css(started, "audio")
    [mark] = css(started, ".roll rect.event.missed")
    started.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    mark.click()
    state = "return [arguments[0].currentTime, arguments[0].paused]"
    wait(started, lambda: 3.8 < started.execute_script(state, audio)[0] < 4.7)
    [button] = css(started, "button.false")
    button.send_keys(webdriver.Keys.ENTER)
    wait(started, lambda: 1.8 < started.execute_script(state, audio)[0] < 2.6)
    wait(started, lambda: started.execute_script(state, audio)[1])  # it ends with the event, not with the clip
    assert started.execute_script(state, audio)[0] < 3.0
    assert started.get_log("browser") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_events_can_be_read_on_any_screen(started, url_of_events, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for size in (PHONE, DESKTOP):
        resize(started, size)
        started.get(url_of_events)
        assert started.execute_script("return document.documentElement.scrollWidth") <= size[0]
        for selector in ("b.missed", "b.false", ".marks button", ".legend li", "tfoot th", ".number .opens"):
            assert contrast(started, css(started, selector)[0]) >= 4.5, selector
    started.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
