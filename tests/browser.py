"""Chromium without a window, driven as a person would drive it; used by the tests of pages."""

import json
import shutil

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = """--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking
    --disable-component-update --disable-sync --mute-audio""".split()
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
PHONE, DESKTOP = (375, 740), (1280, 900)


def has_browser():
    """Whether chromium and chromedriver are installed."""
    return bool(CHROMIUM and DRIVER)


def start_browser(profile, *flags):
    """Start it with a folder for its profile and more flags; return its driver."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS, *flags, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.get("about:blank")
    driver.get_log("performance")  # of the page that a browser begins with
    return driver


def assert_asked_for_nothing_else(driver, url, schemes=("data:",)):
    """Since the log was read last, the page was asked for, and nothing else but what is in it."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
    assert url in {one.partition("#")[0] for one in asked}  # requests are seen at all
    assert not [one for one in asked if one.partition("#")[0] != url and not one.startswith(schemes)]


def forget_logs(driver):
    """Begin anew with what pages complain about and ask for."""
    for name in ("performance", "browser"):
        driver.get_log(name)


def resize(driver, size):
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def css(driver, selector):
    return driver.find_elements("css selector", selector)


def press(driver, *keys):
    from selenium import webdriver

    webdriver.ActionChains(driver).send_keys(*keys).perform()


def wait(driver, condition, seconds=10):
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, seconds, poll_frequency=0.05).until(lambda _: condition())


def contrast(driver, element):
    """Ratio of the luminance of text and ground, after WCAG, as the browser mixes the colours."""
    return driver.execute_script(
        """
        const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        const luminance = (colours) => {
            context.clearRect(0, 0, 1, 1);
            for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
            const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((level) => {
                const fraction = level / 255;
                return fraction <= 0.04045 ? fraction / 12.92 : ((fraction + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const grounds = [];
        for (let node = arguments[0]; node; node = node.parentElement) {
            grounds.unshift(getComputedStyle(node).backgroundColor);
        }
        const [dark, light] = [luminance(grounds), luminance([...grounds, getComputedStyle(arguments[0]).color])]
            .sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
        """,
        element,
    )
